// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/money.hpp>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

namespace recount {

namespace {

// The currency of a result of two operands.
currency_code common(money const& a, money const& b, char const* doing) {
    if (a.currency == b.currency) return a.currency;
    if (a.currency.empty() && a.minor == 0) return b.currency;
    if (b.currency.empty() && b.minor == 0) return a.currency;
    throw error{errc::out_of_range, fmt::format("unable to {} {} and {}: two currencies", doing,
                                                to_string(a), to_string(b))};
}

[[noreturn]] void overflow(money const& a) {
    throw error{errc::out_of_range,
                fmt::format("an amount near {} left the range of 64 bits", to_string(a))};
}

}  // namespace

void currency_code::refuse(std::string_view letters) {
    throw error{errc::out_of_range,
                fmt::format("expected a currency of three capital letters, found '{}'",
                            excerpt(letters, 16))};
}

money& money::operator+=(money const& other) {
    auto const result = common(*this, other, "add");
    std::int64_t sum = 0;  // a refused sum must leave the amount as it was
    if (__builtin_add_overflow(minor, other.minor, &sum)) overflow(*this);
    return *this = {sum, result};
}

money& money::operator-=(money const& other) {
    auto const result = common(*this, other, "subtract");
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(minor, other.minor, &difference)) overflow(*this);
    return *this = {difference, result};
}

money operator-(money const& a) { return a * -1; }

money operator*(money const& a, std::int64_t factor) {
    money product = a;
    if (__builtin_mul_overflow(a.minor, factor, &product.minor)) overflow(a);
    return product;
}

bool operator==(money const& a, money const& b) noexcept {
    if (a.minor != b.minor) return false;
    if (a.currency == b.currency) return true;
    return a.minor == 0 && (a.currency.empty() || b.currency.empty());
}

std::strong_ordering operator<=>(money const& a, money const& b) {
    static_cast<void>(common(a, b, "compare"));
    return a.minor <=> b.minor;
}

std::string to_string(money const& amount) {
    bool const negative = amount.minor < 0;
    auto const magnitude = negative ? 0 - static_cast<std::uint64_t>(amount.minor)
                                    : static_cast<std::uint64_t>(amount.minor);
    auto text = fmt::format("{}{}.{:02}", negative ? "-" : "", magnitude / 100, magnitude % 100);
    if (!amount.currency.empty()) text += fmt::format(" {}", amount.currency.text());
    return text;
}

}  // namespace recount
