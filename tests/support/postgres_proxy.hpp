// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Stands between a program and PostgreSQL, and breaks the conversation at a known place.
//
//     postgres_proxy proxy{database};
//     auto const log = postgres::log::open({.url = proxy.url()});
//     proxy.meet(mishap::cut_after, ".append(");    // the next statement with this in its text
//     log->append(commit);
//     CHECK(proxy.happened() == 1);
//
// It knows just enough of the protocol to tell messages apart, which text a prepared statement has,
// and when an answer is complete. Thread safety: every function from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "support/postgres.hpp"

namespace recount::tests {

enum class mishap : std::uint8_t {
    cut_before,         // the server never sees the statement
    cut_within,         // … sees half of the message
    cut_after,          // … has answered, and nothing of the answer comes through
    cut_within_answer,  // … and some bytes of it come through
    silence_before,     // nothing goes either way any more, and nobody hangs up
    silence_after,      // the same once the server has answered
};

class postgres_proxy {
public:
    explicit postgres_proxy(test_database const& to);
    ~postgres_proxy();
    postgres_proxy(postgres_proxy const&) = delete;
    postgres_proxy& operator=(postgres_proxy const&) = delete;

    [[nodiscard]] std::string const& url() const noexcept;

    // What the next `times` statements meet whose text holds these words ("^COMMIT": begins with
    // them), once `before` such ones have come through.
    void meet(mishap what, std::string words, int times = 1, int before = 0);
    void calm();
    [[nodiscard]] int happened() const noexcept;
    // Statements with these words, since the last meet().
    [[nodiscard]] int seen() const noexcept;

    // Every connection that is open goes silent.
    void silence_all();
    // Notifications get lost from now on.
    void drop_notices() noexcept;
    [[nodiscard]] int dropped() const noexcept;
    // New connections are accepted and closed at once.
    void turn_away(bool all) noexcept;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount::tests
