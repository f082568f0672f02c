// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "provenance/row_check.hpp"

#include <unordered_set>

#include <fmt/core.h>

#include <recount/core/limits.hpp>
#include <recount/log/hash.hpp>

namespace recount::provenance::detail {

// --- what a single row says of itself ---

void check_ordinal(stored_event const& row, std::string_view stream, differences& found) {
    if (static_cast<int>(ordinal_of(row.id)) == row.ordinal) return;
    found.add(row.position, stream, "event id",
              to_string(event_id(row.id, static_cast<std::uint16_t>(row.ordinal))),
              to_string(row.id));
}

void follow_chain(uuid const& store, stored_event const& row, stream_head& head,
                  differences& found) {
    auto const previous = head.version == 0 ? stream_genesis(store, head.name) : head.hash;
    auto const computed =
        event_hash(previous, hashed_event{head.name, row.version, row.id, row.type,
                                          row.schema_version, row.effective_at, row.command,
                                          row.meta, row.payload});
    if (computed != row.hash) {
        found.add(row.position, head.name, "hash", to_hex(computed), hash_text(row.hash));
    }
    head.version = row.version;
    head.hash = row.hash.value_or(computed);  // so that each difference shows once
}

void check_stream_row(stored_stream const& row, position first, differences& found) {
    auto const digest_of_name = sha256(row.name);
    auto const slice = (static_cast<unsigned>(digest_of_name[0]) << 8U |
                        static_cast<unsigned>(digest_of_name[1])) %
                       limits::slices;
    auto const text = [](std::string_view category, auto slot, position created, std::int64_t id) {
        return fmt::format("category {}, slice {}, created at {}, id {}", category, slot, created,
                           id);
    };
    auto const hyphen = std::min(row.name.find('-'), row.name.size());
    auto const expected = text(row.name.substr(0, hyphen), slice, first, first);
    auto const found_text = text(row.category, row.slice, row.created_position, row.id);
    if (expected != found_text) found.add(first, row.name, "stream", expected, found_text);
}

// --- streams ---

std::vector<stored_version> row_check::unknown(stored_page const& page) {
    heads_.grow_old();
    std::vector<stored_version> list;
    std::unordered_set<std::int64_t> listed;
    for (auto const& row : page.events) {
        if (heads_.find(row.stream_id) != nullptr) continue;
        if (listed.insert(row.stream_id).second) list.push_back({row.stream_id, row.version});
    }
    return list;
}

void row_check::know(std::span<stored_before const> told, stored_page const& page) {
    std::unordered_map<std::int64_t, stored_event const*> firsts;
    for (auto const& row : page.events) firsts.try_emplace(row.stream_id, &row);
    for (auto const& one : told) {
        auto const& row = *firsts.at(one.of.stream_id);
        stream_head head;
        if (one.stream) head.name = one.stream->name;
        bool const before = one.at && *one.at < row.position;
        // Else its first event is this one; or events that were looked at long ago are gone.
        bool const begins = row.version == 1 || (!before && since_ == 0 && !heads_.forgot());
        if (!begins) {
            head.version = row.version - 1;
            head.hash = one.hash.value_or(digest{});
        }
        if (!begins && !before) {
            found_.add(row.position, head.name, "version",
                       fmt::format("{} before it", row.version - 1), "nothing");
        }
        if (begins) check_stream(one, row);
        heads_.add(one.of.stream_id, std::move(head));
    }
}

void row_check::check_stream(stored_before const& told, stored_event const& row) {
    if (told.stream) {
        ++streams_;
        check_stream_row(*told.stream, row.position, found_);
    } else {
        found_.add(row.position, {}, "stream", fmt::format("a stream of id {}", row.stream_id),
                   "nothing");
    }
}

// --- rows ---

std::string_view row_check::take(stored_event const& row) {
    ++events_;
    auto* const head = heads_.find(row.stream_id);
    assert_that(head != nullptr, "a row is checked whose stream was not asked for");
    if (row.position != next_) {
        // What is missing belonged to nobody knows which stream.
        bool const gap = row.position > next_;
        found_.add(gap ? next_ : row.position, gap ? std::string_view{} : head->name, "position",
                   std::to_string(next_), std::to_string(row.position));
    }
    next_ = row.position + 1;
    if (row.version != head->version + 1) {
        found_.add(row.position, head->name, "version", std::to_string(head->version + 1),
                   std::to_string(row.version));
    }
    check_commit(row, head->name);
    follow_chain(store_, row, *head, found_);
    meet_type(row);
    return head->name;
}

void row_check::check_commit(stored_event const& row, std::string_view stream) {
    if (!commit_known_ || row.position > commit_last_) {
        commit_known_ = true;
        commit_first_ = row.position;
        commit_last_ = row.commit_last;
        command_id_ = command_id_of(row.id);
        if (row.commit_last < row.position) {
            found_.add(row.position, stream, "commit",
                       fmt::format("up to {} or later", row.position),
                       fmt::format("up to {}", row.commit_last));
            commit_last_ = row.position;
        }
    } else if (row.commit_last != commit_last_) {
        found_.add(row.position, stream, "commit", fmt::format("up to {}", commit_last_),
                   fmt::format("up to {}", row.commit_last));
    }
    auto const ordinal = row.position - commit_first_;
    if (row.ordinal != ordinal) {
        found_.add(row.position, stream, "ordinal", std::to_string(ordinal),
                   std::to_string(row.ordinal));
    }
    auto const id = event_id(command_id_, static_cast<std::uint16_t>(ordinal));
    if (row.id != id) {
        found_.add(row.position, stream, "event id", to_string(id), to_string(row.id));
    }
}

// --- types ---

void row_check::meet_type(stored_event const& row) {
    if (row.schema_version == type_met_.second && row.type == type_met_.first) return;
    type_met_ = {std::string{row.type}, row.schema_version};
    types_.try_emplace(type_met_, row.position);
}

void row_check::check_types(std::span<stored_type const> types, position log_last) {
    auto left = types_;
    auto const text = [](auto const& name, int version) {
        return fmt::format("{} version {}", name, version);
    };
    for (auto const& one : types) {
        auto const name = text(one.type, one.schema_version);
        auto const met = left.extract({one.type, one.schema_version});
        bool const ours = one.first_position > since_ && one.first_position <= last();
        bool const nowhere = one.first_position < 1 || one.first_position > log_last;
        auto const first = met.empty() ? 0 : met.mapped();
        if (first != 0 && one.first_position == first) continue;
        // Content inside of a restructure has its type written down where the restructure is.
        if (ours && (first == 0 || one.first_position < first) && one.row_type == "$restructured") {
            continue;
        }
        if (first != 0 && (one.first_position > since_ || nowhere)) {
            found_.add(std::min(first, one.first_position), {}, "types",
                       fmt::format("{} from {}", name, first),
                       fmt::format("from {}", one.first_position));
        } else if (first == 0 && (ours || nowhere)) {
            found_.add(one.first_position, {}, "types", fmt::format("no {}", name),
                       fmt::format("{} from {}", name, one.first_position));
        }
    }
    for (auto const& [type, first] : left) {
        found_.add(first, {}, "types",
                   fmt::format("{} from {}", text(type.first, type.second), first), "nothing");
    }
}

}  // namespace recount::provenance::detail
