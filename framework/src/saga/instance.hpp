// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One instance of a saga as its stream tells it: its state, what waits, and what it has sent.
//
//     instance one{saga, "t-1"};
//     for (auto const& row : rows) one.tell(row);            // or what has just been decided:
//     one.reacted(input, outputs, ended);
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <recount/saga/saga_store.hpp>

#include "saga/deeds.hpp"

namespace recount::detail {

// The descriptor of an input, and the index of its version. Nothing: the saga has no such input.
// Throws errc::unknown_type for a version that the program does not know.
struct found_input {
    saga_input_descriptor const* of;
    std::size_t index;
};
[[nodiscard]] std::optional<found_input> find_input(saga_descriptor const& saga,
                                                    std::string_view type, int schema_version,
                                                    bool timer);
// As found_input, for what is told: throws errc::unknown_type also if there is none.
[[nodiscard]] found_input input_known(saga_descriptor const& saga, saga_input const& input);

struct sent_command {
    uuid key{};
    std::optional<saga_command> undo{};
};

class instance {
public:
    instance(saga_descriptor const& saga, std::string id);

    // A row of its stream, in order. What `evolve` throws is kept in `broken`.
    void tell(recorded_event const& row);

    // The same without a row, for what is about to be appended. `evolve` throws what the saga's
    // does; then the state is not to be used any more.
    void evolve(saga_input const& input);
    void reacted(saga_input const& input, std::vector<saga_output> const& outputs, bool ends);
    void held(saga_input const& input);
    void parked(std::string because);
    void refused(refused_row const& row, std::optional<uuid> const& correlation);
    // Of a repair, with what is known after it.
    void repaired(recorded_event const& row, deeds const& after);
    void repaired(repaired_row const& row, deeds const& after);
    void ended(std::string because);
    void moved_on(recount::version to, std::optional<digest> const& hash);
    // Of a row that cannot be read.
    void cannot_tell(recorded_event const& row, std::string_view why);

    [[nodiscard]] bool exists() const noexcept { return version_ > 0; }
    // All of it happened here, and every command of it was accepted with the step that it comes
    // from: so the tables have no command of it.
    [[nodiscard]] bool is_followed() const noexcept { return followed_; }
    void follow(bool from_its_first_row) noexcept { followed_ = from_its_first_row; }
    // Told of something that is its own still.
    [[nodiscard]] bool started() const noexcept { return version_ > 0 && started_; }
    [[nodiscard]] bool is_parked() const noexcept { return parked_; }
    // What comes in waits for a person.
    [[nodiscard]] bool holds() const noexcept { return parked_ || diverged_; }
    // A command that a repair has taken back: whoever claimed it could not have it accepted.
    [[nodiscard]] bool withdrew(uuid const& command) const { return withdrawn_.contains(command); }
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    [[nodiscard]] bool ended_by_hand() const noexcept { return ended_ && !because_.empty(); }
    [[nodiscard]] saga_status status() const noexcept;
    [[nodiscard]] std::string const& id() const noexcept { return id_; }
    [[nodiscard]] stream_name const& stream() const noexcept { return stream_; }
    [[nodiscard]] recount::version version() const noexcept { return version_; }
    [[nodiscard]] std::optional<digest> const& hash() const noexcept { return hash_; }
    [[nodiscard]] void const* state() const noexcept { return state_.get(); }
    [[nodiscard]] std::deque<saga_input> const& waiting() const noexcept { return waiting_; }
    // Whether an input of the feed is in the stream already.
    [[nodiscard]] bool knows(uuid const& trigger) const { return triggers_.contains(trigger); }
    [[nodiscard]] std::map<std::string, saga_timer> const& timers() const noexcept {
        return timers_;
    }
    // Why its stream cannot be told any more; empty: it can.
    [[nodiscard]] std::string const& broken() const noexcept { return broken_; }
    // Why it is parked, or was ended by hand.
    [[nodiscard]] std::string const& because() const noexcept { return because_; }
    // All commands that left it and were not given up, oldest first.
    [[nodiscard]] std::vector<sent_command> const& sent() const noexcept { return sent_; }
    // Those that were refused, and wait for another attempt or have had it.
    [[nodiscard]] std::vector<uuid> const& retried() const noexcept { return retried_; }
    // Commands behind this one, and the undos of those before it, last one first.
    [[nodiscard]] std::vector<uuid> sent_behind(uuid const& key) const;
    [[nodiscard]] std::vector<saga_command> undos_before(uuid const& key) const;
    // The event that could not be routed, if that is what this instance is for.
    [[nodiscard]] std::optional<saga_input> const& unrouted() const noexcept { return unrouted_; }
    // And that it was ended because its event has found the way by now, not by a person.
    [[nodiscard]] bool was_forwarded() const noexcept { return forwarded_; }
    // The row for the tables, as of now.
    [[nodiscard]] saga_instance row(timestamp updated_at) const;

private:
    saga_descriptor const* saga_;
    std::string id_;
    stream_name stream_;
    erased_object state_;
    recount::version version_ = 0;
    std::optional<digest> hash_{};
    bool followed_ = false;
    bool parked_ = false;
    bool ended_ = false;
    bool diverged_ = false;
    bool started_ = true;
    bool forwarded_ = false;
    std::unordered_set<uuid> withdrawn_;
    std::string because_;
    std::string broken_;
    std::deque<saga_input> waiting_;
    std::unordered_set<uuid> triggers_;
    std::map<std::string, saga_timer> timers_;
    std::vector<sent_command> sent_;
    std::vector<uuid> retried_;
    std::optional<saga_input> unrouted_;

    void tell_content(recorded_event const& row);
    void resend(repaired_row const& row);
    void forget_timer(saga_input const& input);
    void take_outputs(std::vector<saga_output> const& outputs, std::optional<uuid> correlation);
};

// What an output is in the tables.
[[nodiscard]] saga_timer timer_of(saga_descriptor const& saga, std::string const& instance,
                                  saga_output const& output,
                                  std::optional<uuid> const& correlation);
[[nodiscard]] outbox_message message_of(saga_descriptor const& saga, std::string const& instance,
                                        saga_output const& output, uuid const& trigger,
                                        std::optional<uuid> const& correlation, position k);

}  // namespace recount::detail
