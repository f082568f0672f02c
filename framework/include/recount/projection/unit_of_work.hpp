// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rows that one batch of events touches: loaded together, changed in memory, written together.
//
// A batch is told twice: once to see which rows it wants (every access answers with a scratch row,
// and what a handler throws over it is ignored), then, when those are loaded by one query, for
// real. So handlers must be pure functions of rows, event and info, as projections are anyway. A
// row that only the second telling asks for is loaded by itself; a key greater than the last row
// of its group is known to be absent.
//
// A group whose history was corrected is told anew: `forget` takes all its rows away, and what its
// events make of it is told next. Rows of an invertible projection carry the sum of the weights of
// what was told to them, and are gone when that is zero: what no event is left of leaves no row.
//
// Errors: errc::refused for a handler that reaches for a row of another group, changes the key of
// a row, or asks an invertible projection for the last row of a group.
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
    position last_position = 0;   // _position: the last event or restructure that touched it
    std::string group{};          // _group, where the projection is keyed
    std::int64_t weight = 0;      // _weight, where it is invertible
};

// A group has events of a stream, or once had.
struct group_stream {
    std::string group;
    std::string stream;
    friend auto operator<=>(group_stream const&, group_stream const&) = default;
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
    // All rows of these groups.
    [[nodiscard]] virtual std::vector<stored_row> load_groups(
        std::vector<std::string> const& groups) = 0;
    // What was noted of these groups.
    [[nodiscard]] virtual std::vector<group_stream> streams_of(
        std::vector<std::string> const& groups) = 0;
};

class unit_of_work {
public:
    unit_of_work(projection_descriptor const& projection, row_source& source);
    ~unit_of_work();
    unit_of_work(unit_of_work const&) = delete;
    unit_of_work& operator=(unit_of_work const&) = delete;

    // The two tellings. `event` starts the handling of one event; rows that it touches bear its
    // position, or that of the restructure for which it is told.
    void begin_collecting();
    void begin_applying();   // loads what was collected
    void event(info const& about, std::string group, position told_for = 0);
    void weigh(int weight) noexcept { weight_ = weight; }
    // While applying, before the first event of these groups.
    void forget(std::vector<std::string> const& groups);

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
        std::int64_t weight = 0;
    };
    // What differs from the store, in order of keys. A row that came to another group is removed
    // from the one before first.
    [[nodiscard]] std::vector<change> changes();

private:
    struct key_order {
        row_descriptor const* rows;
        bool operator()(void const* a, void const* b) const { return rows->key_less(a, b); }
    };
    using key_set = std::set<void const*, key_order>;
    struct entry {
        erased_object key;       // its own: a handler may write to every field of the row
        stored_row row;
        bool present = false;    // exists now
        bool stored = false;     // exists in the store …
        std::string stored_group{};   // … in this group
        bool touched = false;
        bool weighed = false;    // in the event that is told now
    };
    struct group_state {
        explicit group_state(key_order order) : present{order} {}
        bool loaded = false;
        void const* stored_last = nullptr;   // key of the last row in the store
        key_set present;                     // of the rows of the group that this unit knows
    };

    projection_descriptor const& projection_;
    row_descriptor const& rows_;
    row_source& source_;
    bool collecting_ = false;
    info about_;
    std::string group_;
    position told_for_ = 0;
    int weight_ = 1;
    std::vector<entry*> weighed_;                       // by the event that is told now
    std::map<void const*, entry, key_order> entries_;   // by key
    std::map<std::string, group_state, std::less<>> groups_;
    // While collecting:
    std::vector<erased_object> scratch_;                // rows handed out for one event
    std::vector<erased_object> wanted_keys_;
    key_set wanted_;
    std::set<std::string, std::less<>> wanted_groups_;

    [[nodiscard]] erased_object copy_of(void const* object) const;
    void* collect(void const* key);
    entry& entry_of(void const* key);
    entry& reach(void const* key);
    entry& insert(entry made);
    entry& insert_absent(void const* key);
    entry& adopt(stored_row row);
    void load_groups(std::vector<std::string> const& groups);
    group_state& group_state_of(std::string const& group);
    [[nodiscard]] bool beyond_last(void const* key);
    [[noreturn]] void refuse(std::string const& what) const;
    void touch(entry& e);
    void take_away(entry& e);
    void settle_weights();
};

}  // namespace recount
