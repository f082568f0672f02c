// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/feed_reader.hpp>

#include <system_error>
#include <utility>

namespace recount {

feed_reader::feed_reader(log& from, position after, feed_filter filter, std::size_t limit)
    : log_{from}, after_{after}, filter_{std::move(filter)}, limit_{limit} {}

feed_reader::~feed_reader() {
    if (ahead_.valid()) ahead_.wait();
}

feed_page feed_reader::next() {
    auto page = ahead_.valid() ? std::exchange(ahead_, {}).get()
                               : log_.read_feed(after_, filter_, limit_);
    after_ = page.through;
    if (!page.caught_up) read_ahead();
    return page;
}

void feed_reader::read_ahead() {
    try {
        ahead_ = std::async(std::launch::async, [this, after = after_] {
            return log_.read_feed(after, filter_, limit_);
        });
    } catch (std::system_error const&) {
        // No thread to be had: then next() reads the page itself.
    }
}

}  // namespace recount
