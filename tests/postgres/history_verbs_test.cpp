// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Streams and states of a corrected history on the command line.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <recount/app/app.hpp>
#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/restructure/append.hpp>

#include "support/postgres.hpp"
#include "support/sample_domain.hpp"

using nlohmann::json;
using sample::eur;

namespace history = recount::history;

namespace {

// What is written to a stream of the process while it lives.
class captured {
public:
    captured(std::FILE* stream, std::filesystem::path file)
        : stream_{stream}, file_{std::move(file)} {
        std::fflush(stream_);
        before_ = ::dup(::fileno(stream_));
        auto* const to = std::fopen(file_.c_str(), "w");
        REQUIRE(to != nullptr);
        ::dup2(::fileno(to), ::fileno(stream_));
        std::fclose(to);
    }
    ~captured() { restore(); }
    captured(captured const&) = delete;
    captured& operator=(captured const&) = delete;
    std::string text() {
        restore();
        std::ifstream written{file_};
        return {std::istreambuf_iterator<char>{written}, {}};
    }

private:
    std::FILE* stream_;
    std::filesystem::path file_;
    int before_ = -1;
    void restore() {
        if (before_ < 0) return;
        std::fflush(stream_);
        ::dup2(before_, ::fileno(stream_));
        ::close(before_);
        before_ = -1;
    }
};

struct ran {
    int exit = 0;
    std::string out;
    std::string err;
    [[nodiscard]] std::vector<json> lines() const {
        std::vector<json> list;
        std::size_t at = 0;
        while (at < out.size()) {
            auto const end = out.find('\n', at);
            list.push_back(json::parse(out.substr(at, end - at)));
            at = end + 1;
        }
        return list;
    }
};

// a: opened, 100, 200 (twice); the second is excluded, then the first is 70 since December.
struct corrected_store {
    recount::tests::test_database database;
    recount::tests::temporary_folder folder;

    corrected_store() {
        std::filesystem::create_directories(folder.path());
        recount::postgres::migrate({.url = database.url()});
        auto const log = recount::postgres::log::open({.url = database.url()});
        recount::commit c;
        add(c, sample::opened{{"a"}});
        add(c, sample::deposited{{"a"}, eur(100)});
        add(c, sample::deposited{{"a"}, eur(200)});
        auto const done = log->append(c);
        auto const plan = [] { return recount::restructure{"x"}.because("y").by("ada"); };
        static_cast<void>(
            history::append_plan(*log, plan().exclude(done.events[2].id)));
        static_cast<void>(history::append_plan(
            *log, plan().replace(done.events[1].id,
                                 {"account.deposited", 1,
                                  recount::describe::to_json(sample::deposited{{"a"}, eur(70)}),
                                  recount::timestamp_from_string("2025-12-31T12:00:00Z")})));
    }
    template <class Event> static void add(recount::commit& to, Event const& event) {
        constexpr auto name = recount::event_name_of<Event>();
        to.events.push_back({recount::stream_name{"account-a"}, std::string{name.name},
                             name.version, recount::describe::to_json(event), {}});
    }
    ran run(std::vector<std::string> words) {
        auto const url = database.url();
        words.insert(words.begin(), {"sample", "--database", url});
        std::vector<char const*> argv;
        for (auto const& word : words) argv.push_back(word.c_str());
        ran done;
        captured out{stdout, folder.path() / "out"};
        captured err{stderr, folder.path() / "err"};
        recount::app program{"sample"};
        program.add<sample::account>();
        done.exit = program.run(static_cast<int>(argv.size()), argv.data());
        done.err = err.text();
        done.out = out.text();
        return done;
    }
    int balance(std::vector<std::string> options) {
        options.insert(options.begin(), {"state", "account-a"});
        auto const done = run(std::move(options));
        REQUIRE(done.exit == recount::exit_code::ok);
        return done.lines().front()["state"]["balance"]["minor"];
    }
};

}  // namespace

TEST_CASE("the command line tells a stream as corrected, recorded and annotated", "[history]") {
    corrected_store s;
    auto const events = [&](std::vector<std::string> options) {
        options.insert(options.begin(), {"events", "--stream", "account-a", "--json"});
        auto done = s.run(std::move(options));
        REQUIRE(done.exit == recount::exit_code::ok);
        return done;
    };
    auto const now = events({});
    REQUIRE(now.lines().size() == 2);
    CHECK(now.lines()[1]["payload"]["amount"]["minor"] == 70);
    CHECK(now.lines()[1]["effective_at"] == "2025-12-31T12:00:00.000000Z");
    CHECK(now.lines()[1]["position"] == 2);
    CHECK(now.err == "known at position 5, version 5 of account-a\n");
    auto const then = events({"--at", "4"});
    CHECK(then.lines()[1]["payload"]["amount"]["minor"] == 100);
    CHECK(then.err == "known at position 4, version 4 of account-a\n");
    CHECK(events({"--at", "2"}).err == "known at position 0, version 0 of account-a\n");
    CHECK(events({"--as-of", "2025-12-31"}).lines().size() == 1);
    CHECK(events({"--type", "account.opened"}).lines().size() == 1);
    CHECK(events({"--limit", "1"}).lines().size() == 1);

    auto const recorded = events({"--as", "recorded"});
    REQUIRE(recorded.lines().size() == 5);
    CHECK(recorded.lines()[3]["type"] == "$restructured");
    CHECK(recorded.err.empty());
    CHECK(events({"--from", "1"}).out == recorded.out);
    CHECK(events({"--as", "recorded", "--at", "4"}).lines().size() == 4);

    auto const slots = events({"--as", "annotated"}).lines();
    REQUIRE(slots.size() == 3);
    CHECK(slots[1]["status"] == json::array({"changed"}));
    CHECK(slots[2]["status"] == json::array({"excluded"}));
    // Not on a terminal: marks, and no colours.
    auto const text = s.run({"events", "--stream", "account-a", "--as", "annotated"}).out;
    CHECK(text.find("\n~        2  2025-12-31  account.deposited ") != std::string::npos);
    CHECK(text.find("excluded; by the restructure at 4\n") != std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("the command line tells a state at any version, position and time", "[history]") {
    corrected_store s;
    CHECK(s.balance({}) == 70);
    CHECK(s.balance({"--version", "4"}) == 100);
    CHECK(s.balance({"--version", "1"}) == 300);         // inside a commit: up to its end
    CHECK(s.balance({"--at", "3"}) == 300);
    CHECK(s.balance({"--at", "4"}) == 100);
    CHECK(s.balance({"--as-of", "2025-12-31"}) == 70);
    CHECK(s.balance({"--as-of", "2025-12-31", "--at", "4"}) == 0);
    auto const found = s.run({"state", "account-a", "--version", "1"}).lines().front();
    CHECK(found["version"] == 3);
    CHECK(found["known_at"] == 3);
    auto const none = s.run({"state", "account-a", "--at", "2"});
    CHECK(none.exit == recount::exit_code::failed);
    CHECK(none.err.find("nothing was known of 'account-a' at position 0") != std::string::npos);
    CHECK(s.run({"state", "account-a", "--version", "6"}).exit == recount::exit_code::failed);
    CHECK(s.run({"state", "account-b", "--at", "4"}).err.find("no stream 'account-b'") !=
          std::string::npos);
}
