// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "conformance/saga_store_conformance.hpp"

#include <fmt/format.h>

#include <recount/postgres/migrate.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/saga/postgres_saga_store.hpp>
#include <recount/testing/clock.hpp>

#include "support/postgres.hpp"

namespace saga_store_conformance {

namespace {

constexpr int keys_max = 2'000;

class opened_in_memory final : public opened_saga_store {
public:
    saga_store& store() override { return store_; }
    saga_store& other() override { return store_; }
    void pass(recount::duration time) override { clock_.advance(time); }

private:
    recount::testing::test_clock clock_;
    recount::memory_saga_store store_{clock_};
};

// Its clock is the server's: what it keeps is made older instead.
class opened_on_postgres final : public opened_saga_store {
public:
    opened_on_postgres() {
        recount::postgres::migrate({.url = database_.url()});
        auto const names = recount::postgres::names_of("main", database_.name());
        for (auto* const made : {&store_, &other_}) {
            *made = std::make_unique<recount::postgres_saga_store>(database_.url(), names, "tests");
        }
    }
    saga_store& store() override { return *store_; }
    saga_store& other() override { return *other_; }
    void pass(recount::duration time) override {
        auto admin = database_.connect();
        recount::tests::run(
            admin, fmt::format("UPDATE recount.outbox SET due_at = due_at - interval '{0}', "
                               "claimed_until = claimed_until - interval '{0}';"
                               "UPDATE recount.timers SET due_at = due_at - interval '{0}'",
                               fmt::format("{} microseconds", time.count())));
    }

private:
    recount::tests::test_database database_;
    std::unique_ptr<recount::postgres_saga_store> store_, other_;
};

template <class Keyed>
std::string keys_in(std::vector<Keyed> const& list) {
    std::string text;
    for (auto const& one : list) {
        int n = 0;
        while (n < keys_max && key_of(n) != one.key) ++n;
        text += (text.empty() ? "" : " ") + std::to_string(n);
    }
    return text;
}

}  // namespace

std::vector<saga_backend> const& saga_backends() {
    static std::vector<saga_backend> const all{
        {"memory", [] { return std::make_unique<opened_in_memory>(); }},
        {"postgres", [] { return std::make_unique<opened_on_postgres>(); }}};
    return all;
}

outbox_message command(int n, std::string instance, std::string saga) {
    outbox_message m;
    m.key = key_of(n);
    m.kind = message_kind::command;
    m.saga = std::move(saga);
    m.instance = std::move(instance);
    m.trigger = key_of(1'000 + n);
    m.ordinal = n;
    m.type = "debit";
    m.body = R"({"name":"debit","version":1,"payload":{"a": "\"1\\"}})";
    m.caused_at = n;
    return m;
}

outbox_message effect(int n, std::string order_key, std::string saga) {
    auto m = command(n, "i-1", std::move(saga));
    m.kind = message_kind::effect;
    m.type = "alert";
    m.body = R"({"type":"alert","schema_version":1,"payload":{}})";
    m.order_key = std::move(order_key);
    return m;
}

saga_timer timer(int n, std::string name, timestamp due_at, std::string instance,
                 std::string saga) {
    return {key_of(n), std::move(saga), std::move(instance), std::move(name), due_at,
            "timed_out", 2, R"({"n": 1})"};
}

saga_instance instance(std::string name, saga_status status, recount::version version,
                       std::string saga) {
    saga_instance i;
    i.saga = std::move(saga);
    i.instance = std::move(name);
    i.status = status;
    i.version = version;
    return i;
}

recount::message_claim commands(std::size_t limit) {
    return {.kind = message_kind::command, .limit = limit};
}
recount::message_claim effects(std::size_t limit) {
    return {.kind = message_kind::effect, .limit = limit};
}

std::string keys(std::vector<outbox_message> const& list) { return keys_in(list); }
std::string keys(std::vector<saga_timer> const& list) { return keys_in(list); }

}  // namespace saga_store_conformance
