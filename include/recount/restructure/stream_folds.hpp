// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What restructures changed, for those who follow the log: the folds of the streams they touch,
// kept from one restructure to the next.
//
//     history::stream_folds folds{log};
//     for (auto const& change : folds.delta(touched, before, after)) …   // weight -1: was, +1: is
//     auto const view = folds.known_to(account, k).corrected("account-a", k);
//
// A fold is made of the rows of its stream alone, so a delta costs what its streams hold, once, and
// afterwards what was appended to them since. The least recently used folds are let go.
// Thread safety: none. Lifetimes: the log must outlive it; a fold that is returned is valid until
// the next call. Errors: as log::read_stream.
#pragma once

#include <list>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/restructure/fold.hpp>

namespace recount::history {

class stream_folds {
public:
    // `rows_max`: of all folds that are kept; the one asked for last is kept in any case.
    explicit stream_folds(log& from, std::size_t rows_max = 500'000)
        : log_{from}, rows_max_{rows_max} {}

    // The fold of the stream's rows, which knows all that was appended up to `k`, or more.
    [[nodiscard]] fold const& known_to(stream_name const& stream, position k);
    // Of the streams together: retractions first, then what is, by place.
    [[nodiscard]] std::vector<weighted_version> delta(std::span<std::string const> streams,
                                                      position from, position to);

    [[nodiscard]] std::uint64_t rows_read() const noexcept { return rows_read_; }

private:
    struct kept {
        std::string stream;
        fold history;
        recount::version next = 1;    // the first row that it does not have
        position known_to = 0;        // the head of the log when it was read last
    };
    log& log_;
    std::size_t rows_max_;
    std::size_t rows_kept_ = 0;
    std::uint64_t rows_read_ = 0;
    std::list<kept> folds_;           // the most recently used first
    std::unordered_map<std::string, std::list<kept>::iterator> by_stream_;

    void read_on(kept& one);
    void let_go();
};

}  // namespace recount::history
