// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a person sees of a corrected stream.
#include <recount/memory/log.hpp>
#include <recount/restructure/append.hpp>

#include "app/stream_view.hpp"
#include "support/caught.hpp"
#include "support/sample_domain.hpp"
#include "unit/describe/approval.hpp"

using recount::stream_as;
using sample::eur;

namespace history = recount::history;

namespace {

recount::timestamp second_of(std::int64_t n) {
    return recount::timestamp_from_string("2026-01-31T12:00:00Z") + std::chrono::seconds{n};
}

struct told_stream {
    std::int64_t now = 0;
    recount::memory::log log{"main", [this] { return second_of(++now); }};
    recount::stream_name const a{"account-a"};
    std::vector<recount::uuid> ids;

    template <class Event> void append(std::string const& to, Event const& event) {
        constexpr auto name = recount::event_name_of<Event>();
        recount::commit c;
        c.events.push_back({recount::stream_name{to}, std::string{name.name}, name.version,
                            recount::describe::to_json(event),
                            {}});
        ids.push_back(log.append(c).events.front().id);
    }
    void correct(recount::restructure const& plan) {
        static_cast<void>(history::append_plan(log, plan));
    }
    static recount::restructure plan() { return recount::restructure{"x"}.because("y").by("ada"); }
    static history::planned_content deposited(std::int64_t minor, char const* when = nullptr) {
        history::planned_content made{
            "account.deposited", 1,
            recount::describe::to_json(sample::deposited{{"a"}, eur(minor)}), {}};
        if (when != nullptr) made.effective_at = recount::timestamp_from_string(when);
        return made;
    }

    // Something of each kind.
    told_stream() {
        append("account-a", sample::opened{{"a"}});                   // 1
        append("account-a", sample::deposited{{"a"}, eur(100)});      // 2: excluded
        append("account-a", sample::deposited{{"a"}, eur(200)});      // 3: changed
        append("account-a", sample::deposited{{"a"}, eur(300)});      // 4: moved to the front
        append("account-a", sample::deposited{{"a"}, eur(400)});      // 5: goes to b
        append("account-b", sample::deposited{{"b"}, eur(500)});      // 6: comes from b
        append("account-a", sample::withdrawn{{"a"}, eur(600)});      // 7: excluded and back again
        correct(plan().exclude(ids[1]).exclude(ids[6]));                        // 8
        correct(plan().replace(ids[2], deposited(20, "2025-12-31T23:00:00Z"))   // 9
                    .insert("account-a", history::planned_anchor::after(ids[1]),
                            {deposited(7, "2026-01-31T12:00:02Z")}));
        correct(plan().move(ids[3], history::planned_anchor::after(ids[0])));   // 10
        correct(plan().move(ids[4], "account-b").move(ids[5], "account-a"));    // 11, 12
        correct(plan().reinstate(ids[6], history::registers::presence, 7));     // 13
    }
    std::string text(bool colours, history::read_cut const& cut = {}) {
        std::string all;
        for (auto const& slot : view_of(log, a, stream_as::annotated, cut).slots) {
            all += recount::slot_text(slot, a.str(), colours);
        }
        return all;
    }
};

// What stands between ESC and m.
std::string without_colours(std::string text) {
    for (auto at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
        text.erase(at, text.find('m', at) - at + 1);
    }
    return text;
}

}  // namespace

TEST_CASE("each slot of an annotated stream says what has become of it", "[app]") {
    told_stream s;
    approval::check_approved("annotated_stream.txt", s.text(false));
}

TEST_CASE("colours say no more than the marks do", "[app]") {
    told_stream s;
    auto const coloured = s.text(true);
    CHECK(coloured != s.text(false));
    CHECK(without_colours(coloured) == s.text(false));
}

TEST_CASE("a stream that was not corrected is annotated as its events", "[app]") {
    told_stream s;
    for (auto const& slot : view_of(s.log, s.a, stream_as::annotated, {.known_at = 7}).slots) {
        CHECK(recount::words_of(slot, s.a.str()).empty());
        CHECK(recount::slot_text(slot, s.a.str(), true).starts_with("  "));
    }
}

TEST_CASE("each view of a stream says what it knows of", "[app]") {
    told_stream s;
    auto const positions = [&](stream_as how, history::read_cut const& cut = {}) {
        std::vector<recount::position> list;
        for (auto const& e : view_of(s.log, s.a, how, cut).events) list.push_back(e.position);
        return list;
    };
    using list = std::vector<recount::position>;
    CHECK(positions(stream_as::corrected) == list{1, 4, 9, 3, 6, 7});
    CHECK(positions(stream_as::corrected, {.known_at = 8}) == list{1, 3, 4, 5});
    CHECK(positions(stream_as::recorded) == list{1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13});
    CHECK(positions(stream_as::recorded, {.known_at = 8}) == list{1, 2, 3, 4, 5, 7, 8});
    auto const until = recount::end_of_time_named("2025-12-31");
    CHECK(positions(stream_as::corrected, {.effective_until = until}) == list{3});
    CHECK(positions(stream_as::recorded, {.effective_until = until}).empty());
    CHECK(view_of(s.log, s.a, stream_as::corrected, {.known_at = 11}).known_at == 10);
    CHECK(view_of(s.log, s.a, stream_as::recorded, {.known_at = 11}).known_at == 10);
    CHECK(view_of(s.log, s.a, stream_as::annotated, {.known_at = 11}).known_at == 10);
    CHECK(view_of(s.log, s.a, stream_as::corrected, {}).restructured);
    CHECK_FALSE(view_of(s.log, s.a, stream_as::corrected, {.known_at = 7}).restructured);
    auto const no = recount::tests::caught([&] {
        static_cast<void>(
            view_of(s.log, s.a, stream_as::annotated, {.effective_until = until}));
    });
    CHECK(no.code() == recount::errc::invalid_argument);
}

TEST_CASE("a day ends with its last microsecond", "[app]") {
    CHECK(recount::to_string(recount::end_of_time_named("2025-12-31")) ==
          "2025-12-31T23:59:59.999999Z");
    CHECK(recount::to_string(recount::end_of_time_named("2025-12-31T10:00:00Z")) ==
          "2025-12-31T10:00:00.000000Z");
    CHECK_THROWS_AS(static_cast<void>(recount::end_of_time_named("2025-12-32")), recount::error);
    CHECK_THROWS_AS(static_cast<void>(recount::end_of_time_named("today")), recount::error);
    CHECK_THROWS_AS(static_cast<void>(recount::stream_as_named("Recorded")), recount::error);
}
