// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What an instance was told, and what it did, as its stream says it: its inputs in the order of the
// history that it knows, the commands and effects that are in effect, and its timers. Earlier
// repairs are counted in. Nothing of it is kept for instances that are not repaired.
//
//     deeds known{"t-1"};
//     for (auto const& row : rows) known.tell(row);
//     for (auto const& [of, deed] : known.done()) …
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "saga/repaired_row.hpp"

namespace recount::detail {

struct deed {
    saga_output output{};
    int order = 0;              // as they left
    bool given_up = false;      // refused, or made up for by a verdict: in effect no more
};

struct set_timer {
    uuid trigger{};
    saga_output output{};
};

class deeds {
public:
    explicit deeds(std::string id) : id_{std::move(id)} {}

    // A row of its stream, in order.
    void tell(recorded_event const& row);
    void reacted(reacted_row const& row);
    void repaired(repaired_row const& row);

    // In order; those that wait behind those that were told.
    [[nodiscard]] std::vector<placed_input> const& inputs() const noexcept { return inputs_; }
    [[nodiscard]] std::map<output_place, deed> const& done() const noexcept { return done_; }
    [[nodiscard]] std::map<std::string, set_timer> const& timers() const noexcept {
        return timers_;
    }
    // What nobody had declared when it was repaired last, and nobody has acknowledged since.
    [[nodiscard]] std::map<output_place, repair_difference> const& open() const noexcept {
        return open_;
    }
    // The repair that said so, and when it was written.
    [[nodiscard]] repaired_row const& opened() const noexcept { return opened_; }
    [[nodiscard]] timestamp opened_at() const noexcept { return opened_at_; }
    // Of a timer's key: which output set it.
    [[nodiscard]] std::optional<output_place> setter_of(uuid const& timer) const;
    [[nodiscard]] bool passes_over(uuid const& trigger) const { return passed_.contains(trigger); }
    [[nodiscard]] bool withdrew(uuid const& command) const { return withdrawn_.contains(command); }
    // By hand, or by a verdict: nothing is to be sent for it any more.
    [[nodiscard]] bool gave_up() const noexcept { return gave_up_; }
    [[nodiscard]] bool was_repaired_for(uuid const& restructure) const {
        return repaired_for_.contains(restructure);
    }
    // The last repair, if it could not be done.
    [[nodiscard]] std::optional<repaired_row> const& pending() const noexcept { return pending_; }
    [[nodiscard]] std::string const& id() const noexcept { return id_; }

private:
    std::string id_;
    std::vector<placed_input> inputs_;
    std::map<output_place, deed> done_;
    std::map<std::string, set_timer> timers_;
    std::unordered_map<uuid, output_place> setters_;
    std::map<output_place, repair_difference> open_;
    std::unordered_set<uuid> passed_;
    std::unordered_set<uuid> withdrawn_;
    std::set<uuid> repaired_for_;
    std::optional<repaired_row> pending_;
    repaired_row opened_;
    timestamp opened_at_{};
    int order_ = 0;
    bool gave_up_ = false;

    void refused(refused_row const& row);
    void acknowledged();
    void put(output_place const& of, saga_output output);
};

// The inputs as they are with what a restructure changed of them.
[[nodiscard]] std::vector<placed_input> changed(std::vector<placed_input> inputs,
                                                std::vector<uuid> const& removed,
                                                std::vector<placed_input> const& changes);

}  // namespace recount::detail
