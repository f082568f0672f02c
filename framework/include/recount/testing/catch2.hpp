// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Catch2, version 2 or 3, whichever the machine has, and its printing of described types.
//
//     #include <recount/testing/catch2.hpp>
//     CHECK(event == deposited{{"a-1"}, {5000, "EUR"}});   // prints both, field by field
//
// For test programs only; recount/testing/catch.hpp has the rest of the test kit as well.
// Thread safety: as Catch2's own, one thread asserts at a time. Cost: including it takes about a
// second of compilation; keep it out of headers.
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

#include <source_location>
#include <string>

#include <recount/describe/print.hpp>

template <recount::describe::detail::printable T>
struct Catch::StringMaker<T, void> {
    static std::string convert(T const& value) { return recount::describe::to_text(value); }
};

namespace recount::testing {

// One assertion of the running test at the caller's line: passed if `failure` is empty, else failed
// with that text. The test goes on either way, as with CHECK.
inline void check(std::string const& failure,
                  std::source_location where = std::source_location::current(),
                  char const* name = "recount::testing::check") {
    Catch::AssertionHandler handler{name,
                                    {where.file_name(), static_cast<std::size_t>(where.line())},
                                    Catch::StringRef{},
                                    Catch::ResultDisposition::ContinueOnFailure};
    // The macros SUCCEED and FAIL_CHECK do the same, but know only their own line.
    handler.handleMessage(
        failure.empty() ? Catch::ResultWas::Ok : Catch::ResultWas::ExplicitFailure,
        std::string{failure});
    handler.complete();
}

}  // namespace recount::testing
