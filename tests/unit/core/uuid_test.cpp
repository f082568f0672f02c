// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <set>
#include <thread>
#include <vector>

#include <recount/core/error.hpp>
#include <recount/core/sha256.hpp>
#include <recount/core/time.hpp>
#include <recount/core/uuid.hpp>

#include "support/catch.hpp"

using recount::uuid;
using recount::uuid_from_string;

namespace {

unsigned octet(uuid const& id, std::size_t i) { return static_cast<unsigned>(id.octets[i]); }

}  // namespace

TEST_CASE("a UUID reads in either case and writes in lower case") {
    auto const id = uuid_from_string("0198C0DE-0000-7abc-8000-00000000ABCD");
    CHECK(to_string(id) == "0198c0de-0000-7abc-8000-00000000abcd");
    CHECK(uuid_from_string(to_string(id)) == id);
    CHECK(uuid{}.is_nil());
    for (std::string_view const bad :
         {"", "0198c0de00007abc800000000000abcd", "{0198c0de-0000-7abc-8000-00000000abcd}",
          "0198c0de-0000-7abc-8000-00000000abcg", "0198c0de-0000-7abc-8000-00000000abc",
          "0198c0de-0000-7abc-8000-00000000abcde", "0198c0d-e0000-7abc-8000-00000000abcd"}) {
        CHECK_FALSE(recount::is_uuid(bad));
        CHECK_THROWS_AS(uuid_from_string(bad), recount::error);
    }
}

TEST_CASE("a new command id is a UUIDv7 of the moment whose low 16 bits are zero") {
    auto const before = recount::microseconds_since_epoch(recount::now()) / 1000;
    auto const id = recount::new_command_id();
    CHECK(octet(id, 6) >> 4U == 7);
    CHECK(octet(id, 8) >> 6U == 2);
    CHECK(recount::ordinal_of(id) == 0);
    std::int64_t milliseconds = 0;
    for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds * 256 + octet(id, i);
    CHECK(milliseconds >= before);
    CHECK(milliseconds < before + 60'000);
}

TEST_CASE("ids of one process grow, and no two are the same") {
    auto last = recount::new_command_id();
    for (auto i = 0; i < 20'000; ++i) {
        auto const next = recount::new_command_id();
        REQUIRE(last < next);
        last = next;
    }
    constexpr std::size_t threads = 4;
    constexpr std::size_t each = 5'000;
    std::vector<std::vector<uuid>> made(threads);
    std::vector<std::thread> running;
    for (auto& ids : made) {
        running.emplace_back([&ids] {
            for (std::size_t i = 0; i < each; ++i) ids.push_back(recount::new_command_id());
        });
    }
    for (auto& t : running) t.join();
    std::set<uuid> all;
    for (auto const& ids : made) all.insert(ids.begin(), ids.end());
    CHECK(all.size() == threads * each);
}

TEST_CASE("the id of a key is the same for ever") {
    // SHA-256("recount/command/1" 0x00 "ada" 0x00 "import-7"), version 8, low 16 bits zero.
    auto const full = recount::sha256(std::string_view{"recount/command/1\0ada\0import-7", 30});
    auto const id = recount::command_id_from_key("import-7", "ada");
    CHECK(octet(id, 0) == static_cast<unsigned>(full[0]));
    CHECK(octet(id, 13) == static_cast<unsigned>(full[13]));
    CHECK(octet(id, 6) >> 4U == 8);
    CHECK(octet(id, 8) >> 6U == 2);
    CHECK(recount::ordinal_of(id) == 0);
    CHECK(id == recount::command_id_from_key("import-7", "ada"));
    CHECK(id != recount::command_id_from_key("import-7"));
    CHECK(id != recount::command_id_from_key("ada", "import-7"));
}

TEST_CASE("event ids carry the ordinal") {
    auto const command = recount::new_command_id();
    auto const third = recount::event_id(command, 0xABCD);
    CHECK(recount::ordinal_of(third) == 0xABCD);
    CHECK(recount::command_id_of(third) == command);
    CHECK(to_string(third).ends_with("abcd"));
}
