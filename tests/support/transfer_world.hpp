// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The bank of transfer_domain.hpp in memory, with two accounts, a clock of the test's, and a log
// that a test can get in the way of.
//
//     transfers::world here;
//     here.ask("t", 3'000);
//     here.app.run_sagas();
//     CHECK(here.balance("b") == eur(3'000));
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/transfer_domain.hpp"
#include "support/wrapped_log.hpp"

namespace transfers {

struct world {
    recount::testing::test_clock clock;
    std::shared_ptr<recount::tests::wrapped_log> log =
        std::make_shared<recount::tests::wrapped_log>();
    std::shared_ptr<recount::memory_saga_store> store =
        std::make_shared<recount::memory_saga_store>(clock);
    recount::application app = worker(log, store);

    world() {
        trouble::none();
        app.dispatch(open{{"a"}, eur(10'000)}).value();
        app.dispatch(open{{"b"}, eur(0)}).value();
    }
    ~world() { trouble::none(); }
    world(world const&) = delete;
    world& operator=(world const&) = delete;

    // Another program on the same store.
    recount::application worker(std::shared_ptr<recount::log> on,
                                std::shared_ptr<recount::saga_store> tables) {
        return recount::application{recount::testing::parts_of<account, order, transfer>(),
                                    std::move(on), std::make_shared<recount::memory_row_store>(),
                                    {.program = "bank", .clock = clock, .sagas = tables}};
    }
    // From a to b.
    void ask(std::string const& transfer, std::int64_t cents) {
        app.dispatch(request{{transfer}, {"a"}, {"b"}, eur(cents)}).value();
    }
    money balance(std::string const& of) { return app.state<account>({of}).balance; }
};

}  // namespace transfers
