// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/metrics.hpp>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include <recount/memory/log.hpp>

#include "support/catch.hpp"

namespace metrics = recount::metrics;
using Catch::Matchers::ContainsSubstring;
using metrics::metric;

TEST_CASE("a counter counts what all threads add", "[metrics]") {
    auto const before = metrics::value(metric::statement_retries);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([] {
            for (int i = 0; i < 1'000; ++i) metrics::add(metric::statement_retries);
        });
    }
    for (auto& one : threads) one.join();
    metrics::add(metric::statement_retries, 5);
    CHECK(metrics::value(metric::statement_retries) == before + 4'005);
}

TEST_CASE("a metric with a label counts each value apart", "[metrics]") {
    auto const before = metrics::value(metric::http_requests, "404");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([] {
            for (int i = 0; i < 500; ++i) {
                metrics::http_request(i % 2 == 0 ? 200 : 404, std::chrono::milliseconds{3});
            }
        });
    }
    for (auto& one : threads) one.join();
    CHECK(metrics::value(metric::http_requests, "404") == before + 1'000);
    CHECK(metrics::value(metric::http_requests, "418") == 0);
    CHECK_THAT(metrics::prometheus(),
               ContainsSubstring("recount_http_requests_total{status=\"404\"}"));
}

TEST_CASE("a gauge holds what was set last, and quotes its label", "[metrics]") {
    metrics::set(metric::projection_lag, "with\"quote", 7);
    metrics::set(metric::projection_lag, "with\"quote", 3);
    CHECK(metrics::value(metric::projection_lag, "with\"quote") == 3);
    CHECK_THAT(metrics::prometheus(),
               ContainsSubstring(R"(recount_projection_lag_events{projection="with\"quote"} 3)"));
}

TEST_CASE("a metric with two labels counts each pair apart", "[metrics]") {
    auto const before = metrics::value(metric::projection_events, "pairs");
    metrics::add(metric::projection_events, metrics::labels{"pairs", "main"}, 2);
    metrics::add(metric::projection_events, metrics::labels{"pairs", "trading"});
    CHECK(metrics::value(metric::projection_events, "pairs") == before + 3);
    auto const text = metrics::prometheus();
    CHECK_THAT(text, ContainsSubstring(
                         R"(recount_projection_events_total{projection="pairs",store="main"} 2)"));
    CHECK_THAT(text, ContainsSubstring(
                         R"(recount_projection_events_total{projection="pairs",store="trading"} 1)"));
}

TEST_CASE("labels are bounded: the rest is counted together", "[metrics]") {
    for (std::size_t i = 0; i < metrics::labels_max + 20; ++i) {
        metrics::add(metric::projection_failures, "p" + std::to_string(i));
    }
    CHECK(metrics::value(metric::projection_failures, "p0") == 1);
    CHECK(metrics::value(metric::projection_failures, "p80") == 0);
    CHECK(metrics::value(metric::projection_failures, "other") >= 20);
}

TEST_CASE("buckets of a histogram are cumulative and end with its count", "[metrics]") {
    auto const before = metrics::value(metric::append_seconds);
    metrics::observe(metric::append_seconds, std::chrono::microseconds{500});
    metrics::observe(metric::append_seconds, std::chrono::seconds{60});
    CHECK(metrics::value(metric::append_seconds) == before + 2);
    std::istringstream text{metrics::prometheus()};
    std::vector<std::int64_t> buckets;
    std::int64_t count = -1;
    bool in_seconds = false;
    for (std::string line; std::getline(text, line);) {
        auto const number = [&] { return std::stoll(line.substr(line.rfind(' '))); };
        if (line.starts_with("recount_append_seconds_bucket")) buckets.push_back(number());
        if (line.starts_with("recount_append_seconds_count")) count = number();
        in_seconds = in_seconds || line.starts_with("recount_append_seconds_bucket{le=\"0.0005\"}");
    }
    CHECK(in_seconds);
    REQUIRE(buckets.size() > 2);
    CHECK(std::is_sorted(buckets.begin(), buckets.end()));
    CHECK(buckets.front() >= 1);
    CHECK(buckets.back() == count);
    CHECK(buckets[buckets.size() - 2] < count);
}

TEST_CASE("the text is of the form that scrapers read", "[metrics]") {
    std::istringstream text{metrics::prometheus()};
    std::string family;
    for (std::string line; std::getline(text, line);) {
        INFO(line);
        if (line.starts_with("# HELP ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
        } else if (line.starts_with("# TYPE ")) {
            CHECK(line.substr(7).starts_with(family + ' '));
        } else {
            CHECK(line.starts_with(family));
            CHECK(line.find_first_not_of("0123456789.e-+", line.rfind(' ') + 1) ==
                  std::string::npos);
        }
    }
}

TEST_CASE("every metric has a name of its own, and the reference describes it", "[metrics]") {
    auto const* const source = std::getenv("RECOUNT_SOURCE");
    REQUIRE(source != nullptr);
    std::ifstream file{std::string{source} + "/docs/reference/metrics.md"};
    std::ostringstream text;
    text << file.rdbuf();
    std::set<std::string_view> names;
    for (auto const& d : metrics::descriptions) {
        INFO(d.name);
        CHECK(names.insert(d.name).second);
        CHECK((d.kind == metrics::kind::counter) == d.name.ends_with("_total"));
        auto label = d.label.empty() ? "" : "`" + std::string{d.label} + "`";
        if (!d.second_label.empty()) label += ", `" + std::string{d.second_label} + "`";
        CHECK_THAT(text.str(), ContainsSubstring("| `" + std::string{d.name} + "` | " +
                                                 std::string{to_string(d.kind)} + " | " +
                                                 std::string{d.unit} + " | " + label));
    }
}

TEST_CASE("an append is counted", "[metrics]") {
    auto const commits = metrics::value(metric::commits);
    auto const events = metrics::value(metric::events);
    auto const batches = metrics::value(metric::append_batches);
    auto const conflicts = metrics::value(metric::append_conflicts);
    recount::memory::log log;
    recount::commit one;
    one.events.resize(3, {recount::stream_name{"a-1"}, "t", 1, {}, {}});
    one.expectations.push_back({recount::stream_name{"a-1"}, recount::expectation::no_stream()});
    log.append(one);
    one.id = recount::new_command_id();
    CHECK_THROWS_AS(log.append(one), recount::error);
    CHECK(metrics::value(metric::commits) == commits + 1);
    CHECK(metrics::value(metric::events) == events + 3);
    CHECK(metrics::value(metric::append_batches) == batches + 1);
    CHECK(metrics::value(metric::append_conflicts) == conflicts + 1);
}
