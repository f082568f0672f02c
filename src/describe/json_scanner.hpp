// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The tokens of plain JSON, quickly: what a program wrote itself, which nearly all that is read is.
// Strings are views of the text. It takes no text but RFC 8259's, though not all of them: at a
// backslash, at an integer beyond 64 bits and at whatever is malformed it gives up, without a
// reason. Then nlohmann's parser, which knows the reason, reads the text from its beginning.
//
//     if (json_scanner<Handler>{text, handler}.run()) return;   // else what was told is void
//
// A handler is told the same tokens in the same order as by nlohmann's parser, and may throw.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <recount/core/limits.hpp>
#include <recount/core/text.hpp>

namespace recount::describe::detail {

template <class Handler> class json_scanner {
public:
    json_scanner(std::string_view text, Handler& to) noexcept
        : at_{text.data()}, end_{text.data() + text.size()}, to_{to} {}

    [[nodiscard]] bool run() {
        for (;;) {
            bool begun = false;
            if (!value(begun)) return false;
            if (begun) continue;
            bool more = false;
            while (!more) {
                skip_blanks();
                if (depth_ == 0) return at_ == end_;
                if (!after_value(more)) return false;
            }
        }
    }

private:
    static_assert(limits::json_depth_max <= 64, "a bit for each level");

    char const* at_;
    char const* end_;
    Handler& to_;
    std::uint64_t objects_ = 0;  // the lowest bit: whether the innermost container is an object
    std::size_t depth_ = 0;

    [[nodiscard]] static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
    [[nodiscard]] bool sees(char c) const noexcept { return at_ != end_ && *at_ == c; }

    void skip_blanks() noexcept {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }

    // A value, or the beginning of one: `begun` if its first element or member's value is due.
    [[nodiscard]] bool value(bool& begun) {
        skip_blanks();
        if (at_ == end_) return false;
        switch (*at_) {
            case '{':
                if (!enter(1)) return false;
                to_.start_object();
                skip_blanks();
                if (sees('}')) return leave();
                begun = true;
                return key();
            case '[':
                if (!enter(0)) return false;
                to_.start_array();
                skip_blanks();
                if (sees(']')) return leave();
                begun = true;
                return true;
            case '"': {
                std::string_view text;
                if (!string(text)) return false;
                to_.string(text);
                return true;
            }
            case 't': return word("true") && (to_.boolean(true), true);
            case 'f': return word("false") && (to_.boolean(false), true);
            case 'n': return word("null") && (to_.null(), true);
            default: return number();
        }
    }

    // `more` if a comma promises another value.
    [[nodiscard]] bool after_value(bool& more) {
        bool const object = (objects_ & 1U) != 0;
        if (sees(',')) {
            ++at_;
            more = true;
            return !object || (skip_blanks(), key());
        }
        return sees(object ? '}' : ']') && leave();
    }

    [[nodiscard]] bool enter(std::uint64_t object) {
        if (depth_ == limits::json_depth_max) return false;
        ++at_;
        ++depth_;
        objects_ = objects_ << 1U | object;
        return true;
    }

    [[nodiscard]] bool leave() {
        bool const object = (objects_ & 1U) != 0;
        ++at_;
        --depth_;
        objects_ >>= 1U;
        object ? to_.end_object() : to_.end_array();
        return true;
    }

    [[nodiscard]] bool key() {
        std::string_view name;
        if (!sees('"') || !string(name)) return false;
        to_.key(name);
        skip_blanks();
        if (!sees(':')) return false;
        ++at_;
        return true;
    }

    [[nodiscard]] bool string(std::string_view& text) noexcept {
        auto const* const begin = ++at_;
        unsigned char all = 0;
        for (; at_ != end_ && *at_ != '"'; ++at_) {
            auto const c = static_cast<unsigned char>(*at_);
            if (c < 0x20U || c == '\\') return false;
            all |= c;
        }
        if (at_ == end_) return false;
        text = {begin, static_cast<std::size_t>(at_ - begin)};
        ++at_;
        return all < 0x80U || utf8_prefix(text) == text.size();
    }

    [[nodiscard]] bool word(std::string_view wanted) noexcept {
        if (!std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.starts_with(wanted)) {
            return false;
        }
        at_ += wanted.size();
        return true;
    }

    [[nodiscard]] bool digits() noexcept {
        auto const* const begin = at_;
        while (at_ != end_ && is_digit(*at_)) ++at_;
        return at_ != begin;
    }

    [[nodiscard]] bool number() {
        auto const* const begin = at_;
        bool const negative = *at_ == '-';
        if (negative) ++at_;
        bool const zero = sees('0');
        if (!digits() || (zero && at_ - begin > (negative ? 2 : 1))) return false;
        if (at_ == end_ || (*at_ != '.' && *at_ != 'e' && *at_ != 'E')) {
            return negative ? integer<std::int64_t>(begin) : integer<std::uint64_t>(begin);
        }
        if (sees('.') && (++at_, !digits())) return false;
        if (sees('e') || sees('E')) {
            ++at_;
            if (sees('+') || sees('-')) ++at_;
            if (!digits()) return false;
        }
        double found = 0;
        if (std::from_chars(begin, at_, found).ec != std::errc{}) return false;
        to_.number(found, {begin, static_cast<std::size_t>(at_ - begin)});
        return true;
    }

    template <class Integer> [[nodiscard]] bool integer(char const* begin) {
        Integer found = 0;
        if (std::from_chars(begin, at_, found).ec != std::errc{}) return false;
        if constexpr (std::is_signed_v<Integer>) {
            to_.negative_integer(found);
        } else {
            to_.integer(found);
        }
        return true;
    }
};

}  // namespace recount::describe::detail
