// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "draft.hpp"

namespace recount::history {

namespace {

using told = fold::told;

// The later restructures that count as nothing: each that was undone after, and its undo. From the
// newest back, since an undo that was itself undone undoes nothing.
std::set<position> cancelled_after(fold const& history, position first) {
    auto const& all = history.restructures();
    std::map<uuid, position> later;
    for (auto const& t : all) {
        if (t.first > first) later.emplace(t.restructure, t.first);
    }
    std::set<position> cancelled;
    for (auto t = all.rbegin(); t != all.rend() && t->first > first; ++t) {
        if (cancelled.contains(t->first) || !t->undoes) continue;
        auto const undone = later.find(*t->undoes);
        if (undone == later.end() || undone->second >= t->first) continue;
        cancelled.insert(undone->second);
        cancelled.insert(t->first);
    }
    return cancelled;
}

using written_registers = std::map<uuid, std::uint8_t>;

void refuse_if_written_since(fold const& history, told const& r,
                             written_registers const& written) {
    auto const cancelled = cancelled_after(history, r.first);
    std::set<position> writers;
    for (auto const& w : history.written_after(r.first)) {
        auto const found = written.find(w.event);
        if (found == written.end() || cancelled.contains(w.first)) continue;
        if ((found->second & w.which.bits()) != 0) writers.insert(w.first);
    }
    if (writers.empty()) return;
    refused_step refused{refusal::written_since,
                         "later restructures have written what it wrote; undo them first", {}};
    for (auto const& t : history.restructures()) {
        if (writers.contains(t.first)) refused.concerning.push_back(t.restructure);
    }
    throw refused;
}

// The registers of `which` in which the slot is not as it was at k.
registers changed_since(fold const& history, uuid const& event, std::uint8_t which, position k) {
    auto const now = history.find(event);
    auto const then = history.find(event, k);
    if (!now || !then) return {};
    std::uint8_t changed = 0;
    if (now->present != then->present) changed |= registers::presence;
    if (*now->content != *then->content) changed |= registers::contents;
    if (now->stream != then->stream || now->at != then->at) changed |= registers::place;
    return {static_cast<std::uint8_t>(changed & which)};
}

// Slots that stand beside a place which the entry at `first` made.
std::vector<uuid> anchored_on(fold const& history, position first) {
    std::set<uuid> found;
    for (auto const& w : history.written_after(first)) {
        if (!w.which.has(registers::place)) continue;
        auto const beside = w.at.parent();
        if (!beside || beside->made_at() != first) continue;
        auto const now = history.find(w.event);
        if (now && now->at == w.at) found.insert(w.event);
    }
    return {found.begin(), found.end()};
}

}  // namespace

std::vector<uuid> undo(draft& d, uuid const& earlier) {
    auto const& history = d.base();
    auto const& all = history.restructures();
    auto const r = std::find_if(all.begin(), all.end(),
                                [&](told const& t) { return t.restructure == earlier; });
    if (r == all.end()) {
        throw refused_step{refusal::unknown_restructure,
                           fmt::format("no restructure {} is known", to_string(earlier))};
    }
    written_registers written;
    std::vector<uuid> in_order;
    for (auto const& w : history.written_at(r->first)) {
        auto const [slot, fresh] = written.try_emplace(w.event, w.which.bits());
        if (fresh) in_order.push_back(w.event);
        else slot->second |= w.which.bits();
    }
    refuse_if_written_since(history, *r, written);

    auto const k = r->first - 1;
    for (auto const& event : in_order) {
        if (inserted_by(event, earlier)) {
            if (history.find(event)->present) d.exclude(event);
            continue;
        }
        auto const changed = changed_since(history, event, written.at(event), k);
        if (!changed.empty()) d.reinstate(event, changed, k);
    }
    if (d.operations().empty()) {
        throw refused_step{refusal::no_effect,
                           fmt::format("undoing {} would change nothing", to_string(earlier))};
    }
    return anchored_on(history, r->first);
}

}  // namespace recount::history
