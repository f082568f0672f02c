// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/describe/json_schema.hpp>

#include "approval.hpp"
#include "sample_types.hpp"

namespace other {

struct line {
    std::int32_t length = 0;
};
RECOUNT_DESCRIBE(line, length)

struct money {
    std::int32_t coins = 0;
};
RECOUNT_DESCRIBE(money, coins)

}  // namespace other

namespace {

struct homonyms {
    samples::line bill_line;
    other::line drawn_line;
    std::vector<other::line> drawn_lines;
    other::money purse;
    recount::money amount;
};
RECOUNT_DESCRIBE(homonyms, bill_line, drawn_line, drawn_lines, purse, amount)

struct holder {
    samples::tree root;
    std::optional<samples::branch> also;
};
RECOUNT_DESCRIBE(holder, root, also)

template <class T> std::string schema(std::string_view id = {}, unsigned indent = 2) {
    return recount::describe::json_schema(recount::describe::descriptor_of<T>(), id, indent);
}

}  // namespace

TEST_CASE("the schema of an event is the approved one") {
    approval::check_approved("schema_deposited.json",
                             schema<samples::deposited>("urn:recount:event:account.deposited:1"));
}

TEST_CASE("the schema of every kind is the approved one") {
    approval::check_approved("schema_everything.json", schema<samples::everything>());
}

TEST_CASE("structures that refer to themselves, and those inside others, are referred to") {
    approval::check_approved("schema_recursive.json", schema<holder>());
    approval::check_approved("schema_tree.json", schema<samples::tree>());
}

TEST_CASE("structures of one name get definitions of their own") {
    approval::check_approved("schema_homonyms.json", schema<homonyms>());
}

TEST_CASE("without indent the schema is one line, and what is no structure has one too") {
    CHECK(schema<std::vector<std::int8_t>>("urn:x", 0) ==
          R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:x",)"
          R"("type":"array","items":{"type":"integer","minimum":-128,"maximum":127}})");
    CHECK(schema<samples::empty>("", 0) ==
          R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"empty",)"
          R"("type":"object","properties":{},"required":[],"additionalProperties":false})");
}
