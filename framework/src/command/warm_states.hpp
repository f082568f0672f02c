// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// States of aggregates that a process keeps in memory, the most recently used ones, bounded by
// their number and by an estimate of their bytes.
//
// A kept state may be old, since others write too, but never wrong: it is never changed once it is
// here, it comes from events that are in the log, and its `hash` says which. Whoever decides on one
// appends with the version and the hash it was decided on; the log is the judge.
// Thread safety: every function from any thread. Cost: a lock held for a look into a hash table;
// now and then a state is written as JSON, without the lock, to learn its size.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <recount/aggregate/descriptor.hpp>
#include <recount/log/event.hpp>

namespace recount::detail {

struct warm_state {
    aggregate_descriptor const* aggregate = nullptr;
    std::shared_ptr<void const> state;
    recount::version version = 0;      // from 1
    digest hash{};                     // of the event there
    position as_of = 0;                // the head of the log that the state was known to hold at
};

[[nodiscard]] erased_object copy_of(warm_state const& warm);

class warm_states {
public:
    // Either may be 0: nothing is kept.
    warm_states(std::size_t states_max, std::size_t bytes_max)
        : states_max_{states_max}, bytes_max_{bytes_max} {}

    [[nodiscard]] std::optional<warm_state> find(aggregate_descriptor const& of,
                                                 std::string const& stream);
    // Unless a newer one is there already.
    void keep(std::string const& stream, warm_state fresh);
    // The one with this hash was found to have no place in the log.
    void forget(std::string const& stream, digest const& hash);

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] std::size_t bytes() const;      // as estimated

private:
    struct entry {
        std::string stream;
        warm_state kept;
        std::size_t bytes = 0;
        version measured_at = 0;
    };
    using list = std::list<entry>;

    std::size_t const states_max_;
    std::size_t const bytes_max_;
    mutable std::mutex mutex_;
    list order_;                                  // the most recently used one first
    std::unordered_map<std::string_view, list::iterator> places_;   // keys: those of the entries
    std::size_t bytes_ = 0;

    [[nodiscard]] entry measured(std::string const& stream, warm_state fresh) const;
    void take_out(list::iterator which, list& to);
};

}  // namespace recount::detail
