// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What differs between two described values, as sentences for a person. The test kit's own; it
// knows nothing of Catch2.
//
//     auto lines = field_differences(descriptor_of<deposited>(), &expected, &got);
//     // "amount: expected 50.00 EUR, got 80.00 EUR"
//
// Thread safety: pure functions.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <recount/aggregate/decision.hpp>
#include <recount/describe/type_of.hpp>

namespace recount::testing {

// A value whose type only its descriptor knows.
struct described_value {
    describe::type_descriptor const* type = nullptr;
    std::shared_ptr<void const> object{};
    std::optional<timestamp> effective_at{};  // of an event that says so
};

template <describe::described T>
[[nodiscard]] described_value erased(T const& value) {
    return {&describe::descriptor_of<T>(), std::make_shared<T>(value)};
}
template <describe::described T>
[[nodiscard]] described_value erased(effective_event<T> const& timed) {
    return {&describe::descriptor_of<T>(), std::make_shared<T>(timed.event), timed.when};
}

// As describe::to_text has it, and when it is effective.
[[nodiscard]] std::string text_of(described_value const& value);

// A line for each place that differs, named by its path: "lines[2].price: expected …, got …".
[[nodiscard]] std::vector<std::string> field_differences(describe::type_descriptor const& type,
                                                         void const* expected, void const* got);

// Empty when both are the same events, in the same order. Else all of them, numbered, and where
// two of one type differ, in which fields.
[[nodiscard]] std::string event_differences(std::span<described_value const> expected,
                                            std::span<described_value const> got);

}  // namespace recount::testing
