// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/time.hpp>

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

namespace recount {

namespace {

using namespace std::chrono;

[[noreturn]] void refuse(char const* wanted, std::string_view found) {
    throw error{errc::invalid_argument,
                fmt::format("expected {}, found '{}'", wanted, excerpt(found))};
}

// Reads `width` digits at the front and drops them.
std::optional<int> digits(std::string_view& text, std::size_t width) {
    if (text.size() < width) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<date> read_date(std::string_view& text) {
    auto const y = digits(text, 4);
    if (!y || *y == 0 || !take(text, '-')) return std::nullopt;
    auto const m = digits(text, 2);
    if (!m || !take(text, '-')) return std::nullopt;
    auto const d = digits(text, 2);
    if (!d) return std::nullopt;
    year_month_day const day{year{*y}, month{static_cast<unsigned>(*m)},
                             std::chrono::day{static_cast<unsigned>(*d)}};
    if (!day.ok()) return std::nullopt;
    return date{day};
}

// The digits after a decimal point as microseconds: at most six of them.
std::optional<std::int64_t> read_fraction(std::string_view& text) {
    std::int64_t micros = 0;
    std::size_t count = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (++count > 6) return std::nullopt;
        micros = micros * 10 + (text.front() - '0');
        text.remove_prefix(1);
    }
    if (count == 0) return std::nullopt;
    for (; count < 6; ++count) micros *= 10;
    return micros;
}

std::optional<timestamp> read_timestamp(std::string_view text) {
    auto const day = read_date(text);
    if (!day || !take(text, 'T')) return std::nullopt;
    auto const h = digits(text, 2);
    if (!h || *h > 23 || !take(text, ':')) return std::nullopt;
    auto const m = digits(text, 2);
    if (!m || *m > 59 || !take(text, ':')) return std::nullopt;
    auto const s = digits(text, 2);
    if (!s || *s > 59) return std::nullopt;
    std::int64_t micros = 0;
    if (take(text, '.')) {
        auto const fraction = read_fraction(text);
        if (!fraction) return std::nullopt;
        micros = *fraction;
    }
    if (text != "Z") return std::nullopt;
    return timestamp{*day} + hours{*h} + minutes{*m} + seconds{*s} + microseconds{micros};
}

// Wider than a duration: the smallest one is read as a magnitude first, and five parts of 64 bits
// by a week of microseconds fit.
__extension__ using wide = __int128;

struct unit {
    char letter;
    bool in_time;
    std::int64_t micros;
};
constexpr std::array<unit, 5> units{{{'W', false, 604'800'000'000},
                                     {'D', false, 86'400'000'000},
                                     {'H', true, 3'600'000'000},
                                     {'M', true, 60'000'000},
                                     {'S', true, 1'000'000}}};

// One designator, such as "12H" or "3.5S", added to the total; units must come largest first.
bool read_component(std::string_view& text, bool in_time, std::size_t& next_unit,
                    wide& total) {
    std::int64_t whole = 0;
    if (text.empty() || text.front() == '-') return false;  // from_chars would take a sign
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (failed != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::int64_t fraction = 0;
    bool const has_fraction = take(text, '.');
    if (has_fraction) {
        auto const read = read_fraction(text);
        if (!read) return false;
        fraction = *read;
    }
    if (text.empty()) return false;
    for (; next_unit < units.size(); ++next_unit) {
        auto const& u = units[next_unit];
        if (u.letter != text.front() || u.in_time != in_time) continue;
        if (has_fraction && u.letter != 'S') return false;
        total += wide{whole} * u.micros + fraction;
        text.remove_prefix(1);
        ++next_unit;
        return true;
    }
    return false;
}

std::optional<duration> read_duration(std::string_view text) {
    bool const negative = take(text, '-');
    if (!take(text, 'P') || text.empty()) return std::nullopt;
    wide total = 0;
    std::size_t next_unit = 0;
    bool in_time = false;
    bool any = false;
    while (!text.empty()) {
        if (!in_time && take(text, 'T')) {
            in_time = true;
            if (text.empty()) return std::nullopt;
            continue;
        }
        if (!read_component(text, in_time, next_unit, total)) return std::nullopt;
        any = true;
    }
    if (negative) total = -total;
    if (!any || total > INT64_MAX || total < INT64_MIN) return std::nullopt;
    return duration{static_cast<std::int64_t>(total)};
}

}  // namespace

timestamp now() noexcept { return floor<microseconds>(system_clock::now()); }

std::string to_string(date day) {
    year_month_day const d{day};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(d.year()),
                       static_cast<unsigned>(d.month()), static_cast<unsigned>(d.day()));
}

std::string to_string(timestamp when) {
    auto const day = date_of(when);
    hh_mm_ss const time{when - timestamp{day}};
    return fmt::format("{}T{:02}:{:02}:{:02}.{:06}Z", to_string(day), time.hours().count(),
                       time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

std::string to_string(duration length) {
    if (length == duration::zero()) return "PT0S";
    bool const negative = length < duration::zero();
    // Unsigned, because the smallest duration has no positive counterpart.
    auto rest = negative ? 0 - static_cast<std::uint64_t>(length.count())
                         : static_cast<std::uint64_t>(length.count());
    std::string text = negative ? "-PT" : "PT";
    auto const part = [&](std::uint64_t size, char letter) {
        if (auto const count = rest / size; count != 0) text += fmt::format("{}{}", count, letter);
        rest %= size;
    };
    part(3'600'000'000U, 'H');
    part(60'000'000U, 'M');
    auto const micros = rest % 1'000'000U;
    if (rest != 0) text += fmt::format("{}", rest / 1'000'000U);
    if (micros != 0) text += fmt::format(".{:06}", micros);
    if (rest != 0) text += 'S';
    return text;
}

timestamp timestamp_from_string(std::string_view text) {
    if (auto const when = read_timestamp(text)) return *when;
    refuse("a timestamp like 2026-01-31T23:59:59.123456Z", text);
}

date date_from_string(std::string_view text) {
    auto rest = text;
    auto const day = read_date(rest);
    if (!day || !rest.empty()) refuse("a date like 2026-01-31", text);
    return *day;
}

duration duration_from_string(std::string_view text) {
    if (auto const length = read_duration(text)) return *length;
    refuse("a duration like PT1H30M or -PT0.5S", text);
}

}  // namespace recount
