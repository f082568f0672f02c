// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What becomes of what sagas did, when the history that they acted on is corrected.
#include "support/caught.hpp"
#include "support/shop.hpp"

using namespace recount;
using namespace std::chrono_literals;
using tests::caught;
using tests::shop_with;
using shop::adjusting;
using shop::billing;
using shop::mailing;
using shop::receipts;
using shop::stamping;

namespace {
using strings = std::vector<std::string>;
}

namespace shop {
// Nothing makes up for what it did.
struct posters {
    using events = recount::types<ordered>;
    using effects = recount::types<poster>;
    using reaction = recount::reaction<recount::types<>, recount::types<>, effects>;
    static reaction react(ordered const& e) {
        return recount::effect{poster{e.customer, e.amount}};
    }
};
RECOUNT_REACTOR(posters, "posters", 1)

// Begins with a limit; orders before that are none of its business.
struct watching {
    using events = recount::types<limited, ordered>;
    using commands = recount::types<charge>;
    using reaction = recount::reaction<commands>;

    std::int64_t seen = 0;

    static recount::route route(limited const& e) { return recount::starts(e.customer); }
    static recount::route route(ordered const& e) { return recount::continues(e.customer); }
    static reaction react(watching const&, limited const&) { return {}; }
    static reaction react(watching const&, ordered const&) { return {}; }
    static void evolve(watching& w, ordered const& e) { w.seen += e.amount; }
};
RECOUNT_SAGA(watching, "watching", 1, seen)
}  // namespace shop

TEST_CASE("what a saga did and should not have done is made up for by the undo", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const twice = here.order("b1", "ada", 100);
    here.order("b2", "ada", 30);
    here.run();
    CHECK(here.owes("ada") == 130);
    here.exclude(twice);
    CHECK(here.owes("ada") == 30);
    CHECK(here.types_of("$saga.billing-ada") ==
          strings{"$saga.reacted", "$saga.reacted", "$saga.repaired"});
    CHECK(here.status("billing", "ada") == saga_status::running);
    here.is_quiet();
}

TEST_CASE("a command that still waits is withdrawn, and can never be accepted", "[saga][repair]") {
    auto here = shop_with<billing>();
    auto const wrong = here.order("b1", "ada", 100);
    here.run();
    auto const waiting = here.messages(message_kind::command);
    REQUIRE(waiting.size() == 1);
    here.exclude(wrong);
    auto const after = here.tables().find_message(waiting.front().key);
    REQUIRE(after);
    CHECK(after->status == message_status::withdrawn);
    CHECK(after->superseded_by);
    here.unlock("ada");
    here.box.advance(2h);
    here.run();
    CHECK(here.owes("ada") == 0);
    // Whoever had claimed it before comes too late.
    auto const late = caught([&] {
        command_options options;
        options.id = waiting.front().key;
        options.actor = "$saga.billing";
        static_cast<void>(here.box.dispatch(shop::charge{{"ada"}, 100}, options));
    });
    CHECK(late.code() == errc::command_id_taken);
    CHECK(here.owes("ada") == 0);
    here.is_quiet();
}

TEST_CASE("what a saga did and nobody has declared how to undo is shown", "[saga][repair]") {
    auto here = shop_with<stamping>();
    auto const wrong = here.order("b1", "ada", 7);
    here.run();
    auto const by = here.exclude(wrong);
    CHECK(here.stamps("ada") == 7);
    CHECK(here.status("stamping", "ada") == saga_status::diverged);
    auto const open = here.divergences();
    REQUIRE(open.size() == 1);
    CHECK(open.front().restructure == by);
    REQUIRE(open.front().outputs.size() == 1);
    CHECK(open.front().outputs.front().trigger == wrong);
    CHECK(open.front().outputs.front().did.find(R"("amount":7)") != std::string::npos);
    CHECK(open.front().outputs.front().should.empty());
    here.is_quiet();

    // What comes in meanwhile waits.
    here.order("b2", "ada", 1);
    here.run();
    CHECK(here.stamps("ada") == 7);
    here.acknowledge("stamping", "ada");
    CHECK(here.stamps("ada") == 8);
    CHECK(here.status("stamping", "ada") == saga_status::running);
    CHECK(here.divergences().empty());
    auto const again = caught([&] { here.acknowledge("stamping", "ada"); });
    CHECK(again.code() == errc::refused);
    here.is_quiet();
}

TEST_CASE("what a saga should have done and did not is sent", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const first = here.order("b1", "ada", 100);
    here.run();
    here.correct(restructure{"forgotten"}.insert("basket-b1", history::planned_anchor::after(first),
                                                 {here.missing("b1", "ada", 11)}));
    CHECK(here.owes("ada") == 111);
    here.is_quiet();
    // Also for an instance that there was not.
    here.unlock("ben");
    here.correct(restructure{"forgotten"}.insert("basket-b1", history::planned_anchor::end(),
                                                 {here.missing("b1", "ben", 5)}));
    CHECK(here.owes("ben") == 5);
    here.is_quiet();
}

TEST_CASE("what is taken back and given back is done once more", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const one = here.order("b1", "ada", 100);
    here.run();
    for (int i = 0; i < 3; ++i) {
        auto const by = here.exclude(one);
        CHECK(here.owes("ada") == 0);
        here.box.undo(by, "it was right");
        here.run();
        CHECK(here.owes("ada") == 100);
        here.is_quiet();
    }
}

TEST_CASE("another amount is compensated and sent again, or amended, or shown", "[saga][repair]") {
    auto here = shop_with<billing, stamping>();
    here.unlock("ada");
    auto const wrong = here.order("b1", "ada", 100);
    here.run();
    here.replace(wrong, "b1", "ada", 10);
    CHECK(here.owes("ada") == 10);
    CHECK(here.types_of("account-ada") == strings{"account.unlocked", "account.charged",
                                                  "account.stamped", "account.credited",
                                                  "account.charged"});
    CHECK(here.stamps("ada") == 100);
    CHECK(here.status("stamping", "ada") == saga_status::diverged);
    here.acknowledge("stamping", "ada");
    here.is_quiet();
    // It counts as 10 now.
    here.replace(wrong, "b1", "ada", 100);
    REQUIRE(here.divergences().size() == 1);
    auto const output = here.divergences().front().outputs.front();
    CHECK(output.did.find(R"("amount":10})") != std::string::npos);
    CHECK(output.should.find(R"("amount":100})") != std::string::npos);
    CHECK(here.owes("ada") == 100);
}

TEST_CASE("the declared amendment is sent, and counted in by the next repair", "[saga][repair]") {
    auto here = shop_with<adjusting>();
    here.unlock("ada");
    auto const wrong = here.order("b1", "ada", 100);
    here.run();
    here.replace(wrong, "b1", "ada", 10);
    CHECK(here.owes("ada") == 10);
    here.replace(wrong, "b1", "ada", 25);
    CHECK(here.owes("ada") == 25);
    CHECK(here.types_of("account-ada") == strings{"account.unlocked", "account.charged",
                                                  "account.adjusted", "account.adjusted"});
    here.is_quiet();
    here.exclude(wrong);
    CHECK(here.status("adjusting", "ada") == saga_status::diverged);
}

TEST_CASE("a command that waits is sent as it should be, and once", "[saga][repair]") {
    auto here = shop_with<adjusting, billing>();
    auto const wrong = here.order("b1", "ada", 100);
    here.run();
    CHECK(here.status("adjusting", "ada") == saga_status::parked);
    here.replace(wrong, "b1", "ada", 10);
    here.unlock("ada");
    here.box.advance(2h);
    here.run();
    CHECK(here.owes("ada") == 10);   // of billing; the other one is parked
    resume_instance(here.box.log(), "adjusting", "ada", {.actor = "ines", .because = "unlocked"});
    here.run();
    CHECK(here.owes("ada") == 20);
    here.is_quiet();
}

TEST_CASE("an event that is another instance's now concerns both", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    here.unlock("ben");
    auto const wrong = here.order("b1", "ada", 100);
    here.run();
    here.replace(wrong, "b1", "ben", 100);
    CHECK(here.owes("ada") == 0);
    CHECK(here.owes("ben") == 100);
    here.is_quiet();
    // Nothing of the instance is left: what comes begins it anew.
    here.order("b2", "ada", 3);
    here.run();
    CHECK(here.owes("ada") == 3);
}

TEST_CASE("the order of the inputs counts", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const large = here.order("b1", "ada", 400);
    auto const late = here.limit("b1", "ada", 50);
    here.run();
    CHECK(here.owes("ada") == 400);
    here.correct(restructure{"the limit was there first"}.move(
        late, history::planned_anchor::before(large)));
    CHECK(here.owes("ada") == 50);
    here.is_quiet();
    // The state is that of the corrected inputs, also where it is told from the stream again.
    here.order("b1", "ada", 70);
    here.run();
    CHECK(here.owes("ada") == 100);
}

TEST_CASE("a correction that is of no account to a saga leaves nothing", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    here.unlock("ben");
    here.order("b1", "ada", 1);
    auto const other = here.order("b1", "ben", 2);
    here.run();
    auto const before = here.types_of("$saga.billing-ada");
    here.exclude(other);
    CHECK(here.types_of("$saga.billing-ada") == before);
    CHECK(here.owes("ben") == 0);
}

TEST_CASE("an event that comes to an instance that there is not goes by", "[saga][repair]") {
    auto here = shop_with<shop::watching>();
    here.limit("b1", "ada", 50);
    auto const wrong = here.order("b1", "ada", 100);
    here.run();
    here.replace(wrong, "b1", "ben", 100);
    CHECK(here.types_of("$saga.watching-ben").empty());
    CHECK(here.types_of("$saga.watching-ada").back() == "$saga.repaired");
    here.is_quiet();
    here.limit("b2", "ben", 50);
    here.order("b2", "ben", 3);
    here.run();
    CHECK(here.status("watching", "ben") == saga_status::running);
    here.is_quiet();
}

TEST_CASE("an effect that waits is withdrawn, one that left is made up for", "[saga][repair]") {
    auto here = shop_with<mailing>();
    auto const sent = here.order("b1", "ada", 10);
    here.run();
    here.send_effects();
    auto const waiting = here.order("b1", "ada", 20);
    here.run();
    here.exclude(waiting);
    here.exclude(sent);
    CHECK(here.effects() ==
          strings{"receipt 10 done *", "receipt 20 withdrawn *", "apology 10 waiting"});
    CHECK(here.status("mailing", "ada") == saga_status::running);
    here.is_quiet();
}

TEST_CASE("an effect that left and has no compensation is shown", "[saga][repair]") {
    auto here = shop_with<mailing>();
    auto const sent = here.order("b1", "ada", 600);
    here.run();
    here.send_effects();
    here.replace(sent, "b1", "ada", 60);
    CHECK(here.effects() == strings{"receipt 600 done *", "poster 600 done *",
                                    "apology 600 waiting", "receipt 60 waiting"});
    CHECK(here.status("mailing", "ada") == saga_status::diverged);
    here.acknowledge("mailing", "ada");
    CHECK(here.divergences().empty());
    here.is_quiet();
}

TEST_CASE("timers are set, moved and cancelled to what they should be", "[saga][repair]") {
    auto here = shop_with<mailing>();
    auto const one = here.order("b1", "ada", 60);
    here.run();
    auto const due = [&] {
        auto const set = here.tables().list_timers({});
        return set.empty() ? std::optional<timestamp>{} : set.front().due_at;
    };
    auto const begin = here.box.clock().now();
    CHECK(due() == begin + 60min);
    here.replace(one, "b1", "ada", 30);
    CHECK(due() == begin + 30min);
    auto const out = here.exclude(one);
    CHECK(due() == std::nullopt);
    here.box.undo(out, "it was there");
    here.run();
    CHECK(due() == begin + 30min);
    here.send_effects();
    here.box.advance(30min);
    here.run();
    CHECK(due() == std::nullopt);
    CHECK(here.effects().back() == "poster 30 waiting");
    // It should have fired later than it did: what came of it is taken back, and it is set again.
    here.replace(one, "b1", "ada", 90);
    CHECK(due() == begin + 90min);
    CHECK(here.status("mailing", "ada") == saga_status::running);
    here.box.advance(60min);
    here.run();
    CHECK(here.effects().back() == "poster 90 waiting");
    here.is_quiet();
}

TEST_CASE("a reactor is repaired by the old and the new content", "[saga][repair]") {
    auto here = shop_with<receipts>();
    auto const one = here.order("b1", "ada", 10);
    auto const two = here.order("b1", "ada", 20);
    here.run();
    here.send_effects();
    CHECK(here.stamps("ada") == 30);
    auto const out = here.exclude(one);
    CHECK(here.stamps("ada") == 20);
    here.replace(two, "b1", "ada", 7);
    CHECK(here.stamps("ada") == 7);
    CHECK(here.effects() == strings{"receipt 10 done *", "receipt 20 done *", "apology 10 waiting",
                                    "apology 20 waiting", "receipt 7 waiting"});
    here.is_quiet();
    here.box.undo(out, "it was right");
    here.run();
    CHECK(here.stamps("ada") == 17);
    here.exclude(one);
    CHECK(here.stamps("ada") == 7);
    here.is_quiet();
}

TEST_CASE("a reactor that has diverged is in order when a person says so", "[saga][repair]") {
    auto here = shop_with<::shop::posters>();
    auto const one = here.order("b1", "ada", 10);
    here.run();
    here.send_effects();
    here.exclude(one);
    CHECK(here.status("posters", to_string(one)) == saga_status::diverged);
    here.acknowledge("posters", to_string(one));
    CHECK(here.divergences().empty());
    CHECK(here.status("posters", to_string(one)) == saga_status::ended);
    here.is_quiet();
}

TEST_CASE("what has diverged can be ended by hand", "[saga][repair]") {
    auto here = shop_with<stamping>();
    auto const one = here.order("b1", "ada", 10);
    here.run();
    here.exclude(one);
    CHECK(here.status("stamping", "ada") == saga_status::diverged);
    end_instance(here.box.log(), "stamping", "ada", {.actor = "ines", .because = "enough"});
    here.run();
    CHECK(here.status("stamping", "ada") == saga_status::ended);
    here.is_quiet();
}

TEST_CASE("a correction that comes with what it corrects sends nothing", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const wrong = here.order("b1", "ada", 100);
    here.exclude(wrong);   // before the saga has run at all
    CHECK(here.owes("ada") == 0);
    CHECK(here.types_of("account-ada") == strings{"account.unlocked"});
    here.is_quiet();
}

TEST_CASE("inputs that cannot be told park the instance, and are tried again", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const one = here.order("b1", "ada", 100);
    here.run();
    here.replace(one, "b1", "ada", -1);
    CHECK(here.owes("ada") == 100);
    CHECK(here.status("billing", "ada") == saga_status::parked);
    here.order("b2", "ada", 5);
    here.run();
    CHECK(here.owes("ada") == 100);
    // The correction is corrected, and what waited goes on.
    here.replace(one, "b1", "ada", 40);
    CHECK(here.owes("ada") == 100);   // its commands wait as well
    resume_instance(here.box.log(), "billing", "ada", {.actor = "ines", .because = "put right"});
    here.run();
    CHECK(here.owes("ada") == 45);
    CHECK(here.status("billing", "ada") == saga_status::running);
    here.is_quiet();
}

TEST_CASE("of an instance that a person has ended nothing is sent", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const one = here.order("b1", "ada", 100);
    here.run();
    end_instance(here.box.log(), "billing", "ada", {.actor = "ines", .because = "she has left"});
    here.run();
    here.replace(one, "b1", "ada", 10);
    CHECK(here.owes("ada") == 100);
    REQUIRE(here.divergences().size() == 1);
    here.acknowledge("billing", "ada");
    CHECK(here.status("billing", "ada") == saga_status::ended);
    here.is_quiet();
}

TEST_CASE("nor is what it did undone, when its cause is taken out", "[saga][repair]") {
    auto here = shop_with<billing>();
    here.unlock("ada");
    auto const one = here.order("b1", "ada", 100);
    here.run();
    end_instance(here.box.log(), "billing", "ada", {.actor = "ines", .because = "she has left"});
    here.run();
    here.exclude(one);
    CHECK(here.owes("ada") == 100);
    REQUIRE(here.divergences().size() == 1);
    here.acknowledge("billing", "ada");
    CHECK(here.status("billing", "ada") == saga_status::ended);
    here.is_quiet();
}
