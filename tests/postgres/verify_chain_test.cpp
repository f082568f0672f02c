// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The independent verifier (tests/support/verify_chain.py) agrees with what the library wrote.
// (What it says of changes: verify_mutations_test.cpp.)
#include <recount/postgres/log.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"
#include "support/verified.hpp"

using namespace conformance;
namespace postgres = recount::postgres;

namespace {

void write_history(postgres::log& log) {
    log.append(commit_to("a-1", 3));
    auto rich = commit_of({event("b-1", "{ \"odd\" :\r\n 1e2, \"q\":\"\\\",'\" }"), event("a-1"),
                           event("a-žluť 😀", "null"), event("b-1", R"("\\N")")});
    rich.command = recount::json_text::checked(R"({"name":"n","version":1,"payload":"ž"})");
    rich.meta.actor = "ann, \"the\" actor\n";
    rich.events[1].effective_at = recount::timestamp_from_string("0001-01-01T00:00:00.000001Z");
    rich.events[2].effective_at = recount::timestamp_from_string("9999-12-31T23:59:59.999999Z");
    log.append(rich);
    std::vector<recount::commit> const batch{commit_to("c-1", 2), commit_to("a-1")};
    static_cast<void>(log.append_batch(batch));
}

void check_counts(recount::tests::test_database const& database, std::int64_t events,
                  std::int64_t streams, std::int64_t batches) {
    auto const found = recount::tests::verified_by_script(database);
    CHECK(found.differences.empty());
    CHECK(found.events == events);
    CHECK(found.streams == streams);
    CHECK(found.batches == batches);
}

}  // namespace

TEST_CASE("an independent verifier agrees with what was written", "[postgres][verify]") {
    recount::tests::test_database const database;
    postgres::migrate({.url = database.url()});
    auto const log = postgres::log::open({.url = database.url()});
    check_counts(database, 0, 0, 0);
    write_history(*log);
    check_counts(database, 10, 4, 3);
}
