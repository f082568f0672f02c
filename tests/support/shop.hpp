// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A shop for one test of repairs: orders come in, and are corrected.
#pragma once

#include <recount/memory/log.hpp>
#include <recount/saga/divergences.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/shop_domain.hpp"

namespace recount::tests {

class shop {
public:
    explicit shop(testing::sandbox in) : box{std::move(in)} {}

    testing::sandbox box;

    // An order's id is that of its event.
    uuid order(std::string const& basket, std::string const& customer, std::int64_t amount) {
        return box.dispatch(::shop::place{{basket}, {customer}, amount}).value().events.front();
    }
    uuid limit(std::string const& basket, std::string const& customer, std::int64_t at_most) {
        return box.dispatch(::shop::limit{{basket}, {customer}, at_most}).value().events.front();
    }
    void unlock(std::string const& customer) {
        box.dispatch(::shop::unlock{{customer}}).value();
    }
    void run() { box.run_sagas(); }

    uuid correct(restructure plan) {
        plan.because("it was wrong").by("ines");
        auto const done = box.apply(plan);
        run();
        return done.id;
    }
    uuid exclude(uuid const& event) {
        return correct(restructure{"taken out"}.exclude(event));
    }
    uuid replace(uuid const& event, std::string const& basket, std::string const& customer,
                 std::int64_t amount) {
        return correct(restructure{"another amount"}.replace(
            event, content(basket, customer, amount)));
    }
    static history::planned_content content(std::string const& basket, std::string const& customer,
                                            std::int64_t amount) {
        return {"basket.ordered", 1,
                describe::to_json(::shop::ordered{{basket}, {customer}, amount}), {}};
    }
    // Of an event that was never recorded.
    static history::planned_content missing(std::string const& basket, std::string const& customer,
                                            std::int64_t amount) {
        auto made = content(basket, customer, amount);
        made.effective_at = testing::first_of_2026;
        return made;
    }

    std::int64_t owes(std::string const& customer) {
        return box.state<::shop::account>({customer}).owes;
    }
    std::int64_t stamps(std::string const& customer) {
        return box.state<::shop::account>({customer}).stamps;
    }
    saga_store& tables() { return box.application().saga_tables(); }
    saga_status status(std::string const& saga, std::string const& instance) {
        auto const found = tables().find_instance(saga, instance);
        REQUIRE(found);
        return found->status;
    }
    std::vector<outbox_message> messages(message_kind kind) {
        return tables().list_messages({.kind = kind});
    }
    // "receipt 10 done", in order of entry; a mark behind those that are superseded.
    std::vector<std::string> effects() {
        std::vector<std::string> all;
        for (auto const& m : messages(message_kind::effect)) {
            auto const amount = m.body.substr(m.body.find("\"amount\":") + 9);
            all.push_back(m.type.substr(5) + " " + amount.substr(0, amount.find('}')) + " " +
                          std::string{to_string(m.status)} + (m.superseded_by ? " *" : ""));
        }
        return all;
    }
    // Whatever waits is sent.
    void send_effects() {
        for (auto const& m : tables().claim({.kind = message_kind::effect})) {
            tables().sent(m.key);
        }
    }
    std::vector<divergence> divergences() { return list_divergences(box.log(), tables()); }
    void acknowledge(std::string const& saga, std::string const& instance) {
        acknowledge_divergence(box.log(), saga, instance,
                               {.actor = "ines", .because = "it is in order"});
        run();
    }
    std::vector<std::string> types_of(std::string const& stream) {
        std::vector<std::string> all;
        for (auto const& e : box.events(stream)) all.push_back(e.type);
        return all;
    }
    position head() { return box.log().head().position; }
    // That another run has nothing to do.
    void is_quiet() {
        auto const before = head();
        auto const sent = messages(message_kind::effect).size();
        run();
        CHECK(head() == before);
        CHECK(messages(message_kind::effect).size() == sent);
        CHECK(tables().list_messages({.status = message_status::waiting,
                                      .kind = message_kind::command}).empty());
    }
};

template <class... Sagas>
[[nodiscard]] shop shop_with() {
    return shop{testing::in_memory<::shop::basket, ::shop::account, Sagas...>("shop")};
}

}  // namespace recount::tests
