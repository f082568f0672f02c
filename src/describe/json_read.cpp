// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The two parsers in front of the decoder and the checker: a quick one for plain JSON, and for all
// else nlohmann's SAX parser. What that one takes too easily (NUL as the end, a byte order mark,
// integers beyond 64 bits as doubles) is refused here.
#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/core/error.hpp>
#include <recount/core/limits.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/json.hpp>

#include "json_checker.hpp"
#include "json_decoder.hpp"
#include "json_scanner.hpp"

namespace recount::describe {

namespace {

// The part of nlohmann's message that says what is wrong, without what it quotes of the input:
// "… while parsing object - invalid literal; last read: '…'" is "invalid literal".
std::string reason_in(std::string_view message) {
    auto const dash = message.find(" - ");
    if (dash == std::string_view::npos) return {};
    message.remove_prefix(dash + 3);
    message = message.substr(0, message.find("; last read"));
    std::string reason{message};
    if (auto const at = reason.find("; expected"); at != std::string::npos) reason[at] = ',';
    return excerpt(reason, 120);
}

struct parse_failure {
    std::size_t position;  // how many bytes the parser had read
    int id;
    std::string_view message;
};

std::string sentence_of(std::string_view text, parse_failure const& failure) {
    if (auto const good = utf8_prefix(text); good != text.size()) {
        return fmt::format("malformed JSON: invalid UTF-8 at byte {}", good + 1);
    }
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return "malformed JSON: expected a value, found nothing";
    }
    constexpr int number_overflow = 406;
    if (failure.id == number_overflow) {
        return fmt::format("expected a number within the range of a double, at byte {}",
                           failure.position);
    }
    if (failure.position > text.size()) {
        return fmt::format("malformed JSON: the text ends too early, after byte {}", text.size());
    }
    constexpr std::size_t before = 16;
    auto const begin = failure.position - std::min(failure.position, before);
    auto const near = text.substr(begin, failure.position - begin);
    auto const reason = reason_in(failure.message);
    return fmt::format("malformed JSON at byte {}: {}{}near {}", failure.position, reason,
                       reason.empty() ? "" : ", ", detail::quoted_excerpt(near));
}

// The shape of nlohmann::json_sax without its virtual functions. Failures are thrown through the
// parser, which holds nothing that an exception would leak.
template <class Handler> struct sax {
    using json = nlohmann::json;
    Handler& to;
    std::string_view text;

    bool null() { return to.null(), true; }
    bool boolean(bool value) { return to.boolean(value), true; }
    bool number_integer(json::number_integer_t value) { return to.negative_integer(value), true; }
    bool number_unsigned(json::number_unsigned_t value) { return to.integer(value), true; }
    bool number_float(json::number_float_t value, json::string_t const& raw) {
        // Digits alone reach this function only when they do not fit into 64 bits.
        bool const digits = raw.find_first_not_of("-0123456789") == std::string::npos;
        return digits ? to.too_large(value, raw) : to.number(value, raw), true;
    }
    bool string(json::string_t& value) { return to.string(value), true; }
    bool binary(json::binary_t&) { return false; }  // not a thing of JSON text
    bool start_object(std::size_t) { return to.start_object(), true; }
    bool key(json::string_t& name) { return to.key(name), true; }
    bool end_object() { return to.end_object(), true; }
    bool start_array(std::size_t) { return to.start_array(), true; }
    bool end_array() { return to.end_array(), true; }
    bool parse_error(std::size_t position, std::string const&,
                     nlohmann::detail::exception const& e) {
        detail::refuse(to.path(), sentence_of(text, {position, e.id, e.what()}));
    }
};

// `make` gives a fresh handler: what the first was told may be void.
template <class Make> void parse(std::string_view text, Make const& make) {
    if (text.size() > limits::json_bytes_max) {
        throw error{errc::limit_exceeded,
                    fmt::format("JSON of {} bytes is more than the limit of {}", text.size(),
                                limits::json_bytes_max)};
    }
    if (auto const nul = text.find('\0'); nul != std::string_view::npos) {
        detail::refuse({}, fmt::format("malformed JSON: a NUL at byte {}", nul + 1));
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        detail::refuse({}, "malformed JSON: a byte order mark at byte 1");
    }
    {
        auto handler = make();
        if (detail::json_scanner<decltype(handler)>{text, handler}.run()) return;
    }
    auto handler = make();
    sax<decltype(handler)> events{handler, text};
    auto const* const begin = text.empty() ? "" : text.data();
    bool const whole = nlohmann::json::sax_parse(begin, begin + text.size(), &events);
    assert_that(whole, "the JSON parser gave up without saying why");
}

}  // namespace

void read_json(std::string_view text, type_descriptor const& type, void* object) {
    parse(text, [&] { return detail::json_decoder{type, object}; });
}

}  // namespace recount::describe

namespace recount {

json_text json_text::checked(std::string text) {
    describe::parse(text, [] { return describe::detail::json_checker{}; });
    return trusted(std::move(text));
}

}  // namespace recount
