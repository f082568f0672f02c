// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Random histories of the sample domain. A test prints the seed; RECOUNT_SEED runs one again.
//
//     auto const seed = recount::tests::seed_of_run();
//     INFO("RECOUNT_SEED=" << seed);
//     sample::random_history history{seed};
//     log.append(history.next());
#pragma once

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <recount/log/commit.hpp>

#include "support/sample_domain.hpp"

namespace recount::tests {

inline std::uint64_t seed_of_run() {
    if (auto const* const given = std::getenv("RECOUNT_SEED")) {
        return std::strtoull(given, nullptr, 10);
    }
    return std::random_device{}();
}

}  // namespace recount::tests

namespace sample {

class random_history {
public:
    explicit random_history(std::uint64_t seed) : random_{seed} {}

    [[nodiscard]] std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
    }

    // A commit of one to three events to one of a few accounts. Any order of events is a history:
    // projections are told what is recorded, not what makes sense.
    [[nodiscard]] recount::commit next() {
        recount::commit c;
        for (auto left = below(3) + 1; left > 0; --left) add_to(c);
        return c;
    }

private:
    std::mt19937_64 random_;

    template <class E>
    static void add(recount::commit& c, E const& event) {
        constexpr auto name = recount::event_name_of<E>();
        c.events.push_back({recount::stream_name::of("account", event.account.value),
                            std::string{name.name}, name.version, recount::describe::to_json(event),
                            {}});
    }
    void add_to(recount::commit& c) {
        account_id const account{std::string(1, static_cast<char>('a' + below(4)))};
        auto const amount = eur(static_cast<std::int64_t>(below(6)) + 1);
        switch (below(12)) {
            case 0: return add(c, closed{account});
            case 1:
            case 2: return add(c, opened{account});
            case 3:
            case 4:
            case 5:
            case 6: return add(c, withdrawn{account, amount});
            default: return add(c, deposited{account, amount});
        }
    }
};

}  // namespace sample
