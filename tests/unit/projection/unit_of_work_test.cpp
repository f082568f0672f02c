// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/unit_of_work.hpp>

#include <recount/projection/memory_row_store.hpp>

#include "support/sample_domain.hpp"

namespace {

using namespace sample;
using recount::checkpoint;
using recount::errc;
using recount::error;
using recount::memory_row_store;
using recount::position;
using recount::projection_descriptor;
using recount::row_source;
using recount::stored_row;
using recount::table_build;
using recount::unit_of_work;

// Counts what a unit asks for.
class counting_source final : public row_source {
public:
    explicit counting_source(std::unique_ptr<row_source> inner) : inner_{std::move(inner)} {}
    std::vector<stored_row> load(std::vector<void const*> const& keys) override {
        ++loads;
        keys_asked += keys.size();
        return inner_->load(keys);
    }
    std::vector<stored_row> load_last(std::vector<std::string> const& groups,
                                      void const* below) override {
        ++(below == nullptr ? last_loads : below_loads);
        return inner_->load_last(groups, below);
    }
    std::vector<stored_row> load_groups(std::vector<std::string> const& groups) override {
        ++group_loads;
        return inner_->load_groups(groups);
    }
    std::vector<recount::group_stream> streams_of(
        std::vector<std::string> const& groups) override {
        return inner_->streams_of(groups);
    }
    int loads = 0;
    int group_loads = 0;
    std::size_t keys_asked = 0;
    int last_loads = 0;
    int below_loads = 0;

private:
    std::unique_ptr<row_source> inner_;
};

// A projection's rows in memory, and one batch after the other on them.
template <class P>
struct fixture {
    using row = typename P::row;
    memory_row_store store;
    checkpoint at;
    projection_descriptor const& p = recount::projection_of<P>();
    std::unique_ptr<counting_source> source;

    fixture() { store.prepare(p); }

    // `tell(rows, step)` is called for both tellings; `step(group)` begins an event.
    template <class Tell>
    void batch(Tell const& tell) {
        source = std::make_unique<counting_source>(store.source(p, table_build::live));
        unit_of_work unit{p, *source};
        rows<row> r{unit};
        auto told = at.position;
        auto const step = [&](std::string group) {
            unit.event({++told, {}, 0, {}, {}, {}}, std::move(group));
        };
        unit.begin_collecting();
        tell(r, step);
        unit.begin_applying();
        told = at.position;
        tell(r, step);
        checkpoint const to{told, {}, at.epoch};
        auto const changes = unit.changes();
        REQUIRE(store.write(p, table_build::live, at, to, changes));
        at = to;
    }
    std::vector<row> rows_now() {
        std::vector<row> list;
        for (auto& one : store.query(p, {})) list.push_back(*static_cast<row*>(one.object.get()));
        return list;
    }
};

template <class Call>
std::optional<errc> code_of(Call const& call) {
    try {
        call();
    } catch (error const& e) {
        return e.code();
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("a batch loads its rows by one query and writes each once", "[unit_of_work]") {
    fixture<totals> f;
    f.batch([](auto& r, auto const& step) {
        for (int i = 0; i < 10; ++i) {
            step("any");
            r[i % 3].deposits += 1;
        }
    });
    CHECK(f.source->loads == 1);
    CHECK(f.source->keys_asked == 3);
    CHECK(f.rows_now().size() == 3);
    f.batch([](auto& r, auto const& step) {
        step("any");
        r[0].deposits += 100;
        step("any");
        r[7].deposits += 1;
    });
    CHECK(f.source->loads == 1);
    auto const now = f.rows_now();
    REQUIRE(now.size() == 4);
    CHECK(now[0].deposits == 104);
    CHECK(now[3].amount_minor == 7);
}

TEST_CASE("a row that only the second telling asks for is loaded by itself", "[unit_of_work]") {
    fixture<totals> f;
    f.batch([](auto& r, auto const& step) {
        step("any");
        r[1].deposits = 2;
        step("any");
        r[2].deposits = 5;
    });
    f.batch([](auto& r, auto const& step) {
        step("any");
        auto const next = r[1].deposits;  // a scratch row says 0
        r[next].deposits += 1;
    });
    CHECK(f.source->loads == 2);
    auto const now = f.rows_now();
    REQUIRE(now.size() == 2);
    CHECK(now[1].deposits == 6);
}

TEST_CASE("find answers nullptr for what is not there, and creates nothing", "[unit_of_work]") {
    fixture<totals> f;
    int found = 0;
    f.batch([&](auto& r, auto const& step) {
        found = 0;
        step("any");
        if (r.find(1) != nullptr) ++found;
        step("any");
        r[2].deposits = 1;
        if (r.find(2) != nullptr) ++found;
        r.erase(2);
        if (r.find(2) != nullptr) ++found;
        r.erase(3);
    });
    CHECK(found == 1);
    CHECK(f.rows_now().empty());
}

TEST_CASE("a row that is erased and made again begins anew", "[unit_of_work]") {
    fixture<totals> f;
    f.batch([](auto& r, auto const& step) {
        step("any");
        r[1].deposits = 9;
    });
    f.batch([](auto& r, auto const& step) {
        step("any");
        r.erase(1);
        step("any");
        r[1].sum = eur(4);
    });
    auto const now = f.rows_now();
    REQUIRE(now.size() == 1);
    CHECK(now[0].amount_minor == 1);
    CHECK(now[0].deposits == 0);
    CHECK(now[0].sum == eur(4));
    f.batch([](auto& r, auto const& step) {
        step("any");
        r.erase(1);
    });
    CHECK(f.rows_now().empty());
}

TEST_CASE("a row says which event touched it last", "[unit_of_work]") {
    fixture<totals> f;
    f.batch([](auto& r, auto const& step) {
        step("any");
        r[1].deposits = 1;
        step("any");
        r[2].deposits = 1;
        step("any");
        static_cast<void>(r.find(1));
    });
    auto const now = f.store.query(f.p, {});
    REQUIRE(now.size() == 2);
    CHECK(now[0].last_position == 3);
    CHECK(now[1].last_position == 2);
}

// --- the last row of a group ---

namespace {

void add_line(rows<line_row>& r, std::string const& account, std::int64_t line) {
    r[{account_id{account}, line}].amount = eur(line);
}
std::int64_t last_line(rows<line_row>& r) {
    auto const* const last = r.last();
    return last == nullptr ? 0 : last->line;
}

}  // namespace

TEST_CASE("the last row of a group is known before and after it is stored", "[unit_of_work]") {
    fixture<lines> f;
    std::vector<std::int64_t> seen;
    auto const tell = [&](auto& r, auto const& step) {
        seen.clear();
        for (std::string const group : {"a", "b", "a"}) {
            step(group);
            auto const last = last_line(r);
            seen.push_back(last);
            add_line(r, group, last + 1);
        }
    };
    f.batch(tell);
    CHECK(seen == std::vector<std::int64_t>{0, 0, 1});
    CHECK(f.source->last_loads == 1);
    f.batch(tell);
    CHECK(seen == std::vector<std::int64_t>{2, 1, 3});
    CHECK(f.source->last_loads == 1);
    CHECK(f.source->loads <= 1);  // what comes after the last row need not be looked for
    CHECK(f.rows_now().size() == 6);
}

TEST_CASE("when the last row is erased the one before it is the last", "[unit_of_work]") {
    fixture<lines> f;
    f.batch([](auto& r, auto const& step) {
        step("a");
        for (int line = 1; line <= 5; ++line) add_line(r, "a", line);
        step("b");
        add_line(r, "b", 1);
    });
    std::vector<std::int64_t> seen;
    f.batch([&](auto& r, auto const& step) {
        seen.clear();
        step("a");
        seen.push_back(last_line(r));
        r.erase({account_id{"a"}, 5});
        r.erase({account_id{"a"}, 4});
        seen.push_back(last_line(r));
        add_line(r, "a", 4);
        seen.push_back(last_line(r));
        r.erase({account_id{"a"}, 4});
        r.erase({account_id{"a"}, 2});
        seen.push_back(last_line(r));
        r.erase({account_id{"a"}, 3});
        seen.push_back(last_line(r));
        r.erase({account_id{"a"}, 1});
        seen.push_back(last_line(r));
        step("b");
        seen.push_back(last_line(r));
    });
    CHECK(seen == std::vector<std::int64_t>{5, 3, 4, 3, 1, 0, 1});
    CHECK(f.rows_now().size() == 1);
}

TEST_CASE("the last row is found by a handler that asks only on the second telling",
          "[unit_of_work]") {
    fixture<lines> f;
    auto const tell = [](auto& r, auto const& step) {
        step("a");
        auto* const first = r.find({account_id{"a"}, 1});
        if (first == nullptr || first->amount.is_zero()) {
            add_line(r, "a", 1);
            return;
        }
        add_line(r, "a", last_line(r) + 1);
    };
    for (int i = 0; i < 4; ++i) f.batch(tell);
    CHECK(f.rows_now().size() == 4);
}

TEST_CASE("an enum in a key sorts by its name, as it is stored", "[unit_of_work]") {
    auto const less = [](line_kind a, line_kind b) {
        return recount::detail::key_order_of(a, b) < 0;
    };
    CHECK(less(line_kind::deposit, line_kind::withdrawal));
    CHECK_FALSE(less(line_kind::withdrawal, line_kind::deposit));
    CHECK_FALSE(less(line_kind::deposit, line_kind::deposit));
}

TEST_CASE("what a projection must not do is refused", "[unit_of_work]") {
    SECTION("a row of another group") {
        fixture<lines> f;
        f.batch([](auto& r, auto const& step) {
            step("a");
            add_line(r, "a", 1);
        });
        auto const reach = [&](auto const& how) {
            return code_of([&] {
                f.batch([&](auto& r, auto const& step) {
                    step("b");
                    how(r);
                });
            });
        };
        CHECK(reach([](auto& r) { add_line(r, "a", 1); }) == errc::refused);
        CHECK(reach([](auto& r) { static_cast<void>(r.find({account_id{"a"}, 1})); }) ==
              errc::refused);
        CHECK(reach([](auto& r) { r.erase({account_id{"a"}, 1}); }) == errc::refused);
        CHECK_FALSE(reach([](auto& r) { add_line(r, "b", 1); }).has_value());
    }
    SECTION("the key of a row") {
        fixture<totals> f;
        CHECK(code_of([&] {
                  f.batch([](auto& r, auto const& step) {
                      step("any");
                      r[1].amount_minor = 2;
                  });
              }) == errc::refused);
    }
    SECTION("the last row of an invertible projection") {
        fixture<totals> f;
        CHECK(code_of([&] {
                  f.batch([](auto& r, auto const& step) {
                      step("any");
                      static_cast<void>(r.last());
                  });
              }) == errc::refused);
    }
}

TEST_CASE("an invertible projection's rows belong to no group", "[unit_of_work]") {
    fixture<totals> f;
    f.batch([](auto& r, auto const& step) {
        step("a");
        r[1].deposits += 1;
        step("b");
        r[1].deposits += 1;
    });
    CHECK(f.rows_now()[0].deposits == 2);
}

TEST_CASE("a group that is forgotten begins anew, and its rows need no look-up", "[unit_of_work]") {
    fixture<lines> f;
    f.batch([](auto& r, auto const& step) {
        for (auto const* group : {"a", "b"}) {
            for (std::int64_t i = 1; i <= 3; ++i) {
                step(group);
                r[{account_id{group}, i}].amount = eur(i);
            }
        }
    });
    counting_source source{f.store.source(f.p, table_build::live)};
    unit_of_work unit{f.p, source};
    rows<line_row> r{unit};
    unit.begin_collecting();
    unit.begin_applying();
    unit.forget({"a"});
    unit.event({7, {}, 0, {}, {}, {}}, "a", 9);
    CHECK(r.last() == nullptr);
    CHECK(r.find({account_id{"a"}, 1}) == nullptr);
    r[{account_id{"a"}, 1}].amount = eur(5);
    r[{account_id{"a"}, 7}].amount = eur(6);
    CHECK(r.last()->line == 7);
    CHECK(source.loads == 0);
    CHECK(source.last_loads == 0);
    CHECK(source.group_loads == 1);
    auto const changes = unit.changes();
    REQUIRE(changes.size() == 4);   // 1 is made anew, 2 and 3 are gone, 7 is new
    for (auto const& change : changes) {
        auto const line = static_cast<line_row const*>(change.object)->line;
        CHECK(change.removed == (line == 2 || line == 3));
        if (!change.removed) CHECK(change.last_position == 9);   // told for the restructure there
    }
    REQUIRE(f.store.write(f.p, table_build::live, f.at, {9, {}, f.at.epoch}, changes));
    CHECK(f.rows_now().size() == 5);
}

TEST_CASE("a row that comes to another group leaves the one before", "[unit_of_work]") {
    fixture<lines> f;
    f.batch([](auto& r, auto const& step) {
        step("a");
        r[{account_id{"x"}, 1}].amount = eur(1);
    });
    auto const source = f.store.source(f.p, table_build::live);
    unit_of_work unit{f.p, *source};
    rows<line_row> r{unit};
    unit.begin_collecting();
    unit.begin_applying();
    unit.forget({"a", "b"});
    unit.event({2, {}, 0, {}, {}, {}}, "b");
    r[{account_id{"x"}, 1}].amount = eur(2);
    auto const changes = unit.changes();
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].removed);
    CHECK(*changes[0].group == "a");
    CHECK_FALSE(changes[1].removed);
    CHECK(*changes[1].group == "b");
    REQUIRE(f.store.write(f.p, table_build::live, f.at, {2, {}, f.at.epoch}, changes));
    CHECK(f.store.query(f.p, {}).front().group == "b");
}
