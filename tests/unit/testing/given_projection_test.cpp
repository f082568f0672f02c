// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Good projections pass; each way to be wrong is found. Texts: approved/testing_projections.txt.
#include <recount/testing/given_projection.hpp>

#include <recount/projection/memory_row_store.hpp>

#include "support/sample_domain.hpp"
#include "unit/describe/approval.hpp"

namespace {

using namespace sample;
using recount::given_projection;
using recount::in;
using recount::testing::described_value;
using recount::testing::erased;
using recount::testing::failure_of;
using Catch::Matchers::ContainsSubstring;

// --- projections that are wrong in one way each ---

struct sum_row {
    account_id account;
    std::int64_t minor = 0;
    std::int64_t events = 0;
};
RECOUNT_ROW(sum_row, 1, recount::key<&sum_row::account>, account, minor, events)

// Remembers beside its rows: another split, another result.
struct forgetful {
    using row = sum_row;
    using events = recount::types<deposited>;
    static inline int since_last_batch = 0;
    static inline recount::position last_position = 0;
    static void on(rows<row>& r, deposited const& e, info const& i) {
        since_last_batch = i.position == last_position + 1 ? since_last_batch + 1 : 1;
        last_position = i.position;
        r[e.account].events = since_last_batch;
    }
};
RECOUNT_PROJECTION(forgetful, "forgetful", 1)

// Takes back less than it told.
struct lopsided {
    using row = sum_row;
    using events = recount::types<deposited, withdrawn>;
    static void on(rows<row>& r, deposited const& e, int weight) {
        auto& row = r[e.account];
        row.minor += e.amount.minor * weight;
        ++row.events;
    }
    static void on(rows<row>& r, withdrawn const& e, int weight) {
        r[e.account].minor -= e.amount.minor * weight;
    }
};
RECOUNT_PROJECTION(lopsided, "lopsided", 1)

// As lopsided, but right.
struct level {
    using row = sum_row;
    using events = recount::types<deposited, withdrawn>;
    static void on(rows<row>& r, deposited const& e, int weight) {
        auto& row = r[e.account];
        row.minor += e.amount.minor * weight;
        row.events += weight;
    }
    static void on(rows<row>& r, withdrawn const& e, int weight) {
        auto& row = r[e.account];
        row.minor -= e.amount.minor * weight;
        row.events += weight;
    }
};
RECOUNT_PROJECTION(level, "level", 1)

// All rows are of one group, which it does not say.
struct reaching {
    using row = sum_row;
    using events = recount::types<deposited>;
    static void on(rows<row>& r, deposited const& e) {
        r[{"all"}].minor += e.amount.minor;
    }
};
RECOUNT_PROJECTION(reaching, "reaching", 1)

struct renamed_v1 {
    account_id account;
};
RECOUNT_EVENT(renamed_v1, "account.renamed", 1, account)
struct renamed {
    account_id account;
    std::int64_t times = 0;
    static renamed upcast(renamed_v1 const& old) { return {old.account, 1}; }
};
RECOUNT_EVENT(renamed, "account.renamed", 2, account, times)
struct renamings {
    using row = sum_row;
    using events = recount::types<renamed>;
    static void on(rows<row>& r, renamed const& e, int weight) {
        auto& row = r[e.account];
        row.minor += e.times * weight;
        row.events += weight;
    }
};
RECOUNT_PROJECTION(renamings, "renamings", 1)

struct time_row {
    account_id account;
    recount::timestamp recorded_at;
    recount::timestamp effective_at;
};
RECOUNT_ROW(time_row, 1, recount::key<&time_row::account>, account, recorded_at, effective_at)
struct times {
    using row = time_row;
    using events = recount::types<opened>;
    static void on(rows<row>& r, opened const& e, info const& i) {
        auto& row = r[e.account];
        row.recorded_at = i.recorded_at;
        row.effective_at = i.effective_at;
    }
};
RECOUNT_PROJECTION(times, "times", 1)

// Writes wherever the checkpoint is, unless told to be good.
class unfenced_store final : public recount::row_store {
public:
    bool fenced = false;
    void prepare(recount::projection_descriptor const& p) override { inner_.prepare(p); }
    void publish(recount::projection_descriptor const& p) override { inner_.publish(p); }
    [[nodiscard]] recount::checkpoint read_checkpoint(recount::projection_descriptor const& p,
                                                      recount::table_build build) override {
        return inner_.read_checkpoint(p, build);
    }
    [[nodiscard]] std::unique_ptr<recount::row_source> source(
        recount::projection_descriptor const& p, recount::table_build build) override {
        return inner_.source(p, build);
    }
    [[nodiscard]] bool write(
        recount::projection_descriptor const& p, recount::table_build build,
        recount::checkpoint const& from, recount::checkpoint const& to,
        std::vector<recount::unit_of_work::change> const& changes,
        std::vector<recount::group_stream> const& noted) override {
        return inner_.write(p, build, fenced ? from : inner_.read_checkpoint(p, build), to,
                            changes, noted);
    }
    void begin_rebuild(recount::projection_descriptor const& p) override {
        inner_.begin_rebuild(p);
    }
    [[nodiscard]] bool swap(recount::projection_descriptor const& p) override {
        return inner_.swap(p);
    }
    [[nodiscard]] std::vector<recount::stored_row> query(
        recount::projection_descriptor const& p, recount::row_query const& wanted) override {
        return inner_.query(p, wanted);
    }

private:
    recount::memory_row_store inner_;
};

template <class P>
std::string failure(std::vector<recount::new_event> events, std::vector<described_value> rows) {
    recount::testing::projection_case told{&recount::projection_of<P>()};
    told.events = std::move(events);
    told.rows = std::move(rows);
    told.seed = 7;
    return failure_of(told);
}

std::vector<recount::new_event> deposits(int count) {
    std::vector<recount::new_event> list;
    for (int i = 0; i < count; ++i) {
        for (auto& e : in("account-a", deposited{{"a"}, eur(1)})) list.push_back(std::move(e));
    }
    return list;
}

}  // namespace

TEST_CASE("given events, then rows, whatever the batches", "[testing]") {
    given_projection<balances>(in("account-a", opened{{"a"}}, deposited{{"a"}, eur(5)}),
                               in("account-b", opened{{"b"}}, deposited{{"b"}, eur(3)}),
                               in("account-a", deposited{{"a"}, eur(2)}, withdrawn{{"a"}, eur(1)}))
        .then_rows(balance_row{{"b"}, eur(3), 1, eur(3)},
                   balance_row{{"a"}, eur(6), 3, eur(5), "paid out at version 4"});
    given_projection<level>(in("account-a", deposited{{"a"}, eur(5)}, withdrawn{{"a"}, eur(2)}))
        .then_rows(sum_row{{"a"}, 3, 2});
    given_projection<balances>(in("account-a", opened{{"a"}}, closed{{"a"}})).then_no_rows();
    given_projection<balances>().then_no_rows();
    given_projection<level>(in("account-a", opened{{"a"}})).then_no_rows();
}

TEST_CASE("a long history is told in random splits", "[testing]") {
    given_projection<level>(deposits(40)).then_rows(sum_row{{"a"}, 40, 40});
}

TEST_CASE("events of a stream are written as an application would write them", "[testing]") {
    auto const noon = recount::timestamp_from_string("2025-12-31T12:00:00Z");
    auto const list =
        in("account-a", opened{{"a"}}, recount::effective(deposited{{"a"}, eur(1)}, noon));
    REQUIRE(list.size() == 2);
    CHECK(list[0].stream.str() == "account-a");
    CHECK(list[0].type == "account.opened");
    CHECK(list[0].schema_version == 1);
    CHECK_FALSE(list[0].effective_at.has_value());
    CHECK(list[1].effective_at == noon);
    CHECK(list[1].payload.str() == R"({"account":"a","amount":{"minor":1,"currency":"EUR"}})");
}

TEST_CASE("an event of an older version is told as what it has become", "[testing]") {
    given_projection<renamings>(in("account-a", renamed_v1{{"a"}}, renamed{{"a"}, 2}))
        .then_rows(sum_row{{"a"}, 3, 2});
}

TEST_CASE("handlers see the times that a spec gives its events", "[testing]") {
    auto const then = recount::timestamp_from_string("2025-12-31T12:00:00Z");
    auto const now = recount::timestamp_from_string("2026-05-01T08:00:00Z");
    given_projection<times>(in("account-a", opened{{"a"}}),
                            in("account-b", recount::effective(opened{{"b"}}, then)))
        .recorded_at(now)
        .then_rows(time_row{{"a"}, now, now}, time_row{{"b"}, now, then});
}

TEST_CASE("the texts of projections that are wrong", "[testing]") {
    std::string texts;
    auto const keep = [&](std::string const& title, std::string const& failure) {
        CHECK_FALSE(failure.empty());
        texts += "--- " + title + "\n" + failure + "\n\n";
    };
    auto const two = in("account-a", deposited{{"a"}, eur(5000)}, withdrawn{{"a"}, eur(2000)});
    keep("other rows", failure<level>(two, {erased(sum_row{{"a"}, 8000, 2}),
                                            erased(sum_row{{"b"}, 0, 0})}));
    keep("a row too many", failure<level>(two, {}));
    keep("a row twice", failure<level>(two, {erased(sum_row{{"a"}, 3000, 2}),
                                             erased(sum_row{{"a"}, 3000, 2})}));
    keep("it does not take back what it told",
         failure<lopsided>(two, {erased(sum_row{{"a"}, 3000, 1})}));
    keep("a row of another group",
         failure<reaching>({in("account-a", deposited{{"a"}, eur(1)}).front(),
                            in("account-b", deposited{{"b"}, eur(1)}).front()},
                           {erased(sum_row{{"all"}, 2, 0})}));
    approval::check_approved("testing_projections.txt", texts);
}

TEST_CASE("a projection that remembers beside its rows is found out", "[testing]") {
    // The first telling (of the two that a batch has) makes what the second one sees.
    CHECK_FALSE(failure<forgetful>(deposits(3), {erased(sum_row{{"a"}, 0, 3})}).empty());
}

TEST_CASE("a store that takes a batch twice is found out", "[testing]") {
    unfenced_store rows;
    recount::testing::projection_case told{&recount::projection_of<level>()};
    told.events = deposits(3);
    told.rows = {erased(sum_row{{"a"}, 3, 3})};
    CHECK(failure_on(rows, told, 4) ==
          "in one batch: a batch that was delivered twice was written twice");
    rows.fenced = true;
    CHECK(failure_on(rows, told, 4).empty());
}

TEST_CASE("a failure in a random split names the seed", "[testing]") {
    auto const text = failure<level>(deposits(20), {});
    CHECK_THAT(text, ContainsSubstring("RECOUNT_SEED=7"));
    // Few events: every split there is, and no seed.
    CHECK_THAT(failure<level>(deposits(3), {}), !ContainsSubstring("RECOUNT_SEED"));
}
