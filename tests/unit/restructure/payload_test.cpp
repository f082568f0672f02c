// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/payload.hpp>

#include "support/caught.hpp"
#include "support/restructure/world.hpp"

using namespace recount;
using namespace recount::tests;

namespace {

std::string const a = "account-A";
std::string const b = "account-B";

// A restructure with each operation; the rows of account A and B.
struct every_operation {
    world log;
    std::vector<uuid> e;
    std::vector<recorded_event> rows;

    every_operation() {
        e = log.events({{a, R"({"amount": 1.50})"}, {a, "{}"}, {b, "{}"}});
        auto const before_all = log.head();
        log.restructure({wish::exclude(e[0]), wish::replace(e[1], some_content(7)),
                         wish::insert(a, after(e[0]), some_content(8)), wish::move(e[0], b, keep),
                         wish::reinstate(e[0], history::registers::all(), before_all),
                         wish::move(e[1], a, before(e[0])),
                         wish::insert(b, at_end, some_content(9))});
        rows = {log.rows().begin() + 3, log.rows().end()};
    }
};

}  // namespace

TEST_CASE("a restructure is one row in each stream, with what touches it", "[restructure]") {
    every_operation const all;
    REQUIRE(all.rows.size() == 2);
    CHECK(all.rows[0].stream == a);
    CHECK(all.rows[0].payload ==
          R"({"restructure":"c0000000-0000-0000-0000-000000020000","title":"a test",)"
          R"("because":"it was wrong","evidence":[],"ops":[)"
          R"({"n":0,"op":"exclude","event":"c0000000-0000-0000-0000-000000010000"},)"
          R"({"n":1,"op":"replace","event":"c0000000-0000-0000-0000-000000010001",)"
          R"("content":{"type":"account.moved","schema_version":1,"payload":{"amount":7},)"
          R"("effective_at":"2026-01-01T12:00:00.000000Z"}},)"
          R"({"n":2,"op":"insert","event":"c0000000-0000-0000-0000-000000028002",)"
          R"("to":"account-A","anchor":{"after":"c0000000-0000-0000-0000-000000010000",)"
          R"("place":"1.0"},"content":{"type":"account.moved","schema_version":1,)"
          R"("payload":{"amount":8},"effective_at":"2026-01-01T12:00:00.000000Z"}},)"
          R"({"n":3,"op":"move","event":"c0000000-0000-0000-0000-000000010000",)"
          R"("from":"account-A","to":"account-B","anchor":"keep"},)"
          R"({"n":4,"op":"reinstate","event":"c0000000-0000-0000-0000-000000010000",)"
          R"("from":"account-B","to":"account-A","registers":["presence","content","place"],)"
          R"("as_at":3,"brought":{"content":{"type":"account.moved","schema_version":1,)"
          R"("payload":{"amount": 1.50},"effective_at":"2026-01-20T12:00:01.000000Z"},)"
          R"("present":true,"place":"1.0","origin":{"position":1,)"
          R"("recorded_at":"2026-01-20T12:00:01.000000Z","version":1,"stream":"account-A",)"
          R"("meta":{"actor":"ada"},"hash":")" +
              to_hex(all.log.rows()[0].hash) +
              R"(","commit_last":3}}},)"
              R"({"n":5,"op":"move","event":"c0000000-0000-0000-0000-000000010001",)"
              R"("from":"account-A","to":"account-A",)"
              R"("anchor":{"before":"c0000000-0000-0000-0000-000000010000","place":"1.0"}}]})");
    CHECK(all.rows[1].stream == b);
    CHECK(all.rows[1].payload.find(R"({"n":3,"op":"move")") != std::string::npos);
    CHECK(all.rows[1].payload.find(R"("brought":{)") != std::string::npos);
    CHECK(all.rows[1].payload.find("exclude") == std::string::npos);
}

TEST_CASE("rows are read and joined to the restructure they were made of", "[restructure]") {
    every_operation const all;
    auto rows = all.rows;
    std::swap(rows[0], rows[1]);  // the order of storage means nothing
    auto const joined = history::entries_of(rows);
    REQUIRE(joined.size() == 1);
    CHECK(joined[0].first == 4);
    CHECK(joined[0].visible_at == 5);
    auto const& told = std::get<history::restructure_payload>(joined[0].what);
    REQUIRE(told.ops.size() == 7);
    for (int n = 0; n < 7; ++n) CHECK(told.ops[static_cast<std::size_t>(n)].n == n);
    CHECK(told.ops[3].streams == std::vector{a, b});
    CHECK(told.ops[6].streams == std::vector{b});
    auto const written = history::rows_for(told, 4);
    REQUIRE(written.size() == all.rows.size());
    for (std::size_t i = 0; i < written.size(); ++i) {
        auto const& row = all.rows[i];
        CHECK(written[i].stream == row.stream);
        CHECK(written[i].payload.str() == row.payload);
        auto const again = history::payload_from_json(row.payload, 4);
        CHECK(again.because == "it was wrong");
    }
}

TEST_CASE("what was written by the entry itself has position 0 in the text", "[restructure]") {
    world log;
    auto const e = log.events({{a, "{}"}}).front();
    auto const x = history::inserted_id(log.next_id(), 0);
    log.restructure({wish::insert(a, after(e), some_content(1)),
                     wish::insert(a, after(x), some_content(2))});
    CHECK(log.rows().back().payload.find(R"("place":"1.0>0.0")") != std::string::npos);
    auto const& told = std::get<history::restructure_payload>(log.entries().back().what);
    CHECK(history::anchor_of(told.ops[1])->at.text() == "1.0>2.0");
}

TEST_CASE("input that is not a restructure is refused with its path", "[restructure]") {
    std::string const head = R"({"restructure":"c0000000-0000-0000-0000-000000020000","title":"t",)"
                             R"("because":"b","evidence":[],"ops":[)";
    std::string const x = R"("event":"c0000000-0000-0000-0000-000000010000")";
    struct {
        std::string ops;
        std::string sentence;
    } const refused[] = {
        {R"({"n":0,"op":"exclude"})", "$.ops[0].event: missing field"},
        {R"({"n":0,"op":"exclude","event":"e1"})", "$.ops[0].event: expected a UUID"},
        {R"({"n":0,"op":"erase",)" + x + "}", "$.ops[0].op: expected exclude, replace"},
        {R"({"n":-1,"op":"exclude",)" + x + "}", "$.ops[0].n: expected an integer"},
        {R"({"n":32767,"op":"exclude",)" + x + "}", "$.ops[0].n: expected an integer"},
        {R"({"n":0,"op":"exclude","extra":1,)" + x + "}", "$.ops[0].extra: unknown field"},
        {R"({"n":0,"op":"exclude",)" + x + R"(},{"n":0,"op":"exclude",)" + x + "}",
         "$.ops[1]: expected an \"n\" of its own"},
        {R"({"n":0,"op":"move",)" + x + R"(,"from":"account-A","to":"account-A","anchor":"top"})",
         "$.ops[0].anchor: expected an anchor"},
        {R"({"n":0,"op":"move",)" + x +
             R"(,"from":"account-A","to":"account-A","anchor":{"after":)" +
             R"("c0000000-0000-0000-0000-000000010001","place":"1.0>"}})",
         "$.ops[0].anchor.place: expected a place"},
        {R"({"n":0,"op":"reinstate",)" + x +
             R"(,"from":"account-A","to":"account-A","registers":[],"as_at":1})",
         "$.ops[0].registers: expected at least one register"},
    };
    for (auto const& r : refused) {
        INFO(r.ops);
        auto const e = caught(
            [&] { static_cast<void>(history::payload_from_json(head + r.ops + "]}", 5)); });
        CHECK(e.code() == errc::invalid_json);
        CHECK(std::string{e.what()}.find(r.sentence) == 0);
        // The log is read all the same: what cannot be understood is left out.
        auto const read = history::payload_from_log(head + r.ops + "]}", 5);
        REQUIRE(read);
        CHECK(read->ops.size() <= 1);
    }
    std::string many = head + "1";
    for (std::size_t i = 0; i < limits::restructure_operations_max; ++i) many += ",1";
    auto const too_many =
        caught([&] { static_cast<void>(history::payload_from_json(many + "]}", 5)); });
    CHECK(std::string{too_many.what()}.find("$.ops: expected at most 32767 operations") == 0);
    many += R"(,{"n":0,"op":"exclude",)" + x + "}]}";
    CHECK(history::payload_from_log(many, 5)->ops.empty());  // nobody can have written it

    auto unreasoned = head + "]}";  // without a reason it does nothing
    CHECK(history::payload_from_log(unreasoned, 5));
    unreasoned.replace(unreasoned.find(R"("b")"), 3, R"("")");
    CHECK_FALSE(history::payload_from_log(unreasoned, 5));
    CHECK_FALSE(history::payload_from_log("{", 5));
    CHECK_FALSE(history::payload_from_log("[]", 5));
    CHECK_FALSE(history::payload_from_log(R"({"ops":[]})", 5));
}
