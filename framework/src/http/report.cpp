// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/report.hpp"

#include <cstdio>

#include <recount/core/text.hpp>

namespace recount::http::detail {

void report(std::string_view event, std::string_view text) noexcept {
    try {
        auto const line = std::string{event} + ": " + printable_utf8(text) + "\n";
        std::fwrite(line.data(), 1, line.size(), stderr);
    } catch (...) {  // out of memory: there is nobody left to tell
        std::fputs("http.report_failed\n", stderr);
    }
}

}  // namespace recount::http::detail
