// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/logging.hpp>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <recount/core/logging_events.hpp>
#include <recount/memory/log.hpp>

#include "support/captured_lines.hpp"
#include "support/caught.hpp"

namespace logging = recount::logging;
using logging::level;
using recount::tests::captured_lines;
using recount::tests::caught;

namespace {

// Of the environment of this process, for as long as it lives.
struct variable {
    explicit variable(char const* words) { ::setenv("RECOUNT_LOG", words, 1); }
    ~variable() { ::unsetenv("RECOUNT_LOG"); }
};

std::string reference() {
    auto const* const source = std::getenv("RECOUNT_SOURCE");
    REQUIRE(source != nullptr);
    std::ifstream file{std::string{source} + "/docs/reference/logging.md"};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("a line reaches the sink from its least level on", "[logging]") {
    captured_lines lines{level::info};
    logging::write(level::debug, "test.quiet", "not heard");
    logging::write(level::info, "test.first", "heard", {{"rows", "3"}, {"name", "a b"}});
    logging::write(level::error, "test.second", "heard as well");
    REQUIRE(lines.all().size() == 2);
    auto const first = lines.all().front();
    CHECK(first.event == "test.first");
    CHECK(first.text == "heard");
    CHECK(first.level == level::info);
    CHECK(first.fields.at("rows") == "3");
    CHECK(first.fields.at("name") == "a b");
    CHECK(first.correlation.empty());
    CHECK_FALSE(logging::enabled(level::debug));
    CHECK(logging::enabled(level::warning));
}

TEST_CASE("without a sink, or with off, nothing is enabled", "[logging]") {
    CHECK_FALSE(logging::enabled(level::error));
    captured_lines lines{level::off};
    CHECK_FALSE(logging::enabled(level::error));
    CHECK_FALSE(logging::enabled(level::off));
    logging::write(level::off, "test.line", "never");
    CHECK(lines.all().empty());
}

TEST_CASE("correlations nest, and are of one thread", "[logging]") {
    captured_lines lines{level::trace};
    auto const say = [] { logging::write(level::info, "test.line", ""); };
    {
        auto const outer = logging::correlate("outer");
        say();
        {
            auto const inner = logging::correlate("inner");
            say();
            std::thread{say}.join();
        }
        say();
    }
    say();
    std::vector<std::string> found;
    for (auto const& line : lines.all()) found.push_back(line.correlation);
    CHECK(found == std::vector<std::string>{"outer", "inner", "", "outer", ""});
}

TEST_CASE("a sink that throws, or writes lines itself, harms nobody", "[logging]") {
    int calls = 0;
    logging::set_sink([&](logging::line const&) {
        ++calls;
        logging::write(level::error, "test.again", "from the sink");
        throw std::runtime_error{"full"};
    });
    logging::write(level::info, "test.line", "");
    logging::write(level::info, "test.line", "");
    logging::set_sink({});
    CHECK(calls == 2);
}

TEST_CASE("one thread at a time is in the sink", "[logging]") {
    int counted = 0;  // not atomic: that is the point
    logging::set_sink([&](logging::line const&) { ++counted; });
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([] {
            for (int i = 0; i < 1'000; ++i) logging::write(level::info, "test.line", "");
        });
    }
    for (auto& one : threads) one.join();
    logging::set_sink({});
    CHECK(counted == 4'000);
}

TEST_CASE("levels have words, both ways", "[logging]") {
    for (auto const l : {level::trace, level::debug, level::info, level::warning, level::error,
                         level::off}) {
        CHECK(logging::level_from(logging::to_string(l)) == l);
    }
    CHECK_FALSE(logging::level_from("loud"));
    CHECK_FALSE(logging::level_from(""));
}

TEST_CASE("the environment chooses level and form, and a wrong word is refused", "[logging]") {
    {
        variable const set{"warning,json"};
        logging::set_sink_from_environment();
        CHECK(logging::enabled(level::warning));
        CHECK_FALSE(logging::enabled(level::info));
    }
    captured_lines lines{level::trace};
    logging::set_sink_from_environment();  // not set: the sink stays
    logging::write(level::trace, "test.line", "");
    CHECK(lines.all().size() == 1);
    for (auto const* wrong : {"loud", "trace,xml", ",json", "trace,", "TRACE"}) {
        variable const set{wrong};
        auto const e = caught([] { logging::set_sink_from_environment(); });
        CHECK(e.code() == recount::errc::invalid_argument);
        CHECK(std::string{e.what()}.find(wrong) != std::string::npos);
        CHECK(logging::enabled(level::trace));
    }
    variable const set{"off"};
    logging::set_sink_from_environment();
    CHECK_FALSE(logging::enabled(level::error));
}

TEST_CASE("every event has a name of its own, and the reference names it with its fields",
          "[logging]") {
    auto const text = reference();
    std::set<std::string_view> names;
    for (auto const& event : logging::events) {
        INFO(event.name);
        CHECK(names.insert(event.name).second);
        auto const row = text.find("| `" + std::string{event.name} + "` | " +
                                   std::string{logging::to_string(event.level)} + " |");
        REQUIRE(row != std::string::npos);
        auto const line = text.substr(row, text.find('\n', row) - row);
        std::istringstream fields{std::string{event.fields}};
        for (std::string field; fields >> field;) {
            INFO(field);
            CHECK(line.find("`" + field + "`") != std::string::npos);
        }
    }
    CHECK(logging::is_reserved("append.anything"));
    CHECK_FALSE(logging::is_reserved("import.done"));
}

TEST_CASE("an append tells its batch, its commits and its conflicts", "[logging]") {
    captured_lines lines{level::trace};
    recount::memory::log log;
    recount::commit one;
    one.meta.correlation = recount::new_command_id();
    one.events.push_back({recount::stream_name{"a-1"}, "t", 1, {}, {}});
    one.expectations.push_back({recount::stream_name{"a-1"}, recount::expectation::no_stream()});
    log.append(one);
    auto const commit = lines.only("append.commit");
    CHECK(commit.correlation == to_string(*one.meta.correlation));
    CHECK(commit.fields.at("command_id") == to_string(one.id));
    auto const batch = lines.only("append.batch");
    CHECK(batch.fields.at("commits") == "1");
    CHECK(batch.fields.at("first") == "1");
    CHECK(batch.fields.at("last") == "1");
    one.id = recount::new_command_id();
    CHECK(caught([&] { log.append(one); }).code() == recount::errc::conflict);
    auto const conflict = lines.only("append.conflict");
    CHECK(conflict.fields.at("stream") == "a-1");
    CHECK(conflict.fields.at("actual_version") == "1");
    lines.check_declared();
}
