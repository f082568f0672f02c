// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Law 8, and what plans resolve to, on random logs and against the oracle.
#include <algorithm>
#include <set>

#include <recount/restructure/payload.hpp>
#include <recount/restructure/resolve.hpp>

#include "support/catch.hpp"
#include "support/restructure/laws.hpp"

using namespace recount;
using namespace recount::tests;
using history::refusal;
using history::registers;

namespace {

std::string with_log(std::string failure, world const& log) {
    return failure.empty() ? failure : failure + "\nin the log\n" + log.told();
}

std::vector<shown_slot> view_of(world const& log, std::set<uuid> const& unnamed = {}) {
    auto view = shown(folded(log.entries()).corrected());
    for (auto& s : view) {
        s.place.clear();
        if (unnamed.contains(s.event)) s.event = {};
    }
    return view;
}

// Empty: appended; else why not.
std::optional<history::plan_refused> undo(world& log, uuid const& earlier) {
    auto plan = restructure{"a test"}.because("it was wrong").undo(earlier);
    try {
        log.append(history::resolve(plan, folded(log.entries()), log.next_id()).payload);
    } catch (history::plan_refused const& refused) {
        return refused;
    }
    return {};
}

std::string rows_tell_the_same(world const& log) {
    for (auto const& stream : streams_of_logs) {
        history::fold alone{stream};
        for (auto const& e : history::entries_of(log.rows_of(stream))) alone.advance(e);
        auto failure = difference("rows of " + stream, shown(alone.corrected(stream)),
                                  log.truth().corrected(stream, log.head()));
        if (!failure.empty()) return failure;
    }
    return {};
}

// --- 8 -------------------------------------------------------------------------------------------

uuid last_restructure(world const& log) {
    return std::get<history::restructure_payload>(log.entries().back().what).restructure;
}

std::string undone(choices& c) {
    auto log = random_log(c);
    auto const before = shown(folded(log.entries()).corrected());
    random_restructure(c, log);
    auto const r = last_restructure(log);
    auto const after = shown(folded(log.entries()).corrected());
    if (auto const refused = undo(log, r)) {
        if (refused->problems().front().what != refusal::no_effect) {
            return with_log(std::string{"undo is refused: "} + refused->what(), log);
        }
        return with_log(difference("nothing to undo", after, before), log);
    }
    // Places too: what is undone is put back, not put anew.
    auto failure = difference("undone", shown(folded(log.entries()).corrected()), before);
    if (failure.empty()) failure = rows_tell_the_same(log);
    if (!failure.empty()) return with_log(failure, log);

    if (!undo(log, r) && after != before) return with_log("undone twice", log);
    if (undo(log, last_restructure(log))) return with_log("the undo cannot be undone", log);
    failure = difference("undo of undo", shown(folded(log.entries()).corrected()), after);
    if (failure.empty()) failure = rows_tell_the_same(log);
    return with_log(failure, log);
}

// L, r, M, undo of r is L, M, where M neither writes what r wrote nor stands on its places.
std::string undone_later(choices& c) {
    auto log = random_log(c, {.commits = 8});
    auto const base = log;
    random_restructure(c, log);
    auto const r = std::get<history::restructure_payload>(log.entries().back().what);
    std::map<uuid, std::uint8_t> written;
    for (auto const& o : r.ops) {
        written[history::target_of(o)] |= history::written_by(o).bits();
    }
    auto const placed = [&](uuid const& x) {
        auto const found = written.find(x);
        return found != written.end() && registers{found->second}.has(registers::place);
    };
    auto plain = base;
    std::set<uuid> unnamed;
    for (auto left = c.below(4) + 1; left > 0; --left) {
        auto const w = *random_wish(c, base);
        std::uint8_t writes = 0;
        if (w.what == wish::kind::exclude) writes = registers::presence;
        if (w.what == wish::kind::replace) writes = registers::contents;
        if (w.what == wish::kind::move) writes = registers::place;
        if (w.what == wish::kind::reinstate) writes = w.which.bits();
        auto const found = written.find(w.event);
        if (found != written.end() && (found->second & writes) != 0) continue;
        if (!w.at.event.is_nil() && placed(w.at.event)) continue;
        for (auto* const each : {&log, &plain}) {
            for (auto const& id : each->restructure({w}).inserted) unnamed.insert(id);
            std::vector<world::happening> one{{"account-b", some_content(5).payload, day(3)}};
            for (auto const& id : each->events(one)) unnamed.insert(id);
        }
    }
    if (auto const refused = undo(log, r.restructure)) {
        if (refused->problems().front().what != refusal::no_effect) {
            return with_log(refused->what(), log);
        }
    }
    auto failure = difference("undone later", view_of(log, unnamed), view_of(plain, unnamed));
    if (failure.empty()) failure = rows_tell_the_same(log);
    return with_log(failure, log);
}

// Refused exactly if one of the registers was written since; nothing is undone between.
std::string undo_of_what_was_written_since(choices& c) {
    auto log = random_log(c, {.commits = 6});
    random_restructure(c, log);
    auto const r = std::get<history::restructure_payload>(log.entries().back().what);
    auto const known = log.entries().size();
    for (auto left = c.below(3) + 1; left > 0; --left) random_restructure(c, log);
    bool written_since = false;
    for (auto i = known; i < log.entries().size(); ++i) {
        auto const& later = std::get<history::restructure_payload>(log.entries()[i].what);
        for (auto const& w : later.ops) {
            for (auto const& o : r.ops) {
                bool const same = history::target_of(w) == history::target_of(o);
                auto const both =
                    history::written_by(w).bits() & history::written_by(o).bits();
                written_since = written_since || (same && both != 0);
            }
        }
    }
    auto const refused = undo(log, r.restructure);
    bool const for_that = refused && refused->problems().front().what == refusal::written_since;
    return with_log(for_that == written_since ? "" : "refused or not", log);
}

// --- plans ---------------------------------------------------------------------------------------

history::planned_content planned(history::content const& c) {
    return {c.type, c.schema_version, json_text::checked(c.payload), c.effective_at};
}

history::planned_anchor planned(history::anchor const& a) {
    using kind = history::anchor::kind;
    switch (a.what) {
        case kind::after: return history::planned_anchor::after(a.event);
        case kind::before: return history::planned_anchor::before(a.event);
        case kind::keep: return history::planned_anchor::keep();
        default: return history::planned_anchor::end();
    }
}

void add(restructure& plan, wish const& w) {
    switch (w.what) {
        case wish::kind::exclude: plan.exclude(w.event); return;
        case wish::kind::replace: plan.replace(w.event, planned(*w.content)); return;
        case wish::kind::insert: plan.insert(w.to, planned(w.at), {planned(*w.content)}); return;
        case wish::kind::move: plan.move(w.event, w.to, planned(w.at)); return;
        case wish::kind::reinstate: plan.reinstate(w.event, w.which, w.as_at); return;
    }
}

// What the specification says of an append with this one operation.
std::optional<refusal> refused_by_rule(world log, wish const& w) {
    auto const before = log.truth().state();
    auto const* const x = find_slot(before, w.event);
    bool const insert = w.what == wish::kind::insert;
    if (!insert && x == nullptr) return refusal::unknown_target;
    if (w.what == wish::kind::reinstate) {
        bool const future = w.as_at > log.head();
        if (future || find_slot(log.truth().state_at(w.as_at), w.event) == nullptr) {
            return refusal::unknown_then;
        }
    }
    if ((insert || w.what == wish::kind::move) && !w.at.event.is_nil()) {
        if (!insert && w.at.event == w.event) return refusal::self_anchor;
        auto const* const z = find_slot(before, w.at.event);
        if (z == nullptr) return refusal::unknown_anchor;
        if (order_tree::depth_of(z->place) >= 64) return refusal::too_deep;
    }
    if (insert) return {};
    auto const old = *x;
    log.restructure({w});
    auto const& now = *find_slot(log.truth().state(), w.event);
    bool const place_same =
        old.stream == now.stream &&
        (w.what == wish::kind::move ? log.truth().beside(before, old, now.place)
                                    : old.place == now.place);
    if (old.present == now.present && old.content == now.content && place_same) {
        return refusal::no_effect;
    }
    return {};
}

std::string validation(choices& c) {
    auto log = random_log(c);
    auto const w = *random_wish(c, log, true);
    auto plan = restructure{"a test"}.because("it was wrong");
    add(plan, w);
    auto const expected = refused_by_rule(log, w);
    try {
        auto const r = history::resolve(plan, folded(log.entries()), log.next_id());
        if (expected) {
            return with_log("not refused: " + std::string{to_string(*expected)}, log);
        }
        auto as_wished = log;
        as_wished.restructure({w});
        log.append(r.payload);
        for (std::size_t i = 0; i < std::max(log.rows().size(), as_wished.rows().size()); ++i) {
            if (log.rows().at(i) != as_wished.rows().at(i)) {
                return with_log("another row: " + as_wished.rows().at(i).payload, log);
            }
        }
    } catch (history::plan_refused const& refused) {
        if (refused.problems().front().what != expected) {
            return with_log(std::string{"refused: "} + refused.what(), log);
        }
    }
    return {};
}

std::string plans_of_several(choices& c) {
    auto log = random_log(c);
    std::vector<wish> wishes;
    auto plan = restructure{"a test"}.because("it was wrong");
    for (auto left = c.below(5) + 1; left > 0; --left) {
        wishes.push_back(*random_wish(c, log));
        add(plan, wishes.back());
    }
    auto as_wished = log;
    as_wished.restructure(wishes);
    try {
        log.append(history::resolve(plan, folded(log.entries()), log.next_id()).payload);
    } catch (history::plan_refused const& refused) {
        for (auto const& p : refused.problems()) {
            if (p.what != refusal::no_effect) return with_log(p.sentence, log);
        }
        return {};
    }
    bool const same = log.rows() == as_wished.rows();
    return with_log(same ? "" : "other rows: " + as_wished.rows().back().payload, log);
}

// A restructure conflicts exactly if what it was made for has changed.
std::string footprints(choices& c) {
    auto log = random_log(c);
    auto plan = restructure{"a test"}.because("it was wrong");
    auto const w = *random_wish(c, log);
    add(plan, w);
    history::resolved_plan r;
    try {
        r = history::resolve(plan, folded(log.entries()), command_id_from_key("of nobody else"));
    } catch (history::plan_refused const&) {
        return {};
    }
    auto const values = [&] {
        std::string text;
        auto const which = history::written_by(r.payload.ops.front());
        if (auto const* const x = find_slot(log.truth().state(), w.event)) {
            if (which.has(registers::presence)) text += x->present ? "present" : "absent";
            if (which.has(registers::contents)) text += history::to_json(x->content);
            if (which.has(registers::place)) text += x->stream + order_tree::path_of(x->place);
        }
        if (auto const* const z = find_slot(log.truth().state(), w.at.event)) {
            text += order_tree::path_of(z->place);
        }
        return text;
    };
    auto const before = values();
    for (auto left = c.below(3) + 1; left > 0; --left) {
        if (c.one_in(2)) random_events(c, log);
        else random_restructure(c, log);
    }
    bool const changed = values() != before;
    bool const conflict = history::footprint(r.payload, folded(log.entries())) != r.footprint;
    return with_log(changed == conflict ? "" : changed ? "no conflict" : "a conflict", log);
}

std::vector<named_law> const laws{
    {"8 undo, undo of undo", undone},
    {"8 undo after other entries", undone_later},
    {"8 undo of what was written since", undo_of_what_was_written_since},
    {"plans: refused as the rules say", validation},
    {"plans: several operations", plans_of_several},
    {"plans: footprints", footprints},
};

}  // namespace

TEST_CASE("undo and plans hold on random logs", "[restructure][laws]") { check_laws(laws); }

TEST_CASE("undo and plans hold on many random logs", "[restructure][laws][full]") {
    check_laws(laws, cases_full);
}
