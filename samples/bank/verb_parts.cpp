// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "verb_parts.hpp"

#include <fmt/core.h>

#include "berka_file.hpp"

namespace bank {

using recount::errc;
using recount::error;
using recount::money;

money amount_from_text(std::string_view text, recount::currency_code otherwise) {
    auto const space = text.find(' ');
    auto const minor = minor_of(text.substr(0, space));
    if (!minor) {
        throw error{errc::invalid_argument,
                    fmt::format("expected an amount such as '12.50 EUR', found '{}'", text)};
    }
    if (space != std::string_view::npos) {
        auto const letters = text.substr(space + 1);
        if (!recount::currency_code::valid(letters)) {
            throw error{errc::invalid_argument,
                        fmt::format("expected a currency such as EUR, found '{}'", letters)};
        }
        return {*minor, letters};
    }
    if (otherwise.empty()) {
        throw error{errc::invalid_argument,
                    fmt::format("'{}' has no currency: say for instance '{} EUR'", text, text)};
    }
    return {*minor, otherwise};
}

void run_sagas(recount::application& bank) {
    bank.run_sagas({.stop_wanted = &recount::verb_call::stop_wanted});
}

int unless_stopped(recount::verb_call const& call, int done) {
    if (!recount::verb_call::stop_wanted()) return done;
    call.note("stopped: run the same command again to go on");
    return recount::exit_code::failed;
}

}  // namespace bank
