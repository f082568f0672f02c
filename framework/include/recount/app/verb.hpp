// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A verb of an application's command line: what `bank import FILE` does.
//
//     app.verb({"balances", "what every account holds", {},
//               [](recount::verb_call& call) {
//                   call.application().catch_up();
//                   call.print_rows<account_balances>();
//                   return recount::exit_code::ok;
//               }});
//
// Data goes to stdout, all else to stderr. Lifetimes: a call is over when its verb returns.
// Thread safety: a call belongs to the thread that runs the verb; any may ask `stop_wanted`. Once
// the application is open, one other thread may call `application`, `database_runs` and
// `revive_database` beside it, as a thread of `serve` does.
// Errors are thrown; the application turns them into a sentence and an exit code.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/app/application.hpp>
#include <recount/app/output.hpp>

namespace recount {

namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int failed = 1;
inline constexpr int usage = 2;
inline constexpr int refused = 3;
inline constexpr int conflict = 4;
inline constexpr int database_unreachable = 5;
inline constexpr int difference = 6;
[[nodiscard]] int of(error const& failure) noexcept;
}  // namespace exit_code

struct verb_option {
    std::string name;         // "FILE" (by place), "--day" (with a value), "--check" (a flag)
    std::string help;
    enum class kind : std::uint8_t {
        required, optional, rest, value, values, flag
    } kind = kind::required;
    static verb_option place(std::string name, std::string help) {
        return {std::move(name), std::move(help), kind::required};
    }
    static verb_option maybe(std::string name, std::string help) {
        return {std::move(name), std::move(help), kind::optional};
    }
    // Any number of words by place, after all others.
    static verb_option rest(std::string name, std::string help) {
        return {std::move(name), std::move(help), kind::rest};
    }
    static verb_option value(std::string name, std::string help) {
        return {std::move(name), std::move(help), kind::value};
    }
    // Given any number of times, with a value each: call.list().
    static verb_option values(std::string name, std::string help) {
        return {std::move(name), std::move(help), kind::values};
    }
    static verb_option flag(std::string name, std::string help) {
        return {std::move(name), std::move(help), kind::flag};
    }
};

class verb_call {
public:
    struct implementation;
    explicit verb_call(implementation& self) noexcept : self_{&self} {}

    // The value of an option or place; nothing if it was not given.
    [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
    [[nodiscard]] std::string require(std::string_view name) const;
    // The words of a `rest`, or the values of what may be given several times.
    [[nodiscard]] std::vector<std::string> const& list(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    // Throws errc::invalid_argument for what is no whole number.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> limit() const;   // --limit, 1 or more

    // Opened on first use: the cluster is started, the store migrated or checked.
    [[nodiscard]] recount::application& application();
    [[nodiscard]] recount::application& application_of(std::string const& store);
    [[nodiscard]] std::string const& url();
    [[nodiscard]] application_parts const& parts() const;
    [[nodiscard]] std::string program() const;            // "bank 0.1.0"
    [[nodiscard]] std::string store() const;
    // Of a verb that takes several: each that was named, else the one.
    [[nodiscard]] std::vector<std::string> stores() const;
    // Before the application is opened: a store of this name, unless --store named one.
    void use_store(std::string_view name);
    // Before the application is opened: pending migrations are applied first. With `false` they are
    // refused, as they are anyway, and the sentence names the verb's own --migrate.
    void apply_migrations(bool yes);
    // True for a PostgreSQL of the program's own. `revive_database` starts that again if it is
    // down, and does nothing to any other; the application's connections come back by themselves.
    // `database_runs` is false when that server has ended; cheap, and not asked of any other.
    [[nodiscard]] bool private_database();
    [[nodiscard]] bool database_runs();
    void revive_database();

    [[nodiscard]] bool json() const;
    [[nodiscard]] bool quiet() const;
    // True once the program was asked to stop (SIGINT, SIGTERM): finish what is begun and return.
    [[nodiscard]] static bool stop_wanted() noexcept;

    [[nodiscard]] progress::style progress_style() const;
    // Brings every table up to date, with progress, until asked to stop.
    void catch_up();
    // The same for who can do without: a table that stands still is noted, and no failure.
    void catch_up_or_note();

    void line(std::string_view text) const;               // to stdout
    void note(std::string_view text) const;               // to stderr, unless --quiet
    void print_rows(projection_descriptor const& p, std::vector<stored_row> const& rows) const;
    template <projection_type P>
    void print_rows(row_query const& wanted = {}) {
        auto& rows = application().row_tables();
        print_rows(projection_of<P>(), rows.query(projection_of<P>(), wanted));
    }

private:
    implementation* self_;
};

struct verb {
    std::string name;         // "balances", or of two words: "projections list"
    std::string summary;
    std::vector<verb_option> options{};
    std::function<int(verb_call&)> run;
    bool several_stores = false;   // --store may be given more than once
};

}  // namespace recount
