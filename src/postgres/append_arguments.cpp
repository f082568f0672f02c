// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/append_arguments.hpp"

#include "postgres/event_rows.hpp"

namespace recount::postgres {

namespace {

std::string bytes_of(digest const& link) {
    return {reinterpret_cast<char const*>(link.data()), link.size()};
}

}  // namespace

std::int32_t append_arguments::type_ref(new_event const& event) {
    if (last_ref_ > 0) {
        auto const& [name, schema_version] = types_[static_cast<std::size_t>(last_ref_) - 1];
        if (event.schema_version == schema_version && event.type == name) return last_ref_;
    }
    auto const next = static_cast<std::int32_t>(types_.size()) + 1;
    auto const [at, fresh] = refs_.try_emplace({event.type, event.schema_version}, next);
    if (fresh) types_.push_back(at->first);
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

std::optional<std::vector<parameter>> append_arguments::take_one(
    detail::planned_batch const& batch, known_range const& known) {
    bool const will_do = batch.rows.size() == 1 && batch.streams.size() == 1 &&
                         batch.new_streams.empty() && known.oldest == known.newest.position &&
                         known.types != nullptr && known.types->contains(types_.front());
    if (!will_do) return std::nullopt;
    auto const& [type, schema_version] = types_.front();
    return std::vector<parameter>{binary_bigint(known.newest.position),
                                  bytes_of(known.newest.link),
                                  binary_bigint(batch.rows.front().stream_ref),
                                  versions_.take_only(),
                                  event_ids_.take_only(),
                                  type,
                                  binary_integer(schema_version),
                                  effective_ats_.take_only(),
                                  commands_.take_only(),
                                  payloads_.take_only(),
                                  metas_.take_only(),
                                  hashes_.take_only()};
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
    binary_array unknown_types{binary_array::integer};
    for (std::size_t i = 0; i < types_.size(); ++i) {
        auto const& [name, schema_version] = types_[i];
        type_names.add(std::string_view{name});
        type_versions.add(std::int32_t{schema_version});
        if (known.types != nullptr && known.types->contains(types_[i])) continue;
        unknown_types.add(static_cast<std::int32_t>(i) + 1);
        looked_up_.insert(types_[i]);
    }
    auto const whole_if = [](bool says_something, binary_array& column) {
        return says_something ? column.take() : column.take_empty();
    };
    std::vector<std::string> values{binary_bigint(known.oldest),
                                    binary_bigint(known.newest.position),
                                    bytes_of(known.newest.link)};
    for (auto* array : {&touched_ids, &touched_versions, &absent_names, &new_names, &new_firsts,
                        &type_names, &type_versions, &unknown_types, &stream_refs, &versions_,
                        &event_ids_}) {
        values.push_back(array->take());
    }
    values.push_back(whole_if(several_events_, ordinals_));
    values.push_back(whole_if(types_.size() > 1, type_refs_));
    values.push_back(whole_if(several_events_, commit_lasts_));
    values.push_back(whole_if(!effective_ats_.only_nulls(), effective_ats_));
    values.push_back(whole_if(!commands_.only_nulls(), commands_));
    for (auto* array : {&payloads_, &metas_, &hashes_}) values.push_back(array->take());
    return values;
}

}  // namespace recount::postgres
