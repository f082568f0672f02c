// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The corrected history: a left fold over the entries of the log, without I/O.
//
//     history::fold f;                                   // or f{"account-a"}: its rows alone
//     for (auto const& e : history::entries_of(rows)) f.advance(e);
//     auto const now = f.corrected("account-a");         // in order, as believed now
//     auto const then = f.corrected("account-a", 8);     // as believed at position 8
//     auto const changed = f.delta(8, f.known_at());     // then + changed = now
//
// A fold remembers what each register was, so that one fold answers for every knowledge position up
// to its own; a position inside a commit means the end of the commit before. Feed whole commits
// before asking: between the entries of one commit a fold knows a part of it.
//
// It is total: what no valid log holds (unknown targets, anchors without a place, an operation put
// beside its own target, …) does nothing. An entry that does not come after the last one is known
// already and is skipped.
//
// Thread safety: const functions from any thread while none advances. Cost: advance is amortised
// constant in the log plus what the entry touches; corrected is linear in the slots of the stream,
// plus sorting those that are not where they were recorded; delta is linear in what was written
// between. Memory: one record a slot and one a write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <recount/restructure/view.hpp>

namespace recount::history {

inline constexpr position latest = std::numeric_limits<position>::max();

// The registers of a slot.
struct slot_state {
    bool present = true;
    std::string stream;
    place at;
    history::content_ptr content;
    history::origin_ptr origin;
};

// A write to a slot: who did it, and what it left.
struct slot_write {
    uuid event;
    position first = 0;   // of the entry
    position visible_at = 0;
    int n = 0;            // of the operation; -1: the event itself
    registers which;
    place at;             // where it left the slot
};

class fold {
public:
    fold() = default;                        // the whole log
    explicit fold(std::string stream);       // the rows of one stream alone
    // The rows of some streams: these it tells as the whole log does. Slots that came from others
    // are what they brought; of those that left it knows only where they went first.
    [[nodiscard]] static fold of_streams(std::set<std::string> names);

    void advance(entry const& e);
    // No other entry of its streams came up to `k`, the end of a commit.
    void known_to(position k);

    [[nodiscard]] position known_at() const noexcept { return ends_.empty() ? 0 : ends_.back(); }
    // The knowledge position that a read at `k` uses: the end of a commit.
    [[nodiscard]] position round_down(position k) const noexcept;

    [[nodiscard]] std::vector<slot_version> corrected(position k = latest) const;
    [[nodiscard]] std::vector<slot_version> corrected(std::string_view stream,
                                                      position k = latest) const;
    // corrected(to) less corrected(from), as weighted sets: what was first, then what is, by place.
    [[nodiscard]] std::vector<weighted_version> delta(position from, position to) const;

    [[nodiscard]] std::optional<slot_state> find(uuid const& event, position k = latest) const;
    [[nodiscard]] std::vector<annotated_slot> annotated(std::string_view stream,
                                                        position k = latest) const;

    // --- for those who make restructures ---------------------------------------------------------

    struct told {
        uuid restructure;
        position first = 0;
        position visible_at = 0;
        std::optional<uuid> undoes;
    };
    // Every restructure, oldest first.
    [[nodiscard]] std::vector<told> const& restructures() const noexcept { return told_; }
    // What the entry at `first` wrote, and every write after `first`, in order.
    [[nodiscard]] std::vector<slot_write> written_at(position first) const;
    [[nodiscard]] std::vector<slot_write> written_after(position first) const;
    // The places of all slots that are in the stream at `k`, present or not; in no order.
    struct placed {
        uuid event;
        place at;
    };
    [[nodiscard]] std::vector<placed> places(std::string_view stream, position k = latest) const;

private:
    using index = std::uint32_t;
    struct record {  // the registers after a write
        position visible_at = 0;
        position first = 0;
        int n = -1;
        registers which;
        bool present = true;
        index stream = 0;
        place at;
        history::content_ptr content;
    };
    struct slot {
        uuid event;
        bool recorded = false;  // an event of the log itself: its first place is its root
        history::origin_ptr origin;
        record born;
        std::vector<record> later;  // most slots have none
        [[nodiscard]] record const& last() const { return later.empty() ? born : later.back(); }
        [[nodiscard]] record const* at(position k) const;
        [[nodiscard]] record const& write(index i) const { return i == 0 ? born : later[i - 1]; }
    };
    struct stream_slots {
        std::string name;
        std::vector<index> recorded;  // here, in order of position
        std::vector<index> others;    // inserted or moved here; may repeat
    };
    struct journal_line {
        position visible_at = 0;
        position first = 0;
        index slot = 0;
        index write = 0;
    };
    struct applying {  // the entry in hand
        entry const& e;
        restructure_payload const& told;
        std::unordered_map<std::string_view, index> const& row_of;  // by its stream
        position visible_at;
        int n = 0;
    };

    std::optional<std::set<std::string>> only_;  // local: the streams whose rows these are
    std::vector<slot> slots_;
    // Seeded anew in each process: whoever chooses ids cannot choose those that collide.
    struct seeded_hash {
        [[nodiscard]] std::size_t operator()(uuid const& id) const noexcept;
    };
    std::unordered_map<uuid, index, seeded_hash> by_event_;
    std::vector<stream_slots> streams_;
    std::unordered_map<std::string, index> by_stream_;
    std::vector<journal_line> journal_;
    std::vector<position> ends_;
    std::vector<told> told_;
    position last_first_ = 0;

    [[nodiscard]] bool elsewhere(std::string const& stream) const {
        return only_ && !only_->contains(stream);
    }
    index stream_index(std::string const& name);
    slot* known(uuid const& event);
    void create(uuid const& event, history::origin_ptr origin, record born, bool recorded);
    void write(slot& s, record r);
    record next_of(slot const& s, applying const& a, registers which) const;

    void apply(applying const& a, op::replace const& o);
    void apply(applying const& a, op::exclude const& o);
    void apply(applying const& a, op::insert const& o);
    void apply(applying const& a, op::move const& o);
    void apply(applying const& a, op::reinstate const& o);
    void arrive(applying const& a, uuid const& event, std::string const& to,
                brought_slot const& brought, place at, registers which);

    [[nodiscard]] slot_version version_of(slot const& s, record const& r) const;
    [[nodiscard]] std::vector<slot_version> in_order(std::vector<slot_version> at_home,
                                                     std::vector<slot_version> displaced) const;
    [[nodiscard]] std::vector<slot const*> ever_in(stream_slots const& stream) const;
    using journal_place = std::vector<journal_line>::const_iterator;
    [[nodiscard]] std::vector<slot_write> writes(journal_place begin, journal_place end) const;
};

}  // namespace recount::history
