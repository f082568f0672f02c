// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/resolve.hpp>

#include <chrono>
#include <utility>

#include <recount/restructure/payload.hpp>

#include "support/caught.hpp"
#include "support/restructure/laws.hpp"

using namespace recount;
using namespace recount::tests;
using history::planned_anchor;
using history::refusal;
using history::registers;

namespace {

std::string const a = "account-A";
std::string const b = "account-B";

history::planned_content said(std::int64_t amount, std::optional<timestamp> when = day(5)) {
    return {"account.moved", 1, json_text::checked(some_content(amount).payload), when};
}

struct bank {
    world log;
    std::vector<uuid> e;

    bank() {
        e = log.events({{a, some_content(1).payload, day(1)},
                        {a, some_content(2).payload, day(2)},
                        {a, some_content(2).payload, day(2)},
                        {b, some_content(4).payload, day(4)}});
    }
    [[nodiscard]] history::fold history() const { return folded(log.entries()); }
    [[nodiscard]] history::resolved_plan resolve(restructure const& plan,
                                                 history::plan_rules const& rules = {}) const {
        return history::resolve(plan, history(), log.next_id(), rules);
    }
    uuid apply(restructure const& plan) {
        auto const id = log.next_id();
        log.append(resolve(plan).payload);
        return id;
    }
    [[nodiscard]] std::string amounts(std::string const& stream) const {
        std::string text;
        for (auto const& v : shown(history().corrected(stream))) {
            text += (text.empty() ? "" : " ") + std::to_string(total({v}));
        }
        return text;
    }
    [[nodiscard]] std::vector<history::problem> problems(restructure const& plan,
                                                         history::plan_rules const& rules = {}) {
        try {
            static_cast<void>(resolve(plan, rules));
        } catch (history::plan_refused const& refused) {
            CHECK(refused.code() == errc::refused);
            return refused.problems();
        }
        FAIL("nothing was refused");
        return {};
    }
};

restructure because() { return restructure{"a test"}.because("it was wrong"); }

}  // namespace

TEST_CASE("what no log should hold is refused, by its kind", "[restructure]") {
    bank k;
    auto const nobody = command_id_from_key("nobody");
    auto const own = history::inserted_id(k.log.next_id(), 0);
    auto const end = planned_anchor::end();
    struct {
        restructure plan;
        refusal expected;
    } const refused[] = {
        {restructure{"a test"}.exclude(k.e[0]), refusal::missing_reason},
        {because(), refusal::empty_plan},
        {because().exclude(nobody), refusal::unknown_target},
        {because().exclude(k.log.next_id()), refusal::unknown_target},
        {because().move(k.e[0], planned_anchor::after(nobody)), refusal::unknown_anchor},
        {because().insert(a, planned_anchor::keep(), {said(1)}), refusal::unknown_anchor},
        {because().move(k.e[0], planned_anchor::before(k.e[0])), refusal::self_anchor},
        {because().insert(a, end, {said(1)}).exclude(own), refusal::own_insert},
        {because().insert(a, end, {said(1)}).move(own, b), refusal::own_insert},
        {because().insert(a, end, {said(1)}).reinstate(own, {registers::presence}, 4),
         refusal::unknown_then},
        {because().redate(k.e[0], day(1)), refusal::no_effect},
        {because().exclude(k.e[0]).exclude(k.e[0]), refusal::no_effect},
        {because().move(k.e[0], planned_anchor::before(k.e[1])), refusal::no_effect},
        {because().move(k.e[0], a), refusal::no_effect},
        {because().reinstate(k.e[0], registers::all(), 4), refusal::no_effect},
        {because().reinstate(k.e[0], {registers::presence}, 3), refusal::unknown_then},
        {because().reinstate(k.e[0], {registers::presence}, 99), refusal::unknown_then},
        {because().insert(a, end, {said(1, {})}), refusal::invalid_content},
        {because().insert("Account", end, {said(1)}), refusal::invalid_content},
        {because().replace(k.e[0], {"$restructured", 1, {}, {}}), refusal::invalid_content},
        {because().replace(k.e[0], {"a\nb", 1, {}, {}}), refusal::invalid_content},
        {because().replace(k.e[0], {"account.moved", 0, {}, {}}), refusal::invalid_content},
        {because().redate(k.e[0], timestamp::max()), refusal::invalid_content},
        {restructure{"\xFF"}.because("b").exclude(k.e[0]), refusal::invalid_content},
        {because().evidence(std::string{"\0", 1}).exclude(k.e[0]), refusal::invalid_content},
        {because().insert(a, end, {}), refusal::empty_plan},
        {because().split(k.e[0], {}), refusal::empty_plan},
        {because().undo(nobody), refusal::unknown_restructure},
        {because().undo(nobody).exclude(k.e[0]), refusal::not_alone},
        {because().dedupe(b), refusal::no_effect},
        {because().merge({}, said(1)), refusal::empty_plan},
        {because().merge({k.e[0], k.e[1], k.e[0]}, said(9)), refusal::invalid_content},
    };
    for (auto const& r : refused) {
        auto const problems = k.problems(r.plan);
        INFO(problems.front().sentence);
        CHECK(to_string(problems.front().what) == to_string(r.expected));
    }
}

TEST_CASE("each step that cannot be is told, with its number", "[restructure]") {
    bank k;
    auto const problems = k.problems(
        because().exclude(k.e[0]).redate(k.e[0], day(1)).exclude(command_id_from_key("nobody")));
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].step == 1);
    CHECK(problems[1].step == 2);
}

TEST_CASE("a move past a slot that is excluded has an effect", "[restructure]") {
    bank k;
    k.apply(because().exclude(k.e[1]));
    CHECK_NOTHROW(k.resolve(because().move(k.e[0], planned_anchor::after(k.e[1]))));
}

TEST_CASE("a sealed period takes no change, in or out", "[restructure]") {
    bank k;
    history::plan_rules const rules{.sealed_until = {{"account", day(2)}}};
    for (auto const& plan : {because().exclude(k.e[1]), because().redate(k.e[3], day(2)),
                             because().redate(k.e[0], day(9)),
                             because().insert(a, planned_anchor::end(), {said(1, day(1))})}) {
        CHECK(k.problems(plan, rules).front().what == refusal::sealed_period);
    }
    CHECK_NOTHROW(k.resolve(because().redate(k.e[3], day(9)), rules));
}

TEST_CASE("a stream takes only what its aggregate knows", "[restructure]") {
    bank k;
    history::plan_rules const rules{.content_problem = [](auto const& c, auto const& stream) {
        return stream == b ? "accounts of kind B know no " + c.type : std::string{};
    }};
    CHECK(k.problems(because().move(k.e[0], b), rules).front().what == refusal::invalid_content);
    CHECK_NOTHROW(k.resolve(because().redate(k.e[0], day(9)), rules));

    // Nor is it brought back there as something else.
    history::planned_content const other{"account.renamed", 1, {}, {}};
    k.apply(because().replace(k.e[0], other));
    history::plan_rules const narrow{.content_problem = [](auto const& c, auto const&) {
        return c.type == "account.moved" ? "no account knows " + c.type : std::string{};
    }};
    auto const back = because().reinstate(k.e[0], {registers::contents}, 4);
    CHECK(k.problems(back, narrow).front().what == refusal::invalid_content);
    CHECK_NOTHROW(k.resolve(back));
}

TEST_CASE("a place of more than 64 steps is refused", "[restructure]") {
    bank k;
    auto z = k.e[0];
    auto above = z;
    for (int depth = 1; depth <= 64; ++depth) {
        auto const id = k.apply(because().insert(a, planned_anchor::after(z), {said(depth)}));
        above = std::exchange(z, history::inserted_id(id, 0));
    }
    auto const deeper = because().insert(a, planned_anchor::after(z), {said(65)});
    CHECK(k.problems(deeper).front().what == refusal::too_deep);
    // A run has one anchor, so it does not get deeper.
    std::vector<history::planned_content> run;
    for (int i = 0; i < 100; ++i) run.push_back(said(1000 + i));
    k.apply(because().insert(a, planned_anchor::before(above), run));
    CHECK(k.amounts(a).find("1098 1099 63 64") != std::string::npos);
}

TEST_CASE("runs, splits and merges stand in the order they were given", "[restructure]") {
    bank k;
    k.apply(because().insert(a, planned_anchor::after(k.e[0]), {said(11), said(12), said(13)}));
    CHECK(k.amounts(a) == "1 11 12 13 2 2");
    k.apply(because().insert(a, planned_anchor::first(), {said(7), said(8)}));
    CHECK(k.amounts(a) == "7 8 1 11 12 13 2 2");
    k.apply(because().split(k.e[1], {said(21, {}), said(22), said(23)}));
    CHECK(k.amounts(a) == "7 8 1 11 12 13 21 22 23 2");
    CHECK(shown(k.history().corrected(a))[6].content.effective_at == day(2));
    k.apply(because().merge({k.e[0], k.e[2]}, said(3)));
    CHECK(k.amounts(a) == "7 8 3 11 12 13 21 22 23");
}

TEST_CASE("of what stands twice the first is kept", "[restructure]") {
    bank k;
    k.apply(because().dedupe(a));
    CHECK(k.amounts(a) == "1 2");
    CHECK(k.history().corrected(a)[1].event == k.e[1]);
}

TEST_CASE("a run of one type is excluded from one slot to another", "[restructure]") {
    bank k;
    k.apply(because().exclude_all(a, "account.moved", k.e[1], k.e[2]));
    CHECK(k.amounts(a) == "1");
}

TEST_CASE("what a command caused is excluded with it", "[restructure]") {
    bank k;
    auto rows = k.log.rows();
    auto const caused_by = [&](std::string const& stream, std::string const& cause) {
        recorded_event r;
        r.position = r.commit_last = static_cast<position>(rows.size()) + 1;
        r.stream = stream;
        r.id = event_id(command_id_from_key(stream + std::to_string(r.position)), 0);
        r.type = "account.moved";
        r.payload = "{}";
        r.meta = R"({"causation":")" + cause + R"("})";
        rows.push_back(r);
        return to_string(r.id);
    };
    auto const child = caused_by(b, to_string(command_id_of(k.e[0])));
    caused_by(a, child);
    caused_by(a, to_string(command_id_from_key("another")));
    auto const history = folded(history::entries_of(rows));
    auto const r = history::resolve(because().revert_causation(command_id_of(k.e[0])), history,
                                    k.log.next_id());
    CHECK(r.payload.ops.size() == k.e.size() + 2);
}

TEST_CASE("causes are looked for in any log", "[restructure]") {
    bank k;  // an insert told by the row of another stream
    history::entry e;
    e.first = e.visible_at = k.log.head() + 1;
    history::restructure_payload told{k.log.next_id(), "t", "b"};
    auto const x = history::inserted_id(told.restructure, 0);
    auto const content = std::make_shared<history::content const>(some_content(1));
    told.ops = {{0, history::op::insert{x, b, {}, content}, {a}}};
    e.what = told;
    auto f = k.history();
    f.advance(e);
    auto const plan = because().revert_causation(command_id_of(k.e[0]));
    CHECK(history::resolve(plan, f, command_id_from_key("r")).payload.ops.size() == 4);
}

TEST_CASE("an undo says who has written since, and who stands there", "[restructure]") {
    bank k;
    auto const r = k.apply(because().redate(k.e[0], day(7)));
    auto const later = k.apply(because().redate(k.e[0], day(8)));
    auto const problems = k.problems(because().undo(r));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].what == refusal::written_since);
    CHECK(problems[0].concerning == std::vector{later});

    // The later one and its undo count as nothing.
    auto const undo = k.apply(because().undo(later));
    CHECK_NOTHROW(k.resolve(because().undo(r)));
    // … unless that undo is undone.
    k.apply(because().undo(undo));
    CHECK(k.problems(because().undo(r))[0].what == refusal::written_since);

    bank other;
    auto const insert = other.apply(because().insert(a, planned_anchor::first(), {said(9)}));
    auto const x = history::inserted_id(insert, 0);
    auto const beside =
        other.apply(because().insert(a, planned_anchor::after(x), {said(10)}));
    auto const plan = other.resolve(because().undo(insert));
    CHECK(plan.anchored_there == std::vector{history::inserted_id(beside, 0)});
    other.apply(because().undo(insert));
    CHECK(other.amounts(a) == "10 1 2 2");
}

TEST_CASE("streams of anchors are checked without a row", "[restructure]") {
    bank k;
    auto const r = k.resolve(because().move(k.e[0], planned_anchor::after(k.e[3])));
    CHECK(history::streams_of(r.payload) == std::vector{a});
    CHECK(history::checked_streams(r.payload, k.history()) == std::vector{b});
}

TEST_CASE("a plan is read from JSON", "[restructure]") {
    bank k;
    auto const id = [&](std::size_t i) { return '"' + to_string(k.e[i]) + '"'; };
    auto const content = R"({"type":"account.moved","schema_version":1,"payload":{"amount":9},)"
                         R"("effective_at":"2026-01-05T12:00:00.000000Z"})";
    auto const text = R"({"title":"a test","because":"it was wrong","by":"ada",)"
                      R"("evidence":["file 0117"],"ops":[)"
                      R"({"op":"exclude","event":)" + id(0) + R"(},)"
                      R"({"op":"redate","event":)" + id(1) +
                      R"(,"effective_at":"2026-01-09T12:00:00Z"},)"
                      R"({"op":"move","event":)" + id(2) + R"(,"to":"account-B","anchor":"first"},)"
                      R"({"op":"insert","to":"account-B","anchor":{"after":)" + id(3) +
                      R"(},"content":)" + content + R"(},)"
                      R"({"op":"reinstate","event":)" + id(0) +
                      R"(,"registers":["presence"],"as_at":4}]})";
    auto const plan = restructure::from_json(text);
    CHECK(plan.actor() == "ada");
    CHECK(plan.all_evidence() == std::vector<std::string>{"file 0117"});
    k.apply(plan);
    CHECK(k.amounts(a) == "1 2");
    CHECK(k.amounts(b) == "2 4 9");

    auto const refused = caught([] {
        static_cast<void>(restructure::from_json(
            R"({"title":"t","because":"b","ops":[{"op":"forget","event":"x"}]})"));
    });
    CHECK(refused.code() == errc::invalid_json);
    CHECK(std::string{refused.what()}.find("$.ops[0].op: expected exclude") == 0);
}

TEST_CASE("a restructure that no row can hold is refused before it is appended", "[restructure]") {
    bank k;
    auto const large = [](std::size_t bytes, int amount) {
        auto content = said(amount);
        content.payload = json_text::checked(
            '"' + std::string(bytes, static_cast<char>('a' + amount)) + '"');
        return content;
    };
    auto const half = limits::payload_bytes_max / 2;
    auto plan = because();
    plan.replace(k.e[0], large(half, 1));
    CHECK_NOTHROW(k.resolve(plan));
    plan.replace(k.e[1], large(half, 2));
    auto const problems = k.problems(plan);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].what == refusal::too_large);
    CHECK(problems[0].step == -1);
    CHECK(problems[0].sentence.find("its row in account-A takes 10") == 0);

    // A row is written with the hash of its preview.
    auto const bytes_with = [&](std::size_t bytes) {
        auto const one = k.resolve(because().replace(k.e[0], large(bytes, 1)));
        return history::row_sizes(one.payload).front().bytes;
    };
    constexpr std::size_t bytes_of_hash = sizeof(R"(,"preview":"")") - 1 + 64;
    auto const frame = bytes_with(half) - half;
    auto const most = limits::payload_bytes_max - frame - bytes_of_hash;
    CHECK(bytes_with(most) == limits::payload_bytes_max - bytes_of_hash);
    CHECK(k.problems(because().replace(k.e[0], large(most + 1, 1))).front().what ==
          refusal::too_large);

    // In two streams there is room for both.
    auto const apart = because().replace(k.e[0], large(half, 1)).replace(k.e[3], large(half, 2));
    CHECK_NOTHROW(k.resolve(apart));

    // Sizes are those of the rows that are written, whatever they hold.
    auto const r = k.resolve(because()
                                 .evidence("file \"0117\"")
                                 .exclude(k.e[0])
                                 .move(k.e[1], b)
                                 .insert(a, planned_anchor::first(), {said(1), said(2)}));
    auto const rows = history::rows_for(r.payload);
    auto const sizes = history::row_sizes(r.payload);
    REQUIRE(sizes.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(sizes[i].stream == rows[i].stream);
        CHECK(sizes[i].bytes == rows[i].payload.str().size());
    }
}

TEST_CASE("of a plan with many mistakes the first hundred are told", "[restructure]") {
    bank k;
    auto plan = because();
    for (int i = 0; i < 1'000; ++i) plan.exclude(command_id_from_key(std::to_string(i)));
    CHECK(k.problems(plan).size() == limits::plan_problems_max);

    auto huge = because();
    for (std::size_t i = 0; i <= limits::restructure_operations_max; ++i) huge.exclude(k.e[0]);
    CHECK(k.problems(huge).front().what == refusal::too_many_operations);
}

TEST_CASE("a plan of two operations in two streams is one restructure", "[restructure]") {
    bank k;
    k.apply(because().exclude(k.e[1]).move(k.e[2], b));
    CHECK(k.amounts(a) == "1");
    CHECK(k.amounts(b) == "2 4");
}
