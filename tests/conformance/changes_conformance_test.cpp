// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What subscribers of a log are told of corrections: the golden example number by number, law 17 on
// every backend, and what a reader refuses.
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>

#include "conformance/restructure_conformance.hpp"
#include "support/random_history.hpp"
#include "support/restructure/subscribers.hpp"

using namespace recount;
using namespace recount::history;
using conformance::day;
using conformance::error_of;
using conformance::golden;
using recount::tests::all_append_only;
using recount::tests::all_changes;
using recount::tests::choices;

namespace {

std::string name_of_event(golden const& g, uuid const& id) {
    for (auto const& [name, known] : g.events) {
        if (known == id) return name;
    }
    return "?";
}

// "8.1 +e6 B 30"
std::string line_of(golden const& g, change const& c) {
    return fmt::format("{} {}{} {} {}{}", c.mark().text(), c.weight > 0 ? '+' : '-',
                       name_of_event(g, c.event.id), c.event.stream.back(),
                       conformance::total({c.event}), c.last ? " |" : "");
}

std::vector<std::string> lines_of(golden const& g, change_options options = {}) {
    std::vector<std::string> lines;
    for (auto const& c : all_changes(g.log, std::move(options))) lines.push_back(line_of(g, c));
    return lines;
}

std::string said(std::optional<event_corrected::said> const& side) {
    if (!side) return "none";
    return fmt::format("{} {}", side->event.stream.back(), conformance::total({side->event}));
}

std::vector<std::string> corrections_of(golden const& g, change_options options = {}) {
    std::vector<std::string> lines;
    for (auto const& e : all_append_only(g.log, std::move(options))) {
        auto const* const c = std::get_if<event_corrected>(&e.what);
        if (c == nullptr) continue;
        std::string what;
        for (auto const kind : c->what) what += fmt::format(" {}", name_of(kind));
        lines.push_back(fmt::format("{} {}{}: {} -> {}", e.mark().text(),
                                    name_of_event(g, c->event), what, said(c->before),
                                    said(c->after)));
    }
    return lines;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("golden example: as changes", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        CHECK(lines_of(g) == lines{"1.0 +e1 A 0 |", "2.0 +e2 A 100 |", "3.0 +e3 A 100 |",
                                   "4.0 +e4 A -50 |", "5.0 +e5 B 0 |", "6.0 +e6 A 30 |",
                                   "8.0 -e3 A 100", "8.2 -e6 A 30", "8.3 +e6 B 30 |",
                                   "9.0 -e4 A -50", "9.1 +e4 A -5 |", "10.1 +x1 A 20 |",
                                   "11.1 +e3 A 100 |", "12.0 +e7 A -15 |"});
        CHECK(lines_of(g, {.after = {8}, .filter = {.stream = g.b}}).empty());
        CHECK(lines_of(g, {.filter = {.stream = g.b}}) ==
              lines{"5.0 +e5 B 0 |", "8.3 +e6 B 30 |"});
        CHECK(lines_of(g, {.after = {7}, .filter = {.stream = g.a}, .until = 9}) ==
              lines{"8.0 -e3 A 100", "8.2 -e6 A 30 |", "9.0 -e4 A -50", "9.1 +e4 A -5 |"});
        CHECK(lines_of(g, {.after = {8, 0}, .until = 8}) ==
              lines{"8.2 -e6 A 30", "8.3 +e6 B 30 |"});
        CHECK(lines_of(g, {.after = {8, 3}, .until = 8}).empty());
    }
}

TEST_CASE("golden example: a retraction says what the assertion said", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        std::map<uuid, std::string> asserted;
        std::map<uuid, std::string> place;
        for (auto const& c : all_changes(g.log)) {
            if (c.weight > 0) {
                asserted[c.event.id] = to_json(c.event);
                place[c.event.id] = order_text(c.at);
            } else {
                CHECK(to_json(c.event) == asserted.at(c.event.id));
                CHECK(order_text(c.at) == place.at(c.event.id));
                asserted.erase(c.event.id);
            }
        }
        auto const now = history::read_corrected(g.log, g.a);
        lines order;
        for (auto const& e : now.events) {
            CHECK(to_json(e) == asserted.at(e.id));
            order.push_back(place.at(e.id));
        }
        CHECK(std::is_sorted(order.begin(), order.end()));
    }
}

TEST_CASE("golden example: append only", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        auto const all = corrections_of(g);
        CHECK(all == lines{"8.0 e3 excluded: A 100 -> none", "8.1 e6 moved: A 30 -> B 30",
                           "9.0 e4 replaced: A -50 -> A -5", "10.0 x1 inserted: none -> A 20",
                           "11.0 e3 reinstated: none -> A 100"});
        // Whoever asked for B is told of e6 as everyone is.
        CHECK(corrections_of(g, {.filter = {.stream = g.b}}) == lines{all.at(1)});
        auto const events = all_append_only(g.log);
        CHECK(events.size() == 12);
        CHECK(std::none_of(events.begin(), events.end(), [](auto const& e) {
            auto const* const event = std::get_if<recorded_event>(&e.what);
            return event != nullptr && is_restructure(*event);
        }));
        auto const& moved = std::get<event_corrected>(events.at(7).what);
        CHECK(moved.restructure == g.entry_seven);
        CHECK(moved.title == "a correction");
        CHECK(moved.because == "it was wrong");
        CHECK(moved.by == "ada");
        CHECK_FALSE(moved.undoes);
        CHECK(moved.stream == g.b.str());
    }
}

TEST_CASE("what an undo did is told, and which restructure it undid", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        auto const before = store.log->head().position;
        conformance::apply(g.log, conformance::correction().undo(g.entry_eight));
        CHECK(lines_of(g, {.after = {before}}) == lines{"13.0 -e4 A -5", "13.1 +e4 A -50 |"});
        auto const told = all_append_only(g.log, {.after = {before}});
        REQUIRE(told.size() == 1);
        CHECK(std::get<event_corrected>(told.front().what).undoes == g.entry_eight);
    }
}

TEST_CASE("random logs: law 17", "[conformance]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    ON_EVERY_BACKEND(store) {
        bool const quick = backend_of_case.name == "memory";
        std::mt19937_64 random{seed};
        for (int i = 0; i < (quick ? 40 : 3); ++i) {
            std::vector<std::uint32_t> tape(400);
            for (auto& one : tape) one = static_cast<std::uint32_t>(random());
            choices c{tape};
            auto const log = recount::tests::random_log_of_kinds(c);
            auto const filter = recount::tests::random_filter(c);
            CAPTURE(i);
            CHECK(recount::tests::follow_changes(c, *backend_of_case.open().log, log, filter)
                      .empty());
            CHECK(recount::tests::follow_append_only(c, *backend_of_case.open().log, log, filter)
                      .empty());
        }
    }
}

TEST_CASE("streams of the framework are told of to those who name them", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        commit saga;
        saga.of_framework = true;
        saga.events.push_back(conformance::event("$saga.cards-1"));
        saga.events.push_back(conformance::event("account-1"));
        log.append(saga);
        auto const told = [&](feed_filter const& filter) {
            std::string streams;
            for (auto const& c : all_changes(log, {.filter = filter})) {
                streams += c.mark().text() + ' ' + c.event.stream + ' ';
            }
            return streams;
        };
        CHECK(told({}) == "2.1 account-1 ");
        CHECK(told({.categories = {"$saga.cards"}}) == "2.65536 $saga.cards-1 ");
        CHECK(told({.stream = conformance::stream("$saga.cards-1")}) == "2.65536 $saga.cards-1 ");
        CHECK(told({.types = {"thing.happened"}}) == "2.1 account-1 ");
    }
}

TEST_CASE("pages hold whole commits, and say how far they came", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        change_reader reader{g.log};
        std::vector<position> through;
        for (bool more = true; more;) {
            auto const page = reader.next(1);
            CHECK(page.head == 12);
            CHECK(page.known_at == 12);
            CHECK(page.changes.size() <= 3);
            through.push_back(page.through);
            more = !page.caught_up;
        }
        CHECK(through == std::vector<position>{1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12});
        CHECK(reader.next().caught_up);
        conformance::tell(g.log, "account-A", 5);
        CHECK(reader.next().changes.size() == 1);
        // Nothing passes, and yet it comes further.
        change_reader none{g.log, {.filter = {.types = {"account.closed"}}}};
        auto const page = none.next();
        CHECK(page.changes.empty());
        CHECK(page.through == 13);
        // A k inside a commit is the end of the one before.
        change_reader then{g.log, {.until = 7}};
        auto const cut = then.next();
        CHECK(cut.known_at == 6);
        CHECK(cut.through == 6);
        CHECK(cut.caught_up);
        CHECK(cut.head == 13);
    }
}

TEST_CASE("a mark beyond the log is refused", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        change_reader changes{g.log, {.after = {13}}};
        CHECK(error_of([&] { return changes.next(); })->code() == errc::invalid_argument);
        append_only_reader events{g.log, {.after = {13, 2}}};
        auto const failure = error_of([&] { return events.next(); });
        REQUIRE(failure);
        CHECK(failure->what() == std::string{"the log is at position 12: there is nothing to go on "
                                             "from at 13.2"});
    }
}
