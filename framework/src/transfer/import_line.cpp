// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfer/import_line.hpp"

#include <limits>

#include <fmt/core.h>

#include <recount/describe/raw_json.hpp>
#include <recount/restructure/payload.hpp>

namespace recount::detail {

namespace {

using describe::raw_json;
using describe::raw_object;

constexpr auto number_max = std::numeric_limits<std::int64_t>::max();

error wrong(std::string const& sentence) { return error{errc::invalid_argument, sentence}; }

aggregate_descriptor const& aggregate_of_category(application_parts const& parts,
                                                  std::string_view category) {
    for (auto const* a : parts.aggregates) {
        if (a->category == category) return *a;
    }
    throw wrong(fmt::format("this program has no aggregate of category '{}'", category));
}

// The version that the line says, else (0) the newest that the aggregate knows.
int checked_version(aggregate_descriptor const& a, std::string const& type, std::int64_t said,
                    raw_json const& payload) {
    std::optional<int> newest;
    for (auto const& known : a.events) {
        if (known.event.name == type) newest = known.event.version;
        if (said > std::numeric_limits<int>::max()) continue;
        auto const wanted = said == 0 ? known.event.version : static_cast<int>(said);
        auto const index = index_of_version(known.versions, type, wanted);
        if (!index) continue;
        try {
            static_cast<void>(known.decode(*index, payload.text()));
        } catch (error const& failure) {
            throw error{failure.code(), fmt::format("payload of {} version {}: {}", type, wanted,
                                                    failure.what())};
        }
        return wanted;
    }
    throw wrong(newest ? fmt::format("aggregate {} knows {} up to version {}, found {}", a.category,
                                     type, *newest, said)
                       : fmt::format("aggregate {} does not know the type '{}'", a.category, type));
}

// {"name":…,"version":…,"payload":{…}}, as the log keeps it.
json_text checked_command(raw_json const& value) {
    std::string_view const names[] = {"name", "version", "payload"};
    auto const members = value.members();
    bool good = members.size() == std::size(names);
    for (std::size_t i = 0; good && i < members.size(); ++i) good = members[i].first == names[i];
    if (!good) value.expected(R"({"name":…,"version":…,"payload":{…}}, in that order)");
    static_cast<void>(members[0].second.string());
    static_cast<void>(members[1].second.integer(1, number_max));
    static_cast<void>(members[2].second.members());
    return json_text::trusted(value.compact());
}

metadata checked_meta(raw_json const& value) {
    raw_object o{value};
    for (auto const* known :
         {"correlation", "causation", "actor", "basis", "app", "schema_id", "x"}) {
        static_cast<void>(o.take(known));
    }
    o.finish();
    return metadata_from_json(value.text());
}

}  // namespace

namespace {

// What the framework wrote is judged as the log that it comes from did; here a restructure only has
// to be whole, and of the rest only the version be known.
int checked_own(std::string const& type, std::int64_t said, raw_json const& payload) {
    if (said != 1) {
        throw wrong(type == history::restructured_type
                        ? fmt::format("restructures are of version 1, found {}", said)
                        : fmt::format("{} is of version 1, found {}", type, said));
    }
    if (type == history::restructured_type) {
        static_cast<void>(history::payload_from_json(payload.text(), history::own_position));
    } else {
        static_cast<void>(payload.members());
    }
    return 1;
}

}  // namespace

import_line read_import_line(application_parts const& parts, std::string_view text) {
    raw_object o{raw_json::of(text)};
    stream_name stream{o.need("stream").string()};
    auto type = o.need("type").string();
    auto const payload = o.need("payload");
    auto const version_member = o.take("schema_version");
    auto const said = version_member ? version_member->integer(1, number_max) : 0;
    bool const own_category = stream.category().starts_with('$');
    auto const* const aggregate =
        own_category ? nullptr : &aggregate_of_category(parts, stream.category());
    auto const schema_version =
        own_category || type == history::restructured_type
            ? checked_own(type, said, payload)
            : checked_version(*aggregate, type, said, payload);
    import_line line{{std::move(stream), std::move(type), schema_version,
                      json_text::trusted(payload.compact()), {}}};
    if (auto const when = o.take("effective_at")) line.event.effective_at = when->time();
    if (auto const id = o.take("id")) line.id = id->id();
    if (auto const key = o.take("key")) line.key = key->string();
    if (line.id && !line.key.empty()) throw wrong("a line has an id or a key, not both");
    if (auto const version = o.take("version")) line.at_version = version->integer(1, number_max);
    auto const position = o.take("position");
    auto const commit_last = o.take("commit_last");
    if (position) line.at = position->integer(1, number_max);
    if (position && commit_last) {
        line.ends_commit =
            position->integer(1, number_max) >= commit_last->integer(1, number_max);
    }
    if (auto const command = o.take("command")) line.command = checked_command(*command);
    if (auto const meta = o.take("meta")) line.meta = checked_meta(*meta);
    // Of an export; made anew by the log that takes the events.
    static_cast<void>(o.take("recorded_at"));
    static_cast<void>(o.take("hash"));
    o.finish();
    return line;
}

}  // namespace recount::detail
