// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sagas that have acted on what is corrected: what docs/guides/repairing-sagas.md shows.
#include <fmt/core.h>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/recount.hpp>
#include <recount/saga/divergences.hpp>
#include <recount/saga/memory_saga_store.hpp>

namespace {

using recount::uuid;
using account_id = recount::strong_id<struct account_tag>;

struct deposited { account_id account; std::int64_t amount = 0; };
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
struct ordered { account_id account; account_id to; std::int64_t amount = 0; };
RECOUNT_EVENT(ordered, "account.ordered", 1, account, to, amount)
struct moved { account_id account; std::int64_t amount = 0; };
RECOUNT_EVENT(moved, "account.moved", 1, account, amount)

struct deposit { account_id account; std::int64_t amount = 0; };
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)
struct order { account_id account; account_id to; std::int64_t amount = 0; };
RECOUNT_COMMAND(order, "account.order", account, to, amount)
struct take { account_id account; std::int64_t amount = 0; };
RECOUNT_COMMAND(take, "account.take", account, amount)
struct give { account_id account; std::int64_t amount = 0; };
RECOUNT_COMMAND(give, "account.give", account, amount)

struct account {
    using id = account_id;
    using events = recount::types<deposited, ordered, moved>;
    using commands = recount::types<deposit, order, take, give>;
    using decision = recount::decision<events>;
    std::int64_t balance = 0;
    static account_id const& target(order const& c) { return c.account; }
    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account&, ordered const&) {}
    static void evolve(account& a, moved const& e) { a.balance += e.amount; }
    static decision decide(account const&, deposit const& c) {
        return deposited{c.account, c.amount};
    }
    static decision decide(account const&, order const& c) {
        return ordered{c.account, c.to, c.amount};
    }
    static decision decide(account const&, take const& c) { return moved{c.account, -c.amount}; }
    static decision decide(account const&, give const& c) { return moved{c.account, c.amount}; }
};
RECOUNT_AGGREGATE(account, "account", 1, balance)

//[alerts
struct alert { account_id account; std::int64_t amount = 0; };
RECOUNT_EVENT(alert, "alert.large_deposit", 1, account, amount)
struct all_clear { account_id account; std::int64_t amount = 0; };
RECOUNT_EVENT(all_clear, "alert.all_clear", 1, account, amount)

struct alerts {
    using events = recount::types<deposited>;
    using effects = recount::types<alert, all_clear>;
    using reaction = recount::reaction<recount::types<>, recount::types<>, effects>;
    std::int64_t seen = 0;
    static recount::route route(deposited const& e) { return recount::starts(e.account); }
    static reaction react(alerts const&, deposited const& e) {
        if (e.amount < 1000) return {};
        return recount::effect{alert{e.account, e.amount}};
    }
    static void evolve(alerts& a, deposited const& e) { a.seen += e.amount; }
    // What makes up for an alert that has left.
    static reaction compensation(alerts const&, alert const& sent) {
        return recount::effect{all_clear{sent.account, sent.amount}};
    }
};
RECOUNT_SAGA(alerts, "alerts", 1, seen)
//]

//[transfers
struct transfers {
    using events = recount::types<ordered>;
    using commands = recount::types<take, give>;
    using reaction = recount::reaction<commands>;
    std::int64_t ordered_in_all = 0;
    static recount::route route(ordered const& e) { return recount::starts(e.account); }
    static reaction react(transfers const&, ordered const& e) {
        return {recount::compensable{take{e.account, e.amount}, give{e.account, e.amount}},
                give{e.to, e.amount}};
    }
    static void evolve(transfers& t, ordered const& e) { t.ordered_in_all += e.amount; }
    // Too much was taken: give the rest back. Of what was given to another nothing is declared.
    static reaction amend(transfers const&, take const& did, take const& should) {
        return give{did.account, did.amount - should.amount};
    }
};
RECOUNT_SAGA(transfers, "transfers", 1, ordered_in_all)
//]

// Of an effect's body.
std::string payload_of(recount::outbox_message const& m) {
    auto const begin = m.body.find("\"payload\":") + 10;
    return m.body.substr(begin, m.body.size() - begin - 1);
}

class bank {
public:
    recount::application app;

    bank() : bank{std::make_shared<recount::memory_saga_store>()} {}

    uuid pay_in(std::string const& to, std::int64_t amount) {
        return app.dispatch(deposit{{to}, amount}).value().events.front();
    }
    uuid transfer(std::string const& from, std::string const& to, std::int64_t amount) {
        return app.dispatch(order{{from}, {to}, amount}).value().events.front();
    }
    //[helpers
    void correct(recount::restructure plan) {
        app.apply(plan.because("see the title").by("ines"));
        app.run_sagas();
    }
    void print_ledger() {
        for (auto const& m : app.saga_tables().list_messages({})) {
            fmt::print("  {:<20} {} {}{}\n", m.type, payload_of(m),
                       to_string(m.status), m.superseded_by ? ", superseded" : "");
        }
    }
    void print_balance(std::string const& of) {
        fmt::print("  {} has {}\n", of, app.state<account>({of}).balance);
    }
    //]
    // What a worker for these effects does.
    void send_effects() {
        auto& tables = app.saga_tables();
        for (auto const& m : tables.claim({.kind = recount::message_kind::effect})) {
            tables.sent(m.key);
        }
    }

private:
    explicit bank(std::shared_ptr<recount::memory_saga_store> tables)
        : app{parts(), std::make_shared<recount::memory::log>(),
              std::make_shared<recount::memory_row_store>(),
              {.program = "bank", .sagas = std::move(tables)}} {}
    static recount::application_parts parts() {
        recount::application_parts all;
        all.add<account>();
        all.add<alerts>();
        all.add<transfers>();
        return all;
    }
};

template <class Event>
recount::history::planned_content content_of(Event const& event) {
    auto const name = recount::event_name_of<Event>();
    return {std::string{name.name}, name.version, recount::describe::to_json(event), {}};
}

void salaries_twice() {
    bank here;
    //[twice
    here.pay_in("ada", 2100);
    here.pay_in("ben", 1900);
    auto const ada_again = here.pay_in("ada", 2100);   // the file was imported twice
    auto const ben_again = here.pay_in("ben", 1900);
    here.app.run_sagas();
    fmt::print("salaries, imported twice\n");
    here.print_ledger();
    here.correct(
        recount::restructure{"salaries came twice"}.exclude(ada_again).exclude(ben_again));
    fmt::print("corrected\n");
    here.print_ledger();
    //]
}

void wrong_account() {
    bank here;
    //[moved
    auto const slip = here.pay_in("ada", 5000);
    here.app.run_sagas();
    here.send_effects();
    auto const plan = recount::restructure{"it was paid in for ben"}
                          .because("a digit was misread")
                          .by("ines")
                          .replace(slip, content_of(deposited{{"ben"}, 5000}))
                          .move(slip, "account-ben");
    fmt::print("the preview\n");
    for (auto const& saga : here.app.preview(plan).sagas) {
        fmt::print("  {} of {}: {}\n", saga.saga, saga.instance,
                   saga.outputs.front().resolution);
        for (auto const& sent : saga.sends) fmt::print("    sends {}\n", sent);
    }
    here.correct(plan);
    fmt::print("a deposit on the wrong account, corrected\n");
    here.print_ledger();
    //]
}

void mistyped_transfer() {
    bank here;
    //[amended
    here.pay_in("ada", 500);
    auto const mistyped = here.transfer("ada", "ben", 100);
    here.app.run_sagas();
    here.correct(recount::restructure{"it was 10"}.replace(
        mistyped, content_of(ordered{{"ada"}, {"ben"}, 10})));
    fmt::print("a transfer of 100 that should have been 10\n");
    here.print_balance("ada");
    here.print_balance("ben");
    for (auto const& one : recount::list_divergences(here.app.log(), here.app.saga_tables())) {
        for (auto const& output : one.outputs) {
            fmt::print("  {} of {} has diverged: {}, and not {}\n", one.saga, one.instance,
                       output.did.find("\"amount\":100") != std::string::npos ? "gave 100" : "?",
                       output.should.find("\"amount\":10}") != std::string::npos ? "10" : "?");
        }
    }
    //]
    //[acknowledged
    // What ben has too much is taken back by hand, and that is said.
    here.app.dispatch(take{{"ben"}, 90}).value();
    recount::acknowledge_divergence(here.app.log(), "transfers", "ada",
                                    {.actor = "ines", .because = "ben gave 90 back"});
    here.app.run_sagas();
    here.print_balance("ben");
    auto const head = here.app.log().head().position;
    here.app.run_sagas();
    fmt::print("  divergences left: {}; a further run wrote {} events\n",
               recount::list_divergences(here.app.log(), here.app.saga_tables()).size(),
               here.app.log().head().position - head);
    //]
}

}  // namespace

int main() {
    salaries_twice();
    wrong_account();
    mistyped_transfer();
}
