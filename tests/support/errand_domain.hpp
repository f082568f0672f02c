// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Errands: a saga that meets everything a saga may meet, for a program that is killed at it. What
// comes of an errand is said by its kind.
#pragma once

#include <recount/recount.hpp>
#include <recount/saga/saga.hpp>

namespace errands {

using namespace std::chrono_literals;
using recount::rejection;
using errand_id = recount::strong_id<struct errand_tag>;

enum class errand_kind : std::uint8_t {
    plain,
    full,    // no place can be reserved, and it is booked without one
    late,    // it cannot be booked yet
    stuck,   // nobody knows what to do about it
};
RECOUNT_ENUM(errand_kind, plain, full, late, stuck)

struct asked { errand_id errand; errand_kind kind = errand_kind::plain; };
RECOUNT_EVENT(asked, "errand.asked", 1, errand, kind)
struct reserved { errand_id errand; };
RECOUNT_EVENT(reserved, "errand.reserved", 1, errand)
struct freed { errand_id errand; };
RECOUNT_EVENT(freed, "errand.freed", 1, errand)
struct booked { errand_id errand; };
RECOUNT_EVENT(booked, "errand.booked", 1, errand)
struct unbooked { errand_id errand; };
RECOUNT_EVENT(unbooked, "errand.unbooked", 1, errand)

struct ask { errand_id errand; errand_kind kind = errand_kind::plain; };
RECOUNT_COMMAND(ask, "errand.ask", errand, kind)
struct reserve { errand_id errand; };
RECOUNT_COMMAND(reserve, "errand.reserve", errand)
struct free_again { errand_id errand; };
RECOUNT_COMMAND(free_again, "errand.free", errand)
struct book { errand_id errand; };
RECOUNT_COMMAND(book, "errand.book", errand)
struct unbook { errand_id errand; };
RECOUNT_COMMAND(unbook, "errand.unbook", errand)

struct desk {
    using id = errand_id;
    using events = recount::types<asked, reserved, freed, booked, unbooked>;
    using commands = recount::types<ask, reserve, free_again, book, unbook>;
    using decision = recount::decision<events>;
    errand_kind kind = errand_kind::plain;
    int places = 0;

    static void evolve(desk& d, asked const& e) { d.kind = e.kind; }
    static void evolve(desk& d, reserved const&) { ++d.places; }
    static void evolve(desk& d, freed const&) { --d.places; }
    static void evolve(desk&, booked const&) {}
    static void evolve(desk&, unbooked const&) {}
    static decision decide(desk const&, ask const& c) { return asked{c.errand, c.kind}; }
    static decision decide(desk const& d, reserve const& c) {
        if (d.kind == errand_kind::full) return rejection{"full"};
        return reserved{c.errand};
    }
    static decision decide(desk const&, free_again const& c) { return freed{c.errand}; }
    static decision decide(desk const& d, book const& c) {
        if (d.kind == errand_kind::late) return rejection{"not_yet"};
        if (d.kind == errand_kind::stuck) return rejection{"stuck"};
        return booked{c.errand};
    }
    static decision decide(desk const&, unbook const& c) { return unbooked{c.errand}; }
};
RECOUNT_AGGREGATE(desk, "errand", 1, kind, places)

struct reminder { errand_id errand; };
RECOUNT_EVENT(reminder, "errand.reminder", 1, errand)
struct note { errand_id errand; };
RECOUNT_EVENT(note, "errand.note", 1, errand)

struct errand {
    using events = recount::types<asked, booked>;
    using commands = recount::types<reserve, free_again, book, unbook>;
    using timers = recount::types<reminder>;
    using effects = recount::types<note>;
    using reaction = recount::reaction<commands, timers, effects>;
    int reminders = 0;

    static recount::route route(asked const& e) { return recount::starts(e.errand); }
    static recount::route route(booked const& e) { return recount::ends(e.errand); }
    static reaction react(errand const&, asked const& e) {
        return {recount::compensable{reserve{e.errand}, free_again{e.errand}},
                recount::compensable{book{e.errand}, unbook{e.errand}},
                recount::timer{reminder{e.errand}}.in(1h),
                recount::effect{note{e.errand}}};
    }
    static reaction react(errand const&, booked const&) { return {}; }
    static reaction react(errand const&, reminder const&) { return {}; }
    static void evolve(errand& e, reminder const&) { ++e.reminders; }

    static recount::verdict failed(errand const&, recount::refused const& no) {
        if (no.code == "full") return recount::skip();
        if (no.code == "not_yet") return recount::retry_in(1h);
        return recount::park();
    }
};
RECOUNT_SAGA(errand, "errand", 1, reminders)

}  // namespace errands
