// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Plans whose text is larger than a JSON text that is read: judged, appended, shown and undone.
#include <fmt/format.h>

#include <recount/correction/restructured.hpp>
#include <recount/memory/log.hpp>
#include <recount/restructure/append.hpp>
#include <recount/restructure/payload.hpp>

#include "support/catch.hpp"

using namespace recount;

namespace {

constexpr int streams = 8;
constexpr std::uint16_t events_each = 500;

restructure correction(std::string title) {
    restructure plan{std::move(title)};
    plan.because("loaded under the wrong names").by("ada");
    return plan;
}

}  // namespace

TEST_CASE("thousands of moves are judged, appended, shown and undone", "[correction]") {
    memory::log log;
    auto plan = correction("under their own names");
    auto const payload = fmt::format(R"({{"text":"{}"}})", std::string(900, 'x'));
    for (int i = 0; i < streams; ++i) {
        commit one;
        for (int n = 0; n < events_each; ++n) {
            one.events.push_back({stream_name{fmt::format("wrong-{}", i)}, "thing.happened", 1,
                                  json_text::checked(payload), {}});
        }
        log.append(one);
        for (std::uint16_t n = 0; n < events_each; ++n) {
            plan.move(event_id(one.id, n), fmt::format("right-{}", i));
        }
    }
    auto const seen = history::judge(log, plan);
    REQUIRE(history::to_json(seen.resolved.payload).str().size() > limits::json_bytes_max);
    history::append_options options;
    options.preview = seen.hash;
    auto const done = history::append_plan(log, plan, options);
    CHECK(done.events.size() == 2 * streams);
    CHECK(history::append_plan(log, plan, options).repeated);

    auto const found = find_restructure(log, options.id);
    REQUIRE(found);
    CHECK(found->what.ops.size() == streams * events_each);
    CHECK(to_json(*found).size() > limits::json_bytes_max);

    auto const undo = correction("they were right").undo(options.id);
    history::append_options undoing;
    undoing.preview = history::judge(log, undo).hash;
    CHECK_FALSE(history::append_plan(log, undo, undoing).repeated);
    auto const shown = find_restructure(log, undoing.id);
    REQUIRE(shown);
    CHECK(shown->what.ops.size() == streams * events_each);
    CHECK(to_json(*shown).find(R"("ops":[{"n":0,"op":"reinstate")") != std::string::npos);
}
