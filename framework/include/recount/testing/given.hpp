// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What an aggregate decides, as a story: given these events, when this command, then those events.
//
//     recount::given<account>(opened{{"a-1"}}, deposited{{"a-1"}, {5000, "EUR"}})
//         .when(withdraw{{"a-1"}, {8000, "EUR"}})
//         .then_rejected("overdrawn")
//         .when(withdraw{{"a-1"}, {2000, "EUR"}})
//         .then(withdrawn{{"a-1"}, {2000, "EUR"}})
//         .then_state([](account const& a) { CHECK(a.balance == money{3000, "EUR"}); });
//
// No log, no JSON: `decide` and `evolve` alone. Each `then` is about the commands since the one
// before it, takes all that they recorded, in order, and compares by value; an event decided with
// `recount::effective` is expected with it. A rejection that no `then_rejected` asked for fails.
// A `then` is one assertion; when it fails the test goes on, as after CHECK.
// Thread safety: one thread.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include <recount/aggregate/aggregate.hpp>
#include <recount/testing/catch2.hpp>
#include <recount/testing/story.hpp>

namespace recount::testing {

// An event that is expected, with the place in the test that expects it.
template <aggregate_type A>
struct expected_event {
    template <class E>
    expected_event(E const& event, std::source_location at = std::source_location::current())
        : value{erased(event)}, where{at} {
        static_assert(recount::detail::decidable<E, typename A::events>,
                      "recount: the aggregate decides no such event: it is not in its 'events'");
    }
    described_value value;
    std::source_location where;
};

template <aggregate_type A>
class specification {
public:
    template <class... E>
    explicit specification(E const&... history) {
        static_assert((recount::detail::decidable<E, typename A::events> && ...),
                      "recount: given<A>(events…) takes events of the aggregate's 'events' only");
        (evolve(history), ...);
    }

    // facts.now and facts.actor of the commands that follow.
    specification& at(timestamp now) {
        story_.known.now = now;
        return *this;
    }
    specification& as(std::string actor) {
        story_.known.actor = std::move(actor);
        return *this;
    }

    template <command_type C>
    [[nodiscard("say what is expected: then, then_rejected or then_nothing")]] specification& when(
        C const& command) {
        static_assert(recount::detail::in_list<C, typename A::commands>,
                      "recount: the aggregate takes no such command: it is not in its 'commands'");
        story_.next_command_id();
        auto const made = [&] {
            if constexpr (requires { A::decide(std::as_const(state_), command, story_.known); }) {
                return typename A::decision{
                    A::decide(std::as_const(state_), command, story_.known)};
            } else {
                return typename A::decision{A::decide(std::as_const(state_), command)};
            }
        }();
        record(describe::to_text(command), made);
        return *this;
    }

    template <class... E>
    specification& then(expected_event<A> first, E const&... more) {
        check(story_.expect_events({first.value, expected_event<A>{more}.value...}), first.where,
              "then");
        return *this;
    }
    specification& then_rejected(std::string_view code,
                                 std::source_location where = std::source_location::current()) {
        check(story_.expect_rejection(code, std::nullopt), where, "then_rejected");
        return *this;
    }
    specification& then_rejected(std::string_view code, std::string_view text,
                                 std::source_location where = std::source_location::current()) {
        check(story_.expect_rejection(code, text), where, "then_rejected");
        return *this;
    }
    // Accepted, and there was nothing to record.
    specification& then_nothing(std::source_location where = std::source_location::current()) {
        check(story_.expect_nothing(), where, "then_nothing");
        return *this;
    }
    // Hands out the state, to be looked at with Catch2's own macros.
    template <class Look>
        requires(std::invocable<Look, A const&>)
    specification& then_state(Look&& look,
                              std::source_location where = std::source_location::current()) {
        check(story_.expect_no_rejection(), where, "then_state");
        std::forward<Look>(look)(std::as_const(state_));
        return *this;
    }

private:
    A state_{};
    story story_;

    template <class E>
    void evolve(E const& event) {
        A::evolve(state_, event);
        story_.given(erased(event));
    }
    template <class E>
    void evolve(effective_event<E> const& timed) {
        A::evolve(state_, timed.event);
        story_.given(erased(timed));
    }
    void record(std::string command, typename A::decision const& made) {
        story::step done{std::move(command), made.rejected()};
        for (auto const& entry : made.entries()) {
            std::visit(
                [&](auto const& event) {
                    done.events.push_back(erased(event));
                    done.events.back().effective_at = entry.effective_at;
                    A::evolve(state_, event);
                },
                entry.event);
        }
        story_.when(std::move(done));
    }
};

}  // namespace recount::testing

namespace recount {

template <aggregate_type A, class... E>
[[nodiscard]] testing::specification<A> given(E const&... history) {
    return testing::specification<A>{history...};
}

}  // namespace recount
