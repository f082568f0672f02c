// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Over random logs: what the log shows corrected is what the whole fold shows, and what
// stream_folds says has changed is the difference of two views, however little it may keep.
#include <algorithm>
#include <random>

#include <recount/restructure/stream_folds.hpp>

#include "conformance/restructure_conformance.hpp"
#include "support/restructure/laws.hpp"

using namespace recount;
using recount::tests::choices;
using recount::tests::shown_slot;
using recount::tests::streams_of_logs;
using recount::tests::world;

namespace {

world some_log(std::uint32_t seed) {
    std::mt19937 random{seed};
    std::vector<std::uint32_t> tape(400);
    for (auto& one : tape) one = static_cast<std::uint32_t>(random());
    choices made{std::move(tape)};
    return recount::tests::random_log(made, {.commits = 20});
}

commit commit_of_rows(std::span<recorded_event const> rows) {
    commit one;
    one.id = command_id_of(rows.front().id);
    one.of_framework = true;
    one.meta = metadata_from_json(rows.front().meta);
    for (auto const& row : rows) {
        auto const when = history::is_restructure(row) ? std::nullopt
                                                       : std::optional{row.effective()};
        one.events.push_back({stream_name{row.stream}, row.type, row.schema_version,
                              json_text::checked(row.payload), when});
    }
    return one;
}

// As they were: places in them name positions, so the log must be empty.
void replay(world const& from, recount::log& to) {
    auto const& rows = from.rows();
    for (std::size_t i = 0; i < rows.size();) {
        auto const count = static_cast<std::size_t>(rows[i].commit_last - rows[i].position + 1);
        auto const one = commit_of_rows(std::span{rows}.subspan(i, count));
        if (history::is_restructure(rows[i])) {
            to.append_restructure([&] { return one; });
        } else {
            to.append(one);
        }
        i += count;
    }
    REQUIRE(to.head().position == from.head());
}

std::vector<position> ends_of(world const& log) {
    std::vector<position> ends{0};
    for (auto const& row : log.rows()) {
        if (row.commit_last == row.position) ends.push_back(row.position);
    }
    return ends;
}

using weighted = std::pair<int, std::string>;

std::string said(history::slot_version const& v) {
    return to_string(v.event) + ' ' + v.stream + ' ' + v.at.text() + ' ' + v.content->payload +
           ' ' + to_string(v.content->effective_at);
}

std::vector<weighted> difference_of_views(history::fold const& whole, position from,
                                          position to) {
    std::vector<std::string> was, is;
    for (auto const& stream : streams_of_logs) {
        for (auto const& v : whole.corrected(stream, from)) was.push_back(said(v));
        for (auto const& v : whole.corrected(stream, to)) is.push_back(said(v));
    }
    std::sort(was.begin(), was.end());
    std::sort(is.begin(), is.end());
    std::vector<weighted> all;
    for (auto const& one : was) {
        if (!std::binary_search(is.begin(), is.end(), one)) all.emplace_back(-1, one);
    }
    for (auto const& one : is) {
        if (!std::binary_search(was.begin(), was.end(), one)) all.emplace_back(1, one);
    }
    return all;
}

std::vector<weighted> said(std::vector<history::weighted_version> const& delta) {
    std::vector<weighted> all;
    for (auto const& c : delta) all.emplace_back(c.weight, said(c.version));
    std::sort(all.begin(), all.end());
    return all;
}

std::vector<std::string> said(std::vector<recorded_event> const& events) {
    std::vector<std::string> all;
    for (auto const& e : events) {
        all.push_back(to_string(e.id) + ' ' + e.stream + ' ' + e.payload + ' ' +
                      to_string(e.effective()));
    }
    return all;
}

void check_views(recount::log& log, history::fold const& whole, position k) {
    for (auto const& stream : streams_of_logs) {
        auto const view = history::read_corrected(log, stream_name{stream}, {.known_at = k});
        std::vector<recorded_event> expected;
        for (auto const& v : whole.corrected(stream, k)) expected.push_back(history::event_of(v));
        CHECK(view.known_at == k);
        CHECK(said(view.events) == said(expected));
    }
}

void check_deltas(recount::log& log, history::fold const& whole,
                  std::vector<position> const& ends) {
    history::stream_folds kept{log};
    history::stream_folds forgetful{log, 1};
    for (std::size_t i = 0; i < ends.size(); ++i) {
        for (auto const before : {i > 0 ? i - 1 : 0, i / 2, std::size_t{0}}) {
            auto const from = ends[before];
            auto const to = ends[i];
            auto const expected = difference_of_views(whole, from, to);
            CAPTURE(from, to);
            auto sorted = expected;
            std::sort(sorted.begin(), sorted.end());
            auto const found = kept.delta(streams_of_logs, from, to);
            CHECK(said(found) == sorted);
            CHECK(said(forgetful.delta(streams_of_logs, from, to)) == sorted);
            CHECK(std::is_sorted(found.begin(), found.end(), [](auto const& a, auto const& b) {
                return a.weight != b.weight ? a.weight < b.weight : a.version.at < b.version.at;
            }));
        }
    }
    CHECK(kept.rows_read() <= static_cast<std::uint64_t>(log.head().position));
}

}  // namespace

TEST_CASE("random logs are read as the whole fold shows them", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        bool const quick = backend_of_case.name == "memory";
        for (std::uint32_t seed = 1; seed <= (quick ? 30U : 3U); ++seed) {
            CAPTURE(seed);
            auto const opened = backend_of_case.open();
            auto& log = *opened.log;
            auto const made = some_log(seed);
            replay(made, log);
            history::fold whole;
            for (auto const& e : made.entries()) whole.advance(e);
            auto const ends = ends_of(made);
            for (auto const k : ends) check_views(log, whole, k);
            check_deltas(log, whole, ends);
        }
    }
}

TEST_CASE("the folds of streams are read on, not anew", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(conformance::commit_to("account-a", 500));
        history::stream_folds folds{log};
        auto const a = conformance::stream("account-a");
        CHECK(folds.known_to(a, 500).known_at() == 500);
        CHECK(folds.rows_read() == 500);
        log.append(conformance::commit_to("account-b", 20));
        CHECK(folds.known_to(a, 500).known_at() == 500);
        log.append(conformance::commit_to("account-a", 3));
        CHECK(folds.known_to(a, 523).corrected("account-a").size() == 503);
        CHECK(folds.rows_read() == 503);
    }
}
