// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rows that one batch of events touches: loaded together, changed in memory, written together.
//
// A batch is told twice: once to see which rows it wants (every access answers with a scratch row),
// then, when those are loaded by one query, for real. So handlers must be pure functions of rows,
// event and info, as projections are anyway. A row that only the second telling asks for is loaded
// by itself; a key greater than the last row of its group is known to be absent.
//
// Thread safety: one thread. Used by rows<Row>; an application does not see this class.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <recount/projection/descriptor.hpp>

namespace recount {

// A row as the store keeps it.
struct stored_row {
    erased_object object;
    position last_position = 0;   // _position: the last event that touched it
    std::string group{};          // _group, where the projection is keyed
};

// Where rows come from while a batch is worked on.
class row_source {
public:
    row_source() = default;
    row_source(row_source const&) = delete;
    row_source& operator=(row_source const&) = delete;
    virtual ~row_source() = default;
    // The rows that exist among these keys (objects whose key fields are set).
    [[nodiscard]] virtual std::vector<stored_row> load(
        std::vector<void const*> const& keys) = 0;
    // Of each group the row with the greatest key, or with the greatest one less than `below`.
    [[nodiscard]] virtual std::vector<stored_row> load_last(
        std::vector<std::string> const& groups, void const* below) = 0;
};

class unit_of_work {
public:
    unit_of_work(row_descriptor const& rows, row_source& source);
    ~unit_of_work();
    unit_of_work(unit_of_work const&) = delete;
    unit_of_work& operator=(unit_of_work const&) = delete;

    // The two tellings. `event` starts the handling of one event.
    void begin_collecting();
    void begin_applying();   // loads what was collected
    void event(info const& about, std::string group);

    // For rows<Row>. `key` is an object of the row type whose key fields are set.
    [[nodiscard]] void* get_or_create(void const* key);
    [[nodiscard]] void* find(void const* key);
    void erase(void const* key);
    [[nodiscard]] void const* last();

    struct change {
        void const* object;         // the row; for a removal only its key counts
        position last_position;
        std::string const* group;
        bool removed;
    };
    // What differs from the store, in order of keys.
    [[nodiscard]] std::vector<change> changes() const;

private:
    struct entry {
        stored_row row;
        bool present = false;    // exists now
        bool stored = false;     // exists in the store
        bool touched = false;
    };
    struct key_order {
        row_descriptor const* rows;
        bool operator()(void const* a, void const* b) const { return rows->key_less(a, b); }
    };
    struct group_state {
        explicit group_state(key_order order) : present{order} {}
        bool loaded = false;
        void const* stored_last = nullptr;           // key of the last row in the store
        std::set<void const*, key_order> present;    // rows of the group that this unit knows
    };

    row_descriptor const& rows_;
    row_source& source_;
    bool collecting_ = false;
    info about_;
    std::string group_;
    std::map<void const*, entry, key_order> entries_;   // by key; the object is its own key
    std::vector<erased_object> scratch_;                // rows handed out while collecting
    std::set<void const*, key_order> wanted_;           // their keys, each once
    std::map<std::string, group_state, std::less<>> groups_;
    std::set<std::string, std::less<>> wanted_groups_;

    [[nodiscard]] erased_object copy_of(void const* object) const;
    void* collect(void const* key);
    entry& entry_of(void const* key);
    entry& insert_absent(void const* key);
    void const* adopt(stored_row row);
    void load_groups(std::vector<std::string> const& groups);
    group_state& group_state_of(std::string const& group);
    [[nodiscard]] bool beyond_last(void const* key);
    void touch(entry& e);
    void create(entry& e);
};

}  // namespace recount
