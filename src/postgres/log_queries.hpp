// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Every statement of the PostgreSQL log as a named value. The schema is the only thing put in; it
// comes from names_of() and is quoted.
#pragma once

#include <string>
#include <string_view>

#include <recount/postgres/session.hpp>

namespace recount::postgres {

// `text` with @ for the quoted schema and % for the columns of a row.
[[nodiscard]] owned_query store_query(std::string name, std::string_view schema,
                                      std::string_view columns, std::string_view text);

struct log_queries {
    explicit log_queries(std::string const& schema);

    owned_query append;
    owned_query append_one;  // same columns of the answer
    owned_query append_commit;  // id, command, meta, events …, expectations …
    owned_query lock;   // the position lock, until the end of the transaction
    owned_query lock_restructures;  // no other restructure of the store until then
    // Names and a known end -> end of the log, its link, name, id, version, hash, whether the known
    // end is of this log.
    owned_query heads;
    owned_query index_sizes;  // bytes of the index of keys, of that of streams, of the buffers
    // Keys, streams, versions: reads the pages where they belong. Columns 0 to 3: blocks fetched
    // and found in the buffers, of the index of keys, then of that of streams, before it; 6 to 9:
    // after it.
    owned_query look_early;
    owned_query stream_forward;
    owned_query stream_backward;
    owned_query streams;  // names, first versions, limit of each
    // After, limit, position and link of a known end -> through, head, position and link of the
    // end, whether the known end is of this log.
    owned_query window;
    owned_query feed;             // after, through, types; with ids for the names of streams
    owned_query feed_of_streams;  // after, through, types, categories, stream
    owned_query feed_of_restructures;  // after, rows; to the end of a commit
    owned_query names;            // ids of streams
    owned_query event;
    owned_query commits;  // rows of the commits with these ids
    owned_query head;
    owned_query hash_at;
    owned_query list_streams;     // after, limit
    owned_query list_streams_of;  // after, limit, category
    owned_query list_categories;  // how far each is counted
    owned_query list_types;
    owned_query seal;  // category, until, through, actor, because
    owned_query list_seals;
    owned_query find_snapshots;  // streams, aggregates
    owned_query keep_snapshots;
    owned_query notify;
    std::string channel;

private:
    class maker;
    void make_appends(maker const& make);
    void make_reads_of_streams(maker const& make);
    void make_feeds(maker const& make);
    void make_searches(maker const& make);
    void make_lists(maker const& make);
    void make_seals(maker const& make);
    void make_snapshots(maker const& make);
};

}  // namespace recount::postgres
