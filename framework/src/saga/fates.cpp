// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/fates.hpp"

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>

namespace recount::detail {

namespace {

struct seen_fates {
    known_fates known{};
    std::vector<wanted_fate const*> waiting{};   // not out, as far as can be seen now
};

// The id of a command that the saga itself has taken: it was never accepted, and never will be.
bool is_tombstone(remembered_commit const& found) {
    auto const& type = found.rows.front().type;
    return type == saga_withdrawn || type == saga_refused;
}

bool is_waiting(outbox_message const& m) {
    return m.status == message_status::waiting || m.status == message_status::dead;
}

// `wrote_down`: whatever the saga did is in its stream, so a command that is in no table is not
// there yet, and whoever enters it would send it.
seen_fates look(log& of, saga_store& store, std::span<wanted_fate const> wanted,
                bool wrote_down) {
    seen_fates seen;
    std::vector<uuid> commands;
    for (auto const& one : wanted) {
        if (!one.effect) commands.push_back(one.key);
    }
    std::map<uuid, remembered_commit> in_log;
    if (!commands.empty()) in_log = of.find_commits(commands);
    for (auto const& one : wanted) {
        if (auto const found = in_log.find(one.key); found != in_log.end()) {
            seen.known.emplace(one.key,
                               is_tombstone(found->second) ? fate::withdrawn : fate::out);
            continue;
        }
        auto const message = store.find_message(one.key);
        bool const may_come = !message && !one.effect && wrote_down;
        if (may_come || (message && is_waiting(*message))) {
            seen.waiting.push_back(&one);
        } else if (!message) {
            seen.known.emplace(one.key, fate::never);
        } else {
            bool const out = message->status == message_status::done;
            seen.known.emplace(one.key, out ? fate::out : fate::withdrawn);
        }
    }
    return seen;
}

commit tombstone_of(saga_descriptor const& saga, wanted_fate const& one,
                    std::string const& program) {
    commit made;
    made.id = one.key;
    made.of_framework = true;
    made.meta.actor = "$repair";   // not that of commands: the two are never taken for each other
    made.meta.causation = one.restructure;
    made.meta.app = program;
    made.events.push_back({stream_name::of(saga.category(), one.instance),
                           std::string{saga_withdrawn}, 1,
                           withdrawn_json(one.key, one.restructure), {}});
    return made;
}

}  // namespace

known_fates look_at_fates(log& of, saga_store& store, std::span<wanted_fate const> wanted) {
    auto seen = look(of, store, wanted, false);
    for (auto const* one : seen.waiting) seen.known.emplace(one->key, fate::withdrawn);
    return std::move(seen.known);
}

known_fates settle_fates(saga_descriptor const& saga, log& of, saga_store& store,
                         std::string const& program, std::span<wanted_fate const> wanted) {
    auto seen = look(of, store, wanted, !saga.reactor);
    saga_changes changes;
    std::vector<commit> tombstones;
    for (auto const* one : seen.waiting) {
        if (one->effect) {
            changes.withdrawn.push_back(one->key);
        } else {
            tombstones.push_back(tombstone_of(saga, *one, program));
        }
    }
    if (!tombstones.empty()) {
        auto const results = of.append_batch(tombstones);
        fault_point<"repair.commands_withdrawn">();
        std::vector<uuid> taken;
        for (std::size_t i = 0; i < results.size(); ++i) {
            auto const* const failure = std::get_if<error>(&results[i]);
            if (failure != nullptr && failure->code() != errc::command_id_taken) throw *failure;
            if (failure != nullptr) taken.push_back(tombstones[i].id);
            seen.known.emplace(tombstones[i].id, fate::withdrawn);
        }
        // Somebody had it accepted in the meantime, or the saga has given it up.
        if (!taken.empty()) {
            for (auto const& [key, found] : of.find_commits(taken)) {
                if (!is_tombstone(found)) seen.known.insert_or_assign(key, fate::out);
            }
        }
    }
    if (changes.empty()) return std::move(seen.known);
    store.write(changes);
    fault_point<"repair.effects_withdrawn">();
    for (auto const& key : changes.withdrawn) {
        auto const message = store.find_message(key);
        bool const out = message && message->status == message_status::done;
        seen.known.emplace(key, out ? fate::out : fate::withdrawn);
    }
    return std::move(seen.known);
}

}  // namespace recount::detail
