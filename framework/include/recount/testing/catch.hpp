// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Catch2, version 2 or 3, whichever the machine has, and its printing of described types.
//
//     #include <recount/testing/catch.hpp>
//     CHECK(event == deposited{{"a-1"}, {5000, "EUR"}});   // prints both, field by field
//
// For test programs only.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>

// Version 3 has its matchers in a namespace.
namespace Catch::Matchers {
using Catch::Contains;
inline auto ContainsSubstring(std::string const& part) { return Catch::Contains(part); }
}  // namespace Catch::Matchers
#endif

#include <recount/describe/print.hpp>

template <recount::describe::detail::printable T>
struct Catch::StringMaker<T, void> {
    static std::string convert(T const& value) { return recount::describe::to_text(value); }
};
