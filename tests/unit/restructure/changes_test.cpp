// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Law 17 over random logs in memory, and that it finds out subscribers that are flawed.
#include <recount/restructure/changes.hpp>

#include <map>

#include <recount/memory/log.hpp>
#include <recount/restructure/read.hpp>

#include "support/catch.hpp"
#include "support/restructure/projections.hpp"
#include "support/restructure/subscribers.hpp"
#include "support/wrapped_log.hpp"

using namespace recount;
using namespace recount::tests;
using history::change_mark;

namespace {

law changes_followed_by(flaw how) {
    return [how](choices& c) {
        auto const log = random_log_of_kinds(c);
        memory::log store;
        auto const filter = how == flaw::none ? random_filter(c) : feed_filter{};
        return follow_changes(c, store, log, filter, how);
    };
}

std::string append_only_followed(choices& c) {
    auto const log = random_log_of_kinds(c);
    memory::log store;
    return follow_append_only(c, store, log, random_filter(c));
}

template <class Item> std::vector<std::string> told(std::vector<Item> const& items) {
    std::vector<std::string> all;
    for (auto const& item : items) all.push_back(to_json(item));
    return all;
}

bool lets_pass(feed_filter const& filter, recorded_event const& event) {
    return history::passes(filter, event.stream, event.type);
}
bool lets_pass(feed_filter const& filter, history::change const& c) {
    return lets_pass(filter, c.event);
}
bool lets_pass(feed_filter const& filter, history::append_only_event const& e) {
    auto const* const c = std::get_if<history::event_corrected>(&e.what);
    if (c == nullptr) return lets_pass(filter, std::get<recorded_event>(e.what));
    return (c->before && lets_pass(filter, c->before->event)) ||
           (c->after && lets_pass(filter, c->after->event));
}

feed_filter everything() {
    feed_filter filter;
    filter.categories = {"account", "card", "$saga.cards"};
    return filter;
}

std::string joined(std::vector<std::string> const& lines) {
    std::string text;
    for (auto const& line : lines) text += line + '\n';
    return text;
}

template <class Tell> std::string filtered_is_picked(choices& c, Tell const& all_of) {
    auto const log = random_log_of_kinds(c);
    auto const filter = random_filter(c);
    memory::log store;
    append_commits(store, log);
    auto const found = told(all_of(store, filter));
    auto picked = all_of(store, everything());
    std::erase_if(picked, [&](auto const& item) { return !lets_pass(filter, item); });
    auto const expected = told(picked);
    if (found == expected) return {};
    return "found\n" + joined(found) + "expected\n" + joined(expected) + log.told();
}

}  // namespace

TEST_CASE("law 17: folding the delivered changes gives the corrected history at every mark",
          "[restructure]") {
    check_law("17 subscribers: changes", changes_followed_by(flaw::none));
}

TEST_CASE("law 17: folding the corrections of an append-only feed gives the corrected history",
          "[restructure]") {
    check_law("17 subscribers: append only", &append_only_followed);
}

TEST_CASE("law 17, at length", "[restructure][full]") {
    check_law("17 subscribers: changes", changes_followed_by(flaw::none), cases_full);
    check_law("17 subscribers: append only", &append_only_followed, cases_full);
}

TEST_CASE("law 17 finds out a subscriber that is flawed", "[restructure]") {
    CHECK(count_failures(changes_followed_by(flaw::forgets_nothing), cases_quick) > 0);
    CHECK(count_failures(changes_followed_by(flaw::sorts_by_position), cases_quick) > 0);
    CHECK(count_failures(changes_followed_by(flaw::takes_twice), cases_quick) > 0);
}

TEST_CASE("a filter picks from what is told, and changes nothing of it", "[restructure]") {
    check_law("filtered changes", [](choices& c) {
        return filtered_is_picked(c, [](recount::log& log, feed_filter const& filter) {
            return all_changes(log, {.filter = filter});
        });
    });
    check_law("filtered corrections", [](choices& c) {
        return filtered_is_picked(c, [](recount::log& log, feed_filter const& filter) {
            return all_append_only(log, {.filter = filter});
        });
    });
}

TEST_CASE("changes until a knowledge position are the first of all changes", "[restructure]") {
    check_law("changes until k", [](choices& c) -> std::string {
        auto const log = random_log_of_kinds(c);
        memory::log store;
        append_commits(store, log);
        auto const k = static_cast<position>(c.below(static_cast<std::size_t>(log.head()) + 2));
        auto expected = all_changes(store);
        std::erase_if(expected, [&](auto const& change) { return change.k > k; });
        auto const found = all_changes(store, {.until = k});
        return told(found) == told(expected) ? "" : log.told();
    });
}

TEST_CASE("operations that nobody validated are told as they are read", "[restructure]") {
    check_law("changes of hostile logs", [](choices& c) -> std::string {
        auto const log = random_log(c, {.hostile = true});
        memory::log store;
        append_commits(store, log);
        std::map<uuid, std::map<std::string, int>> held;
        for (auto const& change : all_changes(store)) {
            held[change.event.id][change.event.stream + to_json(change.event)] += change.weight;
        }
        std::map<uuid, std::map<std::string, int>> expected;
        for (auto const& stream : streams_of_logs) {
            auto const view = history::read_corrected(store, stream_name{stream});
            for (auto const& e : view.events) expected[e.id][e.stream + to_json(e)] = 1;
        }
        for (auto& [id, slots] : held) {
            std::erase_if(slots, [](auto const& slot) { return slot.second == 0; });
        }
        std::erase_if(held, [](auto const& slots) { return slots.second.empty(); });
        return held == expected && !all_append_only(store).empty() ? "" : log.told();
    });
}

TEST_CASE("a mark is a position, or a position and an ordinal", "[restructure]") {
    CHECK(change_mark{8, 3}.text() == "8.3");
    CHECK(change_mark{8}.text() == "8");
    CHECK(change_mark::from_text("8.3") == change_mark{8, 3});
    CHECK(change_mark::from_text("8") == change_mark{8});
    CHECK(change_mark::from_text("0") == change_mark{});
    for (auto const* const text : {"", ".", "8.", ".3", "-1", "+1", "08", "8.03", "8.3.1", " 8",
                                   "8 ", "8.-1", "99999999999999999999", "8.4294967296", "x"}) {
        CAPTURE(text);
        CHECK_FALSE(change_mark::from_text(text));
    }
    CHECK(change_mark{8}.covers(8, 99));
    CHECK(change_mark{8}.covers(7, 99));
    CHECK_FALSE(change_mark{8}.covers(9, 0));
    CHECK(change_mark{8, 3}.covers(8, 3));
    CHECK_FALSE(change_mark{8, 3}.covers(8, 4));
}

TEST_CASE("the text of a place sorts as the place", "[restructure]") {
    check_law("order texts", [](choices& c) -> std::string {
        auto const log = random_log(c);
        auto const view = folded(log.entries()).corrected();
        for (std::size_t i = 1; i < view.size(); ++i) {
            bool const before = view[i - 1].at < view[i].at;
            if (before != (history::order_text(view[i - 1].at) <
                           history::order_text(view[i].at))) {
                return log.told();
            }
        }
        return {};
    });
}

namespace {

// Two events in each of two streams, and then the second of account-a is no longer told.
void one_correction(memory::log& to) {
    world log;
    auto const amount = [](int n) { return some_content(n).payload; };
    auto const ids = log.events({{"account-a", amount(1)}, {"account-a", amount(2)},
                                 {"account-b", amount(3)}, {"account-b", amount(4)}});
    log.restructure({wish::exclude(ids.at(1))});
    append_commits(to, log);
}

}  // namespace

TEST_CASE("after a failure a reader goes on where it was", "[restructure]") {
    wrapped_log log;
    one_correction(log.inner);
    int failures = 2;
    log.before_read_stream = [&] {
        if (failures-- > 0) throw error{errc::database_unreachable, "gone for a moment"};
    };
    history::change_reader reader{log};
    CHECK_THROWS_AS(reader.next(), error);
    CHECK_THROWS_AS(reader.next(), error);
    auto const page = reader.next();
    REQUIRE(page.changes.size() == 5);
    CHECK(page.changes.front().event.payload == R"({"amount":1})");
    CHECK(page.changes.back().weight == -1);
    CHECK(page.changes.back().event.payload == R"({"amount":2})");
    CHECK(page.caught_up);
}

TEST_CASE("only streams with restructures are read for changes", "[restructure]") {
    wrapped_log log;
    one_correction(log.inner);
    CHECK(all_changes(log, {.until = 4}).size() == 4);
    CHECK(log.stream_reads == 0);
    CHECK(all_changes(log, {.filter = {.stream = stream_name{"account-b"}}}).size() == 2);
    CHECK(log.stream_reads == 0);
    CHECK(all_changes(log).size() == 5);
    CHECK(log.stream_reads == 1);
}
