// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/plain_text.hpp>

#include <string>

#include "support/catch.hpp"

using recount::is_control;
using recount::is_plain_text;

static_assert(is_control('\0') && is_control('\x1F') && is_control('\x7F'));
static_assert(!is_control(' ') && !is_control('~') && !is_control('\x80'));

TEST_CASE("plain text is UTF-8 without control characters") {
    using namespace std::string_literals;
    CHECK(is_plain_text(""));
    CHECK(is_plain_text("žluť 😀"));
    CHECK_FALSE(is_plain_text("a\nb"));
    CHECK_FALSE(is_plain_text("a\0b"s));
    CHECK_FALSE(is_plain_text("a\x7F"));
    CHECK_FALSE(is_plain_text("a\xC3"));
}
