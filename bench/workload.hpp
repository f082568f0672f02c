// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The same events for everything that is measured: streams in random order, payloads of the wanted
// size, the metadata that a dispatcher gives.
//
//     workload work{options};
//     auto one = work.commit_of(stream, version_before, options.events);
//
// Thread safety: const functions from any thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include <recount/log/log.hpp>

#include "domain.hpp"
#include "options.hpp"

namespace recount::bench {

class workload {
public:
    explicit workload(options const& wanted);

    [[nodiscard]] std::size_t streams() const noexcept { return streams_.size(); }
    [[nodiscard]] stream_name const& stream(std::size_t index) const { return streams_[index]; }
    [[nodiscard]] account_id const& account(std::size_t index) const { return accounts_[index]; }
    // A number from 0 on for each stream, in the order that streams are written in.
    [[nodiscard]] std::size_t shuffled(std::size_t index) const { return order_[index]; }

    [[nodiscard]] uuid next_id() const;
    [[nodiscard]] std::string next_key() const;
    [[nodiscard]] moved event_of(std::size_t stream) const;
    [[nodiscard]] recount::metadata meta_of(uuid const& id) const;
    [[nodiscard]] commit commit_of(std::size_t stream, version at, std::size_t events) const;

    // Appends `events` to each stream that is at version 0, many at a time.
    void create_streams(log& to, std::vector<version>& versions, std::size_t events) const;

private:
    key_kind keys_;
    std::string tag_;  // of this workload: another one on the same store has other streams and keys
    std::string note_;
    uuid causation_ = new_command_id();
    std::vector<account_id> accounts_;
    std::vector<stream_name> streams_;
    std::vector<std::size_t> order_;
    mutable std::atomic<std::uint64_t> keys_made_{0};
};

}  // namespace recount::bench
