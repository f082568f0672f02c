// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The error that a call throws, to be looked at; a test fails if it throws none.
//
//     auto const e = caught([&] { session.execute(statement); });
//     CHECK(e.code() == errc::timed_out);
#pragma once

#include <recount/core/error.hpp>

#include <support/catch.hpp>

namespace recount::tests {

template <typename Act> [[nodiscard]] error caught(Act&& act) {
    try {
        act();
    } catch (error const& e) {
        return e;
    }
    FAIL("nothing was thrown");
    return error{errc::stopped, ""};
}

}  // namespace recount::tests
