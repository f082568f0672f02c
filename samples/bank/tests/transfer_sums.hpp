// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The money of a bank, added up from its log at every knowledge position. Shares nothing with the
// projections: it reads payloads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <recount/log/event.hpp>

#include "bank/transfer.hpp"

namespace bank::tests {

struct transfer_sums {
    std::map<std::string, std::int64_t> balances;
    std::map<std::string, std::int64_t> under_way;       // by transfer, without those at zero
    std::map<std::string, std::int64_t> asked;
    std::map<std::string, transfer_status> status;
    std::int64_t put_in = 0;                             // by movements that are no transfer's
    std::string wrong;                                   // the first thing that is

    void add(recount::recorded_event const& e) {
        if (e.type == "account.deposited") moved<deposited>(e, 1);
        if (e.type == "account.withdrawn") moved<withdrawn>(e, -1);
        if (e.type == "transfer.requested") {
            auto const asked_for = recount::describe::from_json<transfer_requested>(e.payload);
            asked[asked_for.transfer.value] = asked_for.amount.minor;
            status[asked_for.transfer.value] = transfer_status::requested;
        }
        if (e.type == "transfer.completed") ended<transfer_completed>(e, transfer_status::completed);
        if (e.type == "transfer.refused") ended<transfer_refused>(e, transfer_status::refused);
        if (e.type == "transfer.refunded") ended<transfer_refunded>(e, transfer_status::refunded);
    }

    // Behind the last event of a commit: balances and what is under way are what was put in.
    void check_sum(recount::position at) {
        std::int64_t sum = 0;
        for (auto const& [account, minor] : balances) sum += minor;
        for (auto const& [transfer, minor] : under_way) sum += minor;
        if (sum != put_in) fail(at, fmt::format("{} of {} are there", sum, put_in));
    }

private:
    template <class Event>
    void moved(recount::recorded_event const& e, int sign) {
        auto const event = recount::describe::from_json<Event>(e.payload);
        auto const minor = sign * event.amount.minor;
        balances[e.stream] += minor;
        if (!event.transfer) {
            put_in += minor;
            return;
        }
        auto& left = under_way[event.transfer->value];
        left -= minor;
        if (left != 0 && left != asked[event.transfer->value]) {
            fail(e.position, fmt::format("{} of transfer {} are under way", left,
                                         event.transfer->value));
        }
        if (left == 0) under_way.erase(event.transfer->value);
    }
    template <class Event>
    void ended(recount::recorded_event const& e, transfer_status how) {
        auto const id = recount::describe::from_json<Event>(e.payload).transfer.value;
        status[id] = how;
        if (under_way.contains(id)) fail(e.position, "transfer " + id + " has ended under way");
    }
    void fail(recount::position at, std::string const& what) {
        if (wrong.empty()) wrong = fmt::format("position {}: {}", at, what);
    }
};

// All events, checked behind each commit.
inline transfer_sums sums_of(std::vector<recount::recorded_event> const& events) {
    transfer_sums sums;
    for (std::size_t i = 0; i < events.size(); ++i) {
        sums.add(events[i]);
        bool const last = i + 1 == events.size() ||
                          recount::command_id_of(events[i].id) !=
                              recount::command_id_of(events[i + 1].id);
        // Where no money moves nothing can be lost.
        if (last && events[i].type.starts_with("account.")) sums.check_sum(events[i].position);
    }
    return sums;
}

}  // namespace bank::tests
