// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "column_text.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/hex.hpp>
#include <recount/core/sha256.hpp>
#include <recount/core/text.hpp>

#include "objects.hpp"

namespace recount::describe::detail {

namespace {

__extension__ using wide = __int128;

[[noreturn]] void refuse_value(std::string_view column, std::string_view found) {
    throw error{errc::invalid_argument, fmt::format("the column {} cannot hold {}", column, found)};
}

std::string string_to_sql(std::string const& text, std::string_view column) {
    if (text.find('\0') != std::string::npos) refuse_value(column, "text with a NUL");
    if (!is_utf8(text)) refuse_value(column, "text that is not UTF-8");
    return text;
}

std::string double_to_sql(double value, std::string_view column) {
    if (!std::isfinite(value)) refuse_value(column, "a number that is not finite");
    std::array<char, 32> digits;
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

std::string decimal_to_sql(decimal value, std::string_view column) {
    if (value.scale > decimal::scale_max) refuse_value(column, "a decimal of so many digits");
    return recount::to_string(value);
}

// PostgreSQL takes a sign before each part and none before the P. Hours alone may grow: days would
// come back as days, and are not always 24 hours to it.
std::string interval_to_sql(duration length) {
    auto const total = length.count();
    auto const seconds = total / 1'000'000;
    auto const micros = total % 1'000'000;
    bool const minus = seconds % 60 < 0 || micros < 0;
    return fmt::format("PT{}H{}M{}{}.{:06}S", seconds / 3600, seconds / 60 % 60, minus ? "-" : "",
                       std::abs(seconds % 60), std::abs(micros));
}

std::string enumerator_to_sql(type_descriptor const& type, void const* o, std::string_view column) {
    auto const value = type.enumeration->get(o);
    auto const* const found = find_enumerator(type, value);
    if (found == nullptr)
        refuse_value(column, fmt::format("the enum value {} without name", value));
    return std::string{found->name};
}

}  // namespace

std::string scalar_to_sql(type_descriptor const& type, void const* o, std::string_view column) {
    switch (type.kind) {
        case kind::boolean: return as<bool>(o) ? "true" : "false";
        case kind::int8: return std::to_string(as<std::int8_t>(o));
        case kind::int16: return std::to_string(as<std::int16_t>(o));
        case kind::int32: return std::to_string(as<std::int32_t>(o));
        case kind::int64: return std::to_string(as<std::int64_t>(o));
        case kind::uint8: return std::to_string(as<std::uint8_t>(o));
        case kind::uint16: return std::to_string(as<std::uint16_t>(o));
        case kind::uint32: return std::to_string(as<std::uint32_t>(o));
        case kind::uint64: return std::to_string(as<std::uint64_t>(o));
        case kind::float64: return double_to_sql(as<double>(o), column);
        case kind::decimal: return decimal_to_sql(as<decimal>(o), column);
        case kind::string: return string_to_sql(as<std::string>(o), column);
        case kind::bytes: return "\\x" + to_hex(as<bytes>(o));
        case kind::enumeration: return enumerator_to_sql(type, o, column);
        case kind::timestamp: {
            auto const when = as<timestamp>(o);
            if (when < timestamp_min || when > timestamp_max) break;
            return recount::to_string(when);
        }
        case kind::date: {
            auto const day = as<date>(o);
            if (day < date_min || day > date_max) break;
            return recount::to_string(day);
        }
        case kind::duration: return interval_to_sql(as<duration>(o));
        case kind::uuid: return recount::to_string(as<uuid>(o));
        default: refuse_value(column, "a value of this kind");
    }
    refuse_value(column, "a day outside the years 0001 to 9999");
}

namespace {

bool read_boolean(std::string_view text, bool& to) {
    to = text == "t" || text == "true";
    return to || text == "f" || text == "false";
}

bool read_double(std::string_view text, double& to) {
    return read_number(text, to) && std::isfinite(to);
}

bool read_bytes(std::string_view text, bytes& to) {
    if (!text.starts_with("\\x") || text.size() % 2 != 0) return false;
    text.remove_prefix(2);
    to.clear();
    to.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        auto const high = recount::detail::hex_digit(text[i]);
        auto const low = recount::detail::hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return false;
        to.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return true;
}

// "2026-01-31 23:59:59.123456+00", with as many digits of a second as there are.
timestamp read_timestamp(std::string_view text) {
    std::string iso{text};
    if (iso.size() > 10 && iso[10] == ' ') iso[10] = 'T';
    if (iso.ends_with("+00")) iso.replace(iso.size() - 3, 3, "Z");
    return timestamp_from_string(iso);
}

struct interval_part {
    char letter;
    bool in_time;
    std::int64_t micros;
};
constexpr std::array<interval_part, 4> interval_parts{{{'D', false, 86'400'000'000},
                                                       {'H', true, 3'600'000'000},
                                                       {'M', true, 60'000'000},
                                                       {'S', true, 1'000'000}}};

// A number in front of `text`, such as "-3.5", in millionths; false without one.
bool take_millionths(std::string_view& text, wide& to) {
    bool const negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    wide value = 0;
    int digits = 0;
    int decimals = -1;  // -1: the point is still to come
    for (; !text.empty() && digits < 24; text.remove_prefix(1)) {
        auto const c = text.front();
        if (c == '.' && decimals < 0 && digits > 0) {
            decimals = 0;
        } else if (c >= '0' && c <= '9' && decimals < 6) {
            value = value * 10 + (c - '0');
            ++digits;
            if (decimals >= 0) ++decimals;
        } else {
            break;
        }
    }
    if (digits == 0 || decimals == 0) return false;
    for (auto i = decimals < 0 ? 0 : decimals; i < 6; ++i) value *= 10;
    to = negative ? -value : value;
    return true;
}

// "P1DT-2H3.5S": a sign may stand before each part. Years and months have no length of their own.
bool read_interval(std::string_view text, duration& to) {
    if (!text.starts_with('P')) return false;
    text.remove_prefix(1);
    wide total = 0;
    bool in_time = false;
    std::size_t next = 0;
    std::size_t found = 0;
    while (!text.empty()) {
        if (!in_time && text.front() == 'T') {
            in_time = true;
            text.remove_prefix(1);
            if (text.empty()) return false;
        }
        wide millionths = 0;
        if (!take_millionths(text, millionths) || text.empty()) return false;
        while (next < interval_parts.size() && (interval_parts[next].letter != text.front() ||
                                                interval_parts[next].in_time != in_time)) {
            ++next;
        }
        if (next == interval_parts.size()) return false;
        total += millionths / 1'000'000 * interval_parts[next].micros +
                 millionths % 1'000'000 * interval_parts[next].micros / 1'000'000;
        text.remove_prefix(1);
        ++next;
        ++found;
    }
    if (found == 0 || total > INT64_MAX || total < INT64_MIN) return false;
    to = duration{static_cast<std::int64_t>(total)};
    return true;
}

}  // namespace

bool scalar_from_sql(type_descriptor const& type, std::string_view text, void* o) {
    try {
        switch (type.kind) {
            case kind::boolean: return read_boolean(text, as<bool>(o));
            case kind::int8: return read_number(text, as<std::int8_t>(o));
            case kind::int16: return read_number(text, as<std::int16_t>(o));
            case kind::int32: return read_number(text, as<std::int32_t>(o));
            case kind::int64: return read_number(text, as<std::int64_t>(o));
            case kind::uint8: return read_number(text, as<std::uint8_t>(o));
            case kind::uint16: return read_number(text, as<std::uint16_t>(o));
            case kind::uint32: return read_number(text, as<std::uint32_t>(o));
            case kind::uint64: return read_number(text, as<std::uint64_t>(o));
            case kind::float64: return read_double(text, as<double>(o));
            case kind::string: as<std::string>(o) = text; return true;
            case kind::bytes: return read_bytes(text, as<bytes>(o));
            case kind::duration: return read_interval(text, as<duration>(o));
            case kind::decimal: as<decimal>(o) = decimal_from_string(text); return true;
            case kind::timestamp: as<timestamp>(o) = read_timestamp(text); return true;
            case kind::date: as<date>(o) = date_from_string(text); return true;
            case kind::uuid: as<uuid>(o) = uuid_from_string(text); return true;
            case kind::enumeration: {
                auto const* const found = find_enumerator(type, text);
                if (found != nullptr) type.enumeration->set(o, found->value);
                return found != nullptr;
            }
            default: return false;
        }
    } catch (error const&) {
        return false;  // the caller says which column it was
    }
}

}  // namespace recount::describe::detail
