// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Published schemas as files that are read in review like code: what a stored event looks like is
// a promise, and a change that breaks it fails a test.
//
//     TEST_CASE("the published schemas hold") {
//         recount::testing::check_published_schemas<account, account_balances>(folder);
//     }
//
// One file each: events/account.deposited.1.json, commands/account.deposit.1.json,
// rows/account_balances.1.json (name and version of the projection), as `schema events` prints it.
// RECOUNT_APPROVE=1 publishes what is new and what has changed compatibly: an optional field, an
// enumerator or an alternative more, a field made optional, a wider range. Any other change of an
// event needs a new version and an upcast from the old one; it is never approved, and neither is
// the loss of a version, for the log may hold such events. Commands and rows may break: approved,
// their files follow.
// Thread safety: one test at a time and folder. Errors: errc::refused if a file cannot be written.
#pragma once

#include <filesystem>

#include <recount/testing/catch2.hpp>
#include <recount/testing/sandbox.hpp>
#include <recount/testing/schema_files.hpp>

namespace recount::testing {

// An assertion for each file that is missing or differs; one if all are as they should be.
template <class... Parts>
void check_published_schemas(std::filesystem::path const& folder,
                             std::source_location where = std::source_location::current()) {
    auto const report = compare_published(parts_of<Parts...>(), folder, approving());
    for (auto const& failure : report.failures) check(failure, where, "check_published_schemas");
    if (report.failures.empty()) check({}, where, "check_published_schemas");
}

}  // namespace recount::testing
