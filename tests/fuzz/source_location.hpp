// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Clang before 16 lacks the builtin that std::source_location of GCC's library is made of. Included
// before everything else where the fuzzers are built by such a clang, and nowhere else.
#pragma once

#include <cstdint>
#include <source_location>

#ifndef __cpp_lib_source_location
namespace std {  // NOLINT: stands in for what the library leaves out

struct source_location {
    static constexpr source_location current(char const* file = __builtin_FILE(),
                                             char const* function = __builtin_FUNCTION(),
                                             unsigned line = __builtin_LINE()) noexcept {
        source_location here;
        here.file_ = file;
        here.function_ = function;
        here.line_ = line;
        return here;
    }
    [[nodiscard]] constexpr std::uint_least32_t line() const noexcept { return line_; }
    [[nodiscard]] constexpr std::uint_least32_t column() const noexcept { return 0; }
    [[nodiscard]] constexpr char const* file_name() const noexcept { return file_; }
    [[nodiscard]] constexpr char const* function_name() const noexcept { return function_; }

private:
    char const* file_ = "";
    char const* function_ = "";
    std::uint_least32_t line_ = 0;
};

}  // namespace std
#endif
