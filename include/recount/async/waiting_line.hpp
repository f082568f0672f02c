// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What waits for the library's own threads: a bounded line, and the threads that take from it.
// For the headers of this folder.
//
//     waiting_line line{2};
//     line.put(1, std::move(work));              // in order; refused when full or closed
//     auto const mine = line.withdraw(1);        // nothing once it was taken
//     auto const next = line.take(100);
//
// Thread safety: waiting_line: one thread at a time; work_line: every function from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace recount::detail {

// Work with somebody who waits for it, and who is told exactly once.
class waiting_work {
public:
    virtual ~waiting_work() = default;
    virtual void fail(std::exception_ptr why) noexcept = 0;
};

// The line alone, without threads.
class waiting_line {
public:
    using ticket = std::uint64_t;
    using work = std::unique_ptr<waiting_work>;
    enum class verdict : std::uint8_t { waits, full, closed };

    explicit waiting_line(std::size_t waiting_max) : waiting_max_{waiting_max} {}

    // Tickets differ from each other; `one` is moved from only if it waits now.
    [[nodiscard]] verdict put(ticket number, work& one);
    // The first ones, at most `most`, in order.
    [[nodiscard]] std::vector<work> take(std::size_t most);
    // Nothing if it was taken already.
    [[nodiscard]] work withdraw(ticket number);
    // From now on nothing is let in; what waits can still be taken.
    void close() noexcept { closed_ = true; }

    [[nodiscard]] bool closed() const noexcept { return closed_; }
    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
    [[nodiscard]] std::size_t waiting_max() const noexcept { return waiting_max_; }

private:
    struct place {
        ticket number;
        work what;
    };
    std::size_t waiting_max_;
    std::deque<place> waiting_;
    bool closed_ = false;
};

// Whether to wait for more before what waits is taken. Who were answered together are back one
// after the other, a few microseconds apart; they are to go together again, and not the first of
// them alone, since a batch costs much however small it is. No clock and no thread of its own.
class linger {
public:
    using clock = std::chrono::steady_clock;
    static constexpr std::chrono::microseconds next_comes_in{20};
    static constexpr std::chrono::microseconds longest{500};

    // What the last batch answered: as many are expected back.
    void answered(std::size_t count) noexcept { expected_ = count; }
    // Once before the looks for a batch.
    void begin(clock::time_point now) noexcept {
        seen_ = 0;
        end_ = now + longest;
    }
    // At a look. True: look again in `next_comes_in`. False once nobody has come since the last.
    [[nodiscard]] bool expects_more(std::size_t waiting, clock::time_point now) noexcept {
        bool const came = waiting > std::exchange(seen_, waiting);
        return came && waiting < expected_ && now < end_;
    }

private:
    std::size_t expected_ = 0;
    std::size_t seen_ = 0;
    clock::time_point end_{};
};

struct work_line_options {
    std::string limit;                // the name that its refusals give waiting_max
    std::size_t waiting_max = 1;
    std::size_t batch_max = 1;        // taken at once
    std::size_t threads = 1;
};

// The line with its threads. Each takes what waits, at most a batch, and performs it; what comes
// in meanwhile is its next batch. Cost: a thread that has answered several looks for them, without
// sleeping, while they come back, half a millisecond at most.
class work_line {
public:
    using work = waiting_line::work;
    // Tells each of the batch what became of it. Throws nothing.
    using perform_function = std::function<void(std::vector<work>)>;
    // One for each thread, made by that thread: what it keeps is its own.
    using make_perform_function = std::function<perform_function()>;

    // Throws errc::invalid_argument for a limit of zero.
    work_line(work_line_options options, make_perform_function make);
    ~work_line();   // lets nothing in any more, finishes what waits, joins
    work_line(work_line const&) = delete;
    work_line& operator=(work_line const&) = delete;

    // Takes a piece of work back, as long as the line lives and no thread has taken it: that fails
    // with errc::stopped then. Does nothing otherwise.
    class withdrawal {
    public:
        void operator()() const noexcept;

    private:
        friend class work_line;
        struct state;
        std::weak_ptr<state> line_;
        waiting_line::ticket number_ = 0;
    };
    [[nodiscard]] withdrawal next_withdrawal();
    // Under the ticket of that withdrawal. Refused, it fails: with errc::limit_exceeded, which may
    // be tried again, or with errc::stopped.
    void submit(withdrawal const& as, work one);
    [[nodiscard]] std::size_t waiting() const;

private:
    using state = withdrawal::state;
    work_line_options options_;
    std::shared_ptr<state> state_;
    std::vector<std::thread> threads_;

    static void serve(state& line, std::size_t batch_max, make_perform_function const& make);
    void finish() noexcept;
};

}  // namespace recount::detail
