// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/session.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace recount::postgres {
namespace {

constexpr std::size_t identifier_bytes_max = 63;  // PostgreSQL cuts longer ones with a mere notice

constexpr bool begins_identifier(char c) noexcept { return (c >= 'a' && c <= 'z') || c == '_'; }
constexpr bool continues_identifier(char c) noexcept {
    return begins_identifier(c) || (c >= '0' && c <= '9') || c == '$' || c == '-';
}

// Numbers, booleans, uuids, times: nothing that an array literal gives a meaning to.
constexpr bool raw(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '+' || c == '.' || c == ':' || c == '_';
}

bool is_null_word(std::string_view text) {
    return text.size() == 4 && std::ranges::equal(text, std::string_view{"null"}, {}, [](char c) {
               return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
           });
}

}  // namespace

std::string quote_identifier(std::string_view name) {
    bool const well_formed = !name.empty() && name.size() <= identifier_bytes_max &&
                             begins_identifier(name.front()) &&
                             std::ranges::all_of(name, continues_identifier);
    if (!well_formed) {
        throw error{errc::invalid_argument,
                    fmt::format("'{}' is not an identifier: it takes 1 to {} of a-z, 0-9, _, $ and "
                                "-, beginning with a letter or _",
                                name, identifier_bytes_max)};
    }
    return fmt::format("\"{}\"", name);
}

void array_literal::separate() {
    if (size_++ > 0) text_ += ',';
}

void array_literal::add(std::string_view element) {
    if (element.find('\0') != std::string_view::npos) {
        throw error{errc::invalid_argument, "an element of an array holds a zero byte"};
    }
    separate();
    text_ += '"';
    // Escapes are rare and elements can be long: whole stretches are copied at once.
    for (std::size_t from = 0; from < element.size();) {
        auto const special = std::min(element.find_first_of("\"\\", from), element.size());
        text_.append(element, from, special - from);
        if (special < element.size()) {
            text_ += '\\';
            text_ += element[special];
        }
        from = special + 1;
    }
    text_ += '"';
}

void array_literal::add_raw(std::string_view element) {
    if (element.empty() || !std::ranges::all_of(element, raw) || is_null_word(element)) {
        throw error{errc::invalid_argument,
                    fmt::format("'{}' cannot stand unquoted in an array", element)};
    }
    separate();
    text_ += element;
}

void array_literal::add(std::int64_t element) {
    separate();
    fmt::format_to(std::back_inserter(text_), "{}", element);
}

void array_literal::add_null() {
    separate();
    text_ += "NULL";
}

std::string array_literal::take() {
    size_ = 0;
    std::string literal = std::exchange(text_, "{");
    literal += '}';
    return literal;
}

}  // namespace recount::postgres
