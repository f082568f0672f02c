// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfer.hpp"

namespace bank {

namespace {

using recount::rejection;

constexpr recount::duration within_default = std::chrono::hours{1};
constexpr recount::duration within_max = std::chrono::days{366};

// Money for an account that cannot be would leave one account and reach none.
bool can_be(account_id const& id) {
    try {
        static_cast<void>(recount::stream_name::of("account", id.value));
        return true;
    } catch (recount::error const&) {
        return false;
    }
}

// What speaks against ending it as `wanted`, nothing if nothing does.
std::optional<rejection> refusal(transfer const& t, transfer_status wanted) {
    if (!t.status) return rejection{"unknown", "the transfer was never requested"};
    if (*t.status == transfer_status::requested || *t.status == wanted) return std::nullopt;
    return rejection{"settled", "the transfer has ended in another way"};
}

}  // namespace

void transfer::evolve(transfer& t, transfer_requested const& e) {
    t.status = transfer_status::requested;
    t.from = e.from;
    t.to = e.to;
    t.amount = e.amount;
}

void transfer::evolve(transfer& t, transfer_completed const&) {
    t.status = transfer_status::completed;
}

void transfer::evolve(transfer& t, transfer_refused const& e) {
    t.status = transfer_status::refused;
    t.code = e.code;
    t.text = e.text;
}

void transfer::evolve(transfer& t, transfer_refunded const& e) {
    t.status = transfer_status::refunded;
    t.code = e.code;
    t.text = e.text;
}

transfer::decision transfer::decide(transfer const& t, request_transfer const& c) {
    if (c.transfer.value.empty()) return rejection{"nameless", "a transfer has an id"};
    if (c.from.value.empty() || c.to.value.empty()) {
        return rejection{"nameless", "an account has a number"};
    }
    if (!can_be(c.from) || !can_be(c.to)) {
        return rejection{"not_a_number", "no account can have this number"};
    }
    if (c.from == c.to) return rejection{"same_account", "a transfer is between two accounts"};
    if (c.amount.minor <= 0) return rejection{"not_positive", "an amount is more than zero"};
    auto const within = c.within.value_or(within_default);
    if (within.count() < 0) return rejection{"negative", "a length of time is zero or more"};
    if (within > within_max) return rejection{"too_long", "it is tried for a year at the most"};
    if (t.status) {
        if (t.from == c.from && t.to == c.to && t.amount == c.amount) return {};
        return rejection{"taken", "there is another transfer of this id"};
    }
    return transfer_requested{c.transfer, c.from, c.to, c.amount, within, c.standing_order};
}

transfer::decision transfer::decide(transfer const& t, complete_transfer const& c) {
    if (auto no = refusal(t, transfer_status::completed)) return *no;
    if (t.status == transfer_status::completed) return {};
    return transfer_completed{c.transfer};
}

transfer::decision transfer::decide(transfer const& t, refuse_transfer const& c) {
    if (auto no = refusal(t, transfer_status::refused)) return *no;
    if (t.status == transfer_status::refused) return {};
    return transfer_refused{c.transfer, c.code, c.text};
}

transfer::decision transfer::decide(transfer const& t, refund_transfer const& c) {
    if (auto no = refusal(t, transfer_status::refunded)) return *no;
    if (t.status == transfer_status::refunded) return {};
    return transfer_refunded{c.transfer, c.code, c.text};
}

}  // namespace bank
