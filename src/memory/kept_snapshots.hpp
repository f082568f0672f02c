// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The snapshots of the log in memory.
#pragma once

#include <functional>
#include <mutex>

#include <recount/log/snapshots.hpp>

namespace recount::memory {

class kept_snapshots final : public snapshot_store {
public:
    // The stream's version; 0: there is no such stream. Called without a lock of ours.
    using head_function = std::function<version(std::string const& stream)>;
    explicit kept_snapshots(head_function head) : head_{std::move(head)} {}

    [[nodiscard]] std::map<std::string, snapshot> find(
        std::span<snapshot_key const> keys) override;
    void keep(std::span<snapshot const> fresh) override;

private:
    head_function head_;
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, snapshot> kept_;   // by stream and aggregate
};

}  // namespace recount::memory
