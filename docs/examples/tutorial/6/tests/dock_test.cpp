// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/catch.hpp>

#include "tables.hpp"

auto const nine = recount::timestamp_from_string("2026-03-02T09:00:00Z");
auto const ten = nine + std::chrono::hours{1};

TEST_CASE("a dock that was offline tells later when the bike came") {
    recount::given<bike>(hired{{"b-7"}, {"ada"}})
        .at(ten)                                        // facts.now of what follows
        .when(bring_back{{"b-7"}, {"harbour"}, nine})
        .then(recount::effective(brought_back{{"b-7"}, {"harbour"}}, nine))
        .when(hire{{"b-7"}, {"ben"}})
        .then_state([](bike const& b) { CHECK(b.rider == rider_id{"ben"}); })
        .when(bring_back{{"b-7"}, {"harbour"}, ten + std::chrono::minutes{1}})
        .then_rejected("too_early");
}

TEST_CASE("a bike that comes back defective is not hired until it is repaired") {
    recount::given<bike>(hired{{"b-7"}, {"ada"}})
        .at(nine)
        .when(bring_back{{"b-7"}, {"harbour"}, {}, "flat tyre"})
        .then(recount::effective(brought_back{{"b-7"}, {"harbour"}}, nine),
              recount::effective(defect_reported{{"b-7"}, "flat tyre"}, nine))
        .when(hire{{"b-7"}, {"ben"}})
        .then_rejected("defective")
        .when(repair{{"b-7"}})
        .when(repair{{"b-7"}})
        .then(repaired{{"b-7"}});                       // once: the second had nothing to record
}

TEST_CASE("the table goes by when a bike came, not by when we learnt of it") {
    auto app = recount::testing::in_memory<bike, bikes_now>("bikes");
    app.clock().set(nine);
    app.dispatch(hire{{"b-7"}, {"ada"}}).value();
    app.advance(std::chrono::hours{2});                 // nobody waits: it is the test's clock
    app.dispatch(bring_back{{"b-7"}, {"harbour"}, ten}).value();
    CHECK(app.row<bikes_now>({"b-7"})->since == ten);
    CHECK(app.events().back().recorded_at == nine + std::chrono::hours{2});
}
