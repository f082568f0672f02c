// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A projection that an event has stopped goes on when that event is corrected, and its rows are the
// same wherever the log is cut into pages.
#include <map>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/runner.hpp>
#include <recount/restructure/append.hpp>
#include <recount/restructure/read.hpp>

#include "support/catch.hpp"
#include "support/ledger_domain.hpp"
#include "support/random_history.hpp"
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

// Invertible. It throws for what it finds in the row, and after it has changed that; what it is to
// take back it never throws at.
struct strict_sums {
    using row = balance_row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i, int weight) {
        auto& row = r[account_id{std::string{i.stream}}];
        row.balance += weight * e.amount;
        row.movements += weight;
        if (weight > 0 && row.balance > eur(1'000)) throw std::runtime_error{"that is too much"};
    }
};
RECOUNT_PROJECTION(strict_sums, "strict_sums", 1)

// Invertible, and throws for what the event says.
struct small_sums {
    using row = balance_row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i, int weight) {
        auto& row = r[account_id{std::string{i.stream}}];
        row.balance += weight * e.amount;
        row.movements += weight;
        if (e.amount > eur(1'000)) throw std::runtime_error{"so much there never was"};
    }
};
RECOUNT_PROJECTION(small_sums, "small_sums", 1)

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

std::string sum(std::string const& stream, std::int64_t cents, int movements, position at) {
    return fmt::format(R"({{"account":"{}","balance":{{"minor":{},"currency":"EUR"}},)"
                       R"("movements":{}}} at {} in '')"
                       "\n",
                       stream, cents, movements, at);
}

recount::history::planned_content amount(std::int64_t cents) {
    return {"account.deposited", 1, recount::json_text::checked(paid(cents)), {}};
}

// Four deposits, at the second of which `p` stops.
struct stopped_by_one : stopped_world {
    uuid wrong;

    explicit stopped_by_one(recount::projection_descriptor const& p) {
        tell("account-a", paid(100));
        wrong = tell("account-a", paid(5'000));
        tell("account-a", paid(7));
        tell("account-b", paid(1));
        check_stopped(p);
    }
};

restructure late(uuid const& event) {
    return restructure{"late"}.redate(event,
                                      recount::timestamp_from_string("2026-01-01T12:00:00Z"));
}

}  // namespace

TEST_CASE("an invertible projection goes on when what its handler threw at is corrected",
          "[projection][corrected]") {
    auto const& p = recount::projection_of<strict_sums>();
    stopped_by_one w{p};
    auto const b = sum("account-b", 1, 1, 4);
    SECTION("struck") {
        auto const r = w.correct(restructure{"never paid"}.exclude(w.wrong));
        w.check_rows(p, sum("account-a", 107, 2, 3) + b);
        // The correction was none: it is there again.
        w.correct(restructure{"it was paid"}.undo(r));
        w.check_stopped(p);
        w.correct(restructure{"it was not"}.exclude(w.wrong));
        w.check_rows(p, sum("account-a", 107, 2, 3) + b);
    }
    SECTION("mistyped") {
        w.correct(restructure{"mistyped"}.replace(w.wrong, amount(500)));
        w.check_rows(p, sum("account-a", 607, 3, 5) + b);
        // What was told by then is taken back as ever.
        w.correct(restructure{"mistyped again"}.replace(w.wrong, amount(50)));
        w.check_rows(p, sum("account-a", 157, 3, 6) + b);
    }
    SECTION("mistyped, and of another account") {
        w.correct(restructure{"another's"}
                      .replace(w.wrong, amount(500))
                      .move(w.wrong, "account-b"));
        w.check_rows(p, sum("account-a", 107, 2, 3) + sum("account-b", 501, 2, 6));
    }
    SECTION("first made another one that it throws at, too") {
        w.correct(late(w.wrong));
        w.check_stopped(p);
        w.tell("account-b", paid(2));
        w.check_stopped(p);
        w.correct(restructure{"never paid"}.exclude(w.wrong));
        w.check_rows(p, sum("account-a", 107, 2, 3) + sum("account-b", 3, 2, 6));
    }
    SECTION("another event is corrected, which leaves room for it") {
        // It was told before that: what it met then stops it as long as it is itself.
        w.correct(restructure{"mistyped"}.replace(w.tell("account-a", paid(9)), amount(10)));
        w.check_stopped(p);
    }
    SECTION("two of them, each corrected behind the other") {
        auto const other = w.tell("account-b", paid(6'000));
        w.correct(restructure{"never paid"}.exclude(w.wrong));
        w.check_stopped(p);
        w.correct(restructure{"mistyped"}.replace(other, amount(60)));
        w.check_rows(p, sum("account-a", 107, 2, 3) + sum("account-b", 61, 2, 7));
    }
}

TEST_CASE("whatever has stopped an invertible projection, once all is corrected it has the sums",
          "[projection][corrected]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    auto const& p = recount::projection_of<small_sums>();
    for (std::uint64_t round = 0; round < 20; ++round) {
        std::mt19937_64 random{seed + round};
        auto const below = [&](std::uint64_t n) { return random() % n; };
        auto const some_stream = [&] { return fmt::format("account-{}", below(3)); };
        stopped_world w;
        std::vector<uuid> told;
        std::vector<uuid> restructures;
        auto const try_to = [&](restructure plan) {
            try {
                restructures.push_back(w.correct(std::move(plan)));
            } catch (recount::history::plan_refused const&) {   // no effect, or written since
            }
        };
        for (int step = 0; step < 30; ++step) {
            auto const kind = told.empty() ? 0 : below(6);
            if (kind < 2) {
                auto const cents = static_cast<std::int64_t>(below(1'500)) + 1;
                told.push_back(w.tell(some_stream(), paid(cents)));
                continue;
            }
            auto const one = told[below(told.size())];
            restructure plan{"a correction"};
            auto const cents = static_cast<std::int64_t>(below(1'500)) + 1;
            if (kind == 2) try_to(plan.exclude(one));
            if (kind == 3) try_to(plan.replace(one, amount(cents)));
            if (kind == 4) try_to(plan.move(one, some_stream()));
            if (kind == 5 && !restructures.empty()) {
                try_to(plan.undo(restructures[below(restructures.size())]));
            }
        }
        std::map<std::string, std::int64_t> sums;
        for (int i = 0; i < 3; ++i) {
            auto const stream = fmt::format("account-{}", i);
            for (auto const& e :
                 recount::history::read_corrected(w.log, recount::stream_name{stream}).events) {
                auto const said = recount::describe::from_json<deposited>(e.payload);
                if (said.amount > eur(1'000)) {
                    try_to(restructure{"never paid"}.exclude(e.id));
                } else {
                    sums[stream] += said.amount.minor;
                }
            }
        }
        recount::memory_row_store rows;
        rows.prepare(p);
        recount::runner_options options;
        options.until = w.log.head().position;
        run_projection(w.log, rows, p, table_build::live, options);
        std::map<std::string, std::int64_t> found;
        for (auto const& stored : rows.query(p, {})) {
            auto const& row = *static_cast<balance_row const*>(stored.object.get());
            found[row.account.value] = row.balance.minor;
        }
        CHECK(found == sums);
        w.check_rows(p, recount::tests::dump(p, rows));
    }
}

TEST_CASE("a keyed projection goes on when what its handler threw at is corrected",
          "[projection][corrected]") {
    auto const& p = recount::projection_of<strict>();
    stopped_by_one w{p};
    SECTION("struck") {
        auto const r = w.correct(restructure{"never paid"}.exclude(w.wrong));
        w.check_rows(p, row("account-a", 100, 5) + row("account-b", 1, 4));
        // The correction was none: it is there again.
        w.correct(restructure{"it was paid"}.undo(r));
        w.check_stopped(p);
    }
    SECTION("mistyped") {
        w.correct(restructure{"mistyped"}.replace(w.wrong, amount(500)));
        w.check_rows(p, row("account-a", 500, 5) + row("account-b", 1, 4));
    }
    SECTION("after another correction of the same group") {
        w.correct(late(w.wrong));
        w.check_stopped(p);
        w.correct(restructure{"never paid"}.exclude(w.wrong));
        w.check_rows(p, row("account-a", 100, 6) + row("account-b", 1, 4));
    }
    SECTION("another event is corrected") {
        w.correct(restructure{"mistyped"}.replace(w.tell("account-a", paid(9)), amount(10)));
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
        w.correct(restructure{"mistyped"}.replace(wrong, amount(500)));
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
    w.correct(restructure{"mistyped"}.replace(small, amount(8)));
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
