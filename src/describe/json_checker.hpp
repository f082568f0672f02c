// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rules of json_text over the tokens of any JSON value: at most 64 levels, no NUL, no repeated
// keys, integers within 64 bits. Fed like json_decoder.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <recount/core/limits.hpp>

#include "json_path.hpp"

namespace recount::describe::detail {

class json_checker {
public:
    void null() { begin_value(); }
    void boolean(bool) { begin_value(); }
    void negative_integer(std::int64_t) { begin_value(); }
    void integer(std::uint64_t) { begin_value(); }
    void number(double, std::string_view) { begin_value(); }
    [[noreturn]] void too_large(double, std::string_view raw);
    void string(std::string_view value);
    void start_object() { push(false); }
    void key(std::string_view name);
    void end_object();
    void start_array() { push(true); }
    void end_array() { --depth_; }

    [[nodiscard]] json_path path() const { return path_of(depth_); }

private:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);
    struct frame {
        bool array;
        std::size_t at;          // array: the current element; none before the first
        std::size_t keys_begin;  // object: its keys are keys_ from here
    };

    void begin_value();
    void push(bool array);
    [[nodiscard]] json_path path_of(std::size_t levels) const;

    std::array<frame, limits::json_depth_max> frames_;
    std::size_t depth_ = 0;
    std::vector<std::string> keys_;  // of all open objects; the last of each is the current one
};

}  // namespace recount::describe::detail
