// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An application whose sagas do everything that may be killed half done, for
// test_saga_fault_points.py: the bank's transfers, a review as an effect, and errands.
//
//     recount-saga-workload points           # where it can be killed, one a line
//     recount-saga-workload ask ROUND        # accounts, transfers, errands; no saga does anything
//     recount-saga-workload transfers ROUND COUNT   # only transfers, between that round's accounts
//     recount-saga-workload settle [--follow]    # sagas, until nothing is due soon
//     recount-saga-workload end ROUND        # a person ends the errand that is stuck
//     recount-saga-workload correct ROUND    # two errands were never asked for; and more money
//     recount-saga-workload deliver FILE     # effects, until none waits: a key a line
//     recount-saga-workload check            # the tables, told anew in memory and rebuilt
//     recount-saga-workload again            # the sagas, told anew in memory: they do nothing
//
// Each round has its streams and its keys: run again it adds nothing.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/describe/print.hpp>
#include <recount/effects/worker.hpp>
#include <recount/saga/followers.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/saga/operations.hpp>

#include "bank/projections.hpp"
#include "bank/review.hpp"
#include "bank/transfer_process.hpp"
#include "bank/transfers.hpp"
#include "support/checked_tables.hpp"
#include "support/errand_domain.hpp"

namespace {

using namespace std::chrono_literals;
using recount::exit_code::ok;

constexpr auto soon = 30s;               // an errand that cannot be booked yet is not
constexpr auto look_again = 50ms;

recount::money eur(std::int64_t minor) { return {minor, "EUR"}; }

struct round {
    std::string name;
    [[nodiscard]] std::string of(std::string_view what) const {
        return fmt::format("{}-{}", name, what);
    }
    [[nodiscard]] bank::account_id account(std::string_view what) const { return {of(what)}; }
    [[nodiscard]] errands::errand_id errand(std::string_view what) const { return {of(what)}; }
};

template <class Command>
recount::accepted dispatch(recount::application& app, round const& r, std::string_view what,
                           Command const& command) {
    recount::command_options options;
    options.key = r.of(what);
    return app.dispatch(command, options).value();
}

void request(recount::application& app, round const& r, std::string_view what,
             std::string_view to, std::int64_t minor) {
    dispatch(app, r, fmt::format("request {}", what),
             bank::request_transfer{{r.of(what)}, r.account("a"), r.account(to), eur(minor), 0s});
}

constexpr std::int64_t to_be_reviewed = bank::review_limit_minor;

int ask(recount::verb_call& call) {
    round const r{call.require("ROUND")};
    auto& app = call.application();
    for (auto const* name : {"a", "b", "closed"}) {
        dispatch(app, r, fmt::format("open {}", name), bank::open{r.account(name)});
    }
    dispatch(app, r, "close", bank::close{r.account("closed")});
    dispatch(app, r, "deposit", bank::deposit{r.account("a"), eur(to_be_reviewed)});
    request(app, r, "good", "b", 100);
    request(app, r, "back", "closed", 200);
    request(app, r, "much", "b", 2 * to_be_reviewed);
    request(app, r, "nobody", "never opened", 300);   // is tried again until its time is up
    using errands::errand_kind;
    for (auto const kind :
         {errand_kind::plain, errand_kind::full, errand_kind::late, errand_kind::stuck}) {
        auto const name = recount::describe::to_text(kind);
        dispatch(app, r, fmt::format("ask {}", name), errands::ask{r.errand(name), kind});
    }
    return ok;
}

int ask_for_transfers(recount::verb_call& call) {
    round const r{call.require("ROUND")};
    auto& app = call.application();
    auto const count = std::stoi(call.require("COUNT"));
    for (int n = 0; n < count; ++n) {
        request(app, r, fmt::format("{}", n), n % 3 == 0 ? "closed" : "b", 1 + n);
    }
    return ok;
}

// How long until some saga has something to do; nothing: it never has.
std::optional<std::chrono::milliseconds> until_next(recount::application& app) {
    std::optional<std::chrono::milliseconds> next;
    for (auto const* saga : app.parts().sagas) {
        recount::message_claim commands;
        commands.saga = std::string{saga->name};
        auto const one = app.saga_tables().until_next(commands);
        if (one && (!next || *one < *next)) next = one;
    }
    return next;
}

// As `serve` runs them, as long as there seems to be something to do.
void follow(recount::application& app) {
    recount::saga_followers const followers{app};
    for (;;) {
        auto const head = app.log().head().position;
        auto const next = until_next(app);
        bool const idle = !next || *next > soon;
        if (app.log().wait(head, look_again) == head && idle) return;
    }
}

int settle(recount::verb_call& call) {
    auto& app = call.application();
    if (call.flag("--follow")) follow(app);
    for (;;) {
        auto const head = app.log().head().position;
        app.run_sagas();
        auto const next = until_next(app);
        if (!next || *next > soon) return ok;
        static_cast<void>(app.log().wait(head, *next));
    }
}

int end_by_hand(recount::verb_call& call) {
    round const r{call.require("ROUND")};
    recount::saga_act act;
    act.id = recount::command_id_from_key(r.of("end"));
    act.actor = "ines";
    act.because = "nobody knows what to do about it";
    recount::end_instance(call.application().log(), "errand", r.of("stuck"), act);
    return ok;
}

// What was refused for want of money would not be refused now.
int correct(recount::verb_call& call) {
    round const r{call.require("ROUND")};
    auto& app = call.application();
    for (auto const* name : {"plain", "late"}) {
        auto const stream = recount::stream_name::of("errand", r.of(name));
        auto plan = recount::restructure{"never asked for"}.exclude(
            app.log().read_stream(stream).events.front().id);
        plan.because("a test").by("ines");
        recount::restructure_options options;
        options.key = r.of(name);
        app.apply(plan, {}, options);
    }
    dispatch(app, r, "more", bank::deposit{r.account("a"), eur(5 * to_be_reviewed)});
    return ok;
}

// One line that leaves this process at once, and whole.
void write_line(std::string const& file, std::string const& text) {
    int const to = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    auto const line = text + "\n";
    bool const written = to >= 0 && ::write(to, line.data(), line.size()) ==
                                        static_cast<ssize_t>(line.size());
    if (to >= 0) ::close(to);
    if (!written) throw std::system_error{errno, std::generic_category(), file};
}

int deliver(recount::verb_call& call) {
    auto const file = call.require("FILE");
    auto& app = call.application();
    recount::effect_handlers handlers;
    auto const note_key = [&file](auto const&, recount::effect_info const& info) {
        write_line(file, recount::to_string(info.key));
    };
    handlers.add<bank::review_wanted>(note_key);
    handlers.add<errands::note>(note_key);
    recount::effect_worker worker{app.saga_tables(), handlers, {.threads = 1, .look_again = 20ms}};
    auto const waits = [&app] {
        return !app.saga_tables().list_messages({.status = recount::message_status::waiting,
                                                 .kind = recount::message_kind::effect,
                                                 .limit = 1}).empty();
    };
    while (waits()) static_cast<void>(app.log().wait(app.log().head().position, look_again));
    worker.stop();
    return ok;
}

// The rows of instances and what their streams say, and the same of sagas whose tables are lost:
// they find in the log what they have done.
int tell_again(recount::verb_call& call) {
    auto& app = call.application();
    auto const before = app.log().head();
    auto const instances = [](recount::saga_store& tables) {
        std::string text;
        for (auto const& one : tables.list_instances({.limit = 1'000'000})) {
            text += fmt::format("{} {} {} {}\n", one.saga, one.instance, to_string(one.status),
                                one.version);
        }
        return text;
    };
    auto const of_others = [](auto& borrowed) {
        return std::shared_ptr<std::remove_reference_t<decltype(borrowed)>>{
            std::shared_ptr<void>{}, &borrowed};
    };
    recount::application_options options;
    options.program = call.program();
    auto const anew = std::make_shared<recount::memory_saga_store>();
    options.sagas = anew;
    recount::application again{app.parts(), of_others(app.log()), of_others(app.row_tables()),
                               options};
    again.run_sagas();
    auto const known = instances(app.saga_tables());
    auto const told = instances(*anew);
    if (app.log().head().position == before.position && known == told) return ok;
    call.line(fmt::format("head {} -> {}\nthe tables:\n{}told anew:\n{}", before.position,
                          app.log().head().position, known, told));
    return recount::exit_code::difference;
}

int list_points(recount::verb_call& call) {
    for (auto const name : recount::fault_points()) call.line(name);
    return ok;
}

}  // namespace

int main(int argc, char** argv) {
    using o = recount::verb_option;
    auto const number = o::place("ROUND", "its number");
    return recount::app{"sagafaults"}
        .add<bank::account, bank::account_balances>()
        .add<bank::transfer, bank::transfers, bank::transfers_under_way, bank::transfer_process>()
        .add<bank::large_movements, errands::desk, errands::errand>()
        .verb({"points", "where it can be killed", {}, &list_points})
        .verb({"ask", "what there is to do in a round", {number}, &ask})
        .verb({"transfers", "transfers of a round", {number, o::place("COUNT", "how many")},
               &ask_for_transfers})
        .verb({"settle", "sagas, until nothing is due soon",
               {o::flag("--follow", "as a server does")}, &settle})
        .verb({"end", "ends an errand by hand", {number}, &end_by_hand})
        .verb({"correct", "corrects a round", {number}, &correct})
        .verb({"deliver", "sends effects", {o::place("FILE", "gets their keys")}, &deliver})
        .verb({"check", "whether the tables are what the log says", {},
               &recount::tests::check_tables})
        .verb({"again", "whether sagas whose tables are lost do nothing", {}, &tell_again})
        .run(argc, argv);
}
