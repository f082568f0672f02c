// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/restructure/world.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include <recount/restructure/payload.hpp>

namespace recount::tests {

namespace op = history::op;
using history::anchor;

timestamp day(int of_january) {
    return timestamp_from_string("2026-01-01T12:00:00Z") + std::chrono::days{of_january - 1};
}

history::content some_content(std::int64_t amount, timestamp when) {
    return {"account.moved", 1, fmt::format(R"({{"amount":{}}})", amount), when};
}

std::int64_t total(std::vector<shown_slot> const& view) {
    std::int64_t sum = 0;
    for (auto const& s : view) {
        auto const at = s.content.payload.find(':');
        if (at != std::string::npos) sum += std::stoll(s.content.payload.substr(at + 1));
    }
    return sum;
}

uuid world::next_id() const {
    uuid id;
    id.octets[0] = std::byte{0xC0};
    for (unsigned i = 0; i < 4; ++i) {
        id.octets[13 - i] = static_cast<std::byte>((commits_ + 1) >> (8 * i) & 0xFFU);
    }
    return id;
}

recorded_event world::row(std::string const& stream, std::string type, std::string payload) const {
    recorded_event r;
    r.stream = stream;
    r.type = std::move(type);
    r.payload = std::move(payload);
    r.meta = R"({"actor":"ada"})";
    return r;
}

void world::commit_rows(std::vector<recorded_event> rows) {
    auto const id = next_id();
    ++commits_;
    auto const last = head() + static_cast<position>(rows.size());
    for (std::uint16_t i = 0; i < rows.size(); ++i) {
        auto& r = rows[i];
        r.position = last - static_cast<position>(rows.size()) + i + 1;
        r.commit_last = last;
        r.id = event_id(id, i);
        r.version = ++versions_[r.stream];
        r.recorded_at = day(20) + std::chrono::seconds{commits_};
        r.hash = sha256(r.stream + std::to_string(r.position));
    }
    for (auto const& e : history::entries_of(rows)) {
        entries_.push_back(e);
        oracle_.advance(e);
    }
    rows_.insert(rows_.end(), rows.begin(), rows.end());
}

std::vector<uuid> world::events(std::vector<happening> const& what) {
    std::vector<recorded_event> rows;
    for (auto const& h : what) {
        rows.push_back(row(h.stream, "account.moved", h.payload));
        rows.back().effective_at = h.effective_at;
    }
    auto const id = next_id();
    commit_rows(std::move(rows));
    std::vector<uuid> ids;
    for (std::uint16_t i = 0; i < what.size(); ++i) ids.push_back(event_id(id, i));
    return ids;
}

history::operation world::resolved(wish const& w, int n, oracle_state const& state) const {
    history::operation o;
    o.n = n;
    auto const* const x = find_slot(state, w.event);
    auto const from = x != nullptr ? x->stream : std::string{"account-nowhere"};
    auto at = w.at;
    if (auto const* const z = find_slot(state, at.event)) {
        if (auto const p = history::place::from_text(order_tree::path_of(z->place), 0)) at.at = *p;
    }
    auto const content = w.content ? std::make_shared<history::content const>(*w.content) : nullptr;
    std::set<std::string> streams{from};
    switch (w.what) {
        case wish::kind::exclude: o.what = op::exclude{w.event}; break;
        case wish::kind::replace: o.what = op::replace{w.event, content}; break;
        case wish::kind::insert:
            o.what = op::insert{w.event, w.to, at, content};
            streams = {w.to};
            break;
        case wish::kind::move:
            o.what = op::move{w.event, from, w.to, at, {}};
            streams.insert(w.to);
            break;
        case wish::kind::reinstate: {
            auto const* const then = find_slot(oracle_.state_at(w.as_at), w.event);
            bool const moves = then != nullptr && w.which.has(history::registers::place);
            auto const to = moves ? then->stream : from;
            o.what = op::reinstate{w.event, from, to, w.which, w.as_at, {}};
            streams.insert(to);
            break;
        }
    }
    o.streams.assign(streams.begin(), streams.end());
    return o;
}

world::done world::restructure(std::vector<wish> const& wishes, std::optional<uuid> undoes) {
    done result{next_id(), {}};
    history::restructure_payload p{result.restructure, "a test", "it was wrong"};
    p.undoes = undoes;
    history::entry e;
    e.first = head() + 1;
    auto draft = oracle_.state();
    for (auto w : wishes) {
        auto const n = static_cast<int>(p.ops.size());
        if (w.what == wish::kind::insert && w.event.is_nil()) {
            w.event = history::inserted_id(result.restructure, n);
            result.inserted.push_back(w.event);
        }
        auto o = resolved(w, n, draft);
        oracle_.apply(draft, o, e, result.restructure);
        if (auto const* const x = find_slot(draft, w.event)) {
            history::brought_slot brought{std::make_shared<history::content const>(x->content),
                                          x->present, {}, x->origin};
            auto const place = history::place::from_text(order_tree::path_of(x->place), 0);
            if (auto* const m = std::get_if<op::move>(&o.what); m != nullptr && m->from != m->to) {
                if (m->anchor.what == anchor::kind::keep) brought.at = place;
                m->brought = brought;
            }
            if (auto* const r = std::get_if<op::reinstate>(&o.what)) {
                brought.at = place;
                r->brought = brought;
            }
        }
        p.ops.push_back(std::move(o));
    }
    append(std::move(p));
    return result;
}

void world::append(history::restructure_payload payload) {
    std::vector<recorded_event> rows;
    for (auto const& r : history::rows_for(payload, head() + 1)) {
        rows.push_back(
            row(r.stream, std::string{history::restructured_type}, r.payload.str()));
    }
    commit_rows(std::move(rows));
}

std::vector<recorded_event> world::rows_of(std::string const& stream) const {
    auto rows = rows_;
    std::erase_if(rows, [&](recorded_event const& r) { return r.stream != stream; });
    return rows;
}

std::string world::told() const {
    std::string text;
    for (auto const& r : rows_) {
        text += fmt::format("  {} (of {}) {} {} {} {}\n", r.position, r.commit_last, r.stream,
                            to_string(r.id).substr(19), r.type, r.payload);
    }
    return text;
}

}  // namespace recount::tests
