// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The formats of docs/reference/restructure.md, which shows the approved files of this test.
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include <recount/restructure/payload.hpp>
#include <recount/restructure/resolve.hpp>

#include "support/caught.hpp"
#include "support/restructure/laws.hpp"
#include "unit/describe/approval.hpp"

using namespace recount;
using namespace recount::tests;

namespace {

std::string const a = "account-a";
std::string const b = "account-b";

std::string file_of(std::string const& name) {
    std::ifstream file{approval::folder() / name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// The bytes of a payload, with some ends of lines between them.
std::string in_lines(std::string text) {
    for (std::string const part : {R"("evidence")", R"({"n")", R"("anchor")", R"("content":{)",
                                   R"("brought")", R"("origin")", R"("meta")"}) {
        auto const indent = part.starts_with('{') ? "\n  " : part[1] == 'e' ? "\n " : "\n    ";
        for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
            text.insert(at, indent);
            at += part.size() + std::string_view{indent}.size();
        }
    }
    return text;
}

world bank() {
    world log;
    auto const one = [&](std::string const& stream, int amount) {
        return log.events({{stream, some_content(amount).payload, day(2)}}).front();
    };
    for (auto const amount : {1, 100, 100, -50}) one(a, amount);
    auto const e5 = one(b, 7);
    one(a, 30);
    log.restructure({wish::exclude(e5)});
    return log;
}

}  // namespace

TEST_CASE("a plan in JSON becomes the rows that the reference shows", "[restructure]") {
    auto log = bank();
    auto const plan = restructure::from_json(file_of("restructure_plan.json"));
    auto const made = history::resolve(plan, folded(log.entries()), log.next_id());

    std::string rows;
    for (auto const& row : history::rows_for(made.payload)) {
        auto const again = history::payload_from_json(row.payload.str(), history::own_position);
        CHECK(again.ops.size() == (row.stream == a ? 4U : 2U));
        rows += fmt::format("{}\n{}\n\n", row.stream, in_lines(row.payload.str()));
    }
    approval::check_approved("restructure_rows.txt", rows);

    log.append(made.payload);
    std::string view;
    for (auto const& v : folded(log.entries()).corrected()) {
        view += fmt::format("{:<10} {:<16} {} {}\n", v.stream, v.at.text(), v.content->payload,
                            to_string(date_of(v.content->effective_at)));
    }
    approval::check_approved("restructure_view.txt", view);
}

TEST_CASE("a plan with a field too many is refused, and told what there may be", "[restructure]") {
    auto const refusal = [](std::string const& op) {
        auto const text = R"({"title":"t","because":"b","ops":[)" + op + "]}";
        return std::string{caught([&] { static_cast<void>(restructure::from_json(text)); }).what()};
    };
    std::string const id = R"("c0000000-0000-0000-0000-000000010000")";
    CHECK(refusal(R"({"op":"exclude","event":)" + id + R"(,"reason":"x"})") ==
          "$.ops[0].reason: unknown field, expected op, event");
    std::string const move = R"({"op":"move","event":)" + id + R"(,"to":"account-b","anchor":)";
    CHECK(refusal(move + R"({"after":)" + id + R"(,"behind":1}})") ==
          "$.ops[0].anchor.behind: unknown field, expected after, before");
    CHECK(refusal(move + R"({"after":)" + id + R"(,"before":)" + id + "}}")
              .starts_with("$.ops[0].anchor: expected \"after\" or \"before\", not both"));
    CHECK(refusal(move + "{}}") == "$.ops[0].anchor.before: missing field");
}
