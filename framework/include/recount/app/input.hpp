// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Files that a verb was told to read.
//
//     auto file = recount::open_input("trans.asc");      // std::ifstream, binary
//
// Thread safety: a pure function. Errors: errc::not_found, with the path and what the system says.
#pragma once

#include <fstream>
#include <string>

namespace recount {

[[nodiscard]] std::ifstream open_input(std::string const& path);

}  // namespace recount
