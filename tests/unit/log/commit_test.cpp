// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/commit.hpp>

#include "support/catch.hpp"

using recount::expectation;

TEST_CASE("an expectation holds at the versions it names", "[expectation]") {
    CHECK(expectation::any().holds_at(0));
    CHECK(expectation::any().holds_at(7));
    CHECK(expectation::no_stream().holds_at(0));
    CHECK_FALSE(expectation::no_stream().holds_at(1));
    CHECK_FALSE(expectation::stream_exists().holds_at(0));
    CHECK(expectation::stream_exists().holds_at(1));
    CHECK(expectation::exactly(7).holds_at(7));
    CHECK_FALSE(expectation::exactly(7).holds_at(6));
    CHECK_FALSE(expectation::exactly(7).holds_at(8));
}

TEST_CASE("exactly(0) is no_stream and less than that is refused", "[expectation]") {
    CHECK(expectation::exactly(0).what() == expectation::kind::no_stream);
    CHECK(expectation::exactly(0).text() == "no stream");
    CHECK_THROWS_AS(expectation::exactly(-1), recount::error);
}

TEST_CASE("an expectation reads as part of a sentence", "[expectation]") {
    CHECK(expectation::any().text() == "any version");
    CHECK(expectation::stream_exists().text() == "an existing stream");
    CHECK(expectation::exactly(7).text() == "version 7");
}

TEST_CASE("a commit has an id of its own with its low 16 bits zero", "[commit]") {
    recount::commit const a;
    recount::commit const b;
    CHECK(a.id != b.id);
    CHECK(recount::ordinal_of(a.id) == 0);
}
