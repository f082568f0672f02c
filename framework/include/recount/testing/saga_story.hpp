// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What happened in a given/when/then test of a saga, and what to say when it is not what was
// expected. Under recount/testing/given_saga.hpp; it knows nothing of Catch2.
//
//     saga_story s{saga_of<transfer>()};
//     s.given(named_event(requested{…}));
//     s.when(named_event(debited{…}));
//     auto failure = s.expect(parts);       // "given  transfer.requested{…}\nwhen   …"
//
// Thread safety: one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/saga/descriptor.hpp>
#include <recount/testing/clock.hpp>

namespace recount::testing {

// One instance of a saga: that of the first event which has a route to one.
class saga_story {
public:
    explicit saga_story(saga_descriptor const& saga);

    void given(detail::named_object const& event);
    void when(detail::named_object const& event);
    void when_due(std::string_view timer);
    void when_refused(detail::named_object const& command, rejection const& no);
    void at(timestamp now) { now_ = now; }
    void advance(duration by) { now_ += by; }

    // Each answers with the failure's text, empty when it is met, and begins anew behind it.
    [[nodiscard]] std::string expect(reaction_parts const& expected);
    [[nodiscard]] std::string expect_nothing();
    [[nodiscard]] std::string expect_parked(std::string_view because);
    [[nodiscard]] std::string expect_verdict(verdict const& expected);
    [[nodiscard]] std::string expect_no_failure() const;

    [[nodiscard]] void const* state() const noexcept { return state_.get(); }

private:
    struct made {
        reaction_output output{};
        timestamp due_at{};                    // of a timer
    };
    struct sent {
        detail::named_object command;
        std::optional<detail::named_object> undo{};
        int refusals = 0;
    };

    saga_descriptor const& saga_;
    erased_object state_;
    timestamp now_ = first_of_2026;
    std::string instance_;
    bool exists_ = false;
    bool ended_ = false;
    std::vector<std::string> told_;
    std::vector<sent> sent_;
    std::map<std::string, made, std::less<>> timers_;
    std::int64_t inputs_ = 0;
    // Since the last expectation:
    std::vector<made> outputs_;
    bool ended_now_ = false;
    std::optional<verdict> verdict_;
    std::optional<std::string> parked_;
    std::string mistake_;                      // of the test itself

    void begin_anew();
    void tell(detail::named_object const& event);
    [[nodiscard]] bool is_for_us(saga_input_descriptor const& of, void const* event,
                                 info const& about, bool& ends);
    void react(saga_input_descriptor const& of, void const* event, info const& about, bool ends);
    void take(reaction_output const& output);
    void end();
    [[nodiscard]] info next_info();
    [[nodiscard]] std::string with_story(std::string const& failure) const;
    [[nodiscard]] std::string unexpected(bool verdict_is_asked_for = false) const;
    [[nodiscard]] std::string list(std::vector<made> const& of, bool ended) const;
};

}  // namespace recount::testing
