// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One piece of a saga's work without I/O: inputs go in, and out come the streams to read, the
// commits to append, and what changes in the tables.
//
//     work.begin(targets, checkpoint.position, now);
//     do {
//         for (auto missing = work.missing(); !missing.empty(); missing = work.missing())
//             work.on_rows(missing, log.read_streams(missing)), work.plan();
//     } while (!work.on_appended(log.append_batch(work.take_commits())));
//     store.write(…, work.changes());
//
// Instances stay in memory from one piece to the next. What the log refuses because somebody else
// was there first is loaded and decided again. What the stream has already, from before the program
// was killed, is not decided again: its outputs are taken from there.
// Thread safety: one thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <recount/log/log.hpp>

#include "saga/fates.hpp"
#include "saga/instance.hpp"

namespace recount::detail {

// Something that an instance has to do.
struct saga_target {
    enum class kind : std::uint8_t {
        event,           // of the feed, for this instance
        unroutable,      // an event that `route` threw at
        act,             // an operator has resumed or ended it, or acknowledged a divergence
        timer,
        refusal,         // of a command
        undeliverable,   // a command that cannot be sent at all
        repair,          // a restructure has changed what it was told
    };
    kind what = kind::event;
    std::string instance;
    route::kind routed = route::kind::continues;
    saga_input input{};                  // of event, unroutable, timer
    std::string because{};               // of unroutable, undeliverable
    outbox_message message{};            // of refusal, undeliverable
    rejection no{};                      // of refusal
    std::optional<refused_row> known{};  // of refusal: what the log has on it
    bool taken = false;                  // of refusal: the command's id is, so it is settled
    std::shared_ptr<repair_cause const> repair{};
    bool done = false;
};

// A command that may be appended together with the step that it comes from.
struct command_at_once {
    outbox_message const* message;
    std::size_t step;          // index of the commit that it comes from
    bool step_may_follow;      // a command of another instance
};

class saga_work {
public:
    saga_work(saga_descriptor const& saga, std::string program)
        : saga_{saga}, program_{std::move(program)} {}

    // Inputs of the feed behind `written` may be in streams and not yet in the tables.
    void begin(std::vector<saga_target> targets, position written, timestamp now);

    // The streams to be read before it can go on.
    [[nodiscard]] std::vector<stream_name> missing();
    void on_rows(std::span<stream_name const> wanted,
                 std::map<std::string, std::vector<recorded_event>> const& rows);
    void plan();
    // What a repair must know before it can go on; once that is told, there are streams missing.
    [[nodiscard]] std::vector<wanted_fate> const& fates_wanted() const noexcept {
        return fates_wanted_;
    }
    void on_fates(known_fates const& found);
    [[nodiscard]] std::vector<commit> const& commits() const noexcept { return commits_; }
    // Those, to be appended; what on_appended() needs of them stays.
    [[nodiscard]] std::vector<commit> take_commits();
    // The first command of each instance that has none in the tables. Valid until on_appended.
    [[nodiscard]] std::vector<command_at_once> at_once() const;
    // With the keys of those commands at once that were accepted. False: some of it must be decided
    // again. Throws what may pass, and what cannot be helped.
    [[nodiscard]] bool on_appended(std::span<append_result const> results,
                                   std::unordered_set<uuid> const& accepted = {});

    // What the tables are to be told now that the log has it all.
    [[nodiscard]] saga_changes changes();
    // Of the last append: somebody else had written to an instance.
    [[nodiscard]] bool overtaken() const noexcept { return overtaken_; }
    // Some of it was found in streams, and perhaps not in the tables.
    [[nodiscard]] bool recovered() const noexcept { return recovered_; }
    // After a failure: what is in memory may be more than the log has.
    void forget();

    [[nodiscard]] std::size_t instances() const noexcept { return warm_.size(); }

private:
    // What one instance changes in the tables.
    struct draft {
        saga_changes changes{};                         // but for instances and timers
        std::map<std::string, saga_timer> set{};        // as they are to be
        std::set<std::pair<std::string, uuid>> gone{};
        timestamp updated_at{};
        bool touched = false;
        bool dirty = false;                             // its state is not to be used any more
        std::vector<std::size_t> commits{};
    };
    using timers = std::map<std::string, saga_timer>;

    saga_descriptor const& saga_;
    std::string program_;
    std::unordered_map<std::string, std::unique_ptr<instance>> warm_;
    std::deque<saga_target> targets_;                   // steps add to it, and refer to it
    std::unordered_set<uuid> wanted_;                   // what the targets are about
    position written_ = 0;
    timestamp now_{};
    std::map<std::string, draft> drafts_;
    std::vector<commit> commits_;
    std::vector<uuid> triggers_;                        // of the commits
    std::vector<std::string> commit_of_;                // the instance
    std::map<std::pair<std::string, uuid>, std::string> unfit_;   // what the log would not take
    int attempts_ = 0;
    bool overtaken_ = false;
    bool recovered_ = false;
    std::map<std::string, deeds> deeds_;                // of those that are or were repaired
    std::vector<wanted_fate> fates_wanted_;
    known_fates fates_;

    void load(std::string const& id, std::vector<recorded_event> const& rows);
    void note_known(recorded_event const& row);
    void note_taken(uuid const& command);
    [[nodiscard]] bool unwritten(recorded_event const& row, bool resumed) const;
    void take_outputs(draft& to, std::string const& id, std::vector<saga_output> const& outputs,
                      uuid const& trigger, std::optional<uuid> const& correlation, position k);
    static void withdraw(draft& to, std::vector<uuid> const& retried);
    static void take_timers(draft& to, timers const& before, timers const& after);

    void step(saga_target const& target);
    void tell_event(instance& one, saga_target const& target);
    void act(instance& one);
    void fire(instance& one, saga_target const& target);
    void refuse(instance& one, saga_target const& target);
    [[nodiscard]] refused_row judge(instance& one, saga_target const& target) const;
    void send_also(refused_row& row, instance const& one, verdict const& made) const;
    void settle(draft& to, saga_target const& target, refused_row const& row);
    void undeliverable(instance& one, saga_target const& target);
    [[nodiscard]] bool tells_deeds(std::string const& id,
                                   std::vector<recorded_event> const& rows) const;
    void repair(instance& one, saga_target const& target);
    void take_repair(draft& to, std::string const& id, repaired_row const& row,
                     std::optional<uuid> const& correlation);
    void drain(instance& one);
    void forward(instance& one);
    void react_or_hold(instance& one, saga_input const& input, bool ends);
    // What went wrong; empty: it has reacted.
    [[nodiscard]] std::string react(instance& one, saga_input const& input, bool ends);
    void hold(instance& one, saga_input const& input, std::string const& thrown);
    void park(instance& one, uuid const& trigger, std::optional<uuid> const& correlation,
              std::string const& thrown);
    void append(instance& one, saga_input const& about, std::string_view step,
                std::vector<std::pair<std::string_view, json_text>> rows);
    void redo(std::string const& id);
    void leave_out(std::unordered_set<uuid> const& accepted);
};

// What the events of a page are to their instances (of a reactor: what people have done with those
// that were repaired); restructures are left out. Throws
// errc::unknown_type for a version of an event that the program does not know.
[[nodiscard]] std::vector<saga_target> targets_of(saga_descriptor const& saga,
                                                  std::span<recorded_event const> page);
// The instances that one restructure concerns, by what it has changed.
[[nodiscard]] std::vector<saga_target> repairs_of(
    saga_descriptor const& saga, std::span<recorded_event const> rows,
    std::span<history::weighted_version const> delta);

}  // namespace recount::detail
