// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the JSON engines share: paths like `$.amount.minor` and `$.lines[3]["my key"]`, and the
// sentences that begin with them.
#pragma once

#include <string>
#include <string_view>

#include <recount/describe/descriptor.hpp>

namespace recount::describe::detail {

// A path grows from "$". Of a deep one only both ends are kept, so that a sentence stays readable.
class json_path {
public:
    void field(std::string_view name);  // .name, or ["my key"] for what is no identifier
    void index(std::size_t at);         // [3]
    [[nodiscard]] std::string text() const;

private:
    void step(std::string text);
    static constexpr std::size_t kept_steps = 8;  // at each end
    std::string head_ = "$";
    std::string tail_;
    std::size_t steps_ = 0;
    std::string last_[kept_steps];
};

// Throws errc::invalid_json: "<path>: <sentence>".
[[noreturn]] void refuse(json_path const& path, std::string_view sentence);

// What a value of the type looks like in JSON: "an integer", "a string", "one of \"a\", \"b\"".
[[nodiscard]] std::string expectation(type_descriptor const& type);

// Input as a sentence quotes it: in quotation marks, printable and short.
[[nodiscard]] std::string quoted_excerpt(std::string_view text);

struct integer_range {
    std::int64_t min = 0;
    std::uint64_t max = 0;
};
// The range of an integer kind.
[[nodiscard]] integer_range range_of(kind k) noexcept;
[[nodiscard]] constexpr bool is_integer(kind k) noexcept {
    return k >= kind::int8 && k <= kind::uint64;
}

}  // namespace recount::describe::detail
