// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A stream as it is shown on the command line and over HTTP: recorded, corrected or annotated, as
// known at a position, up to an effective time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/restructure/read.hpp>

namespace recount {

enum class stream_as : std::uint8_t { recorded, corrected, annotated };
// Throws errc::invalid_argument for another word.
[[nodiscard]] stream_as stream_as_named(std::string_view word);

struct stream_view {
    std::vector<recorded_event> events;              // recorded and corrected
    std::vector<history::annotated_slot> slots;      // annotated
    position known_at = 0;                           // what was used
    recount::version version = 0;                    // of the recorded stream there
    bool restructured = false;                       // something in it was corrected
};
// Throws errc::invalid_argument for an annotated view up to a time: it shows every slot.
void check(stream_as how, history::read_cut const& cut);
// As check() and the reads of recount/restructure/read.hpp.
[[nodiscard]] stream_view view_of(log& from, stream_name const& stream, stream_as how,
                                  history::read_cut const& cut);

// A moment, or a day: then to its end.
[[nodiscard]] timestamp end_of_time_named(std::string_view text);

// What has become of a slot, as words: excluded, left, inserted, arrived, moved, changed.
[[nodiscard]] std::vector<std::string_view> words_of(history::annotated_slot const& slot,
                                                     std::string_view stream);
// {"id","stream","position","status":[word],"present","place","left_to"?,"original":content,
//  "content":content,"origin":{…},"restructures":[{"id","position","n","registers"}]}
[[nodiscard]] std::string slot_json(history::annotated_slot const& slot, std::string_view stream);
// One line, and one more below it for a slot that is not as it was recorded. Ends in a newline.
[[nodiscard]] std::string slot_text(history::annotated_slot const& slot, std::string_view stream,
                                    bool colours);

}  // namespace recount
