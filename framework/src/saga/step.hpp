// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What one step says more than once, reduced to what counts: saga stores write each row once. And
// several steps as one.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <recount/saga/saga_store.hpp>

namespace recount::detail {

using instance_name = std::pair<std::string, std::string>;              // saga, instance
using timer_id = std::tuple<std::string, std::string, std::string>;     // saga, instance, name

[[nodiscard]] inline timer_id id_of(saga_timer const& t) { return {t.saga, t.instance, t.name}; }

// Messages of one of these leave one after the other; empty: in any order.
[[nodiscard]] inline std::string const& order_of(outbox_message const& m) {
    bool const by_instance = m.kind == message_kind::command && !m.instance.empty();
    return by_instance ? m.instance : m.order_key;
}

[[nodiscard]] inline bool has_effects(saga_changes const& changes) {
    return std::ranges::any_of(changes.messages,
                               [](auto const& m) { return m.kind == message_kind::effect; });
}

// The highest version of each. Refers to the list.
[[nodiscard]] inline std::map<instance_name, saga_instance const*> latest_of(
    std::vector<saga_instance> const& list) {
    std::map<instance_name, saga_instance const*> latest;
    for (auto const& i : list) {
        auto& kept = latest[{i.saga, i.instance}];
        if (kept == nullptr || i.version >= kept->version) kept = &i;
    }
    return latest;
}

// The last one of each name. Refers to the list.
[[nodiscard]] inline std::map<timer_id, saga_timer const*> last_of(
    std::vector<saga_timer> const& list) {
    std::map<timer_id, saga_timer const*> last;
    for (auto const& t : list) last[id_of(t)] = &t;
    return last;
}

// Steps one after the other as one: a timer that is cancelled by its end is not written.
void add(saga_changes& to, saga_changes more);

}  // namespace recount::detail
