// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "memory/kept_snapshots.hpp"

#include <tuple>

namespace recount::memory {

std::map<std::string, snapshot> kept_snapshots::find(std::span<snapshot_key const> keys) {
    std::map<std::string, snapshot> found;
    std::lock_guard const hold{mutex_};
    for (auto const& key : keys) {
        auto const known = kept_.find({key.stream.str(), key.aggregate});
        if (known != kept_.end()) found.emplace(key.stream.str(), known->second);
    }
    return found;
}

void kept_snapshots::keep(std::span<snapshot const> fresh) {
    for (auto const& one : fresh) {
        auto const head = head_(one.of.stream.str());
        if (head == 0) continue;
        std::lock_guard const hold{mutex_};
        auto const [at, first] = kept_.try_emplace({one.of.stream.str(), one.of.aggregate}, one);
        if (first) continue;
        auto const& older = at->second;
        if (std::tie(older.state_version, older.version) <
                std::tie(one.state_version, one.version) ||
            older.version > head) {
            at->second = one;
        }
    }
}

}  // namespace recount::memory
