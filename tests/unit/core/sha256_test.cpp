// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <limits>

#include <recount/core/error.hpp>
#include <recount/core/sha256.hpp>

#include "support/catch.hpp"

using recount::hasher;
using recount::sha256;
using recount::to_hex;

TEST_CASE("the vectors of FIPS 180-4 hold") {
    CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(to_hex(sha256(std::string(1'000'000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a hash in parts is the hash of the whole, and finish starts anew") {
    hasher h;
    CHECK(h.raw("a").raw("").raw("bc").finish() == sha256("abc"));
    CHECK(h.finish() == sha256(""));
    CHECK(h.raw(std::as_bytes(std::span{"abc", 3})).finish() == sha256("abc"));
}

TEST_CASE("parts of any length, alone and behind others, make the hash of the whole") {
    hasher h;
    for (std::size_t const before : {0, 1, 511, 512, 513}) {
        for (std::size_t const size : {1, 63, 510, 511, 512, 513, 1'023, 1'025, 5'000}) {
            CAPTURE(before, size);
            std::string const first(before, 'a');
            std::string const second(size, 'b');
            CHECK(h.raw(first).raw(second).raw("c").finish() == sha256(first + second + "c"));
        }
    }
    std::string whole;
    for (int i = 0; i < 3'000; ++i) {
        h.raw("ab").raw("c");
        whole += "abc";
    }
    CHECK(h.finish() == sha256(whole));
}

TEST_CASE("fields carry their length, integers are eight bytes, both big-endian") {
    using namespace std::string_literals;
    hasher h;
    CHECK(h.field("ab").finish() == sha256("\0\0\0\x02"s + "ab"));
    CHECK(h.field("").finish() == sha256("\0\0\0\0"s));
    CHECK(h.integer(258).finish() == sha256("\0\0\0\0\0\0\x01\x02"s));
    CHECK(h.integer(-2).finish() == sha256("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFE"s));
    CHECK(h.integer(std::numeric_limits<std::int64_t>::min()).finish() ==
          sha256("\x80\0\0\0\0\0\0\0"s));
    CHECK(h.field_integer(1).finish() == sha256("\0\0\0\x08\0\0\0\0\0\0\0\x01"s));
    CHECK(h.field(std::string(300, 'x')).finish() ==
          sha256("\0\0\x01\x2C"s + std::string(300, 'x')));
}

TEST_CASE("a digest reads back from its hexadecimal digits only") {
    auto const digest = sha256("abc");
    CHECK(recount::digest_from_hex(to_hex(digest)) == digest);
    for (auto const& bad :
         {std::string{}, std::string(63, 'a'), std::string(65, 'a'), std::string(63, 'a') + "g"}) {
        CHECK_THROWS_AS(recount::digest_from_hex(bad), recount::error);
    }
}
