// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/app.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <recount/core/logging.hpp>

#include "app/verb_call.hpp"

namespace recount {

int exit_code::of(error const& failure) noexcept {
    switch (failure.code()) {
        case errc::invalid_argument:
        case errc::invalid_json: return exit_code::usage;
        case errc::refused:
        case errc::command_id_taken: return exit_code::refused;
        case errc::conflict: return exit_code::conflict;
        case errc::database_unreachable: return exit_code::database_unreachable;
        case errc::corrupted: return exit_code::difference;
        default: return exit_code::failed;
    }
}

namespace {

volatile std::sig_atomic_t stop_signal = 0;

// The first signal asks the verb to come to an end; the second one ends the program.
void on_signal(int number) {
    stop_signal = 1;
    std::signal(number, SIG_DFL);
}

void report(std::string const& program, error const& failure, bool json) {
    if (json) {
        auto text = fmt::format(R"({{"error":"{}","text":)", to_string(failure.code()));
        describe::append_quoted(text, failure.what());
        if (!failure.sqlstate().empty()) {
            text += R"(,"sqlstate":")" + failure.sqlstate() + R"(","query":)";
            describe::append_quoted(text, failure.query());
        }
        fmt::print(stderr, "{}}}\n", text);
        return;
    }
    fmt::print(stderr, "{}: {}\n", program, failure.what());
    if (!failure.server_text().empty()) {
        auto text = failure.server_text();
        text.erase(text.find_last_not_of(" \n") + 1);
        auto const state = failure.sqlstate().empty() ? "" : " (" + failure.sqlstate() + ")";
        fmt::print(stderr, "  the server said{}: {}\n", state, text);
    }
}

// Nobody else looks after a private server: what it wrote of a full disk is found by this alone.
void report_server_log(error const& failure, connection const& from) {
    auto const log = from.server_log();
    auto const code = failure.code();
    bool const gone = code == errc::database_unreachable || code == errc::in_doubt;
    bool const said = (code == errc::database_failed || code == errc::corrupted) &&
                      !failure.sqlstate().empty();
    if ((gone || said) && !log.empty()) fmt::print(stderr, "  what the server wrote: {}\n", log);
}

// The verbs as subcommands of CLI11. Its callbacks fill `call`; the verb runs after parsing, so
// that nothing is started for a line that is wrong further on.
class command_line {
public:
    command_line(std::string const& name, std::vector<verb> verbs,
                 verb_call::implementation& call)
        : call_{call}, verbs_{std::move(verbs)}, cli_{"", name} {
        cli_.set_help_all_flag("--help-all", "help of every verb");
        cli_.fallthrough();
        cli_.require_subcommand(0, 1);   // of "schema rows transfers" the last is no verb again
        global(cli_);
        for (auto const& v : verbs_) add(v);
    }

    // The verb that was named, nullptr if none was.
    verb const* parse(int argc, char const* const* argv) {
        // Of a line that is wrong CLI11 may not come to its options.
        json_wanted_ = std::find(argv, argv + argc, std::string_view{"--json"}) != argv + argc;
        cli_.parse(argc, argv);
        return chosen_;
    }
    // Help goes to stdout as CLI11 writes it; what is wrong is said as every other error is.
    int complain(CLI::ParseError const& e) {
        if (e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return cli_.exit(e);
        auto text = wrong_verb();
        if (text.empty()) text = e.what();
        report(cli_.get_name(), error{errc::invalid_argument, text}, json_wanted_);
        if (!json_wanted_) fmt::print(stderr, "  {} --help says what there is\n", chosen_help());
        return exit_code::usage;
    }
    [[nodiscard]] std::string help() const { return cli_.help(); }

private:
    verb_call::implementation& call_;
    std::vector<verb> verbs_;
    CLI::App cli_;
    verb const* chosen_ = nullptr;
    std::set<CLI::App const*> groups_;   // that are no verbs themselves
    bool json_wanted_ = false;

    // The words of the command line that CLI11 has understood.
    [[nodiscard]] std::string chosen_help() const {
        std::string words = cli_.get_name();
        for (auto const* at = &cli_; !at->get_subcommands().empty();) {
            at = at->get_subcommands().front();
            words += " " + at->get_name();
        }
        return words;
    }

    // Says so if the first word that was not understood stands where a verb belongs.
    [[nodiscard]] std::string wrong_verb() const {
        auto const named = cli_.get_subcommands();
        auto const* const at = named.empty() ? &cli_ : named.front();
        if (at != &cli_ && (!groups_.contains(at) || !at->get_subcommands().empty())) return {};
        auto const left = cli_.remaining(true);
        auto const word = std::find_if(left.begin(), left.end(),
                                       [](auto const& each) { return !each.starts_with('-'); });
        if (word == left.end() && at == &cli_) return {};
        std::set<std::string> verbs;
        for (auto const* each : at->get_subcommands(nullptr)) verbs.insert(each->get_name());
        auto const where = at == &cli_ ? "" : fmt::format(" after '{}'", at->get_name());
        auto const found = word == left.end() ? "nothing" : fmt::format("'{}'", *word);
        return fmt::format("expected a verb{}, found {}: there are {}", where, found,
                           fmt::join(verbs, ", "));
    }

    void global(CLI::App& on) {
        on.add_option("--database", call_.database.url,
                      "URL of the database; without it a private PostgreSQL")
            ->envname("RECOUNT_DATABASE_URL")
            ->type_name("URL");
        on.add_option("--store", call_.stores, "name of the store")
            ->allow_extra_args(false)
            ->type_name("NAME")
            ->default_str(store_default);
        on.add_flag("--json", call_.json, "data as JSON Lines");
        on.add_flag("--quiet", call_.quiet, "nothing but data and errors");
        on.add_flag("--unsafe-settings", call_.database.unsafe_settings,
                    "start on a server whose settings can lose data");
    }

    CLI::App& group(std::string const& name) {
        for (auto* known : cli_.get_subcommands(nullptr)) {
            if (known->get_name() == name) return *known;
        }
        auto* const fresh = cli_.add_subcommand(name, "");
        fresh->require_subcommand(1)->fallthrough();
        groups_.insert(fresh);
        return *fresh;
    }

    // The help of a group names its verbs: "list, ddl, rebuild".
    static void describe_group(CLI::App& parent, std::string const& name) {
        auto text = parent.get_description();
        parent.description(text.empty() ? name : text + ", " + name);
    }

    void add(verb const& v) {
        auto const space = v.name.find(' ');
        auto& parent = space == std::string::npos ? cli_ : group(v.name.substr(0, space));
        auto const name = space == std::string::npos ? v.name : v.name.substr(space + 1);
        auto* const sub = parent.add_subcommand(name, v.summary);
        if (groups_.contains(&parent)) describe_group(parent, name);
        sub->fallthrough();
        sub->footer("Every verb also takes --database, --store, --json, --quiet: see " +
                    cli_.get_name() + " --help");
        for (auto const& o : v.options) add(*sub, o);
        // Of `events` and `events export` the inner one is called first.
        sub->callback([this, &v] {
            if (chosen_ == nullptr) chosen_ = &v;
        });
    }

    void add(CLI::App& sub, verb_option const& o) {
        auto const name = o.name;
        if (o.kind == verb_option::kind::flag) {
            sub.add_flag_callback(name, [this, name] { call_.flags[name] = true; }, o.help);
            return;
        }
        if (o.kind == verb_option::kind::rest) {
            auto const keep = [this, name](std::vector<std::string> const& words) {
                call_.lists[name] = words;
            };
            sub.add_option_function<std::vector<std::string>>(place_name(name), keep, o.help)
                ->type_name("");
            return;
        }
        if (o.kind == verb_option::kind::values) {
            auto const add_one = [this, name](std::vector<std::string> const& given) {
                call_.lists[name] = given;
            };
            sub.add_option_function<std::vector<std::string>>(name, add_one, o.help)
                ->allow_extra_args(false)
                ->type_name("VALUE");
            return;
        }
        auto const keep = [this, name](std::string const& value) {
            // Mostly a variable of a script that is not set.
            if (value.empty()) throw CLI::ValidationError{name, "expected a value, found nothing"};
            call_.values[name] = value;
        };
        bool const by_place = o.kind != verb_option::kind::value;
        auto* const option =
            sub.add_option_function<std::string>(by_place ? place_name(name) : name, keep, o.help);
        option->type_name(by_place ? "" : "VALUE");
        if (o.kind == verb_option::kind::required) option->required();
    }

    // CLI11 takes letters only in the names of places.
    static std::string place_name(std::string const& name) {
        return name.substr(0, name.find('='));
    }
};

void take_stores(verb_call::implementation& state, verb const* chosen) {
    if (state.stores.empty()) return;
    if (state.stores.size() > 1 && (chosen == nullptr || !chosen->several_stores)) {
        throw error{errc::invalid_argument, "--store: expected one store, found several"};
    }
    state.database.store = state.stores.front();
    state.database.store_is_typed = true;
}

}  // namespace

bool verb_call::stop_wanted() noexcept { return stop_signal != 0; }

int app::run(int argc, char const* const* argv) const noexcept try {
    std::signal(SIGINT, &on_signal);
    std::signal(SIGTERM, &on_signal);
    // A reader that goes away (`| head`) is a failed write, not our end: a private server is to be
    // stopped all the same.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        logging::set_sink_from_environment();
    } catch (error const& failure) {
        report(name_, failure, false);
        return exit_code::of(failure);
    }
    verb_call::implementation state;
    state.database.name = name_;
    state.database.program = name_ + " " + version_;
    state.parts = &parts_;
    std::vector<recount::verb> verbs = verbs_;
    for (auto&& more : {log_verbs(), transfer_verbs(), projection_verbs(), provenance_verbs(),
                        restructure_verbs(), proposal_verbs(), seal_verbs(), saga_verbs(),
                        outbox_verbs(), store_verbs()}) {
        verbs.insert(verbs.end(), more.begin(), more.end());
    }
    command_line line{name_, std::move(verbs), state};
    recount::verb const* chosen = nullptr;
    try {
        chosen = line.parse(argc, argv);
    } catch (CLI::ParseError const& e) {
        return line.complain(e) == 0 ? exit_code::ok : exit_code::usage;
    }
    verb_call call{state};
    try {
        take_stores(state, chosen);
        if (chosen != nullptr) return chosen->run(call);
        if (default_) return default_(call);
        fmt::print("{}", line.help());
        return exit_code::ok;
    } catch (error const& failure) {
        std::fflush(stdout);
        report(name_, failure, state.json);
        if (state.connected && !state.json) report_server_log(failure, *state.connected);
        return exit_code::of(failure);
    }
} catch (std::system_error const& failure) {
    if (failure.code() != std::errc::broken_pipe) {
        std::fprintf(stderr, "%s: %s\n", name_.c_str(), failure.what());
    }
    return exit_code::failed;
} catch (std::exception const& bug) {
    std::fprintf(stderr, "%s: unexpected: %s\n", name_.c_str(), bug.what());
    return exit_code::failed;
}

}  // namespace recount
