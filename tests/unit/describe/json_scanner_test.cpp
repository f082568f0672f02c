// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The quick scanner beside nlohmann's parser: what it takes it tells in the same tokens, and it
// takes nothing that the other refuses.
#include "describe/json_scanner.hpp"

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace {

using recount::describe::detail::json_scanner;

// A handler that writes down what it is told.
struct notes {
    std::vector<std::string> tokens;

    void null() { tokens.emplace_back("null"); }
    void boolean(bool value) { tokens.emplace_back(value ? "true" : "false"); }
    void negative_integer(std::int64_t value) { tokens.push_back(fmt::format("i {}", value)); }
    void integer(std::uint64_t value) { tokens.push_back(fmt::format("u {}", value)); }
    void number(double value, std::string_view raw) {
        tokens.push_back(fmt::format("d {} {}", value, raw));
    }
    void string(std::string_view value) { tokens.push_back(fmt::format("s {}", value)); }
    void key(std::string_view name) { tokens.push_back(fmt::format("k {}", name)); }
    void start_object() { tokens.emplace_back("{"); }
    void end_object() { tokens.emplace_back("}"); }
    void start_array() { tokens.emplace_back("["); }
    void end_array() { tokens.emplace_back("]"); }
};

struct reference {
    using json = nlohmann::json;
    notes told{};

    bool null() { return told.null(), true; }
    bool boolean(bool value) { return told.boolean(value), true; }
    bool number_integer(json::number_integer_t v) { return told.negative_integer(v), true; }
    bool number_unsigned(json::number_unsigned_t v) { return told.integer(v), true; }
    bool number_float(json::number_float_t v, json::string_t const& raw) {
        return told.number(v, raw), true;
    }
    bool string(json::string_t& value) { return told.string(value), true; }
    bool binary(json::binary_t&) { return false; }
    bool start_object(std::size_t) { return told.start_object(), true; }
    bool key(json::string_t& name) { return told.key(name), true; }
    bool end_object() { return told.end_object(), true; }
    bool start_array(std::size_t) { return told.start_array(), true; }
    bool end_array() { return told.end_array(), true; }
    bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const&) {
        return false;
    }
};

bool scanned(std::string_view text, notes& into) { return json_scanner<notes>{text, into}.run(); }

// Whether the scanner took the text.
bool agrees(std::string const& text) {
    INFO(text);
    notes quick;
    if (!scanned(text, quick)) return false;
    reference slow;
    REQUIRE(nlohmann::json::sax_parse(text, &slow));
    CHECK(quick.tokens == slow.told.tokens);
    return true;
}

}  // namespace

TEST_CASE("plain JSON is scanned into the tokens that nlohmann's parser tells",
          "[describe][json_scanner]") {
    for (std::string const text :
         {R"({"account":"a-1","amount":{"minor":-2500,"currency":"EUR"},"note":"grün ✓ 🙂"})",
          R"( { "a" : [ 1 , -2 , 3.5 , -0.0 , 1e3 , 2E-2 , 1.5e+10 ] , "b" : { } , "c" : [ ] } )",
          R"([true,false,null,"",[[]],{"":{"":[{}]}}])", "0", "-0", "-7", "\"text\"", "true",
          "18446744073709551615", "-9223372036854775808", "\t\r\n[1]\n"}) {
        CHECK(agrees(text));
    }
}

TEST_CASE("what is not plain or not JSON is left to nlohmann's parser",
          "[describe][json_scanner]") {
    for (std::string const text :
         {"", " ", "{", "[", "\"", "\"a", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
          "{\"a\":1,}", "{,}", "[,]", "[1,]", "[1 2]", "{\"a\" 1}", "{a:1}", "{\"a\":1]", "[1}",
          "]", "}", "1 2", "01", "-", "-01", "+1", "1.", ".5", "1e", "1e+", "tru", "truer", "nul",
          "NaN", "1e999",
          "18446744073709551616", "-9223372036854775809", "'a'", "\"\\n\"", "\"\n\"", "\"\x01\"",
          "\"\x7f\xc0\xaf\"", "\"\xed\xa0\x80\"", "\xef\xbb\xbf[]", "\"\xff\"", "[1]]", "//",
          "[1]x"}) {
        notes ignored;
        INFO(text);
        CHECK_FALSE(scanned(text, ignored));
    }
}

TEST_CASE("64 levels are scanned, and more are left to the parser that says so",
          "[describe][json_scanner]") {
    CHECK(agrees(std::string(64, '[') + std::string(64, ']')));
    notes ignored;
    CHECK_FALSE(scanned(std::string(65, '[') + std::string(65, ']'), ignored));
}

TEST_CASE("of damaged JSON the scanner takes nothing that nlohmann's parser refuses",
          "[describe][json_scanner][random]") {
    auto const* const given = std::getenv("RECOUNT_SEED");
    auto const seed = given != nullptr ? std::strtoull(given, {}, 10) : std::random_device{}();
    INFO("seed " << seed);
    std::mt19937_64 random{seed};
    std::string const whole =
        R"({"a":[1,-2.5e3,true,null,{"b":"grün"}],"c":{"minor":-12,"x":""},"d":[[],{}],"e":0})";
    std::string const bytes = "{}[]:,\"0123456789-+.eE truefalsn\\\n\xc3\xbc\xf0";
    std::size_t taken = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto text = whole;
        for (auto changes = random() % 3; changes-- > 0;) {
            auto const at = random() % text.size();
            switch (random() % 3) {
                case 0: text[at] = bytes[random() % bytes.size()]; break;
                case 1: text.erase(at, 1 + random() % 4); break;
                default: text.insert(at, 1, bytes[random() % bytes.size()]); break;
            }
        }
        if (agrees(text)) ++taken;
    }
    CHECK(taken > 20'000 / 4);  // a third of them is whole
}
