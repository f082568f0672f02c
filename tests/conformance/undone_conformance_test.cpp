// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the log says of restructures that were undone, and done again.
#include <recount/correction/restructured.hpp>

#include "conformance/restructure_conformance.hpp"

using namespace conformance;
using namespace recount;

namespace {

// As a list of all tells it, as pages of one do, and as it is found by its id.
std::optional<uuid> undone_by(recount::log& log, uuid const& id) {
    auto const found = find_restructure(log, id);
    REQUIRE(found);
    for (auto const limit : {std::size_t{100}, std::size_t{1}}) {
        position after = 0;
        int seen = 0;
        for (bool more = true; more;) {
            auto const page = list_restructures(log, after, limit);
            for (auto const& r : page.restructures) {
                if (r.what.restructure != id) continue;
                ++seen;
                CHECK(r.undone_by == found->undone_by);
            }
            more = page.next.has_value();
            after = page.next.value_or(0);
        }
        CHECK(seen == 1);
    }
    return found->undone_by;
}

}  // namespace

TEST_CASE("a restructure whose undo was undone is not undone", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const r = apply(log, correction().exclude(x));
        CHECK(undone_by(log, r) == std::nullopt);
        auto const u = apply(log, correction().undo(r));
        CHECK(undone_by(log, r) == u);
        auto const again = apply(log, correction().undo(u));
        CHECK(undone_by(log, r) == std::nullopt);
        CHECK(undone_by(log, u) == again);
        auto const last = apply(store.other(), correction().undo(again));
        CHECK(undone_by(log, again) == last);
        CHECK(undone_by(log, u) == std::nullopt);
        CHECK(undone_by(log, r) == u);
    }
}

TEST_CASE("an undo is found where the slots are by then", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const r = apply(log, correction().replace(x, content(11)));
        apply(log, correction().move(x, "account-b"));
        apply(log, correction().move(x, "account-c"));
        auto const u = apply(log, correction().undo(r));
        auto const rows = log.find_commits(std::span{&u, 1}).begin()->second.rows;
        for (auto const& row : rows) CHECK(row.stream != "account-a");
        CHECK(undone_by(log, r) == u);
    }
}

TEST_CASE("a list has one restructure at the least", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        CHECK(list_restructures(log, 0, 0).restructures.empty());
        auto const x = tell(log, "account-a", 10);
        apply(log, correction().exclude(x));
        auto const r = apply(log, correction().replace(x, content(3)));
        auto const first = list_restructures(log, 0, 0);
        REQUIRE(first.restructures.size() == 1);
        REQUIRE(first.next);
        auto const second = list_restructures(log, *first.next, 0);
        REQUIRE(second.restructures.size() == 1);
        CHECK(second.restructures.front().what.restructure == r);
        CHECK_FALSE(second.next);
    }
}
