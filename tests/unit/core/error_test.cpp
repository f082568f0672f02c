// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/error.hpp>

#include "support/catch.hpp"

using recount::errc;
using recount::error;

TEST_CASE("a conflict reads as a sentence and may be retried") {
    error const e{recount::conflict_details{"account-42", "version 7", 9}};
    CHECK(e.what() ==
          std::string{"unable to append to account-42: expected version 7, stream is at 9"});
    CHECK(e.code() == errc::conflict);
    CHECK(e.retryable());
    REQUIRE(e.conflict().has_value());
    CHECK(e.conflict()->actual_version == 9);
    error const none{recount::conflict_details{"account-42", "an existing stream", 0}};
    CHECK(none.what() == std::string{"unable to append to account-42: expected an existing stream, "
                                     "the stream does not exist"});
}

TEST_CASE("what the server said stays apart from the sentence") {
    error const e{errc::database_failed,
                  "the query append failed",
                  {"53100", "append", "could not extend file"},
                  true};
    CHECK(std::string{e.what()} == "the query append failed");
    CHECK(e.sqlstate() == "53100");
    CHECK(e.query() == "append");
    CHECK(e.server_text() == "could not extend file");
    CHECK(e.retryable());
    CHECK_FALSE(e.conflict().has_value());
}

TEST_CASE("every code has a name of its own") {
    CHECK(to_string(errc::invalid_json) == "invalid_json");
    CHECK(to_string(errc::stopped) == "stopped");
    for (auto i = 0; i <= static_cast<int>(errc::stopped); ++i) {
        CHECK(to_string(static_cast<errc>(i)) != "unknown");
    }
}
