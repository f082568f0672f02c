// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/restructure/oracle.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

namespace recount::tests {

namespace op = history::op;
using history::anchor;
using history::registers;

// --- the tree ------------------------------------------------------------------------------------

tree_node* order_tree::root(position p, int n) {
    for (auto const& r : roots_) {
        if (r->p == p && r->n == n) return r.get();
    }
    roots_.push_back(std::make_unique<tree_node>(tree_node{p, n}));
    return roots_.back().get();
}

tree_node* order_tree::child(tree_node* of, bool after, position p, int n) {
    auto& children = after ? of->after : of->before;
    for (auto const& c : children) {
        if (c->p == p && c->n == n) return c.get();
    }
    children.push_back(std::make_unique<tree_node>(tree_node{p, n, of, after}));
    return children.back().get();
}

tree_node* order_tree::at_path(std::string const& path) {
    tree_node* node = nullptr;
    std::size_t at = 0;
    while (at < path.size()) {
        bool const step = node != nullptr;
        bool const after = path[at] == '>';
        if (step) ++at;
        std::size_t used = 0;
        auto const p = std::stoll(path.substr(at), &used);
        at += used + 1;  // the point
        auto const n = std::stoi(path.substr(at), &used);
        at += used;
        node = step ? child(node, after, p, n) : root(p, n);
    }
    return node;
}

std::string order_tree::path_of(tree_node const* node) {
    auto const here = fmt::format("{}.{}", node->p, node->n);
    if (node->parent == nullptr) return here;
    return path_of(node->parent) + (node->is_after ? ">" : "<") + here;
}

int order_tree::depth_of(tree_node const* node) {
    return node->parent == nullptr ? 0 : 1 + depth_of(node->parent);
}

std::vector<tree_node const*> order_tree::walk() const {
    std::vector<tree_node const*> order;
    using some_nodes = std::vector<std::unique_ptr<tree_node>>;
    auto const sorted = [](some_nodes const& nodes, bool oldest_first) {
        std::vector<tree_node const*> all;
        for (auto const& n : nodes) all.push_back(n.get());
        std::sort(all.begin(), all.end(), [&](auto const* a, auto const* b) {
            bool const older = a->p != b->p ? a->p < b->p : a->n < b->n;
            return oldest_first ? older : !older;
        });
        return all;
    };
    std::function<void(tree_node const*)> const visit = [&](tree_node const* node) {
        for (auto const* left : sorted(node->before, true)) visit(left);    // newest last
        order.push_back(node);
        for (auto const* right : sorted(node->after, false)) visit(right);  // newest first
    };
    for (auto const* root : sorted(roots_, true)) visit(root);
    return order;
}

// --- the fold ------------------------------------------------------------------------------------

oracle_slot* find_slot(oracle_state& state, uuid const& event) {
    for (auto& s : state) {
        if (s.event == event) return &s;
    }
    return nullptr;
}

oracle_slot const* find_slot(oracle_state const& state, uuid const& event) {
    for (auto const& s : state) {
        if (s.event == event) return &s;
    }
    return nullptr;
}

oracle_state const& oracle::state_at(position k) const {
    oracle_state const* found = &nothing_;
    for (auto const& s : steps_) {
        if (s.visible <= k) found = &s.after;
    }
    return *found;
}

// Null: there is no such place, and the operation does nothing.
tree_node* oracle::new_place(anchor const& a, uuid const& target, position p, int n) {
    if (a.what == anchor::kind::end) return tree_->root(p, n + 1);
    if (a.event == target || a.at.nowhere()) return nullptr;
    auto* const beside = tree_->at_path(a.at.text());
    if (order_tree::depth_of(beside) + 1 > 64) return nullptr;
    return tree_->child(beside, a.what == anchor::kind::after, p, n);
}

void oracle::apply(oracle_state& state, history::operation const& o, history::entry const& e,
                   uuid const& restructure) {
    auto const p = e.first;
    auto* const x = find_slot(state, history::target_of(o));
    if (auto const* const insert = std::get_if<op::insert>(&o.what)) {
        auto chosen = restructure;  // nobody may choose the id of an inserted slot
        chosen.octets[14] = static_cast<std::byte>((0x8000 + o.n) / 256);
        chosen.octets[15] = static_cast<std::byte>((0x8000 + o.n) % 256);
        if (x != nullptr || insert->event != chosen) return;
        auto* const at = new_place(insert->anchor, insert->event, p, o.n);
        if (at == nullptr) return;
        history::origin_ptr row;
        for (auto const& r : e.rows) {
            if (r->stream == insert->to) row = r;
        }
        state.push_back({insert->event, true, *insert->content, insert->to, at, row});
        return;
    }
    if (x == nullptr) return;
    if (auto const* const replace = std::get_if<op::replace>(&o.what)) {
        x->content = *replace->content;
    } else if (std::get_if<op::exclude>(&o.what) != nullptr) {
        auto id = x->event;
        bool const inserted = static_cast<int>(id.octets[14]) >= 0x80;
        id.octets[14] = id.octets[15] = std::byte{0};
        if (!(inserted && id == restructure)) x->present = false;
    } else if (auto const* const move = std::get_if<op::move>(&o.what)) {
        auto* at = x->place;
        if (move->anchor.what != anchor::kind::keep) {
            at = new_place(move->anchor, x->event, p, o.n);
        }
        if (at == nullptr) return;
        x->stream = move->to;
        x->place = at;
    } else if (auto const* const reinstate = std::get_if<op::reinstate>(&o.what)) {
        if (reinstate->as_at >= p) return;
        auto const* const then = find_slot(state_at(reinstate->as_at), x->event);
        if (then == nullptr) return;
        if (reinstate->which.has(registers::presence)) x->present = then->present;
        if (reinstate->which.has(registers::contents)) x->content = then->content;
        if (reinstate->which.has(registers::place)) {
            x->stream = then->stream;
            x->place = then->place;
        }
    }
}

void oracle::advance(history::entry const& e) {
    // Only in a log that nobody validated: a position that was there already, or a commit that ends
    // before its own entries or before earlier ones, or the position that stands for none.
    if (e.first <= first_ || e.first == history::own_position) return;
    first_ = e.first;
    auto const visible = std::max({e.visible_at, e.first, known_at()});
    oracle_state next = steps_.empty() ? nothing_ : steps_.back().after;
    if (auto const* const event = std::get_if<history::event_entry>(&e.what)) {
        if (find_slot(next, event->event) == nullptr) {
            next.push_back({event->event, true, *event->content, e.rows.front()->stream,
                            tree_->root(e.first, 0), e.rows.front()});
        }
    } else {
        auto const& r = std::get<history::restructure_payload>(e.what);
        for (auto const& o : r.ops) apply(next, o, e, r.restructure);
    }
    steps_.push_back({visible, std::move(next)});
}

// --- what it shows -------------------------------------------------------------------------------

std::vector<shown_slot> oracle::shown(oracle_state const& state) const {
    std::vector<shown_slot> view;
    for (auto const* const node : tree_->walk()) {
        std::vector<oracle_slot const*> here;  // more than one only where nobody validated
        for (auto const& s : state) {
            if (s.present && s.place == node) here.push_back(&s);
        }
        std::sort(here.begin(), here.end(),
                  [](auto const* a, auto const* b) { return a->event < b->event; });
        for (auto const* const s : here) {
            view.push_back({s->event, s->stream, order_tree::path_of(node), s->content});
        }
    }
    return view;
}

std::vector<shown_slot> oracle::corrected(position k) const { return shown(state_at(k)); }

std::vector<shown_slot> oracle::corrected(std::string const& stream, position k) const {
    auto view = corrected(k);
    std::erase_if(view, [&](shown_slot const& s) { return s.stream != stream; });
    return view;
}

bool oracle::beside(oracle_state const& state, oracle_slot const& x, tree_node const* to) const {
    auto const order = tree_->walk();
    auto const index = [&](tree_node const* node) {
        return std::find(order.begin(), order.end(), node) - order.begin();
    };
    auto const low = std::min(index(x.place), index(to));
    auto const high = std::max(index(x.place), index(to));
    return std::none_of(state.begin(), state.end(), [&](oracle_slot const& s) {
        auto const at = index(s.place);
        return s.event != x.event && s.stream == x.stream && low < at && at < high;
    });
}

std::vector<shown_slot> shown(std::vector<history::slot_version> const& view) {
    std::vector<shown_slot> all;
    for (auto const& v : view) all.push_back({v.event, v.stream, v.at.text(), *v.content});
    return all;
}

std::string told(std::vector<shown_slot> const& view) {
    std::string text;
    for (auto const& s : view) {
        text += fmt::format("  {} {} at {} {} {}\n", s.stream, to_string(s.event).substr(19),
                            s.place, s.content.payload, to_string(s.content.effective_at));
    }
    return text;
}

}  // namespace recount::tests
