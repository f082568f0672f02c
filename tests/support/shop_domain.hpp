// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A domain for the repair of sagas: orders of customers, and sagas that follow them, each with
// another declaration of what makes up for what it did.
#pragma once

#include <recount/recount.hpp>
#include <recount/saga/reactor.hpp>

namespace shop {

using namespace std::chrono_literals;
using recount::rejection;

using basket_id = recount::strong_id<struct basket_tag>;
using customer_id = recount::strong_id<struct customer_tag>;

// --- what customers order; a basket is a stream of its own ---------------------------------------

struct ordered { basket_id basket; customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(ordered, "basket.ordered", 1, basket, customer, amount)
struct limited { basket_id basket; customer_id customer; std::int64_t at_most = 0; };
RECOUNT_EVENT(limited, "basket.limited", 1, basket, customer, at_most)

struct place { basket_id basket; customer_id customer; std::int64_t amount = 0; };
RECOUNT_COMMAND(place, "basket.place", basket, customer, amount)
struct limit { basket_id basket; customer_id customer; std::int64_t at_most = 0; };
RECOUNT_COMMAND(limit, "basket.limit", basket, customer, at_most)

struct basket {
    using id = basket_id;
    using events = recount::types<ordered, limited>;
    using commands = recount::types<place, limit>;
    using decision = recount::decision<events>;
    int orders = 0;
    static void evolve(basket& b, ordered const&) { ++b.orders; }
    static void evolve(basket&, limited const&) {}
    static decision decide(basket const&, place const& c) {
        return ordered{c.basket, c.customer, c.amount};
    }
    static decision decide(basket const&, limit const& c) {
        return limited{c.basket, c.customer, c.at_most};
    }
};
RECOUNT_AGGREGATE(basket, "basket", 1, orders)

// --- what they owe -------------------------------------------------------------------------------

struct unlocked { customer_id customer; };
RECOUNT_EVENT(unlocked, "account.unlocked", 1, customer)
struct charged { customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(charged, "account.charged", 1, customer, amount)
struct credited { customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(credited, "account.credited", 1, customer, amount)
struct adjusted { customer_id customer; std::int64_t by = 0; };
RECOUNT_EVENT(adjusted, "account.adjusted", 1, customer, by)
struct stamped { customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(stamped, "account.stamped", 1, customer, amount)

struct unlock { customer_id customer; };
RECOUNT_COMMAND(unlock, "account.unlock", customer)
struct charge { customer_id customer; std::int64_t amount = 0; };
RECOUNT_COMMAND(charge, "account.charge", customer, amount)
struct credit { customer_id customer; std::int64_t amount = 0; };
RECOUNT_COMMAND(credit, "account.credit", customer, amount)
struct adjust { customer_id customer; std::int64_t by = 0; };
RECOUNT_COMMAND(adjust, "account.adjust", customer, by)
struct stamp { customer_id customer; std::int64_t amount = 0; };
RECOUNT_COMMAND(stamp, "account.stamp", customer, amount)

struct account {
    using id = customer_id;
    using events = recount::types<unlocked, charged, credited, adjusted, stamped>;
    using commands = recount::types<unlock, charge, credit, adjust, stamp>;
    using decision = recount::decision<events>;
    bool open = false;
    std::int64_t owes = 0;
    std::int64_t stamps = 0;
    static void evolve(account& a, unlocked const&) { a.open = true; }
    static void evolve(account& a, charged const& e) { a.owes += e.amount; }
    static void evolve(account& a, credited const& e) { a.owes -= e.amount; }
    static void evolve(account& a, adjusted const& e) { a.owes += e.by; }
    static void evolve(account& a, stamped const& e) { a.stamps += e.amount; }
    static decision decide(account const&, unlock const& c) { return unlocked{c.customer}; }
    static decision decide(account const& a, charge const& c) {
        if (!a.open) return rejection{"locked"};
        return charged{c.customer, c.amount};
    }
    static decision decide(account const&, credit const& c) {
        return credited{c.customer, c.amount};
    }
    static decision decide(account const&, adjust const& c) { return adjusted{c.customer, c.by}; }
    static decision decide(account const&, stamp const& c) {
        return stamped{c.customer, c.amount};
    }
};
RECOUNT_AGGREGATE(account, "account", 1, open, owes, stamps)

// --- sagas; the instance is the customer ---------------------------------------------------------

// An undo is declared, and what a customer may order at most is a matter of order.
struct billing {
    using events = recount::types<ordered, limited>;
    using commands = recount::types<charge, credit>;
    using reaction = recount::reaction<commands>;
    std::int64_t at_most = 1'000;
    std::int64_t seen = 0;
    static recount::route route(ordered const& e) { return recount::starts(e.customer); }
    static recount::route route(limited const& e) { return recount::starts(e.customer); }
    static reaction react(billing const& b, ordered const& e) {
        if (e.amount < 0) throw std::runtime_error{"less than nothing"};
        auto const amount = std::min(e.amount, b.at_most);
        return recount::compensable{charge{e.customer, amount}, credit{e.customer, amount}};
    }
    static reaction react(billing const&, limited const&) { return {}; }
    static void evolve(billing& b, ordered const& e) { b.seen += e.amount; }
    static void evolve(billing& b, limited const& e) { b.at_most = e.at_most; }
    // A customer who is locked is tried again in an hour.
    static recount::verdict failed(billing const&, recount::refused const&) {
        return recount::retry_in(1h);
    }
};
RECOUNT_SAGA(billing, "billing", 1, at_most, seen)

// An amendment is declared, and no undo.
struct adjusting {
    using events = recount::types<ordered>;
    using commands = recount::types<charge, adjust>;
    using reaction = recount::reaction<commands>;
    std::int64_t seen = 0;
    static recount::route route(ordered const& e) { return recount::starts(e.customer); }
    static reaction react(adjusting const&, ordered const& e) {
        return charge{e.customer, e.amount};
    }
    static void evolve(adjusting& a, ordered const& e) { a.seen += e.amount; }
    static reaction amend(adjusting const&, charge const& did, charge const& should) {
        return adjust{did.customer, should.amount - did.amount};
    }
};
RECOUNT_SAGA(adjusting, "adjusting", 1, seen)

// Nothing is declared.
struct stamping {
    using events = recount::types<ordered>;
    using commands = recount::types<stamp>;
    using reaction = recount::reaction<commands>;
    std::int64_t seen = 0;
    static recount::route route(ordered const& e) { return recount::starts(e.customer); }
    static reaction react(stamping const&, ordered const& e) {
        return stamp{e.customer, e.amount};
    }
    static void evolve(stamping& s, ordered const& e) { s.seen += e.amount; }
};
RECOUNT_SAGA(stamping, "stamping", 1, seen)

struct receipt { customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(receipt, "shop.receipt", 1, customer, amount)
struct apology { customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(apology, "shop.apology", 1, customer, amount)
struct poster { customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(poster, "shop.poster", 1, customer, amount)
struct reminded { customer_id customer; std::int64_t amount = 0; };
RECOUNT_EVENT(reminded, "shop.reminded", 1, customer, amount)

// Effects: one with a compensation, one without; and a timer of the amount's length in minutes.
struct mailing {
    using events = recount::types<ordered>;
    using timers = recount::types<reminded>;
    using effects = recount::types<receipt, apology, poster>;
    using reaction = recount::reaction<recount::types<>, timers, effects>;
    std::int64_t seen = 0;
    static recount::route route(ordered const& e) { return recount::starts(e.customer); }
    static reaction react(mailing const&, ordered const& e) {
        reaction made{recount::effect{receipt{e.customer, e.amount}}};
        if (e.amount >= 500) made.add(recount::effect{poster{e.customer, e.amount}});
        made.add(recount::timer{"remind", reminded{e.customer, e.amount}}.in(
            std::chrono::minutes{e.amount}));
        return made;
    }
    static reaction react(mailing const&, reminded const& e) {
        return recount::effect{poster{e.customer, e.amount}};
    }
    static void evolve(mailing& m, ordered const& e) { m.seen += e.amount; }
    static reaction compensation(mailing const&, receipt const& sent) {
        return recount::effect{apology{sent.customer, sent.amount}};
    }
};
RECOUNT_SAGA(mailing, "mailing", 1, seen)

// The same without a state.
struct receipts {
    using events = recount::types<ordered>;
    using commands = recount::types<stamp, credit>;
    using effects = recount::types<receipt, apology, poster>;
    using reaction = recount::reaction<commands, recount::types<>, effects>;
    static reaction react(ordered const& e) {
        return {recount::effect{receipt{e.customer, e.amount}},
                recount::compensable{stamp{e.customer, e.amount}, stamp{e.customer, -e.amount}}};
    }
    static reaction compensation(receipt const& sent) {
        return recount::effect{apology{sent.customer, sent.amount}};
    }
};
RECOUNT_REACTOR(receipts, "receipts", 1)

}  // namespace shop
