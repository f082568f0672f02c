// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where sagas keep what is to be done: instances, timers and the outbox, on PostgreSQL or, for
// tests, in memory.
//
// The log is what is true of a saga: each instance is a stream, `$saga.<name>-<instance>`, with its
// inputs, what it made of them, and what became of that (docs/adr/0050-sagas-live-in-the-log.md).
// These tables say what of it is still to be done, so that nobody has to look for it; they are
// written after the log, and again from it if a process died in between.
//
//     auto const at = store.read_checkpoint(saga);
//     if (!store.write(saga, at, next, changes)) …            // overtaken by another worker
//     for (auto const& m : store.claim({.saga = "transfer", .kind = message_kind::command})) …
//
// Times are those of the database's clock (in memory: of the clock that it was given), so that
// machines whose clocks differ agree on what is due.
// Thread safety: every function from any thread. Lifetimes: values. Errors: recount::error; on
// PostgreSQL also database_unreachable and timed_out. Cost: a round trip a call.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/core/time.hpp>
#include <recount/core/uuid.hpp>
#include <recount/projection/row_store.hpp>

namespace recount {

enum class saga_status : std::uint8_t {
    running,
    parked,      // something went wrong: its inputs wait, in order, until it is resumed
    diverged,    // history was corrected, and what it did is not what it should have done
    ended,
};
[[nodiscard]] std::string_view to_string(saga_status s) noexcept;

struct saga_instance {
    std::string saga;
    std::string instance;
    saga_status status = saga_status::running;
    recount::version version = 0;        // of its stream, when this row was written
    timestamp updated_at{};
    std::string because{};               // why it is parked, diverged, or was ended by hand
};

enum class message_kind : std::uint8_t {
    command,     // to this application's dispatcher; in order, one instance after the other
    effect,      // to a handler that works outside: a webhook, a mail
};

enum class message_status : std::uint8_t {
    waiting,
    done,        // commands are forgotten then, effects stay: the ledger of what was sent
    dead,        // given up after its last attempt; can be replayed
    withdrawn,   // never sent: what led to it was corrected, or somebody decided so
};
[[nodiscard]] std::string_view to_string(message_kind k) noexcept;
[[nodiscard]] std::string_view to_string(message_status s) noexcept;

// What leaves an instance, written down in the commit of its cause.
struct outbox_message {
    uuid key{};                          // a pure function of (saga, instance, trigger, ordinal):
                                         // the command's id, an effect's Idempotency-Key
    message_kind kind = message_kind::command;
    std::string saga;                    // or the reactor's name
    std::string instance;                // a reactor's: empty
    uuid trigger{};                      // the input that led to it
    int ordinal = 0;                     // among the outputs of that input
    std::string type;                    // the command's or the effect's stored name
    std::string body;                    // a command: {"name","version","payload"}; an effect:
                                         // {"type","schema_version","payload"}
    std::string order_key{};             // effects of one saga and key leave one after the other;
                                         // empty: in any order. Commands: those of one instance do;
                                         // a reactor's, that has none, by this key too
    timestamp due_at{};                  // not before
    std::optional<uuid> correlation{};
    position caused_at = 0;              // the knowledge position of the input
    // Kept by the store:
    std::int64_t number = 0;             // grows in order of entry
    message_status status = message_status::waiting;
    int attempts = 0;
    std::string last_error{};
    std::optional<timestamp> settled_at{};
    std::optional<std::string> superseded_by{};   // the restructure that took its cause away
    int claims = 0;                      // how often it was claimed: tells this claim from a later
};

struct saga_timer {
    uuid key{};                          // of (saga, instance, trigger, ordinal): its one firing
    std::string saga;
    std::string instance;
    std::string name;                    // one timer a name and instance: set again, it moves
    timestamp due_at{};
    std::string type;                    // what it tells the saga: a described event …
    int schema_version = 1;
    std::string payload;                 // … and its content
    std::optional<uuid> correlation{};
};

struct timer_name {
    std::string saga;
    std::string instance;
    std::string name;
    // Only if it is still this one: a timer that was moved meanwhile stays.
    std::optional<uuid> key{};
};

// Flagged, whatever became of it: history has changed, and it should not have been there.
struct superseded_message {
    uuid key{};
    std::string by;                             // the restructure
};

// What one step changes; applied in this order, all or nothing. Everything is idempotent: a message
// or timer whose key is there already stays as it is, a missing one is no error. Of several timers
// of one name the last one counts; to cancel a timer and set one of its name in the same step, name
// the cancelled one's key. Timers and cancellations of an instance are left out if that has a later
// version already than this step gives it: another worker has overtaken this one.
struct saga_changes {
    std::vector<saga_instance> instances;       // entered, or overwritten; not by an older version
    std::vector<outbox_message> messages;       // entered
    std::vector<uuid> done;                     // commands: forgotten; effects: kept as done
    std::vector<outbox_message> moved;          // by key: due_at, attempts and last_error are new,
                                                // the claim is given up
                                                // (those that are waiting)
    std::vector<uuid> withdrawn;                // those that are waiting or dead
    std::vector<superseded_message> superseded;
    std::vector<saga_timer> timers;             // set, or moved
    std::vector<timer_name> cancelled;          // cancelled, or fired

    [[nodiscard]] bool empty() const noexcept {
        return instances.empty() && messages.empty() && done.empty() && moved.empty() &&
               withdrawn.empty() && superseded.empty() && timers.empty() && cancelled.empty();
    }
};

struct message_claim {
    std::optional<std::string> saga{};          // nothing: of all
    message_kind kind = message_kind::command;
    std::vector<std::string> types{};           // effects that this worker can send; empty: all
    std::size_t limit = 256;
    std::chrono::milliseconds lease{30'000};    // after that another worker may take them
};

struct message_list {
    std::optional<message_status> status{};
    std::optional<message_kind> kind{};
    std::optional<std::string> saga{};
    std::optional<std::string> instance{};
    std::int64_t after = 0;                     // numbers greater than this
    std::size_t limit = 1'000;
};

struct instance_list {
    std::optional<std::string> saga{};
    std::optional<saga_status> status{};
    std::string after_saga{};                   // keyset: (saga, instance) greater than these
    std::string after_instance{};
    std::size_t limit = 1'000;
};

struct timer_list {
    std::optional<std::string> saga{};
    std::optional<timestamp> due_before{};
    // Keyset: after this one, in order of due times and keys.
    std::optional<std::pair<timestamp, uuid>> after{};
    std::size_t limit = 1'000;
};

// How much there is to do at the moment: for metrics.
struct saga_counts {
    struct instance_count {
        std::string saga;
        saga_status status = saga_status::running;
        std::int64_t count = 0;
    };
    struct timer_count {
        std::string saga;
        std::int64_t waiting = 0;
        duration overdue{0};                 // since the first of them was due; 0: none is
    };
    struct message_count {
        message_kind kind = message_kind::command;
        std::int64_t waiting = 0;
        std::int64_t dead = 0;
        position oldest = 0;                 // the first cause of those that wait and are due, or
                                             // have failed; 0: there is none
    };
    std::vector<instance_count> instances{};  // of each saga and status that there is
    std::vector<timer_count> timers{};        // of each saga that has any
    std::vector<message_count> messages{};    // of each kind
};

class saga_store {
public:
    saga_store();
    saga_store(saga_store const&) = delete;
    saga_store& operator=(saga_store const&) = delete;
    virtual ~saga_store();

    // Calls `tell` whenever effects were entered or replayed through this object, until the handle
    // is gone; then no call is under way any more. `tell` throws nothing and does not call this
    // object.
    [[nodiscard]] std::shared_ptr<void const> when_effects_come(std::function<void()> tell);

    // The clock that due times are judged by.
    [[nodiscard]] virtual timestamp now() = 0;

    // Where a saga or reactor stands in the feed; a new one begins at `begin_at`, which is then
    // remembered. Names of sagas and of projections are apart.
    [[nodiscard]] virtual checkpoint read_checkpoint(std::string_view saga,
                                                     checkpoint const& begin_at = {}) = 0;
    // False: the checkpoint was not at `from`, and nothing was written.
    [[nodiscard]] virtual bool write(std::string_view saga, checkpoint const& from,
                                     checkpoint const& to, saga_changes const& changes) = 0;
    virtual void write(saga_changes const& changes) = 0;

    // Waiting messages that are due and that nobody else has claimed, longest due first; of
    // commands of one instance, and of effects of one order key, only with all waiting ones before
    // them (a batch may hold several of one key, in order). Workers compete and never get the same
    // one within the lease. Commands of a parked instance stay.
    [[nodiscard]] virtual std::vector<outbox_message> claim(message_claim const& wanted) = 0;
    // Given back as they are: somebody may claim them at once.
    virtual void release(std::vector<outbox_message> const& claimed) = 0;
    // An effect's attempt: it was sent; or it failed and is due again then; or it is given up. What
    // has run out of its lease and is claimed by another worker, only `sent` still changes.
    virtual void sent(uuid const& key) = 0;
    virtual void failed(outbox_message const& claimed, std::string_view why,
                        std::chrono::milliseconds again_in) = 0;
    virtual void give_up(outbox_message const& claimed, std::string_view why) = 0;
    // A dead message waits again, due now, its attempts counted anew. False: there is no such one.
    [[nodiscard]] virtual bool replay(uuid const& key) = 0;

    // Timers that are due by now, earliest first.
    [[nodiscard]] virtual std::vector<saga_timer> due_timers(std::string_view saga,
                                                             std::size_t limit) = 0;
    // How long until claim(wanted) may find something, or, if that is commands, a timer of these
    // sagas is due: 0 if there is one now. Nothing: as things are, never.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> until_next(
        message_claim const& wanted) = 0;

    [[nodiscard]] virtual std::vector<saga_instance> list_instances(
        instance_list const& wanted) = 0;
    [[nodiscard]] virtual std::optional<saga_instance> find_instance(std::string_view saga,
                                                                     std::string_view instance) = 0;
    [[nodiscard]] virtual std::vector<outbox_message> list_messages(message_list const& wanted) = 0;
    [[nodiscard]] virtual std::optional<outbox_message> find_message(uuid const& key) = 0;
    [[nodiscard]] virtual std::vector<saga_timer> list_timers(timer_list const& wanted) = 0;
    // Cost: on PostgreSQL a look at every instance, waiting message and timer.
    [[nodiscard]] virtual saga_counts counts() = 0;

protected:
    // Those who implement this say so, when it is visible to a claim.
    void effects_have_come() noexcept;

private:
    struct listeners;
    std::shared_ptr<listeners> listeners_;
};

}  // namespace recount
