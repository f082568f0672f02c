// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "command/warm_states.hpp"

namespace recount::detail {

namespace {

// Objects in memory are larger than what they look like as text, by nodes, capacities and padding.
constexpr std::size_t bytes_per_json_byte = 2;
constexpr std::size_t bytes_of_an_entry = 512;
// A state is measured anew when so many events, or as many as it had, have changed it.
constexpr version measured_again_after = 64;

std::size_t bytes_of(std::string const& stream, warm_state const& one) {
    std::string text;
    describe::write_json(text, one.aggregate->state(), one.state.get());
    return bytes_of_an_entry + stream.size() + bytes_per_json_byte * text.size();
}

}  // namespace

erased_object copy_of(warm_state const& warm) {
    auto copy = warm.aggregate->create();
    warm.aggregate->state().assign(copy.get(), warm.state.get());
    return copy;
}

std::optional<warm_state> warm_states::find(aggregate_descriptor const& of,
                                            std::string const& stream) {
    std::lock_guard const hold{mutex_};
    auto const known = places_.find(stream);
    if (known == places_.end() || known->second->kept.aggregate != &of) return std::nullopt;
    order_.splice(order_.begin(), order_, known->second);
    return known->second->kept;
}

warm_states::entry warm_states::measured(std::string const& stream, warm_state fresh) const {
    entry made{stream, std::move(fresh)};
    {
        std::lock_guard const hold{mutex_};
        auto const known = places_.find(stream);
        if (known != places_.end()) {
            made.bytes = known->second->bytes;
            made.measured_at = known->second->measured_at;
        }
    }
    auto const grown = made.kept.version - made.measured_at;
    if (made.bytes == 0 || grown >= measured_again_after || grown >= made.measured_at) {
        made.bytes = bytes_of(stream, made.kept);
        made.measured_at = made.kept.version;
    }
    return made;
}

void warm_states::take_out(list::iterator which, list& to) {
    bytes_ -= which->bytes;
    places_.erase(which->stream);
    to.splice(to.begin(), order_, which);
}

void warm_states::keep(std::string const& stream, warm_state fresh) {
    if (states_max_ == 0 || bytes_max_ == 0) return;
    list made;
    made.push_back(measured(stream, std::move(fresh)));
    list gone;   // states are destroyed when the lock is free again
    std::lock_guard const hold{mutex_};
    if (auto const known = places_.find(stream); known != places_.end()) {
        auto const& older = known->second->kept;
        auto const& newer = made.front().kept;
        if (older.aggregate == newer.aggregate &&
            std::pair{older.version, older.as_of} >= std::pair{newer.version, newer.as_of}) {
            return;
        }
        take_out(known->second, gone);
    }
    if (made.front().bytes > bytes_max_) return;
    bytes_ += made.front().bytes;
    order_.splice(order_.begin(), made);
    places_.emplace(order_.front().stream, order_.begin());
    while (order_.size() > states_max_ || bytes_ > bytes_max_) {
        take_out(std::prev(order_.end()), gone);
    }
}

void warm_states::forget(std::string const& stream, digest const& hash) {
    list gone;
    std::lock_guard const hold{mutex_};
    auto const known = places_.find(stream);
    if (known != places_.end() && known->second->kept.hash == hash) take_out(known->second, gone);
}

std::size_t warm_states::size() const {
    std::lock_guard const hold{mutex_};
    return order_.size();
}

std::size_t warm_states::bytes() const {
    std::lock_guard const hold{mutex_};
    return bytes_;
}

}  // namespace recount::detail
