// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/early_look.hpp"

#include <utility>

#include "postgres/binary_array.hpp"

namespace recount::postgres {

namespace {

constexpr std::size_t waiting_max = 4'096;  // places; append() is there first anyway

// All but one place in ten, each of which takes four blocks of an index.
bool was_in_buffers(std::int64_t fetched, std::int64_t hit) {
    constexpr std::int64_t blocks_min = 1'000;   // fewer say nothing
    return fetched >= blocks_min && (fetched - hit) * 40 < fetched;
}

// Ids of our own grow with time, and their page is the last one.
bool is_scattered(uuid const& id) { return std::to_integer<unsigned>(id.octets[6]) >> 4U != 7; }

}  // namespace

early_look::early_look(pool& sessions, log_queries const& queries,
                       early_look_options const& options)
    : sessions_{sessions}, queries_{queries}, options_{options} {}

early_look::~early_look() {
    {
        std::lock_guard const hold{mutex_};
        stopping_ = true;
    }
    news_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void early_look::look(position end_of_log, std::span<commit const* const> commits,
                      std::span<detail::planned_row const> rows) {
    if (end_of_log < options_.rows_min) return;
    bool const keys = keys_worth_;
    bool const heads = heads_worth_;
    bool const ask = clock::now().time_since_epoch().count() >= ask_at_;
    if (!keys && !heads && !ask) return;
    {
        std::lock_guard const hold{mutex_};
        if (keys && wanted_.keys.size() < waiting_max) {
            for (auto const* one : commits) {
                if (is_scattered(one->id)) wanted_.keys.push_back(one->id);
            }
        }
        if (heads && wanted_.heads.size() < waiting_max) {
            for (auto const& row : rows) {
                if (row.stream_ref > 0) wanted_.heads.push_back({row.stream_ref, row.version});
            }
        }
        to_ask_ = to_ask_ || ask;
        if (wanted_.empty() && !to_ask_) return;
        if (!thread_.joinable()) thread_ = std::thread{[this] { serve(); }};
    }
    news_.notify_one();
}

void early_look::forget() {
    if (!keys_worth_ && !heads_worth_) return;
    std::lock_guard const hold{mutex_};
    wanted_ = {};
}

void early_look::serve() {
    std::unique_lock hold{mutex_};
    for (;;) {
        news_.wait(hold, [&] { return to_ask_ || !wanted_.empty() || stopping_; });
        if (stopping_) return;
        auto const now = std::exchange(wanted_, {});
        bool const asks = std::exchange(to_ask_, false);
        hold.unlock();
        if (asks) ask_at_ = (clock::now() + options_.ask_again).time_since_epoch().count();
        try {
            auto const lent = sessions_.lend();
            if (asks) ask(*lent);
            if (!now.empty()) read(*lent, now);
        } catch (std::exception const&) {
            // append() reads what it needs, and says what there is to say.
        }
        hold.lock();
    }
}

void early_look::ask(session& on) {
    auto const sizes = on.execute(queries_.index_sizes);
    auto const most = options_.of_buffers * static_cast<double>(sizes.integer(0, 2));
    keys_worth_ = static_cast<double>(sizes.integer(0, 0)) > most;
    heads_worth_ = static_cast<double>(sizes.integer(0, 1)) > most;
}

void early_look::read(session& on, places const& now) {
    binary_array keys{binary_array::uuid};
    binary_array streams{binary_array::bigint};
    binary_array versions{binary_array::bigint};
    for (auto const& key : now.keys) keys.add(std::span<std::byte const>{key.octets});
    for (auto const& head : now.heads) {
        streams.add(head.stream);
        versions.add(std::int64_t{head.version});
    }
    auto const seen = on.execute_binary(queries_.look_early,
                                        {keys.take(), streams.take(), versions.take()});
    looked_at_ += now.keys.size() + now.heads.size();
    if (was_in_buffers(seen.integer(0, 2), seen.integer(0, 3))) keys_worth_ = false;
    if (was_in_buffers(seen.integer(0, 4), seen.integer(0, 5))) heads_worth_ = false;
}

}  // namespace recount::postgres
