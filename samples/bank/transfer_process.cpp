// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfer_process.hpp"

#include <algorithm>

namespace bank {

namespace {

using namespace std::chrono_literals;

// 1, 2, 4 … 32, 60, 60 … s.
recount::duration pause_after(int attempt) {
    constexpr int doublings_max = 6;
    return std::min<recount::duration>(1s * (1 << std::min(attempt - 1, doublings_max)), 60s);
}

}  // namespace

recount::route transfer_process::route(transfer_requested const& e) {
    return recount::starts(e.transfer);
}
recount::route transfer_process::route(withdrawn const& e) {
    return e.transfer ? recount::continues(*e.transfer) : recount::ignore();
}
recount::route transfer_process::route(deposited const& e) {
    return e.transfer ? recount::continues(*e.transfer) : recount::ignore();
}
recount::route transfer_process::route(transfer_completed const& e) {
    return recount::ends(e.transfer);
}
recount::route transfer_process::route(transfer_refused const& e) {
    return recount::ends(e.transfer);
}
recount::route transfer_process::route(transfer_refunded const& e) {
    return recount::ends(e.transfer);
}

//[react
transfer_process::reaction transfer_process::react(transfer_process const&,
                                                   transfer_requested const& e) {
    return {recount::compensable{send_transfer{e.from, e.transfer, e.amount},
                                 take_back_transfer{e.from, e.transfer, e.amount}},
            recount::timer{transfer_time_is_up{e.transfer}}.in(e.within)};
}

// Once: what leaves either account later is somebody's correction.
transfer_process::reaction transfer_process::react(transfer_process const& t, withdrawn const& e) {
    if (t.has_left || e.account != t.from) return {};
    return {receive_transfer{t.to, t.id, t.amount}};
}

// At the account that sent it, it has come back: `failed` has said what follows.
transfer_process::reaction transfer_process::react(transfer_process const& t, deposited const& e) {
    if (e.account != t.to) return {};
    return {complete_transfer{t.id}};
}
//]

void transfer_process::evolve(transfer_process& t, transfer_requested const& e) {
    t.id = e.transfer;
    t.from = e.from;
    t.to = e.to;
    t.amount = e.amount;
}

void transfer_process::evolve(transfer_process& t, withdrawn const& e) {
    if (e.account == t.from) t.has_left = true;
}

//[amend
transfer_process::reaction transfer_process::amend(transfer_process const&,
                                                   send_transfer const& did,
                                                   send_transfer const& should) {
    if (did.account != should.account || did.amount.currency != should.amount.currency) {
        return {take_back_transfer{did.account, did.transfer, did.amount}, should};
    }
    auto const more = should.amount - did.amount;
    if (more.minor < 0) return {take_back_transfer{did.account, did.transfer, -more}};
    return {send_transfer{should.account, should.transfer, more}};
}
//]

//[failed
recount::verdict transfer_process::failed(transfer_process const& t, recount::refused const& no) {
    std::string const code{no.code};
    std::string const text{no.text};
    if (no.is<send_transfer>()) {
        return recount::skip().and_send(refuse_transfer{t.id, code, text});
    }
    if (!no.is<receive_transfer>()) return recount::park();
    if (no.code == "not_open" && !t.time_is_up) return recount::retry_in(pause_after(no.attempt));
    return recount::compensate().and_send(refund_transfer{t.id, code, text});
}
//]

}  // namespace bank
