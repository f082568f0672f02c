// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Ids that cannot be mixed up: the same representation, a type for each.
//
//     using account_id = recount::strong_id<struct account_tag>;             // text
//     using device_id = recount::strong_id<struct device_tag, recount::uuid>;
//     account_id a{"a-1"};
//
// In JSON and SQL a strong id is its representation.
#pragma once

#include <compare>
#include <functional>
#include <string>

namespace recount {

template <class Tag, class Representation = std::string>
struct strong_id {
    using representation = Representation;
    Representation value{};
    friend auto operator<=>(strong_id const&, strong_id const&) = default;
    friend bool operator==(strong_id const&, strong_id const&) = default;
};

}  // namespace recount

template <class Tag, class Representation>
struct std::hash<recount::strong_id<Tag, Representation>> {
    std::size_t operator()(recount::strong_id<Tag, Representation> const& id) const noexcept {
        return std::hash<Representation>{}(id.value);
    }
};
