// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An append that is awaited: any completion token of Asio.
//
//     recount::append_queue queue{log};
//     boost::asio::co_spawn(io, [&]() -> boost::asio::awaitable<void> {
//         recount::commit one = …;
//         recount::appended done =
//             co_await recount::async_append(queue, std::move(one), boost::asio::use_awaitable);
//     }, boost::asio::detached);
//
// Signature: void(std::exception_ptr, recount::appended), by a post to the handler's associated
// executor (that of the system if it has none); no code of the caller runs on the queue's thread.
// Errors: the recount::error that log::append throws; errc::limit_exceeded when too many wait.
// Cancellation (any type): a commit that was not taken yet is withdrawn, and completes with
// errc::stopped; one that is on its way completes as if nothing had been said.
// Cost: one post an append.
#pragma once

#include <concepts>

#include <boost/asio/async_result.hpp>

#include <recount/async/append_queue.hpp>
#include <recount/async/operation.hpp>

namespace recount {

namespace detail {

template <class Handler>
class append_operation final : public append_work {
public:
    append_operation(Handler handler, commit content)
        : append_work{std::move(content)}, handler_{std::move(handler)} {}
    void done(appended result) noexcept override { handler_.tell(nullptr, std::move(result)); }
    void fail(std::exception_ptr why) noexcept override { handler_.tell(std::move(why), {}); }
    [[nodiscard]] auto const& handler() const noexcept { return handler_; }

private:
    waiting_handler<Handler, appended> handler_;
};

struct start_append {
    append_queue* queue;

    template <class Handler>
    void operator()(Handler handler, commit one) const {
        submit(queue->line(), std::make_unique<append_operation<Handler>>(std::move(handler),
                                                                          std::move(one)));
    }
};

}  // namespace detail

// The type is deduced so that a braced list does not compile: inside a co_await gcc 12 destroys
// what is made of one twice.
template <std::same_as<commit> Commit, class Token>
auto async_append(append_queue& to, Commit one, Token&& token) {
    return boost::asio::async_initiate<Token, void(std::exception_ptr, appended)>(
        detail::start_append{&to}, token, std::move(one));
}

}  // namespace recount
