// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The runner of one saga as a state machine without I/O: what happened goes in, what to do next
// comes out. `run_saga` performs the actions on a log, a saga store and a dispatcher.
//
// It goes round: a page of the feed, timers that are due, commands that wait; and begins again as
// long as there was anything to do. A command is tried in the append of the step that it comes
// from; one that does not go through there waits in the tables. Pages that leave nothing to be done
// by others are written to the tables together, with the checkpoint, before it looks for timers and
// commands: when the feed has no more, and after a few pages at the latest. A program that dies
// before has the log, and reads them again.
// A checkpoint is at the last event that mattered, so that the rows which the runner itself causes
// cost no transaction; when all is quiet, or a page further on, it is moved up.
// Thread safety: one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include <recount/saga/run.hpp>

#include "saga/work.hpp"

namespace recount::detail {

// What became of a command.
struct sent_result {
    enum class kind : std::uint8_t {
        accepted,
        rejected,
        passing,
        undeliverable,
        taken,         // its id is: by the saga's own verdict on it, or a repair, if not by itself
    };
    kind what = kind::accepted;
    rejection no{};                    // of rejected
    std::optional<error> failure{};    // of passing
    std::string because{};             // of undeliverable and taken
};

class saga_runner {
public:
    enum class action_kind : std::uint8_t {
        read_checkpoint,
        read_hash,       // of the event at `after`: is this the log that the tables are of?
        read_page,       // `limit` positions after `after`
        read_delta,      // of the restructure that restructure() is the rows of
        read_streams,    // streams_wanted()
        settle_fates,    // fates_wanted()
        append,          // commits(), and with them what goes through of at_once()
        write,           // changes(), and the checkpoint from from() to to() if there is a to()
        read_timers,     // `limit` that are due
        claim,           // `limit` commands that are due
        find_refusals,   // refusals_wanted(), commits that are perhaps in the log
        send,            // messages_to_send()
        give_back,       // given_back() are released, dead() are given up
        wait_for_news,   // of the log after `after`, or until something is due
        pause,           // for `pause`, after a failure that may pass
        done,
        fail,            // throw failure()
    };
    struct action {
        action_kind kind;
        position after = 0;
        std::size_t limit = 0;
        std::chrono::milliseconds pause{0};
    };
    struct dead_message {
        outbox_message message;
        std::string because;
    };

    saga_runner(saga_descriptor const& saga, std::string program, saga_run_options options);

    [[nodiscard]] action start();
    [[nodiscard]] action on_checkpoint(checkpoint const& found);
    [[nodiscard]] action on_hash(std::optional<digest> const& found);
    [[nodiscard]] action on_page(feed_page const& page);
    [[nodiscard]] action on_delta(std::span<history::weighted_version const> delta);
    [[nodiscard]] action on_fates(known_fates const& found);
    [[nodiscard]] action on_streams(std::map<std::string, std::vector<recorded_event>> const& rows);
    // With the keys of those commands at once that were accepted.
    [[nodiscard]] action on_appended(std::span<append_result const> results,
                                     std::unordered_set<uuid> const& accepted = {});
    // False: someone else moved the checkpoint.
    [[nodiscard]] action on_written(bool written);
    [[nodiscard]] action on_timers(std::vector<saga_timer> const& due, timestamp now);
    [[nodiscard]] action on_claimed(std::vector<outbox_message> messages);
    [[nodiscard]] action on_refusals(std::map<uuid, remembered_commit> const& found);
    [[nodiscard]] action on_sent(std::span<sent_result const> results, timestamp now);
    [[nodiscard]] action on_given_back();
    [[nodiscard]] action on_news();
    [[nodiscard]] action on_pause_over();
    [[nodiscard]] action on_failure(error const& failure);
    // It comes to an end when the round that it is in is over.
    void stop() noexcept { stopping_ = true; }

    [[nodiscard]] std::vector<stream_name> const& streams_wanted() const noexcept {
        return streams_;
    }
    [[nodiscard]] std::vector<recorded_event> const& restructure() const noexcept {
        return restructure_;
    }
    [[nodiscard]] std::vector<wanted_fate> const& fates_wanted() const noexcept {
        return work_.fates_wanted();
    }
    [[nodiscard]] std::vector<commit> const& commits() const noexcept { return work_.commits(); }
    [[nodiscard]] std::vector<commit> take_commits() { return work_.take_commits(); }
    // What was read already, and may take them back, comes first; so may what a repair does.
    [[nodiscard]] std::vector<command_at_once> at_once() const {
        return cut_ || repairing_ ? std::vector<command_at_once>{} : work_.at_once();
    }
    [[nodiscard]] saga_changes const& changes() const noexcept { return changes_; }
    [[nodiscard]] checkpoint const& from() const noexcept { return checkpoint_; }
    [[nodiscard]] std::optional<checkpoint> const& to() const noexcept { return to_; }
    [[nodiscard]] std::vector<uuid> const& refusals_wanted() const noexcept { return refusals_; }
    [[nodiscard]] std::vector<outbox_message> const& messages_to_send() const noexcept {
        return wave_;
    }
    [[nodiscard]] std::vector<outbox_message> const& given_back() const noexcept {
        return given_back_;
    }
    [[nodiscard]] std::vector<dead_message> const& dead() const noexcept { return dead_; }
    [[nodiscard]] error const& failure() const { return *failure_; }
    [[nodiscard]] saga_run const& told() const noexcept { return told_; }
    [[nodiscard]] std::size_t warm_instances() const noexcept { return work_.instances(); }

private:
    enum class stage : std::uint8_t { page, timers, commands, quiet };

    saga_descriptor const& saga_;
    saga_run_options options_;
    saga_work work_;
    saga_run told_;
    stage stage_ = stage::page;
    checkpoint checkpoint_;
    position after_ = 0;                        // the feed was read up to here
    std::optional<checkpoint> to_;
    saga_changes changes_;                      // that are to be written
    int pages_unwritten_ = 0;
    int beside_others_ = 0;                     // writes, until it is taken to be alone again
    std::vector<uuid> done_;                    // commands that were sent: written with the next
    std::vector<stream_name> streams_;
    std::vector<recorded_event> restructure_;   // the rows of the one in hand
    bool repairing_ = false;
    bool acts_ = false;                         // an operator's, among what is in hand
    bool cut_ = false;                          // there is more of the page behind this
    std::vector<uuid> refusals_;
    std::vector<outbox_message> claimed_;       // and not settled yet, in order
    std::vector<outbox_message> wave_;
    std::vector<outbox_message> given_back_;
    std::vector<dead_message> dead_;
    std::vector<saga_target> refused_;          // what the instances are to be told
    std::set<std::string> blocked_;             // by a command that did not go through
    timestamp now_{};
    std::optional<error> passing_;              // a command's failure
    std::optional<error> failure_;
    int failures_ = 0;
    bool active_ = false;                       // something happened in this round
    bool flushed_ = false;                      // done_, and nothing else
    bool recovering_ = false;                   // from a failure: claims are given back first
    bool stopping_ = false;

    [[nodiscard]] action next_page();
    [[nodiscard]] action go_on();
    [[nodiscard]] action settle();
    [[nodiscard]] bool may_wait(saga_changes const& made) const;
    [[nodiscard]] action write();
    [[nodiscard]] action look_for_timers();
    [[nodiscard]] action look_for_commands();
    [[nodiscard]] action next_wave();
    [[nodiscard]] action commands_are_sent();
    [[nodiscard]] action tell_refused();
    [[nodiscard]] action end_of_round();
    [[nodiscard]] action when_quiet();
    [[nodiscard]] action on_page_of_events(feed_page const& page);
    [[nodiscard]] action read_restructure(std::span<recorded_event const> page);
    void react_of_reactor(feed_page const& page);
};

// What keeps messages apart or in order: those of one key are sent one after the other.
[[nodiscard]] std::string order_of(saga_descriptor const& saga, outbox_message const& m);

}  // namespace recount::detail
