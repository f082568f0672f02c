// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The meaning of restructures a second time, written from the specification alone: plain vectors, a
// copy of the whole state after every entry, and the order tree as a tree that is walked. Slow and
// without a clever line; whatever the library answers is compared with this.
//
//     oracle o;
//     for (auto const& e : entries) o.advance(e);
//     CHECK(shown(fold.corrected(k)) == o.corrected(k));
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <recount/restructure/fold.hpp>

namespace recount::tests {

// A node of the order tree. Children stand in the order in which they are walked only when walked.
struct tree_node {
    position p = 0;
    int n = 0;
    tree_node* parent = nullptr;
    bool is_after = false;
    std::vector<std::unique_ptr<tree_node>> before{};
    std::vector<std::unique_ptr<tree_node>> after{};
};

class order_tree {
public:
    [[nodiscard]] tree_node* root(position p, int n);
    [[nodiscard]] tree_node* child(tree_node* of, bool after, position p, int n);
    // The node that a path like "12.0>40.2" leads to; made where it is missing.
    [[nodiscard]] tree_node* at_path(std::string const& path);
    [[nodiscard]] static std::string path_of(tree_node const* node);
    [[nodiscard]] static int depth_of(tree_node const* node);  // steps below the root
    [[nodiscard]] std::vector<tree_node const*> walk() const;

private:
    std::vector<std::unique_ptr<tree_node>> roots_;
};

struct shown_slot {
    uuid event;
    std::string stream;
    std::string place;
    history::content content;
    friend bool operator==(shown_slot const&, shown_slot const&) = default;
};

struct oracle_slot {
    uuid event;
    bool present = true;
    history::content content;
    std::string stream;
    tree_node* place = nullptr;
    history::origin_ptr origin;
};
using oracle_state = std::vector<oracle_slot>;

class oracle {
public:
    oracle() : tree_{std::make_shared<order_tree>()} {}

    // Entries by ascending position.
    void advance(history::entry const& e);
    // One operation of an entry at p, upon `state`; advance does this for each.
    void apply(oracle_state& state, history::operation const& o, history::entry const& e,
               uuid const& restructure);

    [[nodiscard]] oracle_state const& state() const { return state_at(history::latest); }
    [[nodiscard]] oracle_state const& state_at(position k) const;
    [[nodiscard]] position known_at() const { return steps_.empty() ? 0 : steps_.back().visible; }

    [[nodiscard]] std::vector<shown_slot> corrected(position k) const;
    [[nodiscard]] std::vector<shown_slot> corrected(std::string const& stream, position k) const;
    [[nodiscard]] std::vector<shown_slot> shown(oracle_state const& state) const;
    // True if x, in its stream, could be moved to `to` without any slot of that stream between.
    [[nodiscard]] bool beside(oracle_state const& state, oracle_slot const& x,
                              tree_node const* to) const;

private:
    struct step {
        position visible = 0;
        oracle_state after;
    };
    std::shared_ptr<order_tree> tree_;
    std::vector<step> steps_;
    position first_ = 0;  // of the last entry
    oracle_state const nothing_{};

    tree_node* new_place(history::anchor const& a, uuid const& target, position p, int n);
};

[[nodiscard]] oracle_slot* find_slot(oracle_state& state, uuid const& event);
[[nodiscard]] oracle_slot const* find_slot(oracle_state const& state, uuid const& event);

// What the library shows, in the oracle's words.
[[nodiscard]] std::vector<shown_slot> shown(std::vector<history::slot_version> const& view);

// One line a slot, for messages.
[[nodiscard]] std::string told(std::vector<shown_slot> const& view);

}  // namespace recount::tests
