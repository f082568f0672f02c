// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Exports that hold restructures: places in them name positions, so they come in whole or not.
#include <sstream>
#include <utility>

#include <recount/app/application.hpp>
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/restructure/append.hpp>
#include <recount/restructure/read.hpp>
#include <recount/transfer/export.hpp>
#include <recount/transfer/import.hpp>

#include <support/caught.hpp>
#include <support/sample_domain.hpp>
#include <support/wrapped_log.hpp>

using namespace sample;
using Catch::Matchers::ContainsSubstring;
using recount::errc;
using recount::tests::caught;
namespace history = recount::history;

namespace {

struct corrected_world {
    std::shared_ptr<recount::memory::log> log = std::make_shared<recount::memory::log>();
    recount::application app{parts(), log, std::make_shared<recount::memory_row_store>()};

    static recount::application_parts parts() {
        recount::application_parts made;
        made.add<account>();
        return made;
    }
    recount::uuid last_event() {
        return log->read_feed(log->head().position - 1).events.front().id;
    }
    void apply(recount::restructure plan) {
        plan.because("it was wrong").by("ada");
        static_cast<void>(history::append_plan(*log, plan));
    }
    void fill() {
        app.dispatch(open_account{{"a"}}).value();
        app.dispatch(open_account{{"b"}}).value();
        app.dispatch(deposit{{"a"}, {500, "EUR"}}).value();
        auto const first = last_event();
        app.dispatch(deposit{{"b"}, {700, "EUR"}}).value();
        auto const second = last_event();
        apply(recount::restructure{"the wrong account"}.move(second, "account-a"));
        apply(recount::restructure{"came twice"}.exclude(first));
        app.dispatch(deposit{{"b"}, {1, "EUR"}}).value();
        apply(recount::restructure{"the other way round"}.move(
            second, history::planned_anchor::before(first)));
    }
    std::string exported(recount::export_options const& options = {}) {
        std::ostringstream out;
        recount::export_events(*log, out, options);
        return out.str();
    }
    recount::import_report import(std::string const& text) {
        std::istringstream in{text};
        return recount::import_events(app, in, {});
    }
    std::vector<std::string> view(std::string const& stream, recount::position k) {
        std::vector<std::string> all;
        auto const read =
            history::read_corrected(*log, recount::stream_name{stream}, {.known_at = k});
        for (auto const& e : read.events) {
            all.push_back(to_string(e.id) + e.stream + e.payload +
                          recount::to_string(e.effective()));
        }
        return all;
    }
};

void check_same_views(corrected_world& found, corrected_world& expected) {
    REQUIRE(found.log->head().position == expected.log->head().position);
    for (recount::position k = 0; k <= expected.log->head().position; ++k) {
        CAPTURE(k);
        for (auto const* const stream : {"account-a", "account-b"}) {
            CHECK(found.view(stream, k) == expected.view(stream, k));
        }
    }
}

}  // namespace

TEST_CASE("an import of a whole export shows the same corrected views", "[transfer]") {
    corrected_world from;
    from.fill();
    auto const text = from.exported();
    corrected_world to;
    CHECK(to.import(text).recorded == from.log->head().position);
    check_same_views(to, from);
    CHECK(to.import(text).known == from.log->head().position);

    // One that was broken off goes on.
    corrected_world later;
    auto const half = text.find("$restructured");
    auto const lines = text.substr(0, text.rfind('\n', half) + 1);
    CHECK(later.import(lines).recorded == 4);
    CHECK(later.import(text).known == 4);
    check_same_views(later, from);
    // And may be corrected further.
    auto const last = history::read_corrected(*later.log, recount::stream_name{"account-a"});
    later.apply(recount::restructure{"that, too"}.exclude(last.events.back().id));
    CHECK(later.view("account-a", later.log->head().position).size() + 1 == last.events.size());
}

TEST_CASE("restructures are imported only whole and into an empty store", "[transfer]") {
    corrected_world from;
    from.fill();
    auto const text = from.exported();
    auto const refused = [](corrected_world& to, std::string const& lines) {
        auto const thrown = caught([&] { to.import(lines); });
        CHECK(thrown.code() == errc::refused);
        CHECK_THAT(thrown.what(), ContainsSubstring("only whole and into an empty store"));
        for (auto const& e : to.log->read_feed(0).events) CHECK(e.type != "$restructured");
    };
    corrected_world other;
    other.app.dispatch(open_account{{"z"}}).value();
    refused(other, text);

    recount::export_options options;
    options.filter.stream = recount::stream_name{"account-a"};
    corrected_world partly;
    refused(partly, from.exported(options));

    corrected_world tail;
    refused(tail, text.substr(text.find('\n') + 1));
}

TEST_CASE("a restructure is not imported behind what came in meanwhile", "[transfer]") {
    corrected_world from;
    from.fill();
    auto const text = from.exported();
    recount::commit somebody_elses;
    somebody_elses.events.push_back(
        {recount::stream_name{"other-z"}, "other.happened", 1, {}, {}});
    // Before the events that the first restructure follows, and right before it.
    for (bool const right_before : {false, true}) {
        CAPTURE(right_before);
        auto const log = std::make_shared<recount::tests::wrapped_log>();
        recount::application to{corrected_world::parts(), log,
                                std::make_shared<recount::memory_row_store>()};
        bool came = false;
        auto& when = right_before ? log->before_restructure : log->before_append;
        when = [&] {
            if (!std::exchange(came, true)) log->inner.append(somebody_elses);
        };
        std::istringstream in{text};
        auto const thrown = caught([&] { recount::import_events(to, in, {}); });
        CHECK(came);
        CHECK(thrown.code() == errc::refused);
        CHECK_THAT(thrown.what(), ContainsSubstring("only whole and into an empty store"));
        for (auto const& e : log->inner.read_feed(0).events) CHECK(e.type != "$restructured");
        CHECK(log->inner.head().position == 5);
    }
}

TEST_CASE("a line that only looks like a restructure is refused", "[transfer]") {
    corrected_world from;
    from.fill();
    auto text = from.exported();
    text.replace(text.find(R"("op":"move")"), 11, R"("op":"mave")");
    corrected_world to;
    auto const thrown = caught([&] { to.import(text); });
    CHECK(thrown.code() == errc::invalid_json);
    CHECK_THAT(thrown.what(), ContainsSubstring("line 5"));
}
