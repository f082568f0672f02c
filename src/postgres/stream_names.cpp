// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/stream_names.hpp"

#include <unordered_set>

#include <recount/core/error.hpp>

namespace recount::postgres {

namespace {

constexpr std::size_t cached_names_max = 65'536;

}  // namespace

stream_names::horizon stream_names::newest() const {
    std::lock_guard const hold{mutex_};
    return {end_, age_};
}

stream_names::range stream_names::checked(horizon const& asked, bool stands, log_end const& end) {
    std::lock_guard const hold{mutex_};
    if (asked.age != age_) return {};
    if (!stands) {
        young_.clear();
        old_.clear();
        end_ = end;
        ++age_;
        return {end.position, age_};
    }
    bool const nobody_else = asked.end ? asked.end->position == end_->position : !end_;
    // Somebody moved it on meanwhile, in this log or in another: only what was before is common.
    if (!nobody_else) return {asked.end ? asked.end->position : 0, age_};
    end_ = end;
    return {end.position, age_};
}

std::string const* stream_names::find(std::int64_t id) {
    if (auto const at = young_.find(id); at != young_.end()) return &at->second;
    auto older = old_.extract(id);
    if (older.empty()) return nullptr;
    put(std::move(older));
    auto const at = young_.find(id);
    return at != young_.end() ? &at->second : &old_.find(id)->second;
}

void stream_names::put(names::node_type name) {
    young_.insert(std::move(name));
    if (young_.size() >= cached_names_max / 2) {
        old_ = std::move(young_);
        young_.clear();
    }
}

std::vector<std::int64_t> stream_names::give(std::span<recorded_event> events,
                                             std::span<std::int64_t const> ids,
                                             range const& good) {
    assert_that(events.size() == ids.size(), "each event is of one stream");
    std::unordered_set<std::int64_t> unknown;
    std::lock_guard const hold{mutex_};
    for (std::size_t i = 0; i < events.size(); ++i) {
        bool const holds = good.age == age_ && ids[i] <= good.through;
        auto const* const name = holds ? find(ids[i]) : nullptr;
        if (name != nullptr) {
            events[i].stream = *name;
        } else {
            unknown.insert(ids[i]);
        }
    }
    return {unknown.begin(), unknown.end()};
}

void stream_names::learn(names const& found, range const& good) {
    std::lock_guard const hold{mutex_};
    if (good.age != age_) return;
    for (auto const& [id, name] : found) {
        if (id > good.through || find(id) != nullptr) continue;
        names one;
        one.emplace(id, name);
        put(one.extract(one.begin()));
    }
}

}  // namespace recount::postgres
