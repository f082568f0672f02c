// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/output.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/core.h>
#include <unistd.h>

namespace recount {

std::size_t display_width(std::string_view utf8) noexcept {
    std::size_t width = 0;
    for (auto const c : utf8) {
        bool const continuation = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
        if (!continuation) ++width;
    }
    return width;
}

std::uint64_t lines_in(std::string const& path) {
    if (!std::filesystem::is_regular_file(path)) return 0;
    std::ifstream file{path, std::ios::binary};
    return static_cast<std::uint64_t>(std::count(std::istreambuf_iterator<char>{file}, {}, '\n'));
}

std::string grouped(std::int64_t number) {
    auto text = std::to_string(number);
    auto const first = text.front() == '-' ? 1U : 0U;
    for (auto at = text.size(); at > first + 3;) {
        at -= 3;
        text.insert(at, 1, ',');
    }
    return text;
}

void text_table::add(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

std::string text_table::text() const {
    std::vector<std::size_t> widths;
    for (auto const& column : columns_) widths.push_back(display_width(column.title));
    for (auto const& row : rows_) {
        for (std::size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], display_width(row[c]));
        }
    }
    std::string all;
    auto const write = [&](auto const& cell_of) {
        std::string line;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            std::string const& cell = cell_of(c);
            std::string const gap(widths[c] - display_width(cell), ' ');
            if (c > 0) line += "  ";
            line += columns_[c].right ? gap + cell : cell + gap;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        all += line + '\n';
    };
    write([&](std::size_t c) -> std::string const& { return columns_[c].title; });
    for (auto const& row : rows_) {
        write([&](std::size_t c) -> std::string const& { return row[c]; });
    }
    return all;
}

progress::progress(std::string what, std::uint64_t total, style how)
    : what_{std::move(what)}, total_{total}, style_{how} {
    if (style_ == style::automatic && isatty(STDERR_FILENO) == 0) style_ = style::none;
}

progress::~progress() {
    if (drawn_ && style_ == style::automatic) std::fputs("\r\x1b[K", stderr);
}

void progress::update(std::uint64_t done) {
    if (style_ == style::none) return;
    using namespace std::chrono_literals;
    auto const now = std::chrono::steady_clock::now();
    auto const interval = style_ == style::json ? 1000ms : 100ms;
    if (drawn_ && now - shown_ < interval && done < total_) return;
    shown_ = now;
    drawn_ = true;
    auto const seconds = std::chrono::duration<double>(now - begun_).count();
    auto const rate = seconds > 0 ? static_cast<double>(done) / seconds : 0.0;
    auto const left = rate > 0 && total_ > done ? static_cast<double>(total_ - done) / rate : 0.0;
    if (style_ == style::json) {
        fmt::print(stderr,
                   R"({{"progress":"{}","done":{},"total":{},"per_second":{:.0f},)"
                   R"("seconds_left":{:.0f}}})"
                   "\n",
                   what_, done, total_, rate, left);
    } else if (total_ == 0) {  // nobody knows
        fmt::print(stderr, "\r\x1b[K{}  {}  {}/s", what_, grouped(static_cast<std::int64_t>(done)),
                   grouped(static_cast<std::int64_t>(rate)));
    } else {
        auto const percent = 100.0 * static_cast<double>(done) / static_cast<double>(total_);
        fmt::print(stderr, "\r\x1b[K{} {:3.0f} %  {} of {}  {}/s  {:.0f} s left", what_, percent,
                   grouped(static_cast<std::int64_t>(done)),
                   grouped(static_cast<std::int64_t>(total_)),
                   grouped(static_cast<std::int64_t>(rate)), left);
    }
    std::fflush(stderr);
}

}  // namespace recount
