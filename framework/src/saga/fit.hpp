// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What comes from outside, before it becomes part of the stream or the tables of a saga: what
// could not be stored, or not be read again, would stop the saga and not its one instance.
//
//     if (auto const why = misfit(row.str()); !why.empty()) …
//     auto const made = ask(found.of->react, state, event, about);
//
// Thread safety: pure functions. Cost: the text is looked through once.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <recount/core/error.hpp>

namespace recount::detail {

// Why a row of this content could not be stored or read again; empty: it can.
[[nodiscard]] std::string misfit(std::string_view payload);

// A text as it can stand in a row or column: UTF-8 without NUL, of a reasonable length.
[[nodiscard]] std::string storable(std::string_view text);

// Calls a function of the program; what it throws that is no exception is made one.
template <class Function, class... Arguments>
decltype(auto) ask(Function&& function, Arguments&&... arguments) {
    try {
        return std::forward<Function>(function)(std::forward<Arguments>(arguments)...);
    } catch (std::exception const&) {
        throw;
    } catch (...) {
        throw error{errc::refused, "it threw something that is no exception"};
    }
}

}  // namespace recount::detail
