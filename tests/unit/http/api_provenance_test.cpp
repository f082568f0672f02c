// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/provenance/head.hpp>

#include "memory/stored_copy.hpp"
#include "site.hpp"

using namespace recount::tests;

namespace {

answered verify(site const& s, std::string const& options = {}) {
    return s.ask(site::request("POST", "verify" + options));
}

}  // namespace

TEST_CASE("the log is verified over HTTP, a bounded way at a time", "[http][api]") {
    site const s;
    CHECK(verify(s).body == R"({"since":0,"through":0,"events":0,"streams":0,"batches":0,)"
                            R"("differences_count":0,"differences":[]})");
    s.open("a");
    s.open("b");
    for (int i = 1; i <= 3; ++i) s.deposit("a", i);
    CHECK(verify(s).body == R"({"since":0,"through":5,"events":5,"streams":2,"batches":5,)"
                            R"("differences_count":0,"differences":[]})");
    CHECK(verify(s, "?limit=2").json["next"] == 2);
    auto const rest = verify(s, "?since=2&limit=3").json;
    CHECK(rest["through"] == 5);
    CHECK(rest["streams"] == 0);
    CHECK_FALSE(rest.contains("next"));
    CHECK(verify(s, "?stream=account-a").json["events"] == 4);
    CHECK(verify(s, "?stream=account-x").status == 404);
    CHECK(verify(s, "?stream=account-a&since=1").status == 400);
    CHECK(verify(s, "?limit=0").status == 400);
    CHECK(verify(s, "?until=5").status == 400);
    CHECK(s.get("verify").status == 405);
}

TEST_CASE("what differs is in the answer", "[http][api]") {
    site const s;
    s.open("a");
    s.deposit("a", 1);
    s.log->replaced_stored = [&] {
        auto copy = std::make_unique<recount::memory::stored_copy>(s.log->inner);
        copy->log[1].event.payload += ' ';
        return copy;
    };
    auto const found = verify(s).json;
    CHECK(found["differences_count"] == 1);
    auto const& one = found["differences"][0];
    CHECK(one["position"] == 2);
    CHECK(one["stream"] == "account-a");
    CHECK(one["what"] == "hash");
    CHECK(one["expected"] != one["found"]);
}

TEST_CASE("a head is given out as the file has it, not signed", "[http][api]") {
    site const s;
    s.open("a");
    auto const found = s.get("heads");
    CHECK(found.status == 200);
    auto const head = recount::provenance::head_from_json(found.body);
    CHECK(head.position == 1);
    CHECK(head.store_id == s.log->store_id());
    CHECK(head.link == s.log->inner.links().back().hash);
    CHECK_FALSE(head.signature.has_value());
}
