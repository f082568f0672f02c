// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What corrected history costs: reading a long stream with many corrections, with and without the
// fold, and ten thousand inserts nested at one gap.
#include <malloc.h>

#include <random>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/app/output.hpp>
#include <recount/restructure/payload.hpp>
#include <recount/restructure/read.hpp>
#include <recount/restructure/resolve.hpp>

#include "measure.hpp"
#include "report.hpp"
#include "verbs.hpp"

namespace recount::bench {

namespace {

constexpr std::size_t stream_events = 100'000, corrections = 1'000, events_at_once = 1'000;
constexpr std::size_t gap_inserts_max = 10'000;

std::string payload_of(std::size_t amount) {
    return fmt::format(R"({{"account":"f","amount":{{"minor":{},"currency":"EUR"}},)"
                       R"("note":"a payment like many others, of the usual length"}})",
                       amount);
}

history::planned_content content_of(std::size_t amount) {
    return {"account.moved", 1, json_text::checked(payload_of(amount)),
            timestamp_from_string("2026-01-31T12:00:00Z")};
}

std::vector<recorded_event> whole(recount::log& from, stream_name const& stream) {
    std::vector<recorded_event> rows;
    for (bool more = true; more;) {
        throw_if_stopped();
        auto page = from.read_stream(stream, {.from = static_cast<version>(rows.size()) + 1});
        std::move(page.events.begin(), page.events.end(), std::back_inserter(rows));
        more = page.more;
    }
    return rows;
}

// Each of them one operation, by turns: excluded, replaced, put elsewhere, inserted.
restructure correction(std::size_t i, std::vector<uuid> const& events, std::mt19937& random) {
    auto const any = [&] { return events[random() % events.size()]; };
    auto plan = restructure{"a correction"}.because("it is measured");
    auto const x = events[i * (events.size() / corrections)];
    switch (i % 4) {
        case 0: return plan.exclude(x);
        case 1: return plan.replace(x, content_of(i));
        case 2: return plan.move(x, {}, history::planned_anchor::after(any()));
        default:
            return plan.insert("account-fold", history::planned_anchor::before(any()),
                               {content_of(i)});
    }
}

std::vector<uuid> write_events(recount::log& to, stream_name const& stream) {
    std::vector<uuid> events;
    while (events.size() < stream_events) {
        throw_if_stopped();
        commit one;
        for (std::size_t i = 0; i < events_at_once; ++i) {
            one.events.push_back({stream, "account.moved", 1,
                                  json_text::checked(payload_of(events.size() + i)), {}});
        }
        for (auto const& e : to.append(one).events) events.push_back(e.id);
    }
    return events;
}

void write_stream(recount::log& to, stream_name const& stream) {
    auto const events = write_events(to, stream);
    history::fold so_far{stream.str()};
    for (auto const& e : history::entries_of(whole(to, stream))) so_far.advance(e);
    std::mt19937 random{1};
    for (std::size_t i = 0; i < corrections; ++i) {
        throw_if_stopped();
        commit one;
        one.of_framework = true;  // resolved here, by a fold that is kept
        auto const made = history::resolve(correction(i, events, random), so_far, one.id);
        for (auto& row : history::rows_for(made.payload)) {
            one.events.push_back({stream_name{row.stream},
                                  std::string{history::restructured_type}, 1,
                                  std::move(row.payload), {}});
        }
        auto const done = to.append_restructure([&] { return one; });
        auto page = to.read_stream(stream, {.from = done.events.front().version});
        for (auto const& e : history::entries_of(std::move(page.events))) so_far.advance(e);
    }
}

struct fold_figures {
    std::vector<double> read, folded, both, corrected;  // seconds
    std::size_t shown = 0;
};

// Of a stream without corrections.
struct plain_figures {
    std::vector<double> read, corrected;  // seconds
};

plain_figures measure_plain(recount::log& log, stream_name const& stream, std::size_t rounds) {
    plain_figures found;
    for (std::size_t round = 0; round < rounds; ++round) {
        auto begun = steady::now();
        auto const rows = whole(log, stream).size();
        found.read.push_back(seconds_since(begun));
        begun = steady::now();
        auto const shown = history::read_corrected(log, stream).events.size();
        found.corrected.push_back(seconds_since(begun));
        assert_that(rows == stream_events && shown == rows, "the stream has every row");
    }
    return found;
}

fold_figures measure(recount::log& log, stream_name const& stream, std::size_t rounds) {
    fold_figures found;
    for (std::size_t round = 0; round < rounds; ++round) {
        auto begun = steady::now();
        auto const rows = whole(log, stream).size();
        found.read.push_back(seconds_since(begun));
        assert_that(rows == stream_events + corrections, "the stream has every row");

        begun = steady::now();
        auto again = whole(log, stream);
        auto const read = steady::now();
        history::fold f{stream.str()};
        for (auto const& e : history::entries_of(std::move(again))) f.advance(e);
        found.shown = f.corrected(stream.str()).size();
        found.folded.push_back(seconds_since(read));
        found.both.push_back(seconds_since(begun));

        begun = steady::now();
        auto const shown = history::read_corrected(log, stream).events.size();
        found.corrected.push_back(seconds_since(begun));
        assert_that(shown == found.shown, "the log shows what the fold does");
    }
    assert_that(found.shown == stream_events, "a quarter went and a quarter came");
    return found;
}

// --- inserts at one gap --------------------------------------------------------------------------

struct gap {
    std::size_t inserts = 0;
    double us_each = 0, read_us_each = 0, bytes_each = 0;
    std::size_t steps = 0;  // of the deepest place
};

history::entry entry_of(position p, history::restructure_payload told) {
    history::entry e;
    e.first = e.visible_at = p;
    e.what = std::move(told);
    return e;
}

// Each beside the one before as long as a place has room, so that chains are as deep as they may be
// and as many of them as it takes stand beside each other.
gap nested(std::size_t inserts) {
    recorded_event first;
    first.position = first.commit_last = first.version = 1;
    first.stream = "account-gap";
    first.id = event_id(new_command_id(), 0);
    history::fold f;
    f.advance(history::event_entry_of(first));
    auto const content = std::make_shared<history::content const>(
        history::content{"account.moved", 1, payload_of(1), timestamp{}});
    auto const root = history::place::root(1);
    auto z = root;
    gap found{inserts};
    auto const bytes = ::mallinfo2().uordblks;
    auto begun = steady::now();
    for (std::size_t i = 0; i < inserts; ++i) {
        auto const p = static_cast<position>(i) + 2;
        auto const id = new_command_id();
        history::restructure_payload told{id, "t", "b"};
        auto const y = history::inserted_id(id, 0);
        told.ops = {{0, history::op::insert{y, "account-gap",
                                            {history::anchor::kind::after, first.id, z}, content},
                     {"account-gap"}}};
        f.advance(entry_of(p, std::move(told)));
        z = z.child(history::side::after, p, 0);
        found.steps = std::max(found.steps, z.steps());
        if (z.steps() == limits::place_steps_max) z = root;
    }
    auto const n = static_cast<double>(inserts);
    found.us_each = seconds_since(begun) * 1e6 / n;
    found.bytes_each = static_cast<double>(::mallinfo2().uordblks - bytes) / n;
    begun = steady::now();
    auto const view = f.corrected("account-gap");
    found.read_us_each = seconds_since(begun) * 1e6 / n;
    assert_that(view.size() == inserts + 1, "every insert is there");
    return found;
}

std::vector<gap> gaps(std::size_t rounds) {
    std::vector<gap> all;
    for (auto inserts = gap_inserts_max / 8; inserts <= gap_inserts_max * 2; inserts *= 2) {
        std::vector<double> made, read;
        gap one;
        for (std::size_t round = 0; round < rounds; ++round) {
            one = nested(inserts);
            made.push_back(one.us_each);
            read.push_back(one.read_us_each);
        }
        one.us_each = median(made);
        one.read_us_each = median(read);
        all.push_back(one);
    }
    return all;
}

}  // namespace

void run_fold(place const& here, options const& how) {
    auto const settings = settings_json(here, how);
    stream_name const stream{"account-fold"};
    stream_name const plain{"account-plain"};
    write_stream(*here.open(store), stream);
    write_events(*here.open(store), plain);
    here.checkpoint();
    auto const log = here.open(store);
    auto const f = measure(*log, stream, how.rounds);
    auto const p = measure_plain(*log, plain, how.rounds);

    nlohmann::ordered_json found;
    found["fold"] = {{"events", stream_events},
                     {"corrections", corrections},
                     {"read_ms", rounded(median(f.read) * 1e3, 1)},
                     {"read_and_fold_ms", rounded(median(f.both) * 1e3, 1)},
                     {"fold_ms", rounded(median(f.folded) * 1e3, 1)},
                     {"ratio", rounded(ratio_of(median(f.both), median(f.read)), 3)},
                     {"read_corrected_ms", rounded(median(f.corrected) * 1e3, 1)},
                     {"corrected_ratio",
                      rounded(ratio_of(median(f.corrected), median(f.read)), 3)},
                     {"plain_ratio",
                      rounded(ratio_of(median(p.corrected), median(p.read)), 3)}};
    found["gap"] = nlohmann::ordered_json::array();
    std::vector<line> lines{
        {"read 100,000 events", ms_text(found["fold"]["read_ms"]), "and 1,000 corrections"},
        {"read and fold", ms_text(found["fold"]["read_and_fold_ms"]),
         times_text(found["fold"]["ratio"]) + " the reading"},
        {"  of which the fold", ms_text(found["fold"]["fold_ms"]), ""},
        {"read_corrected", ms_text(found["fold"]["read_corrected_ms"]),
         times_text(found["fold"]["corrected_ratio"]) + " the reading; without corrections " +
             times_text(found["fold"]["plain_ratio"])}};
    for (auto const& g : gaps(how.rounds)) {
        found["gap"].push_back({{"inserts", g.inserts},
                                {"steps_max", g.steps},
                                {"advance_us", rounded(g.us_each, 2)},
                                {"read_us", rounded(g.read_us_each, 2)},
                                {"bytes", rounded(g.bytes_each, 0)}});
        auto const inserts = grouped(static_cast<std::int64_t>(g.inserts));
        lines.push_back({fmt::format("{} inserts at one gap", inserts),
                         fmt::format("{:.2f} us", g.us_each),
                         fmt::format("each; {:.2f} us to read, {:.0f} bytes", g.read_us_each,
                                     g.bytes_each)});
    }
    found["settings"] = settings;
    if (how.json) return print_json(found);
    print_lines("corrected history", lines);
    print_settings(settings);
}

}  // namespace recount::bench
