// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/early_look.hpp"

#include <utility>

#include "postgres/binary_array.hpp"

namespace recount::postgres {

namespace {

constexpr std::size_t waiting_max = 4'096;  // places; append() is there first anyway

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
                      std::span<detail::planned_row const> rows) noexcept {
    if (end_of_log < options_.rows_min) return;
    auto const which = worth_.load();
    bool const ask = clock::now().time_since_epoch().count() >= ask_at_;
    if (which == worth::nothing && !ask) return;
    try {
        std::lock_guard const hold{mutex_};
        want(which, commits, rows);
        to_ask_ = to_ask_ || ask;
        if (wanted_.empty() && !to_ask_) return;
        if (!thread_.joinable()) thread_ = std::thread{[this] { serve(); }};
    } catch (std::exception const&) {
        return;  // no memory, or no thread
    }
    news_.notify_one();
}

void early_look::want(unsigned which, std::span<commit const* const> commits,
                      std::span<detail::planned_row const> rows) {
    if ((which & worth::in_keys) != 0 && wanted_.keys.size() < waiting_max) {
        for (auto const* one : commits) {
            if (is_scattered(one->id)) wanted_.keys.push_back(one->id);
        }
    }
    if ((which & worth::in_heads) != 0 && wanted_.heads.size() < waiting_max) {
        for (auto const& row : rows) {
            if (row.stream_ref > 0) wanted_.heads.push_back({row.stream_ref, row.version});
        }
    }
}

void early_look::forget() noexcept {
    if (worth_ == worth::nothing) return;
    std::lock_guard const hold{mutex_};
    wanted_.keys.clear();
    wanted_.heads.clear();
}

void early_look::serve() {
    std::unique_lock hold{mutex_};
    for (;;) {
        news_.wait(hold, [&] { return to_ask_ || !wanted_.empty() || stopping_; });
        if (stopping_) return;
        hold.unlock();
        try {
            work();
        } catch (std::exception const&) {
            forget();  // append() reads what it needs, and says what there is to say
        }
        hold.lock();
    }
}

// What is wanted is taken when there is a connection: it may have been forgotten till then.
void early_look::work() {
    bool asks = false;
    {
        std::lock_guard const hold{mutex_};
        asks = std::exchange(to_ask_, false);
    }
    auto const lent = sessions_.lend(std::chrono::milliseconds{0});
    if (asks) {
        ask_at_ = (clock::now() + options_.ask_again).time_since_epoch().count();
        ask(*lent);
    }
    places now;
    {
        std::lock_guard const hold{mutex_};
        now = std::exchange(wanted_, {});
    }
    if (!now.empty()) read(*lent, now);
}

void early_look::ask(session& on) {
    auto const sizes = on.execute(queries_.index_sizes);
    auto const most = options_.of_buffers * static_cast<double>(sizes.integer(0, 2));
    unsigned which = worth::nothing;
    if (static_cast<double>(sizes.integer(0, 0)) > most) which |= worth::in_keys;
    if (static_cast<double>(sizes.integer(0, 1)) > most) which |= worth::in_heads;
    worth_ = which;
    ++asked_;
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
    auto const blocks = [&](std::size_t column) {
        return seen.integer(0, column + 6) - seen.integer(0, column);
    };
    if (keys_seen_.were_in_buffers(blocks(0), blocks(1))) worth_ &= ~unsigned{worth::in_keys};
    if (heads_seen_.were_in_buffers(blocks(2), blocks(3))) worth_ &= ~unsigned{worth::in_heads};
}

// Of a thousand blocks and more, all but one place in ten, each of which takes four blocks.
bool early_look::sample::were_in_buffers(std::int64_t more_fetched, std::int64_t more_hit) {
    constexpr std::int64_t blocks_min = 1'000;
    fetched += more_fetched;
    hit += more_hit;
    if (fetched < blocks_min) return false;
    bool const in_buffers = (fetched - hit) * 40 < fetched;
    *this = {};
    return in_buffers;
}

}  // namespace recount::postgres
