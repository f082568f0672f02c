// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An amount in minor units and a currency of three letters (ISO 4217).
//
//     recount::money price{1250, "EUR"};          // 12.50 EUR
//     price += recount::money{250, "EUR"};
//
// Zero without a currency takes the other operand's. Errors: two currencies, or a sum that leaves
// 64 bits, throw errc::out_of_range; so does a currency that is not three capital letters.
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace recount {

class currency_code {
public:
    constexpr currency_code() = default;
    constexpr currency_code(char const* letters) : currency_code{std::string_view{letters}} {}
    constexpr currency_code(std::string_view letters) {
        if (letters.empty()) return;
        if (!valid(letters)) refuse(letters);
        for (std::size_t i = 0; i < letters_.size(); ++i) letters_[i] = letters[i];
    }
    [[nodiscard]] static constexpr bool valid(std::string_view letters) noexcept {
        if (letters.size() != 3) return false;
        for (auto const c : letters) {
            if (c < 'A' || c > 'Z') return false;
        }
        return true;
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return letters_[0] == '\0'; }
    [[nodiscard]] constexpr std::string_view text() const noexcept {
        return {letters_.data(), empty() ? 0U : letters_.size()};
    }
    friend constexpr bool operator==(currency_code const&, currency_code const&) = default;

private:
    [[noreturn]] static void refuse(std::string_view letters);
    std::array<char, 3> letters_{};
};

struct money {
    std::int64_t minor = 0;
    currency_code currency;

    [[nodiscard]] constexpr bool is_zero() const noexcept { return minor == 0; }
    money& operator+=(money const& other);
    money& operator-=(money const& other);
    friend money operator+(money a, money const& b) { return a += b; }
    friend money operator-(money a, money const& b) { return a -= b; }
    friend money operator-(money const& a);
    friend money operator*(money const& a, std::int64_t factor);
    friend money operator*(std::int64_t factor, money const& a) { return a * factor; }
    // Zero without a currency equals zero in any currency; other currencies are unequal.
    friend bool operator==(money const& a, money const& b) noexcept;
    // Throws errc::out_of_range for two currencies.
    friend std::strong_ordering operator<=>(money const& a, money const& b);
};

[[nodiscard]] std::string to_string(money const& amount);  // "12.50 EUR", "0.00"

}  // namespace recount
