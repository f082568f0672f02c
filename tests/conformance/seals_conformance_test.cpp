// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Periods that are closed, by category and by position: for appends and for corrections.
#include "conformance/restructure_conformance.hpp"

using namespace conformance;
using namespace recount;
using history::planned_anchor;
using history::refusal;

namespace {

new_seal year_end(std::optional<timestamp> until, std::string category = "account") {
    return {std::move(category), until, 0, "ada", "audited"};
}
new_seal by_position(position through) { return {{}, {}, through, "ada", "audited"}; }

commit happened(std::string const& in, timestamp when) {
    auto made = commit_to(in);
    made.events.front().effective_at = when;
    return made;
}

}  // namespace

TEST_CASE("what happened in a sealed period is not appended", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const earlier = happened("account-a", day(0));
        log.append(earlier);
        CHECK(log.list_seals().empty());
        auto const sealed = log.seal(year_end(day(1)));
        CHECK(sealed.head == 1);
        for (auto* one : {&log, &store.other()}) {
            auto const thrown =
                error_of([&] { return one->append(happened("account-a", day(1))); });
            REQUIRE(thrown.has_value());
            CHECK(thrown->code() == errc::refused);
            CHECK(std::string{thrown->what()} ==
                  "unable to append to account-a: it happened at 2026-01-01T12:00:00.000000Z, and "
                  "account is sealed until 2026-01-01T12:00:00.000000Z");
            CHECK_FALSE(thrown->retryable());
            CHECK(log.head().position == 1);
            // What was appended before is known, whatever is sealed by now.
            CHECK(one->append(earlier).repeated);
        }
        CHECK(log.append(happened("account-a", day(1) + duration{1})).first == 2);
        CHECK(log.append(happened("loan-a", day(0))).first == 3);
        CHECK(store.other().append(commit_to("account-a")).first == 4);  // it happened now
        check_whole(log);
    }
}

TEST_CASE("of a batch only what lies in the sealed period fails", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.seal(year_end(day(1)));
        std::vector<commit> batch;
        for (int i = 0; i < 40; ++i) {
            auto const when = day(i == 7 || i == 31 ? 0 : 2);
            batch.push_back(happened("account-" + std::to_string(i), when));
        }
        auto const results = log.append_batch(batch);
        for (std::size_t i = 0; i < results.size(); ++i) {
            CAPTURE(i);
            auto const expected = i == 7 || i == 31 ? std::optional{errc::refused} : std::nullopt;
            CHECK(code_of(results[i]) == expected);
        }
        CHECK(log.head().position == 38);
        check_whole(log);
    }
}

TEST_CASE("a seal is lifted by a newer one, and both are told", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.seal(year_end(day(3)));
        log.seal(year_end(day(1)));
        CHECK(log.append(happened("account-a", day(2))).first == 1);
        CHECK(error_of([&] { return log.append(happened("account-a", day(1))); }).has_value());
        log.seal(year_end(std::nullopt));
        CHECK(log.append(happened("account-a", day(1))).first == 2);
        auto const told = store.other().list_seals();
        REQUIRE(told.size() == 3);
        CHECK(told[0].until == day(3));
        CHECK(told[1].until == day(1));
        CHECK_FALSE(told[2].until.has_value());
        CHECK(told[2].category == "account");
        CHECK(told[2].actor == "ada");
        CHECK(told[2].because == "audited");
        CHECK(told[2].head == 1);
        CHECK(told[0].sealed_at <= told[2].sealed_at);
        CHECK(seals_in_force{told}.until.empty());
    }
}

TEST_CASE("a seal without a reason, or of what there is not, is refused", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("account-a"));
        std::vector<new_seal> const wrong{{"account", day(1), 0, "", "audited"},
                                          {"account", day(1), 0, "ada", ""},
                                          {"account", day(1), 1, "ada", "audited"},
                                          {"", day(1), 0, "ada", "audited"},
                                          {"$saga.x", day(1), 0, "ada", "audited"},
                                          {"no category", day(1), 0, "ada", "audited"},
                                          by_position(-1),
                                          by_position(2)};
        for (std::size_t i = 0; i < wrong.size(); ++i) {
            CAPTURE(i);
            auto const thrown = error_of([&] { return log.seal(wrong[i]); });
            REQUIRE(thrown.has_value());
            CHECK(thrown->code() == errc::invalid_argument);
        }
        CHECK(log.list_seals().empty());
        CHECK(log.seal(by_position(1)).through == 1);
    }
}

TEST_CASE("a sealed period is not corrected, neither out of it nor into it", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const december = tell(log, "account-a", 10, day(0));
        auto const january = tell(log, "account-a", 20, day(2));
        auto const loan = tell(log, "loan-a", 30, day(0));
        store.other().seal(year_end(day(1)));
        for (auto const& plan :
             {correction().exclude(december), correction().replace(december, content(11)),
              correction().redate(january, day(1)), correction().redate(december, day(2)),
              correction().move(december, "loan-a"), correction().move(loan, "account-a"),
              correction().insert("account-b", planned_anchor::end(), {content(1, day(0))})}) {
            CHECK(refused(log, plan) == refusal::sealed_period);
        }
        apply(log, correction().replace(january, content(21)));
        apply(log, correction().replace(loan, content(31)));
        CHECK(log.head().position == 5);

        // Forced: with words that stand in the log.
        auto known = correction().exclude(december);
        known.acknowledge("sealed:loan");
        CHECK(refused(log, known) == refusal::sealed_period);
        known.acknowledge("sealed:account");
        auto const id = apply(log, known);
        CHECK(corrected_ids(log, "account-a") == std::vector{january});
        auto const row = log.find_event(id);
        REQUIRE(row.has_value());
        CHECK(row->payload.find(R"("acknowledged":["sealed:loan","sealed:account"])") !=
              std::string::npos);
    }
}

TEST_CASE("what was recorded up to a sealed position is not corrected", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const y = tell(log, "account-a", 20);
        auto const z = tell(log, "account-a", 30);
        log.seal(by_position(2));
        for (auto const& plan :
             {correction().exclude(x), correction().replace(y, content(21)),
              correction().move(z, planned_anchor::before(y)),
              correction().insert("account-a", planned_anchor::after(x), {content(1, day(1))})}) {
            CHECK(refused(log, plan) == refusal::sealed_period);
        }
        apply(log, correction().replace(z, content(31)));
        tell(log, "account-a", 40);  // appends come after it anyway
        auto known = correction().exclude(x);
        apply(log, known.acknowledge("sealed_position"));
        CHECK(total(history::read_corrected(log, stream("account-a")).events) == 91);
        log.seal(by_position(0));
        apply(log, correction().exclude(y));
    }
}

TEST_CASE("a preview knows the seals, and one that comes later holds up its append",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10, day(0));
        auto const plan = correction().exclude(x);
        auto const seen = history::judge(log, plan).hash;
        store.other().seal(year_end(day(1)));
        CHECK_THROWS_AS(history::judge(log, plan), history::plan_refused);
        history::append_options options;
        options.preview = seen;
        CHECK_THROWS_AS(history::append_plan(log, plan, options), history::plan_refused);
        CHECK(log.head().position == 1);
    }
}

TEST_CASE("names that begin with $ are the framework's", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const restructured = commit_of({event("account-a", "{}", "$restructured")});
        auto const saga = commit_of({event("$saga.transfer-1")});
        for (auto const& one : {restructured, saga}) {
            auto const thrown = error_of([&] { return log.append(one); });
            REQUIRE(thrown.has_value());
            CHECK(thrown->code() == errc::invalid_argument);
            CHECK(std::string{thrown->what()}.find("is the framework's") != std::string::npos);
            auto const made = error_of([&] { return log.append_restructure([&] { return one; }); });
            REQUIRE(made.has_value());
            CHECK(made->code() == errc::invalid_argument);
            auto framework = one;
            framework.of_framework = true;
            CHECK_FALSE(log.append(framework).repeated);
        }
        CHECK(log.head().position == 2);
    }
}

TEST_CASE("a type that only a correction speaks of is one of the log's types", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto adjusted = content(5);
        adjusted.type = "account.adjusted";
        adjusted.schema_version = 3;
        apply(log, correction().replace(x, adjusted));
        adjusted.type = "account.corrected";
        adjusted.effective_at = day(1);
        apply(log, correction().insert("account-a", planned_anchor::after(x), {adjusted}));
        std::vector<std::string> found;
        for (auto const& t : log.list_types()) {
            found.push_back(t.type + " " + std::to_string(t.schema_version) + " at " +
                            std::to_string(t.first_position));
        }
        CHECK(found == std::vector<std::string>{"$restructured 1 at 2", "account.adjusted 3 at 2",
                                                "account.corrected 3 at 3",
                                                "account.moved 1 at 1"});
    }
}
