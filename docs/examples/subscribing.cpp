// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// How somebody else follows corrections, in three ways: what docs/guides/subscribing.md shows.
#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/core.h>

#include <recount/log/feed_reader.hpp>
#include <recount/memory/log.hpp>
#include <recount/restructure/append.hpp>
#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>

namespace {

namespace history = recount::history;

recount::uuid deposit(recount::log& log, std::string const& account, std::string const& what) {
    recount::commit one;
    one.events.push_back({recount::stream_name{account}, "account.deposited", 1,
                          recount::json_text::checked(what), {}});
    return log.append(one).events.front().id;
}

//[recorded
// Every row of the log as it is, restructures among them.
void copy_rows(recount::log& log, recount::position after) {
    recount::feed_reader reader{log, after};
    for (;;) {
        auto const page = reader.next();
        for (auto const& row : page.events) {
            fmt::print("  {} {} {}\n", row.position, row.stream, row.type);
        }
        if (page.caught_up) return;
    }
}
//]

//[index
// What is searched for: each movement under its id, as it is to be told now.
class search_index {
public:
    void follow(recount::log& log) {
        history::change_reader reader{log, {.after = seen_, .filter = {.categories = {"account"}}}};
        for (;;) {
            auto const page = reader.next();
            for (auto const& change : page.changes) take(change);
            seen_ = {page.through};
            if (page.caught_up) return;
        }
    }
    void take(history::change const& c) {
        if (seen_.covers(c.k, c.ordinal)) return;                    // it was told before
        if (c.weight > 0) {
            found_[c.event.id] = {c.event.stream, history::order_text(c.at), c.event.payload};
        } else {
            found_.erase(c.event.id);
        }
        seen_ = c.mark();                                            // stored with what is found
    }
    //]
    void print() const {
        std::vector<entry> all;
        for (auto const& [id, one] : found_) all.push_back(one);
        std::ranges::sort(all, {}, [](entry const& e) { return std::tie(e.stream, e.order); });
        fmt::print("index, as known at {}\n", seen_.text());
        for (auto const& one : all) fmt::print("  {} {}\n", one.stream, one.text);
    }

private:
    struct entry {
        std::string stream;
        std::string order;      // sorted by it, the movements of a stream are in their order
        std::string text;
    };
    std::map<recount::uuid, entry> found_;
    history::change_mark seen_;
};

//[partner
// Another company's system, which takes messages and never gives one back.
void send_to_partner(recount::log& log, history::change_mark const& after) {
    history::append_only_reader reader{log, {.after = after}};
    for (;;) {
        auto const page = reader.next();
        for (auto const& e : page.events) {
            if (auto const* const event = std::get_if<recount::recorded_event>(&e.what)) {
                fmt::print("  {} {} {}\n", e.mark().text(), event->stream, event->payload);
                continue;
            }
            auto const& c = std::get<history::event_corrected>(e.what);
            fmt::print("  {} {} {}: {}\n", e.mark().text(), c.stream,
                       history::name_of(c.what.front()), c.title);
            if (c.before) fmt::print("      was {}\n", c.before->event.payload);
            if (c.after) fmt::print("      is  {}\n", c.after->event.payload);
        }
        if (page.caught_up) return;
    }
}
//]

}  // namespace

int main() {
    recount::memory::log log;
    deposit(log, "account-ada", R"({"amount":900,"reference":"rent"})");
    auto const twice = deposit(log, "account-ada", R"({"amount":900,"reference":"rent"})");
    auto const lost = deposit(log, "account-ada", R"({"amount":250,"reference":"for ben"})");
    deposit(log, "account-ben", R"({"amount":40,"reference":"books"})");

    search_index index;
    index.follow(log);
    index.print();

    //[correct
    recount::restructure plan{"the rent came twice, and ben's deposit went to ada"};
    plan.because("file 0117 was loaded again")
        .by("ines")
        .exclude(twice)
        .move(lost, "account-ben", history::planned_anchor::keep());
    auto const done = history::append_plan(log, plan);
    //]

    fmt::print("recorded, after the correction at {}\n", done.last);
    copy_rows(log, 4);
    index.follow(log);
    index.print();

    //[again
    history::change_reader reader{log, {.after = {4}}};    // as if the mark had not been stored
    auto const page = reader.next();
    for (auto const& change : page.changes) index.take(change);
    //]
    fmt::print("{} changes came twice\n", page.changes.size());
    index.print();
    fmt::print("sent to the partner\n");
    send_to_partner(log, {});
}
