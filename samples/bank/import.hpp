// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Reads a file of movements into the bank: every row exactly once, however often it is run.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include <recount/recount.hpp>

namespace bank {

struct import_report {
    std::int64_t rows = 0;       // data lines of the file
    std::int64_t recorded = 0;   // new in this run
    std::int64_t known = 0;      // recorded before, by an earlier run of this batch
    std::int64_t malformed = 0;  // not understood, or refused; each was reported
    std::int64_t accounts = 0;   // that rows of the file belong to
};

struct import_options {
    std::string batch = "berka";  // part of each command's id: another name is another import
    std::string file_name = "file";   // in messages
    std::function<void(std::int64_t line, std::string const& sentence)> complain;
    std::function<void(std::int64_t rows)> progress;
    std::function<bool()> stop_wanted;
};

// Throws errc::invalid_argument if the first line is no header of the format; what is wrong with a
// single row goes to `complain`, and the rest goes on.
[[nodiscard]] import_report import_berka(recount::application& bank, std::istream& file,
                                         import_options const& options);

[[nodiscard]] recount::verb import_verb();

}  // namespace bank
