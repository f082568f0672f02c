// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A seminar with few seats: what docs/guides/aggregates.md shows.
#include <algorithm>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/recount.hpp>

#include <support/caught.hpp>

namespace examples::aggregates {

using recount::rejection;

//[events
using seminar_id = recount::strong_id<struct seminar_tag>;
using guest_id = recount::strong_id<struct guest_tag>;

struct announced { seminar_id seminar; std::int32_t seats = 0; recount::timestamp bookable_until; };
struct seat_booked { seminar_id seminar; guest_id guest; };
struct sold_out { seminar_id seminar; };
struct attended { seminar_id seminar; guest_id guest; };
struct followed_up { seminar_id seminar; seminar_id earlier; };
RECOUNT_EVENT(announced, "seminar.announced", 1, seminar, seats, bookable_until)
RECOUNT_EVENT(seat_booked, "seminar.seat_booked", 1, seminar, guest)
RECOUNT_EVENT(sold_out, "seminar.sold_out", 1, seminar)
RECOUNT_EVENT(attended, "seminar.attended", 1, seminar, guest)
RECOUNT_EVENT(followed_up, "seminar.followed_up", 1, seminar, earlier)
//]

//[commands
struct announce { seminar_id seminar; std::int32_t seats = 0; recount::timestamp bookable_until; };
struct book { seminar_id seminar; guest_id guest; };
struct note_attendance { seminar_id seminar; guest_id guest; recount::timestamp when; };
struct follow_up { seminar_id seminar; seminar_id earlier; };      // two ids: see target()
RECOUNT_COMMAND(announce, "seminar.announce", seminar, seats, bookable_until)
RECOUNT_COMMAND(book, "seminar.book", seminar, guest)
RECOUNT_COMMAND(note_attendance, "seminar.note_attendance", seminar, guest, when)
RECOUNT_COMMAND(follow_up, "seminar.follow_up", seminar, earlier)
//]

//[state
struct seminar {
    using id = seminar_id;
    using events = recount::types<announced, seat_booked, sold_out, attended, followed_up>;
    using commands = recount::types<announce, book, note_attendance, follow_up>;
    using decision = recount::decision<events>;

    bool is_announced = false;
    std::int32_t seats = 0;
    recount::timestamp bookable_until;
    std::vector<guest_id> guests;
    // … evolve and decide follow
    //]

    //[evolve
    static void evolve(seminar& s, announced const& e) {
        s.is_announced = true;
        s.seats = e.seats;
        s.bookable_until = e.bookable_until;
    }
    static void evolve(seminar& s, seat_booked const& e) { s.guests.push_back(e.guest); }
    static void evolve(seminar&, sold_out const&) {}        // the state need not know
    static void evolve(seminar&, attended const&) {}
    static void evolve(seminar&, followed_up const&) {}
    //]

    static decision decide(seminar const& s, announce const& c) {
        if (s.is_announced) return {};
        return announced{c.seminar, c.seats, c.bookable_until};
    }
    //[decide
    static decision decide(seminar const& s, book const& c, recount::facts const& known) {
        if (!s.is_announced) return rejection{"not_announced", "there is no such seminar"};
        if (known.now > s.bookable_until) return rejection{"too_late", "booking has ended"};
        if (s.has(c.guest)) return {};                       // nothing to record: has a seat
        if (s.free() == 0) return rejection{"full", "all seats are taken"};
        if (s.free() > 1) return seat_booked{c.seminar, c.guest};
        return {seat_booked{c.seminar, c.guest}, sold_out{c.seminar}};
    }
    //]

    //[effective
    // The list of those who came is typed in days later.
    static decision decide(seminar const& s, note_attendance const& c) {
        if (!s.has(c.guest)) return rejection{"not_booked"};
        return recount::effective(attended{c.seminar, c.guest}, c.when);
    }
    //]

    //[target
    static seminar_id const& target(follow_up const& c) { return c.seminar; }
    static decision decide(seminar const& s, follow_up const& c) {
        if (!s.is_announced) return rejection{"not_announced"};
        return followed_up{c.seminar, c.earlier};
    }
    //]

    //[helpers
    [[nodiscard]] bool has(guest_id const& guest) const {
        return std::find(guests.begin(), guests.end(), guest) != guests.end();
    }
    [[nodiscard]] std::int32_t free() const {
        return seats - static_cast<std::int32_t>(guests.size());
    }
    //]
};
//[register
RECOUNT_AGGREGATE(seminar, "seminar", 1, is_announced, seats, bookable_until, guests)
//]

namespace {

auto const deadline = recount::timestamp_from_string("2026-03-01T00:00:00Z");
auto const before = recount::timestamp_from_string("2026-02-01T00:00:00Z");
auto const afterwards = recount::timestamp_from_string("2026-04-01T00:00:00Z");

recount::facts at(recount::timestamp now) { return {now, "", recount::new_command_id(), {}}; }

recount::application seminars(recount::timestamp const& now) {
    recount::application_parts parts;
    parts.add<seminar>();
    return {parts, std::make_shared<recount::memory::log>(),
            std::make_shared<recount::memory_row_store>(),
            {.program = "seminars 1.0", .clock = [&now] { return now; }}};
}

}  // namespace

TEST_CASE("decide is a function of state, command and facts", "[docs]") {
    //[pure
    seminar s;
    seminar::evolve(s, announced{{"s-1"}, 2, deadline});
    seminar::evolve(s, seat_booked{{"s-1"}, {"ada"}});

    auto const last_seat = seminar::decide(s, book{{"s-1"}, {"ben"}}, at(before));
    CHECK(last_seat.entries().size() == 2);                  // seat_booked and sold_out
    CHECK(seminar::decide(s, book{{"s-1"}, {"ada"}}, at(before)).entries().empty());
    CHECK(seminar::decide(s, book{{"s-1"}, {"ben"}}, at(afterwards)).rejected()->code
          == "too_late");
    //]
    CHECK(seminar::decide({}, book{{"s-1"}, {"ben"}}, at(before)).rejected()->code
          == "not_announced");
    seminar::evolve(s, seat_booked{{"s-1"}, {"ben"}});
    CHECK(seminar::decide(s, book{{"s-1"}, {"cy"}}, at(before)).rejected()->code == "full");
}

TEST_CASE("what dispatch says", "[docs]") {
    auto now = before;
    auto app = seminars(now);
    CHECK(app.dispatch(announce{{"s-1"}, 1, deadline}).value().version == 1);

    //[outcome
    auto const outcome = app.dispatch(book{{"s-1"}, {"ada"}});
    if (outcome) {
        auto const& yes = outcome.value();
        CHECK(yes.version == 3);                 // of the stream seminar-s-1, after the command
        CHECK(yes.position == 3);                // the log, as far as it shows this command
        CHECK(yes.events.size() == 2);           // ids of what was recorded: none is fine, too
    } else {
        FAIL(outcome.rejected().code);           // a business "no", with its code
    }
    //]
    CHECK(app.dispatch(book{{"s-1"}, {"ada"}}).value().events.empty());
    CHECK(app.dispatch(book{{"s-1"}, {"ben"}}).rejected().code == "full");

    //[expected
    auto const stale = recount::tests::caught([&] {
        static_cast<void>(app.dispatch(note_attendance{{"s-1"}, {"ada"}, deadline},
                                       {.expected = 2}));     // decided on what a form showed
    });
    CHECK(stale.code() == recount::errc::conflict);
    CHECK(stale.what() == std::string{"unable to append to seminar-s-1: expected version 2, "
                                      "stream is at 3"});
    //]

    //[who
    auto const noted = app.dispatch(note_attendance{{"s-1"}, {"ada"}, deadline},
                                    {.key = "list-7 line 12", .actor = "desk"});
    auto const event = *app.log().find_event(noted.value().events.front());
    CHECK(event.effective() == deadline);
    CHECK(recount::metadata_from_json(event.meta).actor == "desk");
    CHECK(event.command == R"({"name":"seminar.note_attendance","version":1,"payload":)"
                           R"({"seminar":"s-1","guest":"ada","when":"2026-03-01T00:00:00.000000Z"}})");
    //]
    CHECK(app.dispatch(follow_up{{"s-1"}, {"s-0"}}).value().stream == "seminar-s-1");
}

}  // namespace examples::aggregates
