// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/hosts.hpp"

#include <support/catch.hpp>

using namespace recount::http;

TEST_CASE("loopback addresses are known by their form", "[http]") {
    for (auto const* good : {"127.0.0.1", "127.3.2.1", "::1", "[::1]", "localhost"}) {
        INFO(good);
        CHECK(is_loopback(good));
    }
    for (auto const* bad : {"", "128.0.0.1", "0.0.0.0", "127.evil.example",
                            "localhost.evil.example", "::", "10.0.0.1"}) {
        INFO(bad);
        CHECK_FALSE(is_loopback(bad));
    }
}

TEST_CASE("a Host is the machine itself, or a name that was given", "[http]") {
    std::vector<std::string> const hosts{"bank.example"};
    for (auto const* good : {"localhost:8080", "LOCALHOST", "127.0.0.1:1", "[::1]:8080",
                             "bank.example", "Bank.Example:443"}) {
        INFO(good);
        CHECK(host_is_known(good, hosts));
    }
    for (auto const* bad : {"evil.example", "bank.example.evil", "evil.example:8080",
                            "localhost.evil.example", "", "127.0.0.1.evil.example", "[::2]:80"}) {
        INFO(bad);
        CHECK_FALSE(host_is_known(bad, hosts));
    }
}
