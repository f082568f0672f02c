// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Any bytes as the rows of a log, and what must be true of every log: reading it never throws, the
// fold and the oracle agree at every position, and the rows of one stream can be folded alone. What
// the fuzzer runs (tests/fuzz), and what the tests run over its corpus.
//
//     CHECK(tests::defect_of_bytes(bytes) == "");
//
// One row a line: position, commit_last, the id as commit.ordinal, stream, type, schema version and
// the payload, which is the rest of the line:
//
//     1 1 1.0 account-a account.moved 1 {"amount":100}
//     2 2 2.0 account-a $restructured 1 {"restructure":"c0000000-0000-0000-0000-000000020000",…}
//
// Commit 2 is the id c0000000-0000-0000-0000-000000020000, as in world.hpp. A line that is none is
// left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <recount/log/event.hpp>

namespace recount::tests {

[[nodiscard]] std::vector<recorded_event> rows_of_bytes(std::string_view bytes);
[[nodiscard]] std::string bytes_of_rows(std::vector<recorded_event> const& rows);

// Empty: all holds.
[[nodiscard]] std::string defect_of_bytes(std::string_view bytes);

}  // namespace recount::tests
