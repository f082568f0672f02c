// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/feed_reader.hpp>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <utility>

namespace recount {

namespace {

// One that is on its way, and one whose rows the server gets ready while that is decoded.
constexpr std::size_t pages_ahead = 2;

// Of all readers together: half of the sessions that a log has (log_options::sessions_max). The
// others are for those who wait for an answer.
constexpr int pages_ahead_of_all = 8;
std::atomic<int> on_their_way{0};

// A place among those, as long as it lives.
class place_ahead {
public:
    place_ahead() : taken_{on_their_way.fetch_add(1) < pages_ahead_of_all} {
        if (!taken_) --on_their_way;
    }
    ~place_ahead() {
        if (taken_) --on_their_way;
    }
    place_ahead(place_ahead&& other) noexcept : taken_{std::exchange(other.taken_, false)} {}
    place_ahead& operator=(place_ahead&&) = delete;
    [[nodiscard]] bool taken() const noexcept { return taken_; }

private:
    bool taken_;
};

}  // namespace

feed_reader::feed_reader(log& from, position after, feed_filter filter, std::size_t limit)
    : log_{from}, after_{after}, filter_{std::move(filter)},
      limit_{std::clamp<std::size_t>(limit, 1, limits::page_events_max)} {}

feed_reader::~feed_reader() = default;  // a future of std::async waits

feed_page feed_reader::next() {
    bool const early = !ahead_.empty();
    auto page = read();
    // All that was asked for early may have been in the page before.
    if (early && page.through <= after_) return next();
    std::erase_if(page.events, [&](auto const& e) { return e.position <= after_; });
    after_ = std::max(after_, page.through);
    if (page.caught_up) {
        ahead_.clear();  // they are as old as this page, and it ends here
    } else {
        read_ahead(page.head);
    }
    return page;
}

feed_page feed_reader::read() {
    if (ahead_.empty()) return log_.read_feed(after_, filter_, limit_);
    auto first = std::move(ahead_.front());
    ahead_.pop_front();
    try {
        return first.page.get();
    } catch (...) {
        ahead_.clear();
        throw;
    }
}

// A page that may not end before the end of the log is asked for only when it is the next one.
void feed_reader::read_ahead(position head) {
    auto const length = static_cast<position>(limit_);
    while (ahead_.size() < pages_ahead) {
        auto const after =
            ahead_.empty() ? after_ : std::max(ahead_.back().after + length, after_);
        if (!ahead_.empty() && after + length > head) return;
        if (!ask(after)) return;
    }
}

// False if there is no thread or place to be had: then next() reads the page itself.
bool feed_reader::ask(position after) {
    place_ahead place;
    if (!place.taken()) return false;
    try {
        auto read = [this, after, held = std::move(place)]() mutable {
            auto const until_read = std::move(held);
            return log_.read_feed(after, filter_, limit_);
        };
        ahead_.push_back({after, std::async(std::launch::async, std::move(read))});
        return true;
    } catch (std::system_error const&) {
        return false;
    }
}

}  // namespace recount
