// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A projection that an event has stopped goes on when that event is corrected, and its rows are the
// same wherever the log is cut into pages.
#include <stdexcept>

#include <fmt/format.h>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/runner.hpp>
#include <recount/restructure/append.hpp>

#include "support/catch.hpp"
#include "support/ledger_domain.hpp"
#include "support/row_dump.hpp"

namespace {

using namespace ledger;
using recount::position;
using recount::restructure;
using recount::table_build;
using recount::uuid;

// It has changed the row already when it throws.
struct strict {
    using row = greatest_row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i) {
        auto& row = r[std::string{i.stream}];
        if (row.greatest.is_zero() || row.greatest < e.amount) row.greatest = e.amount;
        if (e.amount > eur(1'000)) throw std::runtime_error{"so much there never was"};
    }
};
RECOUNT_PROJECTION(strict, "strict", 1)

std::string paid(std::int64_t cents) {
    return fmt::format(R"({{"account":"a","amount":{{"minor":{},"currency":"EUR"}}}})", cents);
}

struct stopped_world {
    recount::memory::log log;

    uuid tell(std::string const& stream, std::string payload) {
        recount::commit one;
        one.events.push_back({recount::stream_name{stream}, "account.deposited", 1,
                              recount::json_text::checked(std::move(payload)), {}});
        return log.append(one).events.front().id;
    }
    uuid correct(restructure plan) {
        plan.because("it did not happen").by("ada");
        recount::history::append_options options;
        static_cast<void>(recount::history::append_plan(log, plan, options));
        return options.id;
    }
    // As text; nothing if it is stopped.
    std::optional<std::string> rows_of(recount::projection_descriptor const& p, std::size_t page,
                                       table_build build = table_build::live) {
        recount::memory_row_store rows;
        rows.prepare(p);
        if (build == table_build::rebuild) rows.begin_rebuild(p);
        recount::runner_options options;
        options.until = log.head().position;
        options.page_events = page;
        try {
            run_projection(log, rows, p, build, options);
        } catch (std::exception const&) {
            return std::nullopt;
        }
        if (build == table_build::rebuild) REQUIRE(rows.swap(p));
        return recount::tests::dump(p, rows);
    }
    void check_stopped(recount::projection_descriptor const& p) {
        for (std::size_t const page : {1, 2, 3, 100}) {
            CAPTURE(page);
            CHECK_FALSE(rows_of(p, page));
        }
    }
    void check_rows(recount::projection_descriptor const& p, std::string const& wanted) {
        for (std::size_t const page : {1, 2, 3, 4, 100}) {
            CAPTURE(page);
            CHECK(rows_of(p, page) == wanted);
            CHECK(rows_of(p, page, table_build::rebuild) == wanted);
        }
    }
};

std::string row(std::string const& stream, std::int64_t cents, position at) {
    return fmt::format(R"({{"stream":"{0}","greatest":{{"minor":{1},"currency":"EUR"}}}} at {2} )"
                       "in '{0}'\n",
                       stream, cents, at);
}

}  // namespace

TEST_CASE("a keyed projection goes on when what its handler threw at is corrected",
          "[projection][corrected]") {
    auto const& p = recount::projection_of<strict>();
    stopped_world w;
    w.tell("account-a", paid(100));
    auto const wrong = w.tell("account-a", paid(5'000));
    w.tell("account-a", paid(7));
    w.tell("account-b", paid(1));
    w.check_stopped(p);
    SECTION("struck") {
        auto const r = w.correct(restructure{"never paid"}.exclude(wrong));
        w.check_rows(p, row("account-a", 100, 5) + row("account-b", 1, 4));
        // The correction was none: it is there again.
        w.correct(restructure{"it was paid"}.undo(r));
        w.check_stopped(p);
    }
    SECTION("mistyped") {
        w.correct(restructure{"mistyped"}.replace(
            wrong, {"account.deposited", 1, recount::json_text::checked(paid(500)), {}}));
        w.check_rows(p, row("account-a", 500, 5) + row("account-b", 1, 4));
    }
    SECTION("after another correction of the same group") {
        w.correct(restructure{"late"}.redate(
            wrong, recount::timestamp_from_string("2026-01-01T12:00:00Z")));
        w.check_stopped(p);
        w.correct(restructure{"never paid"}.exclude(wrong));
        w.check_rows(p, row("account-a", 100, 6) + row("account-b", 1, 4));
    }
    SECTION("another event is corrected") {
        w.correct(restructure{"mistyped"}.replace(
            w.tell("account-a", paid(9)),
            {"account.deposited", 1, recount::json_text::checked(paid(10)), {}}));
        w.check_stopped(p);
    }
}

TEST_CASE("projections go on when what they could not read is corrected",
          "[projection][corrected]") {
    stopped_world w;
    w.tell("account-a", paid(100));
    auto const wrong = w.tell("account-a", R"({"account":"a","amount":"a lot"})");
    w.tell("account-a", paid(7));
    auto const& keyed = recount::projection_of<strict>();
    auto const& invertible = recount::projection_of<balances>();
    w.check_stopped(keyed);
    w.check_stopped(invertible);
    SECTION("read by now") {
        w.correct(restructure{"mistyped"}.replace(
            wrong, {"account.deposited", 1, recount::json_text::checked(paid(500)), {}}));
        w.check_rows(keyed, row("account-a", 500, 4));
        for (std::size_t const page : {1, 2, 3, 100}) {
            auto const rows = w.rows_of(invertible, page);
            REQUIRE(rows);
            CHECK(rows->find(R"("minor":607,"currency":"EUR"},"movements":3)") !=
                  std::string::npos);
            CHECK(rows == w.rows_of(invertible, 100, table_build::rebuild));
        }
    }
    SECTION("struck") {
        w.correct(restructure{"never paid"}.exclude(wrong));
        w.check_rows(keyed, row("account-a", 100, 4));
        REQUIRE(w.rows_of(invertible, 1));
        CHECK(w.rows_of(invertible, 1)->find(R"("movements":2)") != std::string::npos);
        CHECK(w.rows_of(invertible, 1) == w.rows_of(invertible, 100));
    }
}

// --- corrections of corrections ------------------------------------------------------------------

namespace {

int kept_calls = 0;

// What an account has. Only of one that was opened, and only so much.
struct kept {
    using row = greatest_row;
    using events = recount::types<opened, deposited>;
    static void on(recount::rows<row>& r, opened const&, recount::info const& i) {
        r[std::string{i.stream}].greatest = eur(0);
    }
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i) {
        ++kept_calls;
        auto* const row = r.find(std::string{i.stream});
        if (row == nullptr) throw std::runtime_error{"it is not open"};
        row->greatest += e.amount;
        if (row->greatest > eur(1'000)) throw std::runtime_error{"so much there never was"};
    }
};
RECOUNT_PROJECTION(kept, "kept", 1)

// The same by the account that a deposit names, in whatever stream it is.
struct kept_by_name {
    using row = greatest_row;
    using events = recount::types<deposited>;
    static std::string group(deposited const& e) { return e.account.value; }
    static void on(recount::rows<row>& r, deposited const& e) {
        auto& row = r[e.account.value];
        row.greatest = row.greatest.is_zero() ? e.amount : row.greatest + e.amount;
        if (row.greatest > eur(1'000)) throw std::runtime_error{"so much there never was"};
    }
};
RECOUNT_PROJECTION(kept_by_name, "kept_by_name", 1)

// One projection by two programs, of which the later one takes less.
struct paid_in_words { std::string account; std::string amount; };
RECOUNT_EVENT(paid_in_words, "account.deposited", 1, account, amount)
struct word {
    using row = greatest_row;
    using events = recount::types<paid_in_words>;
    static void on(recount::rows<row>& r, paid_in_words const&, recount::info const& i) {
        r[std::string{i.stream}].greatest = eur(1);
    }
};
RECOUNT_PROJECTION(word, "word", 1)
struct strict_word {
    using row = greatest_row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const&, recount::info const& i) {
        r[std::string{i.stream}].greatest = eur(1);
    }
};
RECOUNT_PROJECTION(strict_word, "word", 1)

uuid open_in(stopped_world& w, std::string const& stream) {
    recount::commit one;
    one.events.push_back({recount::stream_name{stream}, "account.opened", 1,
                          recount::json_text::checked(R"({"account":"a"})"), {}});
    return w.log.append(one).events.front().id;
}

}  // namespace

TEST_CASE("a projection goes on when a mistaken correction is taken back",
          "[projection][corrected]") {
    auto const& p = recount::projection_of<kept>();
    stopped_world w;
    auto const opening = open_in(w, "account-a");
    w.tell("account-a", paid(100));
    auto const mistake = w.correct(restructure{"of another"}.exclude(opening));
    open_in(w, "account-b");
    for (int i = 0; i < 4; ++i) w.tell("account-b", paid(1));
    w.check_stopped(p);
    w.tell("account-a", paid(20));   // on what is not there, either
    w.correct(restructure{"it was right"}.undo(mistake));
    w.check_rows(p, row("account-a", 120, 10) + row("account-b", 4, 8));
}

TEST_CASE("a projection goes on when the fault was in an event before", "[projection][corrected]") {
    auto const& p = recount::projection_of<kept>();
    stopped_world w;
    open_in(w, "account-a");
    auto const wrong = w.tell("account-a", paid(800));
    w.tell("account-a", paid(300));
    open_in(w, "account-b");
    w.check_stopped(p);
    w.correct(restructure{"never paid"}.exclude(wrong));
    auto const small = w.tell("account-a", paid(7));
    w.check_rows(p, row("account-a", 307, 6) + row("account-b", 0, 4));
    // A correction that mends nothing does not hide what is wrong.
    w.tell("account-a", paid(700));
    w.correct(restructure{"mistyped"}.replace(
        small, {"account.deposited", 1, recount::json_text::checked(paid(8)), {}}));
    w.check_stopped(p);
}

TEST_CASE("a group of several streams goes on when the fault was in another of them",
          "[projection][corrected]") {
    auto const& p = recount::projection_of<kept_by_name>();
    stopped_world w;
    auto const wrong = w.tell("account-x", paid(800));
    w.tell("account-y", paid(300));
    w.tell("account-y", paid(1));
    w.check_stopped(p);
    w.correct(restructure{"never paid"}.exclude(wrong));
    w.check_rows(p, R"({"stream":"a","greatest":{"minor":301,"currency":"EUR"}} at 4 in 'a')"
                    "\n");
}

TEST_CASE("a row of what an earlier program could read goes with it", "[projection][corrected]") {
    auto const& before = recount::projection_of<word>();
    auto const& now = recount::projection_of<strict_word>();
    stopped_world w;
    auto const wrong = w.tell("account-b", R"({"account":"b","amount":"a lot"})");
    recount::memory_row_store rows;
    rows.prepare(before);
    auto const follow = [&](recount::projection_descriptor const& p) {
        recount::runner_options options;
        options.until = w.log.head().position;
        run_projection(w.log, rows, p, table_build::live, options);
    };
    follow(before);
    CHECK(recount::tests::dump(before, rows) == row("account-b", 1, 1));
    w.correct(restructure{"never paid"}.exclude(wrong));
    follow(now);
    w.tell("account-a", paid(100));
    follow(now);
    CHECK(recount::tests::dump(now, rows) == row("account-a", 1, 3));
}

TEST_CASE("a page is not told anew for each event that was corrected since",
          "[projection][corrected]") {
    auto const& p = recount::projection_of<kept>();
    constexpr int accounts = 200;
    stopped_world w;
    restructure plan{"never paid"};
    for (int i = 0; i < accounts; ++i) {
        plan.exclude(w.tell(fmt::format("account-{}", i), paid(5'000)));
    }
    w.check_stopped(p);
    w.correct(plan);
    kept_calls = 0;
    CHECK(w.rows_of(p, accounts) == "");
    CHECK(kept_calls <= 2 * accounts);   // the two tellings
}
