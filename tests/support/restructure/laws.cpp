// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/restructure/laws.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/random_history.hpp"

namespace recount::tests {

namespace {

using tape = std::vector<std::uint32_t>;

constexpr std::size_t tape_length = 400;
// RECOUNT_SHRINK=0: only whether a law fails is asked.
int const shrink_attempts_max = [] {
    auto const* const given = std::getenv("RECOUNT_SHRINK");
    return given != nullptr ? std::atoi(given) : 3'000;
}();

tape random_tape(std::mt19937_64& random) {
    tape t(tape_length);
    for (auto& value : t) value = static_cast<std::uint32_t>(random());
    return t;
}

std::string run(law const& holds, tape const& t) {
    choices c{t};
    return holds(c);
}

struct shrunk {
    tape smallest;
    std::string failure;
    int attempts = 0;

    bool attempt(law const& holds, tape const& t) {
        ++attempts;
        auto found = run(holds, t);
        if (found.empty()) return false;
        smallest = t;
        failure = std::move(found);
        return true;
    }
};

// Shorter tapes first, then lower choices, as long as the law still fails.
shrunk shrink(law const& holds, tape const& failing, std::string failure) {
    shrunk s{failing, std::move(failure)};
    for (bool better = true; better && s.attempts < shrink_attempts_max;) {
        better = false;
        for (std::size_t length = s.smallest.size() / 2; length > 0; length /= 2) {
            for (std::size_t at = 0; at + length <= s.smallest.size();) {
                auto t = s.smallest;
                t.erase(t.begin() + static_cast<std::ptrdiff_t>(at),
                        t.begin() + static_cast<std::ptrdiff_t>(at + length));
                if (s.attempts < shrink_attempts_max && s.attempt(holds, t)) {
                    better = true;
                } else {
                    at += length;
                }
            }
        }
        for (std::size_t at = 0; at < s.smallest.size(); ++at) {
            for (auto const lower : {std::uint32_t{0}, s.smallest[at] % 64U}) {
                if (lower >= s.smallest[at] || s.attempts >= shrink_attempts_max) continue;
                auto t = s.smallest;
                t[at] = lower;
                if (s.attempt(holds, t)) better = true;
            }
        }
    }
    return s;
}

// A line of the table that `./test --full` prints at its end, from <build>/laws.txt.
void tell(std::string const& line) {
    fmt::print("law {}\n", line);
    static_cast<void>(std::fflush(stdout));
    auto const* const build = std::getenv("RECOUNT_BUILD");
    if (build == nullptr) return;
    std::ofstream{std::string{build} + "/laws.txt", std::ios::app} << line << '\n';
}

}  // namespace

void check_law(std::string const& name, law const& holds, int cases) {
    auto const seed = seed_of_run();
    auto const begin = std::chrono::steady_clock::now();
    std::mt19937_64 random{seed};
    int failures = 0;
    for (int i = 0; i < cases && failures == 0; ++i) {
        auto const t = random_tape(random);
        auto failure = run(holds, t);
        if (failure.empty()) continue;
        ++failures;
        auto const s = shrink(holds, t, std::move(failure));
        FAIL_CHECK("law " << name << ", case " << i << ", RECOUNT_SEED=" << seed << ", shrunk to "
                          << s.smallest.size() << " choices:\n" << s.failure);
    }
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
    SUCCEED();
    if (cases >= cases_full) tell(fmt::format("{:<40} {:>7} {:>16} {:>8.1f} s", name, cases,
                                              failures, took.count()));
}

int count_failures(law const& holds, int cases) {
    std::mt19937_64 random{seed_of_run()};
    int failures = 0;
    for (int i = 0; i < cases; ++i) failures += run(holds, random_tape(random)).empty() ? 0 : 1;
    return failures;
}

}  // namespace recount::tests
