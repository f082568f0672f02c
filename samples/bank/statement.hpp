// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The statement of an account as the log told it at a position. Whatever is corrected later, it
// stays the same, line by line.
//
//     auto const then = statement_at(log, "account-7", 4711);
//     print(then.lines);                                    // then.known_at: the position it used
//
// Errors: as reading a stream. Cost: linear in the events of the account. The table is not asked:
// its handlers are told the history of then, on the side.
#pragma once

#include <vector>

#include <recount/log/log.hpp>
#include <recount/projection/row_store.hpp>

namespace bank {

struct statement {
    std::vector<recount::stored_row> lines;   // of statement_lines
    recount::position known_at = 0;           // inside a commit: the end of the one before
};
[[nodiscard]] statement statement_at(recount::log& log, recount::stream_name const& account,
                                     recount::position at);

}  // namespace bank
