// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfer/import_line.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "transfer/members.hpp"

namespace recount::detail {

namespace {

error wrong(std::string const& sentence) { return error{errc::invalid_argument, sentence}; }

// The members of a line by name, as they are written.
struct raw_line {
    std::string_view stream, type, payload, schema_version, effective_at, id, key, version, command,
        meta, position, commit_last;

    explicit raw_line(std::string_view text) {
        for (auto const& [name, value] : members_of(text)) {
            if (auto* const place = member(name)) *place = value;
        }
        for (auto const& [name, value] : {std::pair{"stream", stream}, std::pair{"type", type},
                                          std::pair{"payload", payload}}) {
            if (value.empty()) throw wrong(fmt::format("the member '{}' is missing", name));
        }
    }

private:
    std::string_view* member(std::string const& name) {
        if (name == "stream") return &stream;
        if (name == "type") return &type;
        if (name == "payload") return &payload;
        if (name == "schema_version") return &schema_version;
        if (name == "effective_at") return &effective_at;
        if (name == "id") return &id;
        if (name == "key") return &key;
        if (name == "version") return &version;
        if (name == "command") return &command;
        if (name == "meta") return &meta;
        if (name == "position") return &position;
        if (name == "commit_last") return &commit_last;
        // Of an export; made anew by the log that takes the events.
        if (name == "recorded_at" || name == "hash") return nullptr;
        throw wrong(fmt::format("unknown member '{}'", name));
    }
};

std::string text_of(std::string_view name, std::string_view value) {
    if (value.front() != '"') {
        throw wrong(fmt::format("{}: expected text, found {}", name, value.substr(0, 40)));
    }
    return nlohmann::json::parse(value).get<std::string>();
}

std::int64_t number_of(std::string_view name, std::string_view value) {
    std::int64_t number = 0;
    auto const [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failed != std::errc{} || end != value.data() + value.size() || number < 1) {
        throw wrong(fmt::format("{}: expected a number from 1, found {}", name,
                                value.substr(0, 40)));
    }
    return number;
}

aggregate_descriptor const& aggregate_of_category(application_parts const& parts,
                                                  std::string_view category) {
    for (auto const* a : parts.aggregates) {
        if (a->category == category) return *a;
    }
    throw wrong(fmt::format("this program has no aggregate of category '{}'", category));
}

// The version that the line says, else the newest that the aggregate knows.
int checked_version(aggregate_descriptor const& a, std::string const& type,
                    std::string_view schema_version, std::string_view payload) {
    constexpr std::int64_t version_max = std::numeric_limits<int>::max();
    auto const said = schema_version.empty() ? 0 : number_of("schema_version", schema_version);
    std::optional<int> newest;
    for (auto const& known : a.events) {
        if (known.event.name == type) newest = known.event.version;
        if (said > version_max) continue;
        auto const wanted = said == 0 ? known.event.version : static_cast<int>(said);
        auto const index = index_of_version(known.versions, type, wanted);
        if (!index) continue;
        try {
            static_cast<void>(known.decode(*index, payload));
        } catch (error const& failure) {
            throw error{failure.code(), fmt::format("payload of {} version {}: {}", type, wanted,
                                                    failure.what())};
        }
        return wanted;
    }
    throw wrong(newest ? fmt::format("aggregate {} knows {} up to version {}, found {}", a.category,
                                     type, *newest, schema_version)
                       : fmt::format("aggregate {} does not know the type '{}'", a.category, type));
}

// {"name":…,"version":…,"payload":{…}}, as the log keeps it.
json_text checked_command(std::string_view text) {
    std::string_view const names[] = {"name", "version", "payload"};
    auto const members = members_of(text);
    bool good = members.size() == std::size(names);
    for (std::size_t i = 0; good && i < members.size(); ++i) good = members[i].first == names[i];
    if (!good) {
        throw wrong(R"(command: expected {"name":…,"version":…,"payload":{…}}, in that order)");
    }
    static_cast<void>(text_of("command.name", members[0].second));
    static_cast<void>(number_of("command.version", members[1].second));
    static_cast<void>(members_of(members[2].second));
    return json_text::trusted(without_spaces(text));
}

metadata checked_meta(std::string_view text) {
    constexpr std::string_view known[] = {"correlation", "causation", "actor", "basis",
                                          "app",         "schema_id", "x"};
    for (auto const& [name, value] : members_of(text)) {
        if (std::find(std::begin(known), std::end(known), name) == std::end(known)) {
            throw wrong(fmt::format("meta: unknown member '{}'; what is your own stands in meta.x",
                                    name));
        }
    }
    return metadata_from_json(text);
}

}  // namespace

import_line read_import_line(application_parts const& parts, std::string_view text) {
    raw_line const raw{text};
    stream_name stream{text_of("stream", raw.stream)};
    auto const& aggregate = aggregate_of_category(parts, stream.category());
    auto type = text_of("type", raw.type);
    auto const schema_version = checked_version(aggregate, type, raw.schema_version, raw.payload);
    import_line line{{std::move(stream), std::move(type), schema_version,
                      json_text::trusted(without_spaces(raw.payload)), {}}};
    if (!raw.effective_at.empty()) {
        line.event.effective_at = timestamp_from_string(text_of("effective_at", raw.effective_at));
    }
    if (!raw.id.empty()) line.id = uuid_from_string(text_of("id", raw.id));
    if (!raw.key.empty()) line.key = text_of("key", raw.key);
    if (line.id && !line.key.empty()) throw wrong("a line has an id or a key, not both");
    if (!raw.version.empty()) line.at_version = number_of("version", raw.version);
    if (!raw.position.empty() && !raw.commit_last.empty()) {
        line.ends_commit = number_of("position", raw.position) >=
                           number_of("commit_last", raw.commit_last);
    }
    if (!raw.command.empty()) line.command = checked_command(raw.command);
    if (!raw.meta.empty()) line.meta = checked_meta(raw.meta);
    return line;
}

}  // namespace recount::detail
