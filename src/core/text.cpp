// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/text.hpp>

#include <cstdint>
#include <cstring>

#include <recount/core/plain_text.hpp>

namespace recount {

namespace {

// Where ASCII ends at or after `at`, eight bytes at a time.
std::size_t skip_ascii(std::string_view text, std::size_t at) noexcept {
    constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080U;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data() + at, sizeof eight);
        if ((eight & high_bits) != 0) break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    return at;
}

// The bytes of the code point at `at`, or 0 where it is ill-formed (RFC 3629, section 4: the second
// byte has a narrower range after E0, ED, F0 and F4, which rules out overlongs and surrogates).
std::size_t sequence_at(std::string_view text, std::size_t at) noexcept {
    auto const byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    auto const within = [](unsigned b, unsigned low, unsigned high) {
        return b >= low && b <= high;
    };
    auto const tail = [&](std::size_t i) { return within(byte(i), 0x80, 0xBF); };
    auto const first = byte(0);
    auto const second = byte(1);
    if (first < 0x80) return 1;
    if (within(first, 0xC2, 0xDF)) return tail(1) ? 2 : 0;
    if (within(first, 0xE0, 0xEF)) {
        bool const good = within(second, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
        return good && tail(2) ? 3 : 0;
    }
    if (within(first, 0xF0, 0xF4)) {
        bool const good = within(second, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
        return good && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

// Control characters (C0, DEL, C1), and those that turn the direction of writing or break a line:
// a sentence must look on a terminal as it was written.
bool unfit_to_print(std::string_view code_point) noexcept {
    auto const first = static_cast<unsigned char>(code_point.front());
    if (code_point.size() == 1) return is_control(code_point.front());
    auto const second = static_cast<unsigned char>(code_point[1]);
    if (code_point.size() == 2) return first == 0xC2 && second < 0xA0;
    if (code_point.size() != 3 || first != 0xE2) return false;
    auto const third = static_cast<unsigned char>(code_point[2]);
    bool const separators_and_overrides = second == 0x80 && third >= 0xA8 && third <= 0xAE;
    bool const isolates = second == 0x81 && third >= 0xA6 && third <= 0xA9;
    return separators_and_overrides || isolates;
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    for (;;) {
        at = skip_ascii(text, at);
        if (at == text.size()) return at;
        auto const size = sequence_at(text, at);
        if (size == 0) return at;
        at += size;
    }
}

bool is_utf8(std::string_view text) noexcept { return utf8_prefix(text) == text.size(); }

std::string printable_utf8(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        auto const size = sequence_at(text, at);
        if (size == 0 || unfit_to_print(text.substr(at, size))) {
            result += "\xEF\xBF\xBD";
            at += size == 0 ? 1 : size;
        } else {
            result += text.substr(at, size);
            at += size;
        }
    }
    return result;
}

std::string excerpt(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return printable_utf8(text);
    // Not in the midst of a code point: back over at most three trailing bytes.
    auto end = bytes_max;
    for (auto back = 0;
         back < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U; ++back) {
        --end;
    }
    return printable_utf8(text.substr(0, end)) + "…";
}

}  // namespace recount
