// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/memory_saga_store.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <unordered_map>

#include "saga/fit.hpp"
#include "saga/step.hpp"

namespace recount {

namespace {

using detail::id_of;
using detail::instance_name;
using detail::order_of;
using detail::timer_id;

struct kept_message {
    outbox_message message;
    std::optional<timestamp> claimed_until{};
};

std::chrono::milliseconds until(timestamp due, timestamp now) {
    return due <= now ? std::chrono::milliseconds{0}
                      : std::chrono::ceil<std::chrono::milliseconds>(due - now);
}

}  // namespace

struct memory_saga_store::implementation {
    clock_function clock;
    std::mutex mutex;
    std::map<std::string, checkpoint, std::less<>> checkpoints;
    std::map<instance_name, saga_instance> instances;
    std::unordered_map<uuid, kept_message> messages;
    std::map<std::int64_t, uuid> order;                  // of all messages, by number
    std::map<std::int64_t, kept_message*> waiting;
    std::int64_t last_number = 0;
    std::map<timer_id, saga_timer> timers;
    std::set<std::tuple<timestamp, uuid, timer_id>> due; // the same, as they come due

    kept_message* find(uuid const& key) {
        auto const found = messages.find(key);
        return found == messages.end() ? nullptr : &found->second;
    }

    // The claim that a worker holds still, or nothing.
    kept_message* held(outbox_message const& claimed) {
        auto* const kept = find(claimed.key);
        bool const ours = kept != nullptr && kept->message.status == message_status::waiting &&
                          kept->claimed_until && kept->message.claims == claimed.claims;
        return ours ? kept : nullptr;
    }

    void enter(outbox_message const& m) {
        auto const [at, fresh] = messages.try_emplace(m.key, kept_message{m});
        if (!fresh) return;
        auto& entered = at->second.message;
        entered.number = ++last_number;
        entered.status = message_status::waiting;
        entered.attempts = entered.claims = 0;
        entered.last_error.clear();
        entered.settled_at.reset();
        entered.superseded_by.reset();
        order.emplace(entered.number, entered.key);
        waiting.emplace(entered.number, &at->second);
    }

    void settle(kept_message& kept, message_status as) {
        kept.message.status = as;
        kept.message.settled_at = clock();
        kept.claimed_until.reset();
        waiting.erase(kept.message.number);
    }

    void finish(uuid const& key) {
        auto* const kept = find(key);
        if (kept == nullptr || kept->message.status == message_status::done) return;
        settle(*kept, message_status::done);
        if (kept->message.kind == message_kind::effect) return;
        order.erase(kept->message.number);
        messages.erase(key);
    }

    void move(outbox_message const& m) {
        auto* const kept = find(m.key);
        if (kept == nullptr || kept->message.status != message_status::waiting) return;
        kept->message.due_at = m.due_at;
        kept->message.attempts = m.attempts;
        kept->message.last_error = m.last_error;
        kept->claimed_until.reset();
    }

    void withdraw(uuid const& key) {
        auto* const kept = find(key);
        if (kept == nullptr) return;
        auto const status = kept->message.status;
        if (status == message_status::waiting || status == message_status::dead) {
            settle(*kept, message_status::withdrawn);
        }
    }

    void set(saga_timer const& t) {
        auto const id = id_of(t);
        auto const found = timers.find(id);
        if (found != timers.end()) {
            if (found->second.key == t.key) return;
            due.erase({found->second.due_at, found->second.key, id});
        }
        timers.insert_or_assign(id, t);
        due.emplace(t.due_at, t.key, id);
    }

    void cancel(timer_name const& name) {
        timer_id const id{name.saga, name.instance, name.name};
        auto const found = timers.find(id);
        if (found == timers.end() || (name.key && found->second.key != *name.key)) return;
        due.erase({found->second.due_at, found->second.key, id});
        timers.erase(found);
    }

    // Gives back those that have a later version already.
    std::set<instance_name> enter(std::vector<saga_instance> const& list) {
        std::set<instance_name> overtaken;
        for (auto const& [name, given] : detail::latest_of(list)) {
            auto const at = instances.try_emplace(name, *given).first;
            if (given->version < at->second.version) {
                overtaken.insert(name);
            } else {
                at->second = *given;
            }
        }
        return overtaken;
    }

    void apply(saga_changes const& changes) {
        auto const overtaken = enter(changes.instances);
        for (auto const& m : changes.messages) enter(m);
        for (auto const& key : changes.done) finish(key);
        for (auto const& m : changes.moved) move(m);
        for (auto const& key : changes.withdrawn) withdraw(key);
        for (auto const& [key, by] : changes.superseded) {
            if (auto* const kept = find(key)) kept->message.superseded_by = by;
        }
        for (auto const& [id, t] : detail::last_of(changes.timers)) {
            if (!overtaken.contains({t->saga, t->instance})) set(*t);
        }
        for (auto const& name : changes.cancelled) {
            if (!overtaken.contains({name.saga, name.instance})) cancel(name);
        }
    }

    [[nodiscard]] bool wants(message_claim const& wanted, outbox_message const& m) const {
        if (m.kind != wanted.kind || (wanted.saga && m.saga != *wanted.saga)) return false;
        auto const& types = wanted.types;
        if (!types.empty() && std::ranges::find(types, m.type) == types.end()) return false;
        if (m.kind == message_kind::effect) return true;
        auto const instance = instances.find({m.saga, m.instance});
        return instance == instances.end() || instance->second.status != saga_status::parked;
    }

    // What waits in one order, as far as it was looked at.
    struct queue {
        bool held_up = false;     // by one that does not come along
        timestamp latest{};       // when the last of those that do is due
    };

    // Calls `visit(kept, ready)` for what may be claimed, now or as time goes by: once it is due
    // and free. What stands in a line only if all before it come along, or are ready before it.
    template <class Visit>
    void each_claimable(message_claim const& wanted, Visit const& visit) {
        std::map<std::pair<std::string, std::string>, queue> queues;
        auto const now = clock();
        for (auto& [number, kept] : waiting) {
            auto const& m = kept->message;
            if (m.kind != wanted.kind) continue;
            bool const claimed = kept->claimed_until && *kept->claimed_until > now;
            bool const may = wants(wanted, m);
            auto const ready = claimed ? std::max(*kept->claimed_until, m.due_at) : m.due_at;
            auto const& order_key = order_of(m);
            if (order_key.empty()) {
                if (may) visit(*kept, ready);
                continue;
            }
            auto const [at, first] = queues.try_emplace({m.saga, order_key});
            auto& queued = at->second;
            bool const follows = may && !claimed && !queued.held_up && queued.latest <= m.due_at;
            if (follows || (first && may)) visit(*kept, ready);
            queued.held_up = first ? claimed || !may : !follows;
            queued.latest = m.due_at;
        }
    }
};

memory_saga_store::memory_saga_store(clock_function clock)
    : self_{std::make_unique<implementation>()} {
    self_->clock = std::move(clock);
}
memory_saga_store::~memory_saga_store() = default;

timestamp memory_saga_store::now() { return self_->clock(); }

checkpoint memory_saga_store::read_checkpoint(std::string_view saga, checkpoint const& begin_at) {
    std::lock_guard const hold{self_->mutex};
    auto const found = self_->checkpoints.find(saga);
    if (found != self_->checkpoints.end()) return found->second;
    return self_->checkpoints.emplace(saga, checkpoint{begin_at.position, begin_at.hash, 1})
        .first->second;
}

bool memory_saga_store::write(std::string_view saga, checkpoint const& from, checkpoint const& to,
                              saga_changes const& changes) {
    {
        std::lock_guard const hold{self_->mutex};
        auto const at = self_->checkpoints.find(saga);
        bool const ours = at != self_->checkpoints.end() &&
                          at->second.position == from.position && at->second.epoch == from.epoch;
        if (!ours) return false;
        self_->apply(changes);
        at->second.position = to.position;
        at->second.hash = to.hash;
    }
    if (detail::has_effects(changes)) effects_have_come();
    return true;
}

void memory_saga_store::write(saga_changes const& changes) {
    {
        std::lock_guard const hold{self_->mutex};
        self_->apply(changes);
    }
    if (detail::has_effects(changes)) effects_have_come();
}

std::vector<outbox_message> memory_saga_store::claim(message_claim const& wanted) {
    std::lock_guard const hold{self_->mutex};
    auto const now = self_->clock();
    std::vector<kept_message*> found;
    self_->each_claimable(wanted, [&](kept_message& kept, timestamp ready) {
        if (ready <= now) found.push_back(&kept);
    });
    std::ranges::stable_sort(found, {}, [](auto const* kept) { return kept->message.due_at; });
    found.resize(std::min(found.size(), wanted.limit));
    std::vector<outbox_message> claimed;
    for (auto* const kept : found) {
        kept->claimed_until = now + wanted.lease;
        ++kept->message.claims;
        claimed.push_back(kept->message);
    }
    return claimed;
}

void memory_saga_store::release(std::vector<outbox_message> const& claimed) {
    std::lock_guard const hold{self_->mutex};
    for (auto const& m : claimed) {
        if (auto* const kept = self_->held(m)) kept->claimed_until.reset();
    }
}

void memory_saga_store::sent(uuid const& key) {
    std::lock_guard const hold{self_->mutex};
    auto* const kept = self_->find(key);
    if (kept == nullptr || kept->message.status == message_status::done) return;
    ++kept->message.attempts;
    kept->message.last_error.clear();
    self_->finish(key);
}

void memory_saga_store::failed(outbox_message const& claimed, std::string_view why,
                               std::chrono::milliseconds again_in) {
    std::lock_guard const hold{self_->mutex};
    auto* const kept = self_->held(claimed);
    if (kept == nullptr) return;
    ++kept->message.attempts;
    kept->message.last_error = detail::storable(why);
    kept->message.due_at = self_->clock() + again_in;
    kept->claimed_until.reset();
}

void memory_saga_store::give_up(outbox_message const& claimed, std::string_view why) {
    std::lock_guard const hold{self_->mutex};
    auto* const kept = self_->held(claimed);
    if (kept == nullptr) return;
    ++kept->message.attempts;
    kept->message.last_error = detail::storable(why);
    self_->settle(*kept, message_status::dead);
}

bool memory_saga_store::replay(uuid const& key) {
    {
        std::lock_guard const hold{self_->mutex};
        auto* const kept = self_->find(key);
        if (kept == nullptr || kept->message.status != message_status::dead) return false;
        kept->message.status = message_status::waiting;
        kept->message.attempts = 0;
        kept->message.due_at = self_->clock();
        kept->message.settled_at.reset();
        self_->waiting.emplace(kept->message.number, kept);
    }
    effects_have_come();
    return true;
}

std::vector<saga_timer> memory_saga_store::due_timers(std::string_view saga, std::size_t limit) {
    std::lock_guard const hold{self_->mutex};
    auto const now = self_->clock();
    std::vector<saga_timer> list;
    for (auto const& [due_at, key, id] : self_->due) {
        if (due_at > now || list.size() == limit) break;
        if (std::get<0>(id) == saga) list.push_back(self_->timers.at(id));
    }
    return list;
}

std::optional<std::chrono::milliseconds> memory_saga_store::until_next(
    message_claim const& wanted) {
    std::lock_guard const hold{self_->mutex};
    std::optional<timestamp> next;
    auto const offer = [&](timestamp at) { next = next ? std::min(*next, at) : at; };
    self_->each_claimable(wanted, [&](kept_message&, timestamp ready) { offer(ready); });
    if (wanted.kind == message_kind::command) {
        for (auto const& [due_at, key, id] : self_->due) {
            if (wanted.saga && std::get<0>(id) != *wanted.saga) continue;
            offer(due_at);
            break;
        }
    }
    if (!next) return std::nullopt;
    return until(*next, self_->clock());
}

std::vector<saga_instance> memory_saga_store::list_instances(instance_list const& wanted) {
    std::lock_guard const hold{self_->mutex};
    std::vector<saga_instance> list;
    auto at = self_->instances.upper_bound({wanted.after_saga, wanted.after_instance});
    for (; at != self_->instances.end() && list.size() < wanted.limit; ++at) {
        auto const& i = at->second;
        bool const fits = (!wanted.saga || i.saga == *wanted.saga) &&
                          (!wanted.status || i.status == *wanted.status);
        if (fits) list.push_back(i);
    }
    return list;
}

std::optional<saga_instance> memory_saga_store::find_instance(std::string_view saga,
                                                              std::string_view instance) {
    std::lock_guard const hold{self_->mutex};
    auto const found = self_->instances.find({std::string{saga}, std::string{instance}});
    if (found == self_->instances.end()) return std::nullopt;
    return found->second;
}

std::vector<outbox_message> memory_saga_store::list_messages(message_list const& wanted) {
    std::lock_guard const hold{self_->mutex};
    std::vector<outbox_message> list;
    auto at = self_->order.upper_bound(wanted.after);
    for (; at != self_->order.end() && list.size() < wanted.limit; ++at) {
        auto const& m = self_->messages.at(at->second).message;
        bool const fits = (!wanted.status || m.status == *wanted.status) &&
                          (!wanted.kind || m.kind == *wanted.kind) &&
                          (!wanted.saga || m.saga == *wanted.saga) &&
                          (!wanted.instance || m.instance == *wanted.instance);
        if (fits) list.push_back(m);
    }
    return list;
}

std::optional<outbox_message> memory_saga_store::find_message(uuid const& key) {
    std::lock_guard const hold{self_->mutex};
    auto const* const kept = self_->find(key);
    if (kept == nullptr) return std::nullopt;
    return kept->message;
}

std::vector<saga_timer> memory_saga_store::list_timers(timer_list const& wanted) {
    std::lock_guard const hold{self_->mutex};
    std::vector<saga_timer> list;
    for (auto const& [due_at, key, id] : self_->due) {
        if (list.size() == wanted.limit) break;
        if (wanted.due_before && due_at >= *wanted.due_before) break;
        bool const fits = (!wanted.saga || std::get<0>(id) == *wanted.saga) &&
                          (!wanted.after || std::pair{due_at, key} > *wanted.after);
        if (fits) list.push_back(self_->timers.at(id));
    }
    return list;
}

saga_counts memory_saga_store::counts() {
    std::lock_guard const hold{self_->mutex};
    auto const now = self_->clock();
    std::map<std::pair<std::string, saga_status>, std::int64_t> instances;
    for (auto const& [name, i] : self_->instances) ++instances[{i.saga, i.status}];
    saga_counts found;
    for (auto const& [of, count] : instances) {
        found.instances.push_back({of.first, of.second, count});
    }
    std::map<std::string, saga_counts::timer_count> timers;
    for (auto const& [due_at, key, id] : self_->due) {
        auto& of = timers[std::get<0>(id)];
        if (of.waiting++ == 0) of.overdue = std::max(now - due_at, duration{0});
    }
    for (auto& [saga, of] : timers) {
        of.saga = saga;
        found.timers.push_back(of);
    }
    for (auto const kind : {message_kind::command, message_kind::effect}) {
        saga_counts::message_count of{.kind = kind};
        for (auto const& [key, kept] : self_->messages) {
            auto const& m = kept.message;
            if (m.kind != kind) continue;
            of.dead += m.status == message_status::dead ? 1 : 0;
            if (m.status != message_status::waiting) continue;
            ++of.waiting;
            bool const late = m.due_at <= now || m.attempts > 0;
            if (late && (of.oldest == 0 || m.caused_at < of.oldest)) of.oldest = m.caused_at;
        }
        found.messages.push_back(of);
    }
    return found;
}

}  // namespace recount
