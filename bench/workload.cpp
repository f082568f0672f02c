// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "workload.hpp"

#include <algorithm>
#include <random>
#include <numeric>

#include <fmt/core.h>

#include <recount/core/sha256.hpp>
#include <recount/describe/json.hpp>

#include "measure.hpp"

namespace recount::bench {

namespace {

constexpr std::size_t commits_at_once_max = 1'024;
constexpr unsigned order_seed = 20'260'101;  // the same order in each run

}  // namespace

workload::workload(options const& wanted) : keys_{wanted.keys} {
    tag_ = to_hex(sha256(to_string(new_command_id()))).substr(0, 12);
    accounts_.reserve(wanted.streams);
    streams_.reserve(wanted.streams);
    for (std::size_t i = 0; i < wanted.streams; ++i) {
        auto id = fmt::format("{}-{}", tag_, i);
        streams_.push_back(stream_name::of("account", id));
        accounts_.push_back({std::move(id)});
    }
    order_.resize(wanted.streams);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::shuffle(order_.begin(), order_.end(), std::mt19937{order_seed});
    auto const bare = describe::to_json(event_of(wanted.streams - 1)).str().size();
    note_.assign(wanted.payload_bytes - std::min(bare, wanted.payload_bytes), 'x');
}

uuid workload::next_id() const {
    return keys_ == key_kind::ours ? new_command_id() : command_id_from_key(next_key());
}

std::string workload::next_key() const {
    return fmt::format("{}-{}", tag_, keys_made_.fetch_add(1, std::memory_order_relaxed));
}

moved workload::event_of(std::size_t stream) const {
    return {accounts_[stream], {2'500, "EUR"}, note_};
}

metadata workload::meta_of(uuid const& id) const {
    metadata meta;
    meta.correlation = id;
    meta.causation = causation_;
    meta.actor = "teller-17";
    meta.app = "recount-bench " RECOUNT_VERSION;
    return meta;
}

commit workload::commit_of(std::size_t stream, version at, std::size_t events) const {
    commit one;
    one.id = next_id();
    one.meta = meta_of(one.id);
    one.events.reserve(events);
    auto const event = event_of(stream);
    for (std::size_t i = 0; i < events; ++i) {
        one.events.push_back({streams_[stream], std::string{event_name_of<moved>().name}, 1,
                              describe::to_json(event), std::nullopt});
    }
    one.expectations.push_back({streams_[stream], expectation::exactly(at)});
    return one;
}

void workload::create_streams(log& to, std::vector<version>& versions, std::size_t events) const {
    std::vector<commit> commits;
    auto const flush = [&] {
        for (auto const& result : to.append_batch(commits)) {
            if (auto const* const failure = std::get_if<error>(&result)) throw *failure;
        }
        commits.clear();
        throw_if_stopped();
    };
    for (auto const stream : order_) {
        if (versions[stream] != 0) continue;
        commits.push_back(commit_of(stream, 0, events));
        versions[stream] = static_cast<version>(events);
        if (commits.size() * events >= commits_at_once_max) flush();
    }
    flush();
}

}  // namespace recount::bench
