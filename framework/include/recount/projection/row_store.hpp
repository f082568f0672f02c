// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where projections keep their rows and checkpoints: PostgreSQL, or memory for tests.
//
// Rows and the checkpoint change together or not at all, and only if the checkpoint is still where
// the writer saw it: a writer that was overtaken is told so and has changed nothing.
//
//     auto const at = store.read_checkpoint(p, recount::table_build::live);
//     if (!store.write(p, recount::table_build::live, at, next, changes)) …   // overtaken
//
// Thread safety: every function from any thread. Lifetimes: descriptors are static; rows that are
// returned own their bytes. Errors: recount::error; on PostgreSQL also database_unreachable,
// timed_out, and refused for tables that somebody else made. Cost: a round trip a call.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <recount/projection/unit_of_work.hpp>

namespace recount {

struct checkpoint {
    recount::position position = 0;
    digest hash{};                 // of the event at the position; zero at 0
    std::int64_t epoch = 1;        // raised when another worker or a rebuild takes over
    friend bool operator==(checkpoint const&, checkpoint const&) = default;
};

// The table that readers see, or the one that is being filled beside it.
enum class table_build : std::uint8_t { live, rebuild };

struct row_filter {
    std::string column;            // of the table: a field's name, or x_minor, x_currency
    std::string value;             // PostgreSQL's text form
};

enum class row_order : std::uint8_t { ascending, descending };

struct row_query {
    std::vector<row_filter> equals;
    std::size_t limit = 0;         // 0: all
    row_order order = row_order::ascending;
    // An object of the row type whose key fields are set: only rows that come after it in this
    // order. It must outlive the call, and need not be the key of a row.
    void const* after = nullptr;
};

class row_store {
public:
    row_store() = default;
    row_store(row_store const&) = delete;
    row_store& operator=(row_store const&) = delete;
    virtual ~row_store() = default;

    // Creates table and checkpoint where they are missing. A table that was dropped starts anew.
    // Throws errc::refused if the table of this version has other columns.
    virtual void prepare(projection_descriptor const& p) = 0;
    // Points the view at this version's table, unless it shows a later version's: of two programs
    // on one store the newer one has it. (To go back for good, drop the view once.)
    virtual void publish(projection_descriptor const& p) = 0;

    [[nodiscard]] virtual checkpoint read_checkpoint(projection_descriptor const& p,
                                                     table_build build) = 0;
    [[nodiscard]] virtual std::unique_ptr<row_source> source(projection_descriptor const& p,
                                                             table_build build) = 0;
    // `noted` is for projections that note the streams of their groups; what is known already may
    // come again. False: the checkpoint was not at `from`; nothing was written. Throws
    // errc::refused for a row that would take the place of another group's.
    [[nodiscard]] virtual bool write(projection_descriptor const& p, table_build build,
                                     checkpoint const& from, checkpoint const& to,
                                     std::vector<unit_of_work::change> const& changes,
                                     std::vector<group_stream> const& noted = {}) = 0;

    // An empty table and a checkpoint at 0 beside the live ones.
    virtual void begin_rebuild(projection_descriptor const& p) = 0;
    // The rebuilt table becomes the live one. False: it is behind, and nothing was changed.
    [[nodiscard]] virtual bool swap(projection_descriptor const& p) = 0;

    // In order of keys. Throws errc::invalid_argument for a column that there is not, or a value
    // that it cannot hold.
    [[nodiscard]] virtual std::vector<stored_row> query(projection_descriptor const& p,
                                                        row_query const& wanted) = 0;
};

}  // namespace recount
