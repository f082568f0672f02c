// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Law 19: after all divergences are closed, what sagas did, less what they made up for, is what the
// corrected history asks for; and a further run has nothing to do.
#include <map>
#include <random>

#include <recount/restructure/read.hpp>

#include "support/random_history.hpp"
#include "support/shop.hpp"

namespace {

using namespace recount;
using namespace std::chrono_literals;
using shop::account;
using shop::adjusting;
using shop::basket;
using shop::billing;
using shop::mailing;
using shop::receipts;

// By customer: what is owed, by billing and by adjusting together; and receipts less apologies.
struct balance {
    std::int64_t owes = 0;
    std::int64_t stamps = 0;                           // of the reactor
    std::map<std::int64_t, int> receipts;              // by amount
    std::map<std::int64_t, int> posters;
    friend bool operator==(balance const&, balance const&) = default;
};
using balances = std::map<std::string, balance>;

std::string text_of(balances const& all) {
    std::string text;
    for (auto const& [customer, one] : all) {
        text += customer + ": owes " + std::to_string(one.owes) + ", stamps " +
                std::to_string(one.stamps);
        for (auto const& [amount, n] : one.receipts) {
            text += ", " + std::to_string(n) + " x receipt " + std::to_string(amount);
        }
        for (auto const& [amount, n] : one.posters) {
            text += ", " + std::to_string(n) + " x poster " + std::to_string(amount);
        }
        text += "\n";
    }
    return text;
}

void add(std::map<std::int64_t, int>& to, std::int64_t amount, int n) {
    if ((to[amount] += n) == 0) to.erase(amount);
}

class random_shop {
public:
    explicit random_shop(std::uint64_t seed) : random_{seed} {
        for (auto const* c : {"a", "b", "c"}) here.unlock(c);
    }

    tests::shop here{testing::in_memory<basket, account, billing, adjusting, mailing, receipts>(
        "shop")};

    void step() {
        switch (below(8)) {
            case 0:
            case 1:
            case 2: events_.push_back(here.order(any_basket(), customer(), amount())); break;
            case 3: events_.push_back(here.limit(any_basket(), customer(), amount() * 2)); break;
            case 4: here.run(); break;
            case 5: send_some(); break;
            default: correct();
        }
        // Whoever can close a divergence does so at times.
        if (below(5) == 0) acknowledge_all();
    }

    // Divergences in which something other than the record is wrong would be made up for by hand:
    // what was acknowledged counts as the corrected history has it. Each of them lets the sagas
    // run, which may open and close others: so they are looked for anew.
    void acknowledge_all() {
        for (auto all = here.divergences(); !all.empty(); all = here.divergences()) {
            auto const& one = all.front();
            for (auto const& output : one.outputs) {
                count(one.instance, output.did, -1);
                count(one.instance, output.should, 1);
            }
            here.acknowledge(one.saga, one.instance);
        }
    }

    void settle() {
        here.run();
        acknowledge_all();
        here.run();
        here.send_effects();
        here.run();
    }

    // As a world without sagas would have it: the corrected history, told to nobody before.
    [[nodiscard]] balances should() {
        balances all;
        std::vector<recorded_event> events;
        std::map<uuid, history::place> places;
        history::fold whole;
        for (auto& e : history::entries_of(here.box.events())) whole.advance(e);
        std::map<std::string, std::int64_t> at_most;
        for (auto const& slot : whole.corrected()) {
            if (!slot.stream.starts_with("basket-")) continue;
            if (slot.content->type == "basket.limited") {
                auto const e = describe::from_json<shop::limited>(slot.content->payload);
                at_most[e.customer.value] = e.at_most;
                continue;
            }
            auto const e = describe::from_json<shop::ordered>(slot.content->payload);
            auto& one = all[e.customer.value];
            auto const known = at_most.find(e.customer.value);
            one.owes += std::min(e.amount, known == at_most.end() ? 1'000 : known->second);
            one.owes += e.amount;                       // adjusting knows no limit
            one.stamps += e.amount;
            add(one.receipts, e.amount, 2);             // of the saga and of the reactor
            if (e.amount >= 500) add(one.posters, e.amount, 1);
        }
        std::erase_if(all, [](auto const& one) { return one.second == balance{}; });
        return all;
    }
    [[nodiscard]] balances did() {
        auto all = acknowledged_;
        for (auto const* c : {"a", "b", "c"}) {
            all[c].owes += here.owes(c);
            all[c].stamps += here.stamps(c);
        }
        for (auto const& m : here.messages(message_kind::effect)) {
            if (m.status != message_status::done) continue;
            count(all, m.body, 1);
        }
        std::erase_if(all, [](auto const& one) { return one.second == balance{}; });
        return all;
    }

    // What nobody corrected any more: an order that the sagas were told wrongly.
    void spoil() { here.box.dispatch(shop::charge{{"a"}, 1}).value(); }

private:
    std::mt19937_64 random_;
    std::vector<uuid> events_;
    std::vector<uuid> restructures_;
    balances acknowledged_;

    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
    }
    std::string customer() { return std::string(1, static_cast<char>('a' + below(3))); }
    std::string any_basket() { return std::string(1, static_cast<char>('x' + below(2))); }
    std::int64_t amount() { return static_cast<std::int64_t>(below(9) + 1) * 100; }

    void send_some() {
        for (auto const& m : here.tables().claim({.kind = message_kind::effect, .limit = 3})) {
            here.tables().sent(m.key);
        }
    }

    void correct() {
        if (events_.empty()) return;
        restructure plan{"by chance"};
        plan.because("a test").by("ines");
        for (auto left = below(3) + 1; left > 0; --left) add_step(plan);
        try {
            auto const done = here.box.apply(plan);
            restructures_.push_back(done.id);
            events_.insert(events_.end(), done.inserted.begin(), done.inserted.end());
        } catch (history::plan_refused const&) {   // NOLINT: of no effect, or not possible
        }
        if (below(2) == 0) here.run();
    }

    void add_step(restructure& plan) {
        auto const& event = events_[below(events_.size())];
        auto const& other = events_[below(events_.size())];
        auto const stream = "basket-" + any_basket();
        auto const content = here.content(stream.substr(7), customer(), amount());
        switch (below(6)) {
            case 0: plan.exclude(event); break;
            case 1: plan.replace(event, content); break;
            case 2: plan.insert(stream, history::planned_anchor::end(),
                                {here.missing(stream.substr(7), customer(), amount())});
                    break;
            case 3: plan.move(event, stream, history::planned_anchor::before(other)); break;
            case 4: plan.move(event, stream); break;
            default:
                if (restructures_.empty() || !plan.steps().empty()) {
                    plan.reinstate(event, history::registers::presence,
                                   here.head());
                } else {
                    plan.undo(restructures_[below(restructures_.size())]);
                }
        }
    }

    // An output of a divergence, or a message of the ledger, by its customer.
    static void count(balances& to, std::string const& body, int n) {
        auto const value = [&](std::string_view name) {
            auto const at = body.find("\"" + std::string{name} + "\":");
            return at == std::string::npos ? std::string{} : body.substr(at + name.size() + 3);
        };
        if (body.empty()) return;
        auto& one = to[value("customer").substr(1, 1)];
        auto const amount = std::stoll(value("amount"));
        auto const has = [&](char const* what) { return body.find(what) != std::string::npos; };
        if (has("shop.receipt")) add(one.receipts, amount, n);
        if (has("shop.apology")) add(one.receipts, amount, -n);
        if (has("shop.poster")) add(one.posters, amount, n);
        if (has("account.charge")) one.owes += n * amount;
        if (has("account.stamp")) one.stamps += n * amount;
    }
    void count(std::string const&, std::string const& output, int n) {
        count(acknowledged_, output, n);
    }
};

}  // namespace

TEST_CASE("what sagas did is what the corrected history asks for", "[saga][repair][law]") {
    auto const first = tests::seed_of_run();
    constexpr int logs = 60;
    for (int i = 0; i < logs; ++i) {
        auto const seed = first + static_cast<std::uint64_t>(i);
        INFO("RECOUNT_SEED=" << seed);
        random_shop one{seed};
        for (int step = 0; step < 40; ++step) one.step();
        one.settle();
        auto const did = one.did();
        auto const should = one.should();
        INFO("did\n" << text_of(did) << "should\n" << text_of(should));
        REQUIRE(did == should);
        one.here.is_quiet();
        CHECK(one.here.divergences().empty());
        one.spoil();
        REQUIRE(one.did() != one.should());
    }
}
