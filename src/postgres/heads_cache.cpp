// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/heads_cache.hpp"

namespace recount::postgres {

std::optional<heads_cache::known> heads_cache::find(std::string_view stream) const {
    std::lock_guard const hold{mutex_};
    auto at = young_.find(stream);
    if (at == young_.end()) {
        at = old_.find(stream);
        if (at == old_.end()) return std::nullopt;
    }
    auto found = at->second;
    if (found.as_of.position >= contiguous_from_) found.as_of = known_;
    return found;
}

heads_cache::horizon heads_cache::newest() const {
    std::lock_guard const hold{mutex_};
    if (known_.position < 0) return {std::nullopt, age_};
    return {known_, age_};
}

known_range heads_cache::range(position oldest) const {
    std::lock_guard const hold{mutex_};
    return {oldest >= contiguous_from_ ? known_.position : oldest, known_, age_, types_};
}

void heads_cache::put(std::string const& stream, known entry) {
    auto const older = old_.find(stream);
    if (older != old_.end()) {
        if (older->second.as_of.position > entry.as_of.position) entry = older->second;
        old_.erase(older);
    }
    auto const [at, fresh] = young_.try_emplace(stream, entry);
    if (!fresh && at->second.as_of.position <= entry.as_of.position) at->second = entry;
    if (young_.size() >= limits::cached_heads_max / 2) {
        old_ = std::move(young_);
        young_.clear();
    }
}

void heads_cache::learn(detail::known_heads const& heads, log_end const& as_of,
                        std::uint64_t asked) {
    std::lock_guard const hold{mutex_};
    if (asked != age_) return;
    if (as_of.position > known_.position) {
        contiguous_from_ = as_of.position;
        known_ = as_of;
    }
    // Knowledge from within the run would be taken as true to its end, though a batch of ours may
    // have moved the stream since: too late to be worth keeping.
    if (as_of.position < known_.position && as_of.position >= contiguous_from_) return;
    for (auto const& [stream, head] : heads) put(stream, {head, as_of});
}

bool heads_cache::grow(position base, log_end const& end) {
    if (base == known_.position) {
        known_ = end;
    } else if (base > known_.position) {
        contiguous_from_ = end.position;
        known_ = end;
    } else if (end.position >= contiguous_from_) {
        // As in learn(); or the log is another by now, which nobody has noticed yet.
        return end == known_;
    }
    return true;
}

void heads_cache::appended(position base, log_end const& end, detail::known_heads const& heads,
                           std::uint64_t planned) {
    std::lock_guard const hold{mutex_};
    if (planned != age_ || !grow(base, end)) return;
    for (auto const& [stream, head] : heads) put(stream, {head, end});
}

void heads_cache::appended(position base, log_end const& end, detail::planned_batch const& batch,
                           known_types const& types, std::uint64_t planned) {
    std::lock_guard const hold{mutex_};
    if (planned != age_ || !grow(base, end)) return;
    for (auto const& stream : batch.streams) put(stream.name, {head_after(stream, base), end});
    if (end == known_) learn(types);  // so whoever vouches for the newest end vouches for them
}

void heads_cache::learn(known_types const& types) {
    bool const full = types_ != nullptr && types_->size() >= limits::cached_types_max;
    if (types.empty() || full) return;
    auto more = types_ != nullptr ? *types_ : known_types{};
    for (auto const& each : types) {
        if (more.size() >= limits::cached_types_max) break;
        more.insert(each);
    }
    types_ = std::make_shared<known_types const>(std::move(more));
}

void heads_cache::forget(detail::known_heads const& heads) {
    std::lock_guard const hold{mutex_};
    for (auto const& [stream, head] : heads) {
        young_.erase(stream);
        old_.erase(stream);
    }
}

void heads_cache::clear() {
    std::lock_guard const hold{mutex_};
    young_.clear();
    old_.clear();
    contiguous_from_ = 0;
    known_ = {-1, {}};
    types_.reset();
    ++age_;
}

}  // namespace recount::postgres
