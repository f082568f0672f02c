// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a projection makes of a history: given these events, then these rows.
//
//     recount::given_projection<account_balances>(
//         recount::in("account-a-1", deposited{{"a-1"}, {5000, "EUR"}},
//                     recount::effective(withdrawn{{"a-1"}, {2000, "EUR"}}, when)),
//         recount::in("account-b-2", deposited{{"b-2"}, {100, "EUR"}}))
//         .on_postgres()                                   // in memory, and on PostgreSQL too
//         .then_rows(balance_row{{"a-1"}, {3000, "EUR"}, 2},
//                    balance_row{{"b-2"}, {100, "EUR"}, 1});
//
// The events are told in the order given, and the rows, whose order is free, must be the same
//   - in one batch, and in every split into batches (of more than a few events: one by one, and in
//     random splits; the failure names the seed, RECOUNT_SEED runs it again),
//   - when each batch is delivered a second time,
//   - for handlers with a weight: when any of the events is told once more and taken back.
// Thread safety: one thread. Errors: an exception of a handler is a failure with its sentence; what
// the database says is thrown.
// Cost: in memory at most 128 splits, on PostgreSQL 16, each a table.
#pragma once

#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include <recount/projection/projection.hpp>
#include <recount/testing/catch2.hpp>
#include <recount/testing/projection_case.hpp>

namespace recount::testing {

// A row that is expected, with the place in the test that expects it.
template <projection_type P>
struct expected_row {
    expected_row(typename P::row const& row,
                 std::source_location at = std::source_location::current())
        : value{erased(row)}, where{at} {}
    described_value value;
    std::source_location where;
};

template <projection_type P>
class projection_specification {
public:
    explicit projection_specification(std::vector<new_event> history) {
        told_.events = std::move(history);
    }
    // info.recorded_at of all events, and the effective time of those that have none.
    projection_specification& recorded_at(timestamp when) {
        told_.recorded_at = when;
        return *this;
    }
    projection_specification& on_postgres() {
        told_.on_postgres = true;
        return *this;
    }
    template <class... Row>
    projection_specification& then_rows(expected_row<P> first, Row const&... more) {
        told_.rows = {first.value, expected_row<P>{more}.value...};
        check(failure_of(told_), first.where, "then_rows");
        return *this;
    }
    projection_specification& then_no_rows(
        std::source_location where = std::source_location::current()) {
        told_.rows.clear();
        check(failure_of(told_), where, "then_no_rows");
        return *this;
    }

private:
    projection_case told_{&projection_of<P>()};
};

template <event_type E>
void add_event(std::vector<new_event>& to, stream_name const& stream, E const& event,
               std::optional<timestamp> when = std::nullopt) {
    constexpr auto name = event_name_of<E>();
    to.push_back({stream, std::string{name.name}, name.version, describe::to_json(event), when});
}
template <event_type E>
void add_event(std::vector<new_event>& to, stream_name const& stream,
               effective_event<E> const& timed) {
    add_event(to, stream, timed.event, timed.when);
}

}  // namespace recount::testing

namespace recount {

// Events of one stream. The same stream may be named again, behind others.
template <class... E>
[[nodiscard]] std::vector<new_event> in(std::string stream, E const&... events) {
    std::vector<new_event> list;
    stream_name const name{std::move(stream)};
    (testing::add_event(list, name, events), ...);
    return list;
}

template <projection_type P, std::same_as<std::vector<new_event>>... Streams>
[[nodiscard]] testing::projection_specification<P> given_projection(Streams... streams) {
    std::vector<new_event> all;
    (all.insert(all.end(), streams.begin(), streams.end()), ...);
    return testing::projection_specification<P>{std::move(all)};
}

}  // namespace recount
