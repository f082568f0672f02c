// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/provenance_json.hpp"

#include <fmt/core.h>

#include <recount/describe/json.hpp>

namespace recount {

std::string to_json(provenance::difference const& one) {
    auto text = fmt::format(R"({{"position":{})", one.at);
    auto const member = [&](char const* name, std::string const& value) {
        text += fmt::format(R"(,"{}":)", name);
        describe::append_quoted(text, value);
    };
    if (!one.stream.empty()) member("stream", one.stream);
    member("what", one.what);
    member("expected", one.expected);
    member("found", one.found);
    return text + "}";
}

std::string summary_json(provenance::verify_report const& report, std::int64_t per_second) {
    return fmt::format(R"({{"since":{},"through":{},"events":{},"streams":{},"batches":{},)"
                       R"("differences":{},"events_per_s":{}}})",
                       report.since, report.through, report.events, report.streams, report.batches,
                       report.differences_count, per_second);
}

}  // namespace recount
