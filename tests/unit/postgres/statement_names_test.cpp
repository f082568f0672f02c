// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/statement_names.hpp"

#include "support/catch.hpp"

using recount::postgres::detail::statement_names;

namespace {

std::string text_of(std::size_t number) { return "SELECT " + std::to_string(number); }

void fill(statement_names& names) {
    for (std::size_t i = 0; !names.full(); ++i) names.keep(text_of(i), names.fresh_name());
}

}  // namespace

TEST_CASE("a statement is known by its text", "[statement_names]") {
    statement_names names;
    CHECK(names.use("SELECT 1") == nullptr);
    auto const name = names.keep("SELECT 1", names.fresh_name());
    REQUIRE(names.use(std::string{"SELECT 1"}) != nullptr);
    CHECK(*names.use("SELECT 1") == name);
    CHECK(names.use("SELECT 2") == nullptr);
}

TEST_CASE("when there is no room the statement goes that was not used for longest",
          "[statement_names]") {
    statement_names names;
    fill(names);
    auto const second = *names.use(text_of(1));
    static_cast<void>(names.use(text_of(0)));
    CHECK(names.use(text_of(2)) != nullptr);
    // By now 3 is the oldest, and 0 to 2 are the newest.
    auto const oldest = names.forget_oldest();
    CHECK_FALSE(names.contains(text_of(3)));
    CHECK(oldest != second);
    CHECK_FALSE(names.full());
    CHECK(*names.use(text_of(1)) == second);
    names.keep("SELECT now()", names.fresh_name());
    CHECK(names.full());
}

TEST_CASE("the name of a forgotten statement is not given again", "[statement_names]") {
    statement_names names;
    auto const first = names.keep("SELECT 1", names.fresh_name());
    CHECK(names.forget("SELECT 1") == first);
    CHECK_FALSE(names.contains("SELECT 1"));
    CHECK(names.keep("SELECT 1", names.fresh_name()) != first);
    // Nor that of one that could not be prepared.
    auto const unused = names.fresh_name();
    CHECK(names.fresh_name() != unused);
}
