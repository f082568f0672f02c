// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/bytes.hpp>
#include <recount/core/error.hpp>

#include "support/catch.hpp"

using recount::bytes;
using recount::bytes_from_base64url;
using recount::to_base64url;

namespace {

bytes octets(std::string_view text) {
    bytes made;
    for (auto const c : text) made.push_back(static_cast<std::byte>(c));
    return made;
}

}  // namespace

TEST_CASE("the vectors of RFC 4648 hold, without padding") {
    std::pair<std::string_view, std::string_view> const vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (auto const& [plain, text] : vectors) {
        CHECK(to_base64url(octets(plain)) == text);
        CHECK(bytes_from_base64url(text) == octets(plain));
    }
    CHECK(to_base64url(octets("\xFB\xFF\xFE")) == "-__-");
}

TEST_CASE("all lengths and octets read back") {
    bytes all;
    for (auto i = 0; i < 600; ++i) {
        CHECK(bytes_from_base64url(to_base64url(all)) == all);
        all.push_back(static_cast<std::byte>(i * 7));
    }
}

TEST_CASE("padding, other letters and bits left over are refused") {
    for (std::string_view const bad :
         {"Zg==", "Zm8=", "Z", "Zm9vY", "Zm+v", "Zm/v", "Zm v", "Zh", "Zm9", "Zm9v\n", "é"}) {
        CHECK_THROWS_AS(bytes_from_base64url(bad), recount::error);
    }
}
