// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commands and reads that are awaited: any completion token of Asio.
//
//     recount::dispatch_queue queue{bank};
//     deposit const command{{"a-1"}, {5000, "EUR"}};
//     recount::outcome outcome =
//         co_await recount::async_dispatch(queue, command, boost::asio::use_awaitable);
//     auto const read = [](recount::application& bank) { return bank.state<account>({"a-1"}); };
//     account const state = co_await recount::async_read(queue, read, boost::asio::use_awaitable);
//
// Signatures: void(std::exception_ptr, recount::outcome), and void(std::exception_ptr, T) for a
// function that returns a T (without the T for void), by a post to the handler's associated
// executor (that of the system if it has none). `decide` and the function of a read run on a thread
// of the queue, all else of the caller's on its executor.
// Errors: what application::dispatch throws, or the function of the read; errc::limit_exceeded when
// too many wait. A rejection is an outcome. One failing command fails alone.
// Cancellation (any type): what was not taken yet is withdrawn, and completes with errc::stopped;
// what is on its way completes as if nothing had been said.
// Cost: one post a command. Name the arguments first: gcc 12 does not get braces inside of a
// co_await right.
#pragma once

#include <concepts>
#include <type_traits>

#include <boost/asio/async_result.hpp>

#include <recount/async/dispatch_queue.hpp>
#include <recount/async/operation.hpp>

namespace recount {

namespace detail {

template <class Command, class Handler>
class dispatch_operation final : public dispatch_work {
public:
    dispatch_operation(Handler handler, Command command)
        : command_{std::move(command)}, handler_{std::move(handler)} {}
    void prepare(application const& of, command_options options) {
        call_ = of.call(command_, std::move(options));
    }
    void done(outcome result) noexcept override { handler_.tell(nullptr, std::move(result)); }
    void fail(std::exception_ptr why) noexcept override {
        handler_.tell(std::move(why), outcome{accepted{}});
    }
    [[nodiscard]] auto const& handler() const noexcept { return handler_; }

private:
    Command command_;
    waiting_handler<Handler, outcome> handler_;
};

struct start_dispatch {
    dispatch_queue* queue;

    template <class Handler, class Command>
    void operator()(Handler handler, Command command, command_options options) const {
        auto one = std::make_unique<dispatch_operation<Command, Handler>>(std::move(handler),
                                                                          std::move(command));
        work_line* line = nullptr;
        try {
            one->prepare(queue->app(), std::move(options));
            line = &queue->line_of(one->call());
        } catch (...) {
            one->fail(std::current_exception());
            return;
        }
        submit(*line, std::move(one));
    }
};

template <class Value>
struct read_signature {
    using type = void(std::exception_ptr, Value);
};
template <>
struct read_signature<void> {
    using type = void(std::exception_ptr);
};

template <class Function, class Value, class Handler>
class read_operation final : public read_work {
public:
    read_operation(Handler handler, Function function)
        : function_{std::move(function)}, handler_{std::move(handler)} {}
    void read(application& from) noexcept override {
        try {
            handler_.tell(nullptr, function_(from));
        } catch (...) {
            fail(std::current_exception());
        }
    }
    void fail(std::exception_ptr why) noexcept override { handler_.tell(std::move(why), Value{}); }
    [[nodiscard]] auto const& handler() const noexcept { return handler_; }

private:
    Function function_;
    waiting_handler<Handler, Value> handler_;
};

template <class Function, class Handler>
class read_operation<Function, void, Handler> final : public read_work {
public:
    read_operation(Handler handler, Function function)
        : function_{std::move(function)}, handler_{std::move(handler)} {}
    void read(application& from) noexcept override {
        try {
            function_(from);
        } catch (...) {
            fail(std::current_exception());
            return;
        }
        handler_.tell(nullptr);
    }
    void fail(std::exception_ptr why) noexcept override { handler_.tell(std::move(why)); }
    [[nodiscard]] auto const& handler() const noexcept { return handler_; }

private:
    Function function_;
    waiting_handler<Handler> handler_;
};

template <class Value>
struct start_read {
    dispatch_queue* queue;

    template <class Handler, class Function>
    void operator()(Handler handler, Function function) const {
        submit(queue->reads(), std::make_unique<read_operation<Function, Value, Handler>>(
                                   std::move(handler), std::move(function)));
    }
};

}  // namespace detail

// The types are deduced so that a braced list does not compile: inside a co_await gcc 12 destroys
// what is made of one twice.
template <command_type Command, std::same_as<command_options> Options, class Token>
auto async_dispatch(dispatch_queue& to, Command command, Options options, Token&& token) {
    return boost::asio::async_initiate<Token, void(std::exception_ptr, outcome)>(
        detail::start_dispatch{&to}, token, std::move(command), std::move(options));
}
template <command_type Command, class Token>
auto async_dispatch(dispatch_queue& to, Command command, Token&& token) {
    return async_dispatch(to, std::move(command), command_options{}, std::forward<Token>(token));
}

// What the function returns must be default-constructible: a failure comes with an empty one.
template <std::invocable<application&> Function, class Token>
auto async_read(dispatch_queue& from, Function function, Token&& token) {
    using value = std::decay_t<std::invoke_result_t<Function&, application&>>;
    static_assert(std::is_void_v<value> || std::default_initializable<value>,
                  "recount: what async_read returns must be default-constructible: wrap it in a "
                  "std::optional");
    return boost::asio::async_initiate<Token, typename detail::read_signature<value>::type>(
        detail::start_read<value>{&from}, token, std::move(function));
}

}  // namespace recount
