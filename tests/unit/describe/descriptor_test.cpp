// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <memory>
#include <set>

#include <recount/describe/macros.hpp>

#include "sample_types.hpp"
#include "support/catch.hpp"

using namespace samples;
using recount::describe::described;
using recount::describe::descriptor_of;
using recount::describe::kind;

namespace {

struct withdraw {
    account_id account;
    recount::money amount;
};
RECOUNT_COMMAND(withdraw, "account.withdraw", account, amount)

struct plain {
    int value = 0;
};

static_assert(described<everything> && described<colour> && described<account_id>);
static_assert(described<std::vector<std::optional<int>>::value_type>);
static_assert(!described<plain> && !described<float> && !described<char const*>);
static_assert(!described<std::set<int>> && !described<std::unique_ptr<int>>);
static_assert(!described<std::map<int, int>>);

static_assert(recount::event_type<deposited> && !recount::command_type<deposited>);
static_assert(recount::command_type<withdraw> && !recount::event_type<withdraw>);
static_assert(!recount::event_type<line> && !recount::event_type<plain>);
static_assert(recount::event_name_of<deposited>().version == 1);

}  // namespace

TEST_CASE("a structure is described by its stored name and its fields in order") {
    auto const& d = descriptor_of<deposited>();
    CHECK(d.kind == kind::structure);
    CHECK(d.name == "account.deposited");
    REQUIRE(d.fields.size() == 2);
    CHECK(d.fields[0].name == "account");
    CHECK(d.fields[0].type().kind == kind::string);
    CHECK(d.fields[0].type().strong_id);
    CHECK(d.fields[1].type().kind == kind::money);
    CHECK_FALSE(d.fields[1].type().strong_id);
    deposited event{{"a-1"}, {5, "EUR"}};
    CHECK(d.fields[1].get(&event) == &event.amount);
    CHECK(d.fields[1].read(&event) == &event.amount);
    CHECK(descriptor_of<line>().name == "line");
    CHECK(descriptor_of<withdraw>().name == "account.withdraw");
}

TEST_CASE("one type has one descriptor") {
    CHECK(&descriptor_of<line>() == &descriptor_of<line const>());
    CHECK(&descriptor_of<everything>().fields[19].type() == &descriptor_of<line>());
    auto const& self = descriptor_of<tree>();
    CHECK(&self.fields[1].type().vector->element() == &self);
}

TEST_CASE("descriptors compare and assign by value") {
    auto const a = full();
    everything b;
    CHECK_FALSE(same(a, b));
    descriptor_of<everything>().assign(&b, &a);
    CHECK(same(a, b));
    b.lines[1].count = 99;
    CHECK_FALSE(same(a, b));
    b = a;
    b.by_name["my key"].article = "other";
    CHECK_FALSE(same(a, b));
    b = a;
    b.shape = circle{4};
    CHECK_FALSE(same(a, b));
    b = a;
    b.note.reset();
    CHECK_FALSE(same(a, b));
}

TEST_CASE("stored names are dotted words in lower case") {
    using recount::detail::valid_stored_name;
    for (auto const* good : {"a", "account.deposited", "a1.b_2", "x.y.z"}) {
        CHECK(valid_stored_name(good));
    }
    for (auto const* bad :
         {"", ".", "a.", ".a", "a..b", "A", "a-b", "1a", "a.1", "_a", "a b", "é"}) {
        CHECK_FALSE(valid_stored_name(bad));
    }
    CHECK(valid_stored_name(std::string(200, 'a')));
    CHECK_FALSE(valid_stored_name(std::string(201, 'a')));
}

TEST_CASE("every kind has a name") {
    for (auto i = 0; i <= static_cast<int>(kind::uuid); ++i) {
        CHECK(to_string(static_cast<kind>(i)) != "unknown");
    }
}
