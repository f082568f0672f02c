// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// From an untyped pointer to the type that its descriptor's kind says. A strong id lies at the
// address of its representation, so it needs no case of its own.
#pragma once

#include <cstdint>
#include <string>

#include <recount/core/bytes.hpp>
#include <recount/core/decimal.hpp>
#include <recount/core/money.hpp>
#include <recount/core/time.hpp>
#include <recount/core/uuid.hpp>
#include <recount/describe/descriptor.hpp>

namespace recount::describe {

template <class T> [[nodiscard]] T const& as(void const* object) noexcept {
    return *static_cast<T const*>(object);
}
template <class T> [[nodiscard]] T& as(void* object) noexcept { return *static_cast<T*>(object); }

[[nodiscard]] inline enumerator_descriptor const* find_enumerator(type_descriptor const& type,
                                                                  std::int64_t value) noexcept {
    for (auto const& e : type.enumerators) {
        if (e.value == value) return &e;
    }
    return nullptr;
}
[[nodiscard]] inline enumerator_descriptor const* find_enumerator(type_descriptor const& type,
                                                                  std::string_view name) noexcept {
    for (auto const& e : type.enumerators) {
        if (e.name == name) return &e;
    }
    return nullptr;
}

}  // namespace recount::describe
