// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Between a completion token and the library's threads. For the headers of this folder.
//
// The handler is told once, by a post to its associated executor, which is kept at work until
// then; no thread of the library ever runs it. If its cancellation slot is emitted to before a
// thread has taken the work, the work is withdrawn.
#pragma once

#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <recount/async/waiting_line.hpp>

namespace recount::detail {

template <class Handler, class... Values>
class waiting_handler {
public:
    explicit waiting_handler(Handler handler)
        : handler_{std::move(handler)}, executor_{boost::asio::make_work_guard(handler_)} {}

    // Once.
    void tell(std::exception_ptr failure, Values... values) noexcept {
        auto const executor = executor_.get_executor();
        auto const allocator = boost::asio::get_associated_allocator(handler_);
        auto telling = [cancelled_by = slot(), handler = std::move(handler_),
                        failure = std::move(failure),
                        ... values = std::move(values)]() mutable {
            cancelled_by.clear();
            std::move(handler)(std::move(failure), std::move(values)...);
        };
        boost::asio::post(executor, boost::asio::bind_allocator(allocator, std::move(telling)));
        executor_.reset();
    }

    [[nodiscard]] auto slot() const noexcept {
        return boost::asio::get_associated_cancellation_slot(handler_);
    }

private:
    Handler handler_;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> executor_;
};

// Submits work whose handler can be told at any moment from then on: its slot is tied first.
template <class Work>
void submit(work_line& line, std::unique_ptr<Work> one) {
    auto const withdraw = line.next_withdrawal();
    auto slot = one->handler().slot();
    if (slot.is_connected()) {
        slot.assign([withdraw](boost::asio::cancellation_type) { withdraw(); });
    }
    line.submit(withdraw, std::move(one));
}

}  // namespace recount::detail
