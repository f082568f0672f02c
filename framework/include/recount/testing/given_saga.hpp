// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a saga answers, as a story: given these events, when this one, then those commands.
//
//     recount::given_saga<transfer>(requested{{"t-1"}, {"a"}, {"b"}, {5000, "EUR"}})
//         .when(debited{{"a"}, {"t-1"}, {5000, "EUR"}})
//         .then(credit{{"b"}, {"t-1"}, {5000, "EUR"}})
//         .when_refused(credit{{"b"}, {"t-1"}, {5000, "EUR"}}, "closed")
//         .then(refund{{"a"}, {"t-1"}, {5000, "EUR"}})          // its compensation
//         .when_due("transfer.timed_out")                       // the clock is set to that time
//         .then(give_up{{"t-1"}}, recount::end);
//
// No log, no JSON: the saga's functions alone, for one instance: that of the first event. Each
// `then` is about what happened since the one before it, takes all of it, in order, and compares
// by value; its parts are those of a reaction. Commands are accepted unless `when_refused` says
// otherwise. An instance that is parked and no `then_parked` asked for it fails.
// Events are recorded at the story's clock: `at`, `advance`.
// Thread safety: one thread.
#pragma once

#include <concepts>
#include <string_view>
#include <utility>

#include <recount/saga/saga.hpp>
#include <recount/testing/catch2.hpp>
#include <recount/testing/saga_story.hpp>

namespace recount::testing {

// What is expected, with the place in the test that expects it.
template <saga_type S>
struct expected_part {
    using reaction = recount::reaction<decltype(detail::commands_of<S>()),
                                       decltype(detail::timers_of<S>()),
                                       decltype(detail::effects_of<S>())>;
    template <class Part>
    expected_part(Part part, std::source_location at = std::source_location::current())
        : parts{reaction{std::move(part)}.parts()}, where{at} {}
    reaction_parts parts;
    std::source_location where;
};

template <saga_type S>
class saga_specification {
public:
    template <class... E>
    explicit saga_specification(E const&... history) {
        static_assert((detail::in_list<E, typename S::events> && ...),
                      "recount: given_saga<S>(events…) takes events of the saga's 'events' only");
        (story_.given(detail::named_event(history)), ...);
    }

    saga_specification& at(timestamp now) {
        story_.at(now);
        return *this;
    }
    saga_specification& advance(duration by) {
        story_.advance(by);
        return *this;
    }

    template <event_type E>
    saga_specification& when(E const& event) {
        static_assert(detail::in_list<E, typename S::events>,
                      "recount: the saga takes no such event: it is not in its 'events'");
        story_.when(detail::named_event(event));
        return *this;
    }
    saga_specification& when_due(std::string_view timer) {
        story_.when_due(timer);
        return *this;
    }
    template <command_type C>
    saga_specification& when_refused(C const& command, std::string code, std::string text = {}) {
        static_assert(detail::in_list<C, decltype(detail::commands_of<S>())>,
                      "recount: the saga sends no such command: it is not in its 'commands'");
        story_.when_refused(detail::named_command(command), {std::move(code), std::move(text)});
        return *this;
    }

    template <class... Part>
    saga_specification& then(expected_part<S> first, Part const&... more) {
        auto all = std::move(first.parts);
        (add(all, expected_part<S>{more}.parts), ...);
        check(story_.expect(all), first.where, "then");
        return *this;
    }
    saga_specification& then_nothing(
        std::source_location where = std::source_location::current()) {
        check(story_.expect_nothing(), where, "then_nothing");
        return *this;
    }
    // The reason holds this text.
    saga_specification& then_parked(std::string_view because = {},
                                    std::source_location where = std::source_location::current()) {
        check(story_.expect_parked(because), where, "then_parked");
        return *this;
    }
    // What `failed` said; `then` asks for what it sends.
    saga_specification& then_verdict(verdict const& expected,
                                     std::source_location where = std::source_location::current()) {
        check(story_.expect_verdict(expected), where, "then_verdict");
        return *this;
    }
    // Hands out the state, to be looked at with Catch2's own macros.
    template <class Look>
        requires(std::invocable<Look, S const&>)
    saga_specification& then_state(Look&& look,
                                   std::source_location where = std::source_location::current()) {
        check(story_.expect_no_failure(), where, "then_state");
        std::forward<Look>(look)(*static_cast<S const*>(story_.state()));
        return *this;
    }

private:
    saga_story story_{saga_of<S>()};

    static void add(reaction_parts& to, reaction_parts const& more) {
        to.outputs.insert(to.outputs.end(), more.outputs.begin(), more.outputs.end());
        to.ended = to.ended || more.ended;
    }
};

}  // namespace recount::testing

namespace recount {

template <saga_type S, class... E>
[[nodiscard]] testing::saga_specification<S> given_saga(E const&... history) {
    return testing::saga_specification<S>{history...};
}

}  // namespace recount
