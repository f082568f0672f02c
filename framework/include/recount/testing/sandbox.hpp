// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An application for one test: a log, tables and a clock of its own.
//
//     auto bank = recount::testing::in_memory<account, account_balances>("bank");
//     bank.dispatch(deposit{{"a-1"}, {5000, "EUR"}}).value();
//     CHECK(bank.row<account_balances>({"a-1"})->balance == money{5000, "EUR"});
//     CHECK(bank.state<account>({"a-1"}).balance == money{5000, "EUR"});
//
// The same on PostgreSQL by one line, if the test is a function of a sandbox:
//
//     void deposits_show(recount::testing::sandbox bank) { … }
//     TEST_CASE("…") { deposits_show(in_memory<account, account_balances>("bank")); }
//     TEST_CASE("…, PostgreSQL") { deposits_show(on_postgres<account, account_balances>("bank")); }
//
// Every read sees what was dispatched before it: its table is brought up to date first. Nothing is
// shared with other sandboxes, on PostgreSQL each has a database of its own, dropped with it.
// `facts.now` of the deciders is the sandbox's clock, and so is the time that events are recorded
// at in memory; on PostgreSQL that is the server's own.
// Thread safety: from any thread, but for moving it. Errors: as recount::application.
// Cost: in memory less than a millisecond; on PostgreSQL most of a second, and some seconds more
// for the first of a program.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/app/application.hpp>
#include <recount/projection/at_least.hpp>
#include <recount/testing/clock.hpp>

namespace recount::testing {

class sandbox {
public:
    enum class place : std::uint8_t { memory, postgres };
    sandbox(place where, application_parts parts, std::string name);
    ~sandbox();
    sandbox(sandbox&&) noexcept;
    sandbox& operator=(sandbox&&) noexcept;

    template <command_type C>
    outcome dispatch(C const& command, command_options options = {}) {
        return application().dispatch(command, std::move(options));
    }
    template <aggregate_type A>
    [[nodiscard]] A state(typename A::id const& id, state_cut const& cut = {}) {
        return application().state<A>(id, cut);
    }
    template <projection_type P>
    [[nodiscard]] std::optional<typename P::row> row(row_key<typename P::row> const& key) {
        catch_up(projection_of<P>());
        return application().row<P>(key);
    }
    template <projection_type P>
    [[nodiscard]] std::vector<typename P::row> rows(row_query const& wanted = {}) {
        catch_up(projection_of<P>());
        return application().rows<P>(wanted);
    }
    // Of a table that shows at least this position, which it does anyway: the test says what it
    // depends on. Throws errc::not_found for a position that the log does not reach.
    template <projection_type P>
    [[nodiscard]] std::optional<typename P::row> row(row_key<typename P::row> const& key,
                                                     at_least shown) {
        must_reach(shown.position);
        return row<P>(key);
    }

    // Tables are brought up to date first, so a preview tells of their rows.
    [[nodiscard]] restructure_preview preview(restructure const& plan);
    restructured apply(restructure const& plan, std::string const& preview = {},
                       restructure_options const& options = {}) {
        return application().apply(plan, preview, options);
    }
    restructured undo(uuid const& id, std::string because) {
        return application().undo(id, std::move(because));
    }

    // Those of a stream ("account-a-1"), or all of them in order.
    [[nodiscard]] std::vector<recorded_event> events(std::string const& stream);
    [[nodiscard]] std::vector<recorded_event> events();
    [[nodiscard]] std::vector<std::string> types();   // of all events, in order

    [[nodiscard]] test_clock& clock() noexcept;
    void advance(duration by) { clock().advance(by); }

    // Lets every saga and reactor do what there is to do, timers included that are due by the
    // sandbox's clock (on PostgreSQL by the server's).
    void run_sagas() { application().run_sagas(); }

    // What is beneath, for what has no shorter way here.
    [[nodiscard]] recount::application& application() noexcept;
    [[nodiscard]] recount::log& log() noexcept;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
    void catch_up(projection_descriptor const& p);
    void must_reach(position at);
};

template <class... Parts>
[[nodiscard]] application_parts parts_of() {
    application_parts parts;
    (parts.add<Parts>(), ...);
    return parts;
}

// `name` is the program's, as recount::app has it.
template <class... Parts>
[[nodiscard]] sandbox in_memory(std::string name) {
    return sandbox{sandbox::place::memory, parts_of<Parts...>(), std::move(name)};
}
template <class... Parts>
[[nodiscard]] sandbox on_postgres(std::string name) {
    return sandbox{sandbox::place::postgres, parts_of<Parts...>(), std::move(name)};
}

}  // namespace recount::testing
