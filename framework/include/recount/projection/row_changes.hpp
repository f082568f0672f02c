// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What became of the rows of a projection, for those who keep a copy of them: written with the rows
// in one transaction, for projections that are told to keep it.
//
//     auto& kept = recount::row_changes_of(bank.row_tables());
//     kept.keep_changes(p);                                  // once; from here on
//     auto const page = kept.read_changes(p, saved, 100);
//     for (auto const& c : page.changes) c.removed ? forget(c.row) : put(c.row);
//     saved = {page.through};
//
// A change has the row as it is now, not what was added to it: of events that are told together a
// row has one change. (k, ordinal) names a change for ever, k being the position of the event or
// the restructure that the row was last told of. Whoever begins reads the rows, and then the
// changes behind a position that the rows had reached before; what comes twice changes nothing.
//
// Thread safety: every function from any thread. Lifetimes: values. Errors: as row_store. Cost: of a
// projection that keeps changes, a row more for each row that is written; of others, a look at
// whether it does for each page. Nothing is forgotten unless that is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recount/core/limits.hpp>
#include <recount/restructure/change_mark.hpp>

namespace recount {

struct projection_descriptor;
class row_store;

struct row_change {
    position k = 0;
    std::uint32_t ordinal = 0;   // within k
    bool removed = false;        // there is no such row any more
    bool last = false;           // of its k: all up to k was told, a mark
    std::string row{};           // as JSON; of one that was removed, the fields of its key

    [[nodiscard]] history::change_mark mark() const noexcept { return {k, ordinal}; }
};
// {"k":8,"ordinal":0,"change":"put","row":{…}}, or {"k":8,"ordinal":1,"change":"remove","key":{…}}
[[nodiscard]] std::string to_json(row_change const& c);

struct row_changes_page {
    std::vector<row_change> changes;
    // Changes behind this position are kept; nothing: none are.
    std::optional<position> since{};
    position through = 0;        // a mark: everything up to here was told
    position at = 0;             // where the rows were when it was read
    bool caught_up = false;      // through == at
};

class row_changes {
public:
    row_changes() = default;
    row_changes(row_changes const&) = delete;
    row_changes& operator=(row_changes const&) = delete;
    virtual ~row_changes() = default;

    // From where the rows are now. Again: no effect. The position from which on they are kept.
    virtual position keep_changes(projection_descriptor const& p) = 0;
    // Those that are kept are forgotten.
    virtual void stop_keeping_changes(projection_descriptor const& p) = 0;
    // Of those that are kept, what is up to there. Throws errc::invalid_argument beyond the rows.
    virtual void forget_changes(projection_descriptor const& p, position through) = 0;
    // About `limit`, to the end of a k. None of those that are not kept any more are told: see
    // `since`. A rebuilt table takes the place of the one before without changes being told; then
    // they are kept from there on.
    [[nodiscard]] virtual row_changes_page read_changes(
        projection_descriptor const& p, history::change_mark const& after,
        std::size_t limit = limits::page_events_default) = 0;
};

// Throws errc::refused for a store of rows that cannot keep any.
[[nodiscard]] row_changes& row_changes_of(row_store& rows);

}  // namespace recount
