// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a person sees: aligned tables, and progress with rate and time left.
//
//     recount::text_table table{{{"account"}, {"balance", true}}};
//     table.add({"a-1", "50.00 EUR"});
//     fmt::print("{}", table.text());
//
//     recount::progress bar{"import", rows, json};
//     bar.update(done);
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace recount {

struct text_column {
    std::string title;
    bool right = false;
};

class text_table {
public:
    explicit text_table(std::vector<text_column> columns) : columns_{std::move(columns)} {}
    void add(std::vector<std::string> cells);
    [[nodiscard]] std::string text() const;   // with a line of titles; ends in a newline
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }

private:
    std::vector<text_column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// On a terminal one line that is written over, with --json a tick a second, when piped nothing; to
// stderr always.
class progress {
public:
    enum class style : std::uint8_t { automatic, json, none };
    progress(std::string what, std::uint64_t total, style how);
    ~progress();
    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;
    void update(std::uint64_t done);

private:
    std::string what_;
    std::uint64_t total_;
    style style_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point shown_{};
    bool drawn_ = false;
};

// Columns that a terminal gives to this text: code points, without combining ones.
[[nodiscard]] std::size_t display_width(std::string_view utf8) noexcept;

// Of a file, for its progress; 0 for what can be read only once, such as a pipe.
[[nodiscard]] std::uint64_t lines_in(std::string const& path);

// 28205 as "28,205".
[[nodiscard]] std::string grouped(std::int64_t number);

}  // namespace recount
