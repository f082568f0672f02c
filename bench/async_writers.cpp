// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// writers::by_coroutines: a file of its own, since Asio is slow to compile.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <recount/async/append.hpp>

#include "writers.hpp"

namespace recount::bench {

namespace asio = boost::asio;

std::vector<latencies> writers::by_coroutines(window const& w) {
    std::vector<latencies> each(how_.writers);
    append_queue queue{log_, {.waiting_max = how_.writers + 1}};
    asio::io_context io{1};
    std::exception_ptr failure;
    auto const write = [&](std::size_t writer) -> asio::awaitable<void> {
        share mine{work_, writer, how_.writers};
        while (!stop_wanted()) {
            auto const stream = mine.take();
            commit one = work_.commit_of(stream, versions_[stream], how_.events);
            auto const begun = steady::now();
            co_await async_append(queue, std::move(one), asio::use_awaitable);
            auto const ended = steady::now();
            versions_[stream] += static_cast<version>(how_.events);
            if (w.holds(ended)) each[writer].add(ended - begun);
            if (ended >= w.to) break;
        }
    };
    for (std::size_t writer = 0; writer < how_.writers; ++writer) {
        asio::co_spawn(io, write(writer), [&](std::exception_ptr why) {
            if (why && !failure) failure = why;
        });
    }
    io.run();
    if (failure) std::rethrow_exception(failure);
    return each;
}

}  // namespace recount::bench
