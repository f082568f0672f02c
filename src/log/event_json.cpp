// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/event.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <recount/describe/macros.hpp>
#include <recount/describe/raw_json.hpp>

namespace recount {

RECOUNT_DESCRIBE(metadata, correlation, causation, actor, basis, app, schema_id, x)

json_text to_json(metadata const& meta) { return describe::to_json(meta); }

namespace {

// Without the fields that this program does not know.
metadata known_metadata(std::string_view stored) {
    auto const& fields = describe::descriptor_of<metadata>().fields;
    std::string known = "{";
    for (auto const& [name, value] : describe::raw_json::of(stored).members()) {
        auto const is_it = [&name = name](auto const& field) { return field.name == name; };
        if (std::none_of(fields.begin(), fields.end(), is_it)) continue;
        if (known.size() > 1) known += ',';
        describe::append_quoted(known, name);
        known += ':';
        known += value.text();
    }
    return describe::from_json<metadata>(known + '}');
}

}  // namespace

// Lenient where input is strict: a newer program may have stored more than this one knows. Mostly
// it has not, so strict comes first.
metadata metadata_from_json(std::string_view stored) {
    try {
        return describe::from_json<metadata>(stored);
    } catch (error const&) {
        return known_metadata(stored);
    }
}

std::string to_json(recorded_event const& e) {
    std::string text;
    text.reserve(e.payload.size() + e.meta.size() + 400);
    auto const out = std::back_inserter(text);
    fmt::format_to(out, R"({{"position":{},"stream":)", e.position);
    describe::append_quoted(text, e.stream);
    fmt::format_to(out, R"(,"version":{},"id":"{}","type":)", e.version, to_string(e.id));
    describe::append_quoted(text, e.type);
    fmt::format_to(out,
                   R"(,"schema_version":{},"recorded_at":"{}","effective_at":"{}",)"
                   R"("commit_last":{},"meta":{},"payload":{},"hash":"{}"}})",
                   e.schema_version, to_string(e.recorded_at), to_string(e.effective()),
                   e.commit_last, e.meta, e.payload, to_hex(e.hash));
    return text;
}

}  // namespace recount
