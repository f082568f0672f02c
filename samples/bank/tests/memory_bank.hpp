// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A bank without a database: what the program runs, on a log and rows in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "bank/projections.hpp"

namespace bank::tests {

inline recount::application_parts bank_parts() {
    recount::application_parts parts;
    parts.add<account>();
    parts.add<account_balances>();
    parts.add<deposits_by_day>();
    parts.add<statement_lines>();
    return parts;
}

struct memory_bank {
    std::shared_ptr<recount::memory::log> log = std::make_shared<recount::memory::log>();
    std::shared_ptr<recount::memory_row_store> tables =
        std::make_shared<recount::memory_row_store>();
    recount::application app{bank_parts(), log, tables, {.program = "bank test"}};

    // "accepted", or the code of the rejection.
    template <class Command> std::string send(Command const& command) {
        auto const outcome = app.dispatch(command);
        return outcome ? "accepted" : outcome.rejected().code;
    }
    [[nodiscard]] std::vector<recount::recorded_event> events() const {
        return log->read_feed(0, {}, recount::limits::page_events_max).events;
    }
    [[nodiscard]] std::vector<std::string> types() const {
        std::vector<std::string> names;
        for (auto const& e : events()) names.push_back(e.type);
        return names;
    }
};

inline money czk(std::int64_t minor) { return {minor, "CZK"}; }
inline money eur(std::int64_t minor) { return {minor, "EUR"}; }

inline recount::date day(int year, unsigned month, unsigned number) {
    return recount::date{std::chrono::year{year} / static_cast<int>(month) /
                         static_cast<int>(number)};
}

}  // namespace bank::tests
