// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "berka_file.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/text.hpp>

namespace bank {

namespace {

constexpr std::size_t number_digits_max = 18;

std::string_view without_line_end(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    return line;
}

std::optional<fields> split(std::string_view line, std::size_t count) {
    fields found;
    for (std::size_t from = 0;;) {
        if (found.size() == count) return std::nullopt;
        std::size_t end = 0;
        if (from < line.size() && line[from] == '"') {
            auto const close = line.find('"', from + 1);
            if (close == std::string_view::npos) return std::nullopt;
            found.push_back(line.substr(from + 1, close - from - 1));
            end = close + 1;
            if (end < line.size() && line[end] != ';') return std::nullopt;
        } else {
            end = std::min(line.find(';', from), line.size());
            found.push_back(line.substr(from, end - from));
        }
        if (end >= line.size()) break;
        from = end + 1;
    }
    if (found.size() != count) return std::nullopt;
    return found;
}

}  // namespace

std::optional<malformed> file_format::fault_of_header(std::string_view line) const {
    line = without_line_end(line);
    auto const found = split(line, names_.size());
    if (found && std::equal(found->begin(), found->end(), names_.begin())) return std::nullopt;
    return malformed{fmt::format("expected the header {}, found '{}'", fmt::join(names_, ";"),
                                 recount::printable_utf8(line.substr(0, 60)))};
}

std::variant<fields, malformed> file_format::fields_of(std::string_view line) const {
    line = without_line_end(line);
    auto found = split(line, names_.size());
    if (found) return *std::move(found);
    return malformed{fmt::format("expected {} fields separated by semicolons, found '{}'",
                                 names_.size(), recount::printable_utf8(line.substr(0, 60)))};
}

malformed file_format::expected(std::string_view what, std::size_t column,
                                fields const& found) const {
    return {fmt::format("{}: expected {}, found '{}'", names_[column], what,
                        recount::printable_utf8(found[column].substr(0, 40)))};
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.size() <= number_digits_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::int64_t> minor_of(std::string_view text) {
    bool const negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    auto const point = std::min(text.find('.'), text.size());
    auto const whole = text.substr(0, point);
    auto fraction = std::string{point < text.size() ? text.substr(point + 1) : "0"};
    if (fraction.size() == 1) fraction += '0';
    constexpr std::size_t whole_digits_max = 15;
    if (!all_digits(whole) || whole.size() > whole_digits_max || !all_digits(fraction) ||
        fraction.size() != 2) {
        return std::nullopt;
    }
    auto const minor = std::stoll(std::string{whole}) * 100 + std::stoll(fraction);
    return negative ? -minor : minor;
}

}  // namespace bank
