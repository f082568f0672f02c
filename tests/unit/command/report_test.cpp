// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the dispatcher tells of commands: lines under their correlation, and counts.
#include <recount/command/dispatcher.hpp>

#include <recount/app/application.hpp>
#include <recount/core/metrics.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "support/captured_lines.hpp"
#include "support/sample_domain.hpp"
#include "support/wrapped_log.hpp"

namespace {

using namespace sample;
using recount::logging::level;
using recount::metrics::metric;
using recount::tests::captured_lines;
namespace metrics = recount::metrics;

struct world {
    std::shared_ptr<recount::tests::wrapped_log> log =
        std::make_shared<recount::tests::wrapped_log>();
    recount::application app = open();

    [[nodiscard]] recount::application open() const {
        recount::application_parts parts;
        parts.add<account>();
        parts.add<balances>();
        return {std::move(parts), log, std::make_shared<recount::memory_row_store>()};
    }
};

}  // namespace

TEST_CASE("all lines of a command have its correlation", "[dispatch][logging]") {
    world w;
    auto const correlation = recount::new_command_id();
    captured_lines lines{level::trace};
    w.app.dispatch(open_account{{"a"}}, {.correlation = correlation}).value();
    for (auto const* event : {"append.commit", "append.batch", "command.accepted"}) {
        CHECK(lines.only(event).correlation == to_string(correlation));
    }
    auto const accepted = lines.only("command.accepted");
    CHECK(accepted.fields.at("command") == "account.open");
    CHECK(accepted.fields.at("stream") == "account-a");
    CHECK(accepted.fields.at("version") == "1");
    CHECK(accepted.fields.at("events") == "1");
    lines.check_declared();
    recount::logging::write(level::info, "test.after", "");
    CHECK(lines.only("test.after").correlation.empty());
}

TEST_CASE("without a correlation of its own a command has its id", "[dispatch][logging]") {
    world w;
    captured_lines lines{level::debug};
    auto const id = recount::new_command_id();
    CHECK(w.app.dispatch(deposit{{"a"}, eur(5)}, {.id = id}).rejected().code == "not_open");
    auto const rejected = lines.only("command.rejected");
    CHECK(rejected.correlation == to_string(id));
    CHECK(rejected.fields.at("command_id") == to_string(id));
    CHECK(rejected.fields.at("code") == "not_open");
    CHECK(lines.of("append.batch").empty());
    lines.check_declared();
}

TEST_CASE("commands of a batch each have a line under their own correlation",
          "[dispatch][logging]") {
    world w;
    captured_lines lines{level::debug};
    open_account const first{{"a"}};
    open_account const second{{"b"}};
    deposit const third{{"c"}, eur(1)};
    auto const id = recount::new_command_id();
    std::vector<recount::command_call> const calls{
        w.app.call(first), w.app.call(second, {.id = id}), w.app.call(third)};
    static_cast<void>(w.app.batch().run(calls));
    static_cast<void>(w.app.batch().run(std::span{calls}.subspan(1, 1)));
    auto const accepted = lines.of("command.accepted");
    REQUIRE(accepted.size() == 2);
    CHECK(accepted[0].correlation == accepted[0].fields.at("command_id"));
    CHECK(accepted[1].correlation == to_string(id));
    CHECK(lines.only("command.rejected").fields.at("stream") == "account-c");
    CHECK(lines.only("command.repeated").correlation == to_string(id));
    lines.check_declared();
}

TEST_CASE("a command that is decided again says so, and is counted", "[dispatch][logging]") {
    world w;
    auto const retries = metrics::value(metric::command_retries);
    auto const accepted = metrics::value(metric::commands, "accepted");
    auto const rejected = metrics::value(metric::commands, "rejected");
    auto const failed = metrics::value(metric::commands, "failed");
    auto const unchanged = metrics::value(metric::commands, "unchanged");
    w.app.dispatch(open_account{{"a"}}).value();
    captured_lines lines{level::debug};
    w.log->before_append = [&] {
        w.log->before_append = nullptr;
        w.open().dispatch(deposit{{"a"}, eur(2)}).value();
    };
    w.app.dispatch(deposit{{"a"}, eur(1)}).value();
    auto const again = lines.only("command.retried");
    CHECK(again.fields.at("attempt") == "1");
    CHECK(again.fields.at("actual_version") == "2");
    CHECK(lines.only("append.conflict").fields.at("expected") == "version 1");
    w.app.dispatch(open_account{{"a"}}).value();
    CHECK_FALSE(w.app.dispatch(deposit{{"b"}, eur(1)}));
    CHECK_THROWS_AS(static_cast<void>(w.app.dispatch(deposit{{"a"}, eur(1)}, {.expected = 1})),
                    recount::error);
    CHECK(lines.only("command.failed").fields.at("code") == "conflict");
    lines.check_declared();
    CHECK(metrics::value(metric::command_retries) == retries + 1);
    CHECK(metrics::value(metric::commands, "accepted") == accepted + 3);
    CHECK(metrics::value(metric::commands, "unchanged") == unchanged + 1);
    CHECK(metrics::value(metric::commands, "rejected") == rejected + 1);
    CHECK(metrics::value(metric::commands, "failed") == failed + 1);
}

TEST_CASE("pages, pauses and failures of a projection are told", "[runner][logging]") {
    world w;
    auto const told = metrics::value(metric::projection_events, "balances");
    auto const failures = metrics::value(metric::projection_failures, "balances");
    w.app.dispatch(open_account{{"a"}}).value();
    captured_lines lines{level::debug};
    w.log->before_read_feed = [&] {
        w.log->before_read_feed = nullptr;
        throw recount::error{recount::errc::timed_out, "no answer"};
    };
    w.app.catch_up();
    auto const paused = lines.only("projection.paused");
    CHECK(paused.fields.at("projection") == "balances");
    CHECK(paused.fields.at("failures") == "1");
    CHECK(paused.fields.at("code") == "timed_out");
    auto const page = lines.only("projection.page");
    CHECK(page.fields.at("from") == "0");
    CHECK(page.fields.at("through") == "1");
    w.app.dispatch(deposit{{"a"}, eur(1)}).value();
    w.log->before_read_feed = [] { throw recount::error{recount::errc::corrupted, "bad"}; };
    CHECK_THROWS_AS(w.app.catch_up(), recount::error);
    CHECK(lines.only("projection.failed").fields.at("position") == "1");
    lines.check_declared();
    CHECK(metrics::value(metric::projection_events, "balances") == told + 1);
    CHECK(metrics::value(metric::projection_failures, "balances") == failures + 2);
    CHECK(metrics::value(metric::projection_position, "balances") == 1);
    CHECK(metrics::value(metric::projection_lag, "balances") == 0);
}
