// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/difference.hpp>

#include <map>


#include "support/sample_domain.hpp"

namespace {

using namespace sample;
using recount::testing::described_value;
using recount::testing::erased;
using recount::testing::event_differences;
using recount::testing::field_differences;
using texts = std::vector<std::string>;

template <class T>
texts between(T const& expected, T const& got) {
    return field_differences(recount::describe::descriptor_of<T>(), &expected, &got);
}

std::string between(std::vector<described_value> const& expected,
                    std::vector<described_value> const& got) {
    return event_differences(expected, got);
}

struct street {
    std::string name;
    std::int32_t number = 0;
};
RECOUNT_DESCRIBE(street, name, number)
struct moved {
    account_id account;
    std::optional<street> to{};
    std::vector<street> before{};
    std::map<std::string, std::int64_t> counts{};
};
RECOUNT_EVENT(moved, "account.moved", 1, account, to, before, counts)

}  // namespace

TEST_CASE("fields that differ are named with both values", "[testing]") {
    CHECK(between(deposited{{"a"}, eur(5000)}, deposited{{"a"}, eur(8000)}) ==
          texts{"amount: expected 50.00 EUR, got 80.00 EUR"});
    CHECK(between(deposited{{"a"}, eur(1)}, deposited{{"b"}, eur(2)}) ==
          texts{R"(account: expected "a", got "b")", "amount: expected 0.01 EUR, got 0.02 EUR"});
    CHECK(between(deposited{{"a"}, eur(1)}, deposited{{"a"}, eur(1)}).empty());
    // By value, as the types have it.
    CHECK(between(deposited{{"a"}, {}}, deposited{{"a"}, eur(0)}).empty());
}

TEST_CASE("fields inside fields are named by their path", "[testing]") {
    moved const base{{"a"}, street{"Main", 1}, {{"Old", 2}, {"Older", 3}}, {{"x", 1}}};
    auto got = base;
    got.to->number = 7;
    got.before[1].name = "Oldest";
    got.counts["y"] = 2;
    CHECK(between(base, got) == texts{"to.number: expected 1, got 7",
                                      R"(before[1].name: expected "Older", got "Oldest")",
                                      R"(counts: expected {"x": 1}, got {"x": 1, "y": 2})"});
    got = base;
    got.to.reset();
    got.before.pop_back();
    CHECK(between(base, got) ==
          texts{R"(to: expected street{name: "Main", number: 1}, got none)",
                R"(before: expected 2 elements, got 1; the first missing: )"
                R"(street{name: "Older", number: 3})"});
    CHECK(between(got, base)[1] == R"(before: expected 1 element, got 2; the first too many: )"
                                   R"(street{name: "Older", number: 3})");
}

TEST_CASE("events are compared by type, value and effective time, in order", "[testing]") {
    auto const day = recount::timestamp_from_string("2026-01-05T00:00:00Z");
    auto const one = erased(opened{{"a"}});
    auto const two = erased(deposited{{"a"}, eur(5000)});
    CHECK(between({one, two}, {erased(opened{{"a"}}), erased(deposited{{"a"}, eur(5000)})})
              .empty());
    CHECK(between({}, {}).empty());
    CHECK_FALSE(between({one, two}, {two, one}).empty());
    CHECK_FALSE(between({one, two}, {one}).empty());
    CHECK_FALSE(between({one}, {one, two}).empty());
    // Two types of the same fields are two events.
    CHECK_FALSE(between({erased(opened{{"a"}})}, {erased(closed{{"a"}})}).empty());
    auto const timed = erased(recount::effective(opened{{"a"}}, day));
    CHECK(between({timed}, {timed}).empty());
    CHECK(between({timed}, {one}) ==
          "  1. expected     account.opened{account: \"a\"} effective at "
          "2026-01-05T00:00:00.000000Z\n"
          "     got          account.opened{account: \"a\"}\n"
          "       effective at: expected 2026-01-05T00:00:00.000000Z, got none");
}
