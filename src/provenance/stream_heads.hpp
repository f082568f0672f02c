// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The last version and hash of the streams that were met lately. Two generations: what is not asked
// for while the young one fills up is forgotten, and asked of the store again should it come back.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include <recount/provenance/verify.hpp>

namespace recount::provenance::detail {

struct stream_head {
    std::string name;
    recount::version version = 0;
    digest hash{};
};

class stream_heads {
public:
    explicit stream_heads(std::size_t kept_max = heads_kept_max) : young_max_{kept_max / 2} {}

    // nullptr: not known. Stays where it is until `grow_old`.
    [[nodiscard]] stream_head* find(std::int64_t id) {
        if (auto const known = young_.find(id); known != young_.end()) return &known->second;
        auto aged = old_.extract(id);
        if (aged.empty()) return nullptr;
        return &young_.insert(std::move(aged)).position->second;
    }
    stream_head& add(std::int64_t id, stream_head one) {
        return young_.insert_or_assign(id, std::move(one)).first->second;
    }
    // Between two pages.
    void grow_old() {
        if (young_.size() < young_max_) return;
        forgot_ = forgot_ || !old_.empty();
        old_ = std::move(young_);
        young_ = {};
    }
    // True if a stream that is not known may have been met before.
    [[nodiscard]] bool forgot() const noexcept { return forgot_; }

private:
    using map = std::unordered_map<std::int64_t, stream_head>;
    std::size_t young_max_;
    map young_;
    map old_;
    bool forgot_ = false;
};

}  // namespace recount::provenance::detail
