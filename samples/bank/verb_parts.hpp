// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the bank's verbs have in common: amounts as people write them, tables that show what the
// sagas have still to do as done, and how a verb ends that was asked to stop.
#pragma once

#include <string>
#include <string_view>

#include <recount/recount.hpp>

namespace bank {

// "12.50 EUR", or "12.50" of a currency that is known otherwise. Throws errc::invalid_argument.
[[nodiscard]] recount::money amount_from_text(std::string_view text,
                                              recount::currency_code otherwise = {});

// Until they have nothing to do for now, or the program is asked to stop.
void run_sagas(recount::application& bank);

// The rows as they are once the sagas have run; if the option --FIELD was given, those that have
// its value there.
template <recount::projection_type P>
void show_rows(recount::verb_call& call, std::string const& field) {
    run_sagas(call.application());
    static_cast<void>(call.application().catch_up(recount::projection_of<P>()));
    recount::row_query wanted;
    if (auto const value = call.get("--" + field)) wanted.equals.push_back({field, *value});
    call.print_rows<P>(wanted);
}

// The exit code of what the same command goes on with, if it was asked to stop; else `done`.
[[nodiscard]] int unless_stopped(recount::verb_call const& call, int done);

}  // namespace bank
