// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/async/dispatch_queue.hpp>

#include <functional>
#include <string>

namespace recount {

namespace {

using detail::work_line;

// Only dispatch_work is ever submitted to the lines of workers, and read_work to that of readers.
detail::dispatch_work& command_of(work_line::work const& one) {
    return static_cast<detail::dispatch_work&>(*one);
}

void tell(work_line::work const& one, dispatch_result& result, std::exception_ptr const& thrown) {
    if (auto* const failure = std::get_if<error>(&result)) {
        one->fail(thrown ? thrown : std::make_exception_ptr(std::move(*failure)));
    } else {
        command_of(one).done(std::get<outcome>(std::move(result)));
    }
}

void dispatch_all(dispatcher::batch& on, std::vector<work_line::work> const& waiting) {
    std::vector<command_call> calls;
    calls.reserve(waiting.size());
    for (auto const& one : waiting) calls.push_back(command_of(one).call());
    std::vector<std::exception_ptr> thrown;
    std::vector<dispatch_result> results;
    try {
        results = on.run(calls, thrown);
    } catch (...) {
        for (auto const& one : waiting) one->fail(std::current_exception());
        return;
    }
    for (std::size_t i = 0; i < results.size(); ++i) tell(waiting[i], results[i], thrown[i]);
}

work_line::perform_function worker_of(application& app) {
    auto const batch = std::make_shared<dispatcher::batch>(app.batch());
    return [batch](std::vector<work_line::work> waiting) { dispatch_all(*batch, waiting); };
}

work_line::perform_function reader_of(application& app) {
    return [&app](std::vector<work_line::work> waiting) {
        for (auto const& one : waiting) static_cast<detail::read_work&>(*one).read(app);
    };
}

constexpr auto limit_name = "dispatch_queue_options::waiting_max";

}  // namespace

dispatch_queue::dispatch_queue(application& of, dispatch_queue_options const& options)
    : app_{&of} {
    if (options.workers == 0) {
        throw error{errc::invalid_argument, "a dispatch_queue needs at least one worker"};
    }
    for (std::size_t i = 0; i < options.workers; ++i) {
        workers_.push_back(std::make_unique<work_line>(
            detail::work_line_options{.limit = limit_name,
                                      .waiting_max = options.waiting_max,
                                      .batch_max = options.commands_per_batch_max},
            [&of] { return worker_of(of); }));
    }
    // One at a time: a batch of reads would keep the others from doing their part of it.
    reads_ = std::make_unique<work_line>(
        detail::work_line_options{.limit = limit_name,
                                  .waiting_max = options.waiting_max,
                                  .threads = options.readers},
        [&of] { return reader_of(of); });
}

std::size_t dispatch_queue::waiting() const {
    auto count = reads_->waiting();
    for (auto const& one : workers_) count += one->waiting();
    return count;
}

detail::work_line& dispatch_queue::line_of(command_call const& call) {
    // Ids of different categories may well be the same.
    auto const stream = std::string{call.aggregate->category} + '-' +
                        call.command->target(call.object);
    return *workers_[std::hash<std::string>{}(stream) % workers_.size()];
}

}  // namespace recount
