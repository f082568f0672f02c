// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/fit.hpp"

#include <recount/core/limits.hpp>

#include "support/catch.hpp"

using recount::detail::misfit;
using recount::limits::json_depth_max;

namespace {

std::string nested(std::size_t levels, std::string const& inside = "1") {
    return std::string(levels, '[') + inside + std::string(levels, ']');
}

}  // namespace

TEST_CASE("what a saga keeps is as deep as the log takes it, and no deeper", "[saga][fit]") {
    CHECK(misfit(nested(json_depth_max)).empty());
    CHECK_FALSE(misfit(nested(json_depth_max + 1)).empty());
    CHECK_FALSE(misfit(nested(json_depth_max, R"({"a":1})")).empty());
    auto const wide = "[" + nested(json_depth_max - 1) + "," + nested(json_depth_max - 1) + "]";
    CHECK(misfit(wide).empty());
}

TEST_CASE("brackets in strings are text", "[saga][fit]") {
    for (std::string const inside :
         {R"("[[{")", R"("\"[[")", R"("\\")", R"("\\\"[[")", R"("")"}) {
        CAPTURE(inside);
        CHECK(misfit(nested(json_depth_max, inside)).empty());
        CHECK_FALSE(misfit(nested(json_depth_max, inside + ",[]")).empty());
    }
}
