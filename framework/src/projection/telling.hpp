// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What one page of the log means for the rows of a projection: its events are told in order, and
// so is what its restructures changed.
//
// An invertible projection is told each restructure by itself: what was, with the weight −1, then
// what is, with +1. A change of order alone is none for it. Of a keyed one all rows of every group
// that the restructures of the page touch are taken away, and the corrected history of these groups
// is told once, as it is at the end of the page; the events of the page are part of that history.
//
// An event that cannot be told stops the projection, but not for good. One that cannot be read is
// passed over once a restructure has made another one of it, or taken it away. Where the handler of
// a keyed projection throws, the fault may be in any event of the group, or in one that it lacks:
// if a restructure further on in the log changes the group, it has no rows until then. An
// invertible projection would be told there to take back what it never was told: so the event is
// passed over both times, and the page has to reach as far as that restructure (reach()).
//
// Either way the rows are the same wherever the log is cut into pages (docs/adr/0041).
#pragma once

#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <recount/projection/row_store.hpp>
#include <recount/restructure/stream_folds.hpp>

namespace recount::detail {

// Whether an error is of the store or the connection, and trying again may help.
[[nodiscard]] bool may_pass(error const& failure);

class telling {
public:
    // Without folds restructures are passed over.
    telling(projection_descriptor const& p, row_source& source, history::stream_folds* folds)
        : projection_{p}, source_{source}, folds_{folds} {
        unit_.emplace(p, source);
    }

    // `through`: the end of the page. Both must stay as they are until the changes are written.
    void tell(std::vector<recorded_event> const& events, position through);
    // After `tell` has thrown: a page from there on that ends here, or later, could be told.
    // 0: none.
    [[nodiscard]] position reach() const noexcept { return reach_; }
    [[nodiscard]] std::vector<unit_of_work::change> changes() { return unit_->changes(); }
    [[nodiscard]] std::vector<group_stream> noted() const {
        return {noted_.begin(), noted_.end()};
    }

private:
    // An event as it is in the log, or as a slot of the corrected history.
    struct source_event {
        std::string_view type;
        int schema_version;
        std::string_view payload;
        info about;
    };
    struct told_event {
        handler_descriptor const* handler;
        erased_object object;
        source_event from;
        std::string group;
        position told_for;
        int weight;
    };

    projection_descriptor const& projection_;
    row_source& source_;
    history::stream_folds* folds_;
    std::optional<unit_of_work> unit_;
    std::deque<std::vector<history::weighted_version>> deltas_;   // infos refer to them
    std::vector<told_event> list_;
    std::map<std::string, position, std::less<>> refolds_;   // groups; their last restructure
    std::set<group_stream> noted_;
    // What an event says: id, stream, type, schema version, payload, effective time.
    using event_text = std::tuple<uuid, std::string, std::string, int, std::string, timestamp>;
    struct stopped {
        event_text at;
        position told_for;
        int weight;
        std::exception_ptr why;
    };
    // Of an invertible projection: what is not told, by where it would be; and of that what is
    // still to be taken back.
    std::set<std::pair<event_text, position>> left_out_;
    std::set<event_text> open_;
    position reach_ = 0;

    position through_ = 0;
    // Groups that have no rows in this page, since they are told anew further on.
    std::set<std::string> left_;
    bool again_ = false;   // such a group has been found: the page is to be told without it

    [[nodiscard]] static source_event event_of(recorded_event const& e);
    [[nodiscard]] static source_event event_of(history::slot_version const& slot);
    // Nothing: it is not for this projection.
    [[nodiscard]] std::optional<told_event> decode(source_event const& e, position told_for,
                                                   int weight = 1) const;
    // Nothing, too, for one that cannot be read and is another by now.
    [[nodiscard]] std::optional<told_event> decode_or_pass(source_event const& e,
                                                           position told_for, int weight = 1);
    [[nodiscard]] static event_text text_of(source_event const& e);
    [[nodiscard]] static bool says(std::optional<history::slot_state> const& slot,
                                   event_text const& e);
    [[nodiscard]] bool another_by_now(event_text const& e);
    [[nodiscard]] position ended_at(event_text const& e, position told_for);
    [[nodiscard]] bool is_left_out(source_event const& e, position told_for, int weight);
    void leave_out(stopped const& one, position through);
    void start_again();
    void note(told_event const& e);
    void add(source_event const& e, position told_for, int weight);
    void read(std::vector<recorded_event> const& events);
    void restructured(std::span<recorded_event const> rows);
    void tell_page(std::vector<recorded_event> const& events, position through);
    void tell_one(told_event const& e);
    void apply_one(told_event const& e);
    void apply_or_leave(told_event const& e);
    [[nodiscard]] bool is_told_anew_later(told_event const& e);
    [[nodiscard]] bool is_of_group(source_event const& e, std::string const& group) const;
    void tell_list();
    void refold_streams(position through);
    [[nodiscard]] std::set<std::string> streams_of(std::set<std::string> const& groups);
    void refold_noted(position through);
    void tell_anew(history::slot_version const& slot, position told_for);
};

}  // namespace recount::detail
