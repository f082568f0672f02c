// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Appending: places, ids, expectations, commits and batches.
#include "log_conformance.hpp"

using namespace conformance;
using recount::commit;
using recount::errc;
using recount::expectation;
using position_list = std::vector<recount::position>;

TEST_CASE("an empty log has its head at 0 and nothing to read", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto const head = store.log->head();
        CHECK(head.position == 0);
        CHECK(head.hash == recount::digest{});
        CHECK(store.log->hash_at(0) == recount::digest{});
        CHECK_FALSE(store.log->hash_at(1).has_value());
        CHECK_FALSE(store.log->hash_at(-1).has_value());
        CHECK(store.log->list_streams("").empty());
        CHECK(store.log->list_categories().empty());
        CHECK(store.log->list_types().empty());
        auto const page = store.log->read_feed(0);
        CHECK(page.events.empty());
        CHECK(page.through == 0);
        CHECK(page.caught_up);
        CHECK(store.log->append_batch({}).empty());
    }
}

TEST_CASE("positions are 1, 2, 3 and versions count in each stream", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto const one = store.log->append(commit_to("a-1", 2));
        auto const two = store.log->append(commit_to("b-1", 1));
        auto const three = store.log->append(commit_to("a-1", 2));
        CHECK(one.first == 1);
        CHECK(one.last == 2);
        CHECK(two.first == 3);
        CHECK(three.last == 5);
        REQUIRE(three.events.size() == 2);
        CHECK(three.events[0].stream == "a-1");
        CHECK(three.events[0].version == 3);
        CHECK(three.events[1].version == 4);
        CHECK_FALSE(three.repeated);

        auto const all = everything(*store.log);
        CHECK(positions(all) == position_list{1, 2, 3, 4, 5});
        CHECK(versions(all) == std::vector<recount::version>{1, 2, 1, 3, 4});
        CHECK(store.log->head().position == 5);
        CHECK(store.log->head().hash == all.back().hash);
        CHECK(store.log->hash_at(3) == all[2].hash);
    }
}

TEST_CASE("event ids are the command id with the ordinal in the low 16 bits", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto const attempt = commit_to("a-1", 300);
        auto const done = store.log->append(attempt);
        auto const all = everything(*store.log);
        REQUIRE(all.size() == 300);
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto const expected = recount::event_id(attempt.id, static_cast<std::uint16_t>(i));
            REQUIRE(all[i].id == expected);
            REQUIRE(done.events[i].id == expected);
            REQUIRE(recount::ordinal_of(all[i].id) == i);
            REQUIRE(all[i].commit_last == 300);
        }
    }
}

TEST_CASE("every row of a commit bears its last position", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        std::vector<commit> const batch{commit_to("a-1", 3), commit_to("b-1", 1),
                                        commit_to("a-1", 2)};
        static_cast<void>(store.log->append_batch(batch));
        position_list lasts;
        for (auto const& e : everything(*store.log)) lasts.push_back(e.commit_last);
        CHECK(lasts == position_list{3, 3, 3, 4, 6, 6});
    }
}

TEST_CASE("recorded_at never goes back and is in microseconds", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto const before = recount::now() - std::chrono::minutes{1};
        for (int i = 0; i < 20; ++i) static_cast<void>(store.log->append(commit_to("a-1")));
        auto const all = everything(*store.log);
        bool whole_milliseconds = true;
        for (std::size_t i = 0; i < all.size(); ++i) {
            CHECK(all[i].recorded_at > before);
            CHECK(all[i].recorded_at < recount::now() + std::chrono::minutes{1});
            if (i > 0) CHECK(all[i].recorded_at >= all[i - 1].recorded_at);
            auto const micros = recount::microseconds_since_epoch(all[i].recorded_at);
            whole_milliseconds = whole_milliseconds && micros % 1'000 == 0;
        }
        CHECK_FALSE(whole_milliseconds);
    }
}

TEST_CASE("an append that expects what is there goes through", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const append = [&](expectation expected) {
            static_cast<void>(log.append(expecting(commit_to("a-1"), "a-1", expected)));
        };
        append(expectation::no_stream());
        append(expectation::exactly(1));
        append(expectation::stream_exists());
        append(expectation::any());
        CHECK(log.read_stream(stream("a-1")).events.size() == 4);
        log.append(expecting(commit_to("a-2"), "a-2", expectation::exactly(0)));
        log.append(expecting(commit_to("a-3"), "a-3", expectation::any()));
        CHECK(log.head().position == 6);
    }
}

TEST_CASE("a conflict names the stream, what was expected and what is there", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 2));
        auto const conflict = [&](std::string const& of, expectation expected) {
            auto const thrown =
                error_of([&] { return log.append(expecting(commit_to(of), of, expected)); });
            REQUIRE(thrown.has_value());
            CHECK(thrown->code() == errc::conflict);
            REQUIRE(thrown->conflict().has_value());
            CHECK(thrown->conflict()->stream == of);
            return *thrown;
        };
        auto const stale = conflict("a-1", expectation::exactly(1));
        CHECK(stale.conflict()->expected == "version 1");
        CHECK(stale.conflict()->actual_version == 2);
        CHECK(std::string{stale.what()} ==
              "unable to append to a-1: expected version 1, stream is at 2");
        CHECK(conflict("a-1", expectation::exactly(3)).conflict()->actual_version == 2);
        auto const existing = conflict("a-1", expectation::no_stream());
        CHECK(existing.conflict()->expected == "no stream");
        CHECK(existing.conflict()->actual_version == 2);
        auto const missing = conflict("a-2", expectation::stream_exists());
        CHECK(missing.conflict()->expected == "an existing stream");
        CHECK(missing.conflict()->actual_version == 0);
        CHECK(conflict("a-2", expectation::exactly(5)).conflict()->actual_version == 0);
    }
}

TEST_CASE("a conflict writes nothing and burns no position", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1"));
        auto const before = log.head();
        for (int i = 0; i < 3; ++i) {
            CHECK(error_of([&] {
                return log.append(expecting(commit_to("a-1", 4), "a-1", expectation::exactly(9)));
            }));
        }
        CHECK(log.head().position == before.position);
        CHECK(log.head().hash == before.hash);
        CHECK(log.append(commit_to("b-1")).first == 2);
        CHECK_FALSE(log.list_streams("c").size() > 0);
    }
}

TEST_CASE("a commit to several streams goes through as one or not at all", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto transfer = commit_of({event("a-1"), event("a-2"), event("a-1"), event("b-1")});
        transfer.expectations.push_back({stream("a-1"), expectation::no_stream()});
        transfer.expectations.push_back({stream("a-2"), expectation::no_stream()});
        auto const done = log.append(transfer);
        REQUIRE(done.events.size() == 4);
        CHECK(done.events[2].version == 2);
        CHECK(done.events[3].version == 1);
        CHECK(log.read_stream(stream("a-1")).events.size() == 2);

        auto again = commit_of({event("a-1"), event("a-2")});
        again.expectations.push_back({stream("a-1"), expectation::exactly(2)});
        again.expectations.push_back({stream("a-2"), expectation::exactly(7)});
        auto const thrown = error_of([&] { return log.append(again); });
        REQUIRE(thrown.has_value());
        CHECK(thrown->conflict()->stream == "a-2");
        CHECK(log.read_stream(stream("a-1")).events.size() == 2);
        CHECK(log.head().position == 4);
    }
}

TEST_CASE("a stream that is only checked decides, and is not written", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("rates-eur", 3));
        auto const checked = [&](expectation expected) {
            return expecting(commit_to("a-1"), "rates-eur", expected);
        };
        log.append(checked(expectation::exactly(3)));
        auto const thrown = error_of([&] { return log.append(checked(expectation::exactly(2))); });
        REQUIRE(thrown.has_value());
        CHECK(thrown->conflict()->stream == "rates-eur");
        CHECK(thrown->conflict()->actual_version == 3);
        CHECK(log.read_stream(stream("rates-eur")).events.size() == 3);
        CHECK(log.read_stream(stream("a-1")).events.size() == 1);
        log.append(expecting(commit_to("a-1"), "rates-usd", expectation::no_stream()));
        CHECK(log.list_streams("rates").size() == 1);
    }
}

TEST_CASE("each commit of a batch has a result of its own", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1"));
        std::vector<commit> const batch{
            expecting(commit_to("a-1"), "a-1", expectation::exactly(1)),
            expecting(commit_to("a-1"), "a-1", expectation::exactly(1)),  // the first moved it
            expecting(commit_to("a-1", 2), "a-1", expectation::exactly(2)),
            expecting(commit_to("b-1"), "b-1", expectation::stream_exists()),
            expecting(commit_to("b-1"), "b-1", expectation::no_stream()),
            expecting(commit_to("b-1"), "b-1", expectation::stream_exists()),
            commit_of({}),
        };
        auto const results = log.append_batch(batch);
        REQUIRE(results.size() == 7);
        CHECK(success(results[0]).first == 2);
        CHECK(code_of(results[1]) == errc::conflict);
        CHECK(std::get<recount::error>(results[1]).conflict()->actual_version == 2);
        CHECK(success(results[2]).first == 3);
        CHECK(success(results[2]).last == 4);
        CHECK(code_of(results[3]) == errc::conflict);
        CHECK(success(results[4]).first == 5);
        CHECK(success(results[5]).events.front().version == 2);
        CHECK(code_of(results[6]) == errc::invalid_argument);
        CHECK(log.head().position == 6);
    }
}

TEST_CASE("a commit is not refused for one of its batch that is not written", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const known = commit_to("a-1");
        log.append(known);
        // The first would move a-1 to 2, but it is a repetition and moves nothing.
        std::vector<commit> const batch{
            known, expecting(commit_to("a-1"), "a-1", expectation::exactly(1))};
        auto const results = log.append_batch(batch);
        CHECK(success(results[0]).repeated);
        CHECK(success(results[1]).first == 2);
    }
}

TEST_CASE("a large batch is written in order, in transactions of bounded size", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        std::vector<commit> batch;
        for (int i = 0; i < 7; ++i) batch.push_back(commit_to("a-" + std::to_string(i), 12'000));
        auto const results = store.log->append_batch(batch);
        recount::position next = 1;
        for (auto const& result : results) {
            CHECK(success(result).first == next);
            next = success(result).last + 1;
        }
        CHECK(store.log->head().position == 84'000);
        CHECK(store.links(*store.log).size() > 1);
    }
}

TEST_CASE("what can never be stored is refused by name and fails alone", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const refused = [&](commit const& attempt, errc code) {
            auto const thrown = error_of([&] { return log.append(attempt); });
            REQUIRE(thrown.has_value());
            CHECK(thrown->code() == code);
            std::vector<commit> const batch{commit_to("good-1"), attempt, commit_to("good-1")};
            auto const results = log.append_batch(batch);
            CHECK(std::holds_alternative<recount::appended>(results[0]));
            CHECK(code_of(results[1]) == code);
            CHECK(std::holds_alternative<recount::appended>(results[2]));
        };
        auto const with = [](auto change) {
            auto made = commit_to("a-1");
            change(made);
            return made;
        };
        auto const string_of = [](std::size_t size) {
            return recount::json_text::checked('"' + std::string(size - 2, 'x') + '"');
        };
        constexpr auto megabyte = recount::limits::payload_bytes_max;
        refused(with([&](commit& c) { c.events[0].payload = string_of(megabyte + 1); }),
                errc::limit_exceeded);
        refused(with([&](commit& c) { c.command = string_of(megabyte + 1); }),
                errc::limit_exceeded);
        refused(with([&](commit& c) { c.meta.actor = std::string(megabyte + 1, 'x'); }),
                errc::limit_exceeded);
        refused(commit_to("a-1", 32'768), errc::limit_exceeded);
        refused(commit_of({}), errc::invalid_argument);
        refused(with([](commit& c) { c.id = {}; }), errc::invalid_argument);
        refused(with([](commit& c) { c.id = recount::event_id(c.id, 1); }), errc::invalid_argument);
        refused(with([](commit& c) { c.events[0].type = ""; }), errc::invalid_argument);
        refused(with([](commit& c) { c.events[0].type = std::string(201, 't'); }),
                errc::invalid_argument);
        refused(with([](commit& c) {
                    c.events[0].type = std::string{"a\0b", 3};
                }),
                errc::invalid_argument);
        refused(with([](commit& c) { c.events[0].type = "\xff"; }), errc::invalid_argument);
        refused(with([](commit& c) { c.events[0].schema_version = 0; }), errc::invalid_argument);
        refused(with([](commit& c) { c.meta.actor = "\xff"; }), errc::invalid_argument);
        refused(with([](commit& c) {
                    c.meta.x = {{"k", std::string{"\0", 1}}};
                }),
                errc::invalid_argument);
        refused(with([](commit& c) {
                    c.events[0].effective_at = recount::timestamp{std::chrono::hours{100'000'000}};
                }),
                errc::invalid_argument);
        CHECK(log.read_stream(stream("a-1")).events.empty());
        CHECK(log.head().position == 30);
    }
}

TEST_CASE("the largest payload and the largest commit are stored", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const text = '"' + std::string(recount::limits::payload_bytes_max - 2, '\\') + '"';
        auto const done = log.append(commit_of({event("a-1", text)}));
        CHECK(log.read_stream(stream("a-1")).events.front().payload == text);
        CHECK(done.last == 1);
        auto const wide = log.append(commit_to("b-1", 32'767));
        CHECK(wide.last == 32'768);
        auto const page = log.read_stream(stream("b-1"));
        CHECK(page.events.size() == 32'767);
        CHECK_FALSE(page.more);
    }
}
