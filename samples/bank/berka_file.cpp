// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "berka_file.hpp"

#include <algorithm>
#include <string>

namespace bank {

namespace {

constexpr std::size_t number_digits_max = 18;

}  // namespace

std::string_view without_line_end(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    return line;
}

std::optional<std::vector<std::string_view>> split_fields(std::string_view line,
                                                          std::size_t count) {
    std::vector<std::string_view> found;
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
