// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/append_arguments.hpp"

#include "postgres/event_rows.hpp"

namespace recount::postgres {

std::int32_t append_arguments::type_ref(new_event const& event) {
    if (last_ref_ > 0) {
        auto const& [type, schema_version] = pairs_[static_cast<std::size_t>(last_ref_) - 1];
        if (event.schema_version == schema_version && event.type == type) return last_ref_;
    }
    auto const next = static_cast<std::int32_t>(pairs_.size()) + 1;
    auto const [at, fresh] = types_.try_emplace({event.type, event.schema_version}, next);
    if (fresh) pairs_.push_back(at->first);
    last_ref_ = at->second;
    return last_ref_;
}

void append_arguments::add(commit const& one, detail::planned_batch const& batch,
                           std::size_t first_row, std::string_view meta) {
    several_events_ = several_events_ || one.events.size() > 1;
    for (std::size_t i = 0; i < one.events.size(); ++i) {
        auto const& event = one.events[i];
        auto const& row = batch.rows[first_row + i];
        auto const id = event_id(one.id, static_cast<std::uint16_t>(i));
        versions_.add(std::int64_t{row.version});
        event_ids_.add(std::span<std::byte const>{id.octets});
        ordinals_.add(static_cast<std::int16_t>(i));
        type_refs_.add(type_ref(event));
        commit_lasts_.add(std::int64_t{row.commit_last});
        if (event.effective_at) {
            effective_ats_.add(*event.effective_at);
        } else {
            effective_ats_.add_null();
        }
        if (i == 0 && one.command) {
            commands_.add(std::string_view{one.command->str()});
        } else {
            commands_.add_null();
        }
        payloads_.add(std::string_view{event.payload.str()});
        metas_.add(meta);
        hashes_.add(std::span<std::byte const>{row.hash});
    }
}

std::vector<std::string> append_arguments::take(detail::planned_batch const& batch,
                                                known_range const& known) {
    binary_array touched_ids{binary_array::bigint};
    binary_array touched_versions{binary_array::bigint};
    binary_array absent_names{binary_array::text};
    binary_array new_names{binary_array::text};
    binary_array new_firsts{binary_array::bigint};
    binary_array stream_refs{binary_array::bigint};
    for (auto const& stream : batch.streams) {
        if (stream.before.version == 0) {
            absent_names.add(std::string_view{stream.name});
        } else {
            touched_ids.add(stream.before.stream_id);
            touched_versions.add(std::int64_t{stream.before.version});
        }
    }
    for (auto const& stream : batch.new_streams) {
        new_names.add(std::string_view{stream.name});
        new_firsts.add(stream.first);
    }
    for (auto const& row : batch.rows) stream_refs.add(row.stream_ref);
    binary_array type_names{binary_array::text};
    binary_array type_versions{binary_array::integer};
    for (auto const& pair : pairs_) {
        bool const vouched = known.types != nullptr && known.types->contains(pair);
        if (!vouched) looked_up_.insert(pair);
        type_names.add(std::string_view{pair.first});
        type_versions.add(std::int32_t{vouched ? -pair.second : pair.second});
    }
    auto const unless = [](bool says_nothing, binary_array& column) {
        return says_nothing ? column.drop() : column.take();
    };
    std::vector<std::string> values{binary_bigint(known.oldest),
                                    binary_bigint(known.newest.position),
                                    {reinterpret_cast<char const*>(known.newest.link.data()),
                                     known.newest.link.size()}};
    for (auto* array : {&touched_ids, &touched_versions, &absent_names, &new_names, &new_firsts,
                        &type_names, &type_versions, &stream_refs, &versions_, &event_ids_}) {
        values.push_back(array->take());
    }
    values.push_back(unless(!several_events_, ordinals_));
    values.push_back(unless(pairs_.size() == 1, type_refs_));
    values.push_back(unless(!several_events_, commit_lasts_));
    values.push_back(unless(effective_ats_.only_nulls(), effective_ats_));
    values.push_back(unless(commands_.only_nulls(), commands_));
    for (auto* array : {&payloads_, &metas_, &hashes_}) values.push_back(array->take());
    return values;
}

}  // namespace recount::postgres
