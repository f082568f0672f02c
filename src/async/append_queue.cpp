// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/async/append_queue.hpp>

namespace recount {

namespace {

// Only append_work is ever submitted to the line of an append_queue.
detail::append_work& append_of(detail::work_line::work const& one) {
    return static_cast<detail::append_work&>(*one);
}

void append_all(log& to, std::vector<detail::work_line::work> const& waiting) {
    std::vector<commit> commits;
    commits.reserve(waiting.size());
    for (auto const& one : waiting) commits.push_back(append_of(one).take_content());
    std::vector<append_result> results;
    try {
        results = to.append_batch(commits);
    } catch (...) {
        for (auto const& one : waiting) one->fail(std::current_exception());
        return;
    }
    assert_that(results.size() == waiting.size(), "every commit of a batch has a result");
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (auto* const failure = std::get_if<error>(&results[i])) {
            waiting[i]->fail(std::make_exception_ptr(std::move(*failure)));
        } else {
            append_of(waiting[i]).done(std::get<appended>(std::move(results[i])));
        }
    }
}

}  // namespace

append_queue::append_queue(log& to, append_queue_options const& options)
    : line_{{.limit = "append_queue_options::waiting_max",
             .waiting_max = options.waiting_max,
             .batch_max = options.commits_per_batch_max},
            [&to]() -> detail::work_line::perform_function {
                return [&to](std::vector<detail::work_line::work> waiting) {
                    append_all(to, waiting);
                };
            }} {}

}  // namespace recount
