// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Runs every saga and reactor of a program: a thread each, from start to end.
//
//     recount::saga_followers sagas{app};
//     …
//     for (auto const& one : sagas.failures()) say(one.saga, one.sentence);
//
// One that fails does not stop the others. It is tried again every few seconds; until then
// `failures` has its sentence. Several programs may run the same sagas: each step is done once.
// Thread safety: every function from any thread. Lifetimes: the application outlives it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <recount/app/application.hpp>

namespace recount {

class saga_followers {
public:
    explicit saga_followers(application& app);
    ~saga_followers();
    saga_followers(saga_followers const&) = delete;
    saga_followers& operator=(saga_followers const&) = delete;

    // Each finishes the round that it is in. Comes back when all have ended, within about a second.
    void stop() noexcept;

    struct failure {
        std::string saga;
        std::string sentence;
    };
    // Those that stand still at the moment, in the order of the parts.
    [[nodiscard]] std::vector<failure> failures() const;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount
