// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a corrected history shows: slot versions in their order, differences of two such histories,
// and the annotated history of a stream.
//
//     for (auto const& v : history::effective_until(fold.corrected("account-a"), month_end)) {
//         replay(v.content->type, v.content->payload);
//     }
//
// Thread safety: values that share contents, which never change.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/restructure/entry.hpp>

namespace recount::history {

// What an event is in one corrected history. Two are equal if a reader would see the same, in the
// same order: the origin follows from the id.
struct slot_version {
    uuid event;
    std::string stream;
    place at;
    content_ptr content;
    origin_ptr origin;
    friend bool operator==(slot_version const& a, slot_version const& b) {
        return a.event == b.event && a.stream == b.stream && a.at == b.at &&
               (a.content == b.content || *a.content == *b.content);
    }
};

// Of a difference: -1 was, +1 is.
struct weighted_version {
    slot_version version;
    int weight = 1;
    friend bool operator==(weighted_version const&, weighted_version const&) = default;
};

// One operation that wrote a slot.
struct note {
    uuid restructure;
    position first = 0;  // of its entry
    int n = 0;
    registers which;
    friend bool operator==(note const&, note const&) = default;
};

// A slot that is or was in a stream, present or not, as the rows of that stream tell it.
struct annotated_slot {
    uuid event;
    origin_ptr origin;
    content_ptr original;                // of a slot from elsewhere: what it brought
    content_ptr content;
    bool present = true;
    place at;                            // the last in the stream
    std::optional<std::string> left_to;  // where it went first
    std::vector<note> notes;             // oldest first
};

// Those that happened until `t`, in the same order.
[[nodiscard]] std::vector<slot_version> effective_until(std::vector<slot_version> view,
                                                        timestamp t);

// `version v` of a stream is its history as known at the end of the commit that wrote version v.
struct version_cut {
    position known_at = 0;
    version v = 0;  // the last of that commit: the version that is used
};
// Nothing if the stream never had that version. Version 0 is the empty stream.
[[nodiscard]] std::optional<version_cut> cut_at_version(std::vector<entry> const& entries,
                                                        std::string_view stream, version v);

// Every slot that ever was in the stream, by place, as known at `k`.
[[nodiscard]] std::vector<annotated_slot> annotated(std::vector<entry> const& entries,
                                                    std::string_view stream, position k);

// What a snapshot of a stream's state was made of: valid at another knowledge position exactly if
// the view has the same slot versions up to its last place at both. An empty one is always valid.
// The fold that is asked must have been fed what was known at both.
struct snapshot_mark {
    version recorded_version = 0;
    position known_at = 0;
    std::optional<place> last;  // of the last present slot
};
class fold;

[[nodiscard]] bool snapshot_valid(fold const& history, std::string_view stream,
                                  snapshot_mark const& mark, position k);

}  // namespace recount::history
