// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The test kit in one include: Catch2, version 2 or 3, and what an application's tests are made of.
//
//     #include <recount/testing/catch.hpp>
//
//     recount::given<account>(opened{…}).when(withdraw{…}).then_rejected("overdrawn");
//     auto bank = recount::testing::in_memory<account, account_balances>("bank");
//     recount::given_projection<account_balances>(recount::in("account-a-1", opened{…}))
//         .then_rows(balance_row{…});
//     recount::given_saga<transfer>(requested{…}).when(debited{…}).then(credit{…});
//     recount::testing::check_published_schemas<account, account_balances>(folder);
//
// For test programs only; one of their files defines main() as Catch2 has it.
#pragma once

#include <recount/testing/catch2.hpp>
#include <recount/testing/given.hpp>
#include <recount/testing/given_projection.hpp>
#include <recount/testing/given_saga.hpp>
#include <recount/testing/published_schemas.hpp>
#include <recount/testing/sandbox.hpp>
