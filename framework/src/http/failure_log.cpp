// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/failure_log.hpp"

#include <recount/core/logging_events.hpp>

namespace recount::http {

std::string path_text(request const& asked) {
    return asked.target.substr(0, asked.target.find('?'));
}

void tell_failure(request const& asked, std::string_view text) noexcept {
    try {
        logging::tell("http.handler_failed", text,
                      {{"method", asked.method}, {"target", path_text(asked)}});
    } catch (...) {
        logging::tell("http.handler_failed", "out of memory");
    }
}

void tell_failure(request const& asked, error const& failure) noexcept {
    tell_failure(asked, failure.server_text().empty() ? std::string_view{failure.what()}
                                                      : std::string_view{failure.server_text()});
}

}  // namespace recount::http
