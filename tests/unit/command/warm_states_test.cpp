// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "command/warm_states.hpp"

#include "support/sample_domain.hpp"

namespace {

using recount::detail::warm_state;
using recount::detail::warm_states;

constexpr std::size_t plenty = 1U << 20U;

recount::aggregate_descriptor const& accounts() { return recount::aggregate_of<sample::account>(); }

warm_state state_of(recount::version version, std::int64_t minor = 0) {
    auto state = std::make_shared<sample::account>();
    state->balance = sample::eur(minor);
    return {&accounts(), std::move(state), version, recount::sha256(std::to_string(version)),
            version};
}

std::optional<recount::version> version_of(warm_states& kept, std::string const& stream) {
    auto const found = kept.find(accounts(), stream);
    return found ? std::optional{found->version} : std::nullopt;
}

}  // namespace

TEST_CASE("a kept state is found until a newer one takes its place", "[warm]") {
    warm_states kept{10, plenty};
    CHECK_FALSE(version_of(kept, "account-a"));
    kept.keep("account-a", state_of(3));
    kept.keep("account-a", state_of(2));   // of a thread that was late
    CHECK(version_of(kept, "account-a") == 3);
    kept.keep("account-a", state_of(4));
    CHECK(version_of(kept, "account-a") == 4);
    CHECK(kept.size() == 1);
}

TEST_CASE("a copy of a kept state may be changed without changing what is kept", "[warm]") {
    warm_states kept{10, plenty};
    kept.keep("account-a", state_of(1, 500));
    auto const copy = recount::detail::copy_of(*kept.find(accounts(), "account-a"));
    static_cast<sample::account*>(copy.get())->balance = sample::eur(1);
    auto const again = recount::detail::copy_of(*kept.find(accounts(), "account-a"));
    CHECK(static_cast<sample::account const*>(again.get())->balance == sample::eur(500));
}

TEST_CASE("the state that was not used for longest goes first", "[warm]") {
    warm_states kept{2, plenty};
    kept.keep("account-a", state_of(1));
    kept.keep("account-b", state_of(1));
    CHECK(version_of(kept, "account-a") == 1);
    kept.keep("account-c", state_of(1));
    CHECK(version_of(kept, "account-a") == 1);
    CHECK_FALSE(version_of(kept, "account-b"));
    CHECK(version_of(kept, "account-c") == 1);
    CHECK(kept.size() == 2);
}

TEST_CASE("kept states are bounded by their bytes", "[warm]") {
    constexpr std::size_t bytes_max = 4'000;
    warm_states kept{plenty, bytes_max};
    for (int i = 0; i < 100; ++i) {
        kept.keep("account-" + std::to_string(i), state_of(1, i));
        CHECK(kept.bytes() <= bytes_max);
    }
    CHECK(kept.size() >= 2);
    CHECK(kept.size() < 20);
    CHECK(version_of(kept, "account-99") == 1);
}

TEST_CASE("nothing is kept where there is no room", "[warm]") {
    for (auto const& [states, bytes] :
         {std::pair<std::size_t, std::size_t>{0, plenty}, {10, 0}, {10, 1}}) {
        warm_states kept{states, bytes};
        kept.keep("account-a", state_of(1));
        CHECK(kept.size() == 0);
        CHECK(kept.bytes() == 0);
    }
}

TEST_CASE("only the state that was found wrong is forgotten", "[warm]") {
    warm_states kept{10, plenty};
    kept.keep("account-a", state_of(4));
    kept.forget("account-a", recount::sha256("3"));
    CHECK(version_of(kept, "account-a") == 4);
    kept.forget("account-a", recount::sha256("4"));
    CHECK_FALSE(version_of(kept, "account-a"));
    CHECK(kept.bytes() == 0);
    kept.keep("account-a", state_of(2));   // of the log as it is now
    CHECK(version_of(kept, "account-a") == 2);
}
