// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The log by itself, without aggregates: what docs/concepts/the-log.md shows.
#include <recount/memory/log.hpp>

#include <support/catch.hpp>

namespace examples::the_log {

using recount::expectation;
using recount::json_text;
using recount::stream_name;

recount::commit commit_to(stream_name const& stream, std::string const& note,
                          expectation expected = expectation::any()) {
    //[commit
    recount::commit c;                                   // has a fresh id
    c.events.push_back({stream, "note.taken", 1, json_text::checked(note), {}});
    c.expectations.push_back({stream, expected});
    //]
    return c;
}

TEST_CASE("positions, versions and commits", "[docs]") {
    recount::memory::log log;
    stream_name const ada{"note-ada"};
    stream_name const ben{"note-ben"};

    //[append
    auto const done = log.append(commit_to(ada, R"({"text":"hello"})", expectation::no_stream()));
    CHECK(done.first == 1);                              // its positions in the log
    CHECK(done.last == 1);
    CHECK(done.events.front().version == 1);             // its version in the stream
    //]

    //[conflict
    try {
        log.append(commit_to(ada, R"({"text":"too late"})", expectation::no_stream()));
        FAIL("the stream exists");
    } catch (recount::error const& e) {
        CHECK(e.code() == recount::errc::conflict);
        CHECK(e.conflict()->actual_version == 1);
        CHECK(e.what() == std::string{"unable to append to note-ada: expected no stream, "
                                      "stream is at 1"});
    }
    CHECK(log.head().position == 1);                     // no position was used up
    //]

    //[repeat
    auto const commit = commit_to(ada, R"({"text":"once"})", expectation::exactly(1));
    auto const first = log.append(commit);
    log.append(commit_to(ben, R"({"text":"in between"})"));
    auto const again = log.append(commit);               // the same id, the same content
    CHECK(again.repeated);
    CHECK(again.last == first.last);                     // its first result; nothing was written

    auto other = commit;                                 // the same id, another content
    other.events.front().payload = json_text::checked(R"({"text":"twice"})");
    try {
        log.append(other);
        FAIL("the id is taken");
    } catch (recount::error const& e) {
        CHECK(e.code() == recount::errc::command_id_taken);
    }
    //]

    //[several
    recount::commit both;                                // all of it, or none
    both.events.push_back({ada, "note.taken", 1, json_text::checked(R"({"text":"a"})"), {}});
    both.events.push_back({ben, "note.taken", 1, json_text::checked(R"({"text":"b"})"), {}});
    auto const pair = log.append(both);
    CHECK(pair.first == 4);
    CHECK(pair.last == 5);
    //]

    //[feed
    std::vector<std::string> seen;
    recount::position after = 0;                         // what a reader keeps: its checkpoint
    for (;;) {
        auto const page = log.read_feed(after, {.categories = {"note"}}, 2);
        for (auto const& e : page.events) seen.push_back(e.stream);
        after = page.through;
        if (page.caught_up) break;
    }
    CHECK(after == 5);
    CHECK(seen == std::vector<std::string>{"note-ada", "note-ada", "note-ben", "note-ada",
                                           "note-ben"});
    //]

    //[same_log
    recount::position const kept = after;                // a reader keeps both …
    auto const hash = *log.hash_at(kept);
    bool const same_log = log.hash_at(kept) == hash;     // … and asks before it goes on
    CHECK(same_log);
    //]
}

TEST_CASE("an event knows both of its times", "[docs]") {
    recount::memory::log log;
    stream_name const ada{"note-ada"};
    //[times
    auto const when = recount::timestamp_from_string("1993-01-09T00:00:00Z");
    recount::commit c;
    c.events.push_back({ada, "note.taken", 1, json_text::checked("{}"), when});
    log.append(c);
    auto const e = log.read_stream(ada).events.front();
    CHECK(e.effective() == when);                        // when it happened
    CHECK(e.recorded_at > when);                         // when the log learnt of it
    //]
}

}  // namespace examples::the_log
