// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What is to be true of an aggregate's state after every event. Deciders see to it for what is
// recorded; a correction of history may break it, and then somebody has to know.
//
//     struct account {
//         …
//         static void check(account const& a, recount::invariants& holds) {
//             holds.that("never_overdrawn", a.balance >= money{0, "EUR"});
//         }
//     };
//
// The function is optional. It is called when a restructure is previewed and applied, never for a
// command. Names are stable: a plan acknowledges an invariant that it breaks by its name.
// Thread safety: one thread. Cost: what the function does, once an event of a touched stream.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace recount {

class invariants {
public:
    void that(std::string_view name, bool holds) {
        if (!holds) broken_.emplace_back(name);
    }
    // In the order in which they were told.
    [[nodiscard]] std::vector<std::string> const& broken() const noexcept { return broken_; }

private:
    std::vector<std::string> broken_;
};

}  // namespace recount
