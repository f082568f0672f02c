// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the conformance tests of saga stores share: the stores, a way to let time pass on their
// clocks, and things to put into them.
//
//     ON_EVERY_SAGA_STORE(opened) {
//         opened.store().write({.messages = {effect(1), effect(2)}});
//         opened.pass(1h);
//         CHECK(numbers(opened.store().claim({.kind = message_kind::effect})) == …);
//     }
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <recount/core/uuid.hpp>
#include <recount/saga/saga_store.hpp>

#include "support/catch.hpp"

namespace saga_store_conformance {

using namespace std::chrono_literals;
using recount::checkpoint;
using recount::message_kind;
using recount::message_status;
using recount::outbox_message;
using recount::saga_changes;
using recount::saga_instance;
using recount::saga_status;
using recount::saga_store;
using recount::saga_timer;
using recount::timestamp;
using recount::uuid;

// A store of its own, empty.
class opened_saga_store {
public:
    opened_saga_store() = default;
    opened_saga_store(opened_saga_store const&) = delete;
    opened_saga_store& operator=(opened_saga_store const&) = delete;
    virtual ~opened_saga_store() = default;
    [[nodiscard]] virtual saga_store& store() = 0;
    // Another worker's, on the same tables.
    [[nodiscard]] virtual saga_store& other() = 0;
    // Everything that is kept is so much older.
    virtual void pass(recount::duration time) = 0;
};
struct saga_backend {
    std::string name;
    std::function<std::unique_ptr<opened_saga_store>()> open;
};
[[nodiscard]] std::vector<saga_backend> const& saga_backends();

#define ON_EVERY_SAGA_STORE(OPENED)                                                     \
    for (auto const& backend_of_case : saga_store_conformance::saga_backends())         \
        DYNAMIC_SECTION("on " << backend_of_case.name)                                  \
            if (auto opened_of_case = backend_of_case.open(); opened_of_case != nullptr) \
                if (auto& OPENED = *opened_of_case; true)

// The n-th key of a test; they do not grow with n, as real ones do not.
[[nodiscard]] inline uuid key_of(int n) {
    return recount::command_id_from_key("key " + std::to_string(n));
}

[[nodiscard]] outbox_message command(int n, std::string instance = "i-1",
                                     std::string saga = "transfer");
[[nodiscard]] outbox_message effect(int n, std::string order_key = {}, std::string saga = "alerts");
[[nodiscard]] saga_timer timer(int n, std::string name, timestamp due_at,
                               std::string instance = "i-1", std::string saga = "transfer");
[[nodiscard]] saga_instance instance(std::string name, saga_status status = saga_status::running,
                                     recount::version version = 1, std::string saga = "transfer");

[[nodiscard]] recount::message_claim commands(std::size_t limit = 256);
[[nodiscard]] recount::message_claim effects(std::size_t limit = 256);

// What is in a list, as the numbers that its keys were made of: "1 2 5".
[[nodiscard]] std::string keys(std::vector<outbox_message> const& list);
[[nodiscard]] std::string keys(std::vector<saga_timer> const& list);

}  // namespace saga_store_conformance
