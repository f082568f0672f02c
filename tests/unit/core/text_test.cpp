// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/text.hpp>

#include "support/catch.hpp"

using recount::excerpt;
using recount::is_utf8;
using recount::printable_utf8;
using recount::utf8_prefix;

namespace {

// Every code point as its encoding, surrogates included.
std::string encoded(char32_t c) {
    auto const byte = [](char32_t b) { return static_cast<char>(static_cast<unsigned char>(b)); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
    if (c < 0x10000) {
        return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
    }
    return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)),
            byte(0x80 | (c & 0x3F))};
}

}  // namespace

TEST_CASE("each code point but the surrogates is UTF-8") {
    std::size_t wrong = 0;
    for (char32_t c = 0; c < 0x110000; ++c) {
        bool const surrogate = c >= 0xD800 && c <= 0xDFFF;
        if (is_utf8(encoded(c)) == surrogate) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK_FALSE(is_utf8(encoded(0x110000)));
}

TEST_CASE("overlong, cut and stray bytes are not UTF-8") {
    for (std::string_view const bad :
         {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x80\x80",
          "\xE0\x9F\xBF", "\xE2\x82", "\xE2\x82\x41", "\xED\xA0\x80", "\xF0\x80\x80\x80",
          "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE",
          "\xFF"}) {
        CHECK_FALSE(is_utf8(bad));
    }
    CHECK(is_utf8(""));
    CHECK(is_utf8(std::string_view{"\0", 1}));
}

TEST_CASE("the place of the first bad byte is found at every offset of the fast path") {
    for (std::size_t size = 0; size < 40; ++size) {
        std::string const good(size, 'a');
        CHECK(utf8_prefix(good) == size);
        CHECK(utf8_prefix(good + "é" + good) == 2 * size + 2);
        CHECK(utf8_prefix(good + "\xff" + good) == size);
        CHECK(utf8_prefix("é" + good + "\xC3") == size + 2);
    }
}

TEST_CASE("printable text holds no control characters and no wrong bytes") {
    using namespace std::string_literals;
    auto const replaced = "\xEF\xBF\xBD"s;
    CHECK(printable_utf8("žluť 😀") == "žluť 😀");
    CHECK(printable_utf8("a\0\n\x1b\x7f"s) == "a" + replaced + replaced + replaced + replaced);
    CHECK(printable_utf8("\xC2\x85\xC2\xA0") == replaced + "\xC2\xA0");  // NEL, no-break space
    CHECK(printable_utf8("\u202E\u2066\u2028") == replaced + replaced + replaced);
    CHECK(printable_utf8("\xE2\x82") == replaced + replaced);
}

TEST_CASE("an excerpt is cut between code points") {
    CHECK(excerpt("short") == "short");
    CHECK(excerpt("abcdef", 6) == "abcdef");
    CHECK(excerpt("abcdef", 5) == "abcde…");
    CHECK(excerpt("aéééé", 4) == "aé…");
    CHECK(excerpt("😀😀", 7) == "😀…");
    CHECK(excerpt("\x80\x80\x80\x80\x80\x80", 4).ends_with("…"));
    CHECK(is_utf8(excerpt(std::string(100, '\x80'))));
}
