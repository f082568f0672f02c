// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Load, decide, append: what happens to a command, compiled once over descriptors.
//
//     dispatcher d{log, "bank 1.0", &recount::now};
//     auto outcome = d.dispatch({&aggregate, &command, &object, options});
//
// An append is bound to the version that was loaded; on a conflict the command is loaded and
// decided again, at most limits::dispatch_attempts_max times. A repeated command (same id, same
// content, same actor) has its first result, even where it would be decided otherwise by now.
//
// States are kept in memory from command to command. The append says which version, and which past,
// a command was decided on: so an old state costs a conflict and a second look, never a wrong
// event, and what an old state refuses is decided again on what the log says. Loads that several
// threads want at the same time are one query.
// Thread safety: dispatch from any thread; a batch belongs to one thread.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include <recount/command/outcome.hpp>
#include <recount/command/state_cut.hpp>
#include <recount/aggregate/descriptor.hpp>
#include <recount/log/log.hpp>

namespace recount {

struct command_call {
    aggregate_descriptor const* aggregate;
    command_descriptor const* command;
    void const* object;
    command_options options{};
};

using dispatch_result = std::variant<outcome, error>;

struct loaded_state {
    erased_object state;
    recount::version version = 0;
    position as_of = 0;            // the knowledge position that it shows: the head of the log
                                   // that it was loaded at, or what a cut has come to
    std::optional<digest> hash{};  // of the row at `version`, if that is known
};

// States that are kept in memory between commands: the most recently used ones.
struct warm_options {
    std::size_t states_max = limits::warm_states_max;     // 0: none
    std::size_t bytes_max = limits::warm_bytes_max;       // as estimated
};

namespace detail {
class state_loader;
class warm_states;
}

class dispatcher {
public:
    dispatcher(log& to, std::string program, clock_function clock, warm_options const& warm = {});
    ~dispatcher();
    dispatcher(dispatcher const&) = delete;
    dispatcher& operator=(dispatcher const&) = delete;

    [[nodiscard]] outcome dispatch(command_call const& call);

    // Many commands, decided in order on states that are kept from call to call, and appended many
    // at a time: imports and other bulk work. Each command has its own result; a failure of the
    // log is the result of those that it kept from being settled.
    // What is known of a stream at the end of a batch is kept for who commands it next.
    // Cost: one append for a run that nobody else gets in the way of; one more for each command
    // that is rejected or writes nothing on a stream which the run has just written to.
    class batch {
    public:
        explicit batch(dispatcher& via);
        batch(batch&&) noexcept;
        ~batch();
        [[nodiscard]] std::vector<dispatch_result> run(std::span<command_call const> calls);
        // Here a decider that throws something else than recount::error does not end the run: the
        // result of that call is errc::refused, and `thrown` has at its index what was thrown.
        [[nodiscard]] std::vector<dispatch_result> run(std::span<command_call const> calls,
                                                       std::vector<std::exception_ptr>& thrown);

        // For who appends commands together with what causes them:
        //
        //     auto drafts = batch.draft(calls, behind);
        //     auto results = log.append_batch(those of `drafts` that there are, and others);
        //     auto accepted = batch.settle(results of those);      // the rest is for batch.run()
        //
        // Each is decided as run() would at its first attempt. Where `behind` says so, a command
        // may be decided on what an earlier one of these writes to its stream; its commit follows
        // that one then. No commit: it was rejected, would write nothing, failed, or would have to
        // be behind another; run() says what becomes of it. Commits keep their order.
        // Errors: of the log, for all of it. Cost: one query for states that are not in memory.
        [[nodiscard]] std::vector<std::optional<commit>> draft(std::span<command_call const> calls,
                                                               std::vector<bool> const& behind);
        // With the results of the commits that draft() gave out, in their order. Gives back, for
        // each of its calls, which must be there still, whether it was accepted. What is not
        // settled is forgotten by the next draft() or run().
        [[nodiscard]] std::vector<bool> settle(std::span<append_result const> results);

    private:
        friend class dispatcher;
        struct round;
        static constexpr std::size_t states_max = 65'536;
        dispatcher* dispatcher_;
        std::shared_ptr<detail::warm_states> warm_;
        struct known_state : loaded_state {
            aggregate_descriptor const* aggregate;
        };
        std::unordered_map<std::string, known_state> states_;
        std::unique_ptr<round> drafted_;

        void wave(round& r, std::span<std::size_t const> open);
        void load(round& r, std::span<std::size_t const> open);
        void decide(round& r, std::size_t index);
        [[nodiscard]] commit commit_of(round const& r, std::size_t index, loaded_state& loaded,
                                       std::vector<decided_event> events) const;
        // Without a version: the next state must be read.
        void drop(round& r, std::string const& stream, std::optional<version> at_least = {});
        void keep_snapshots(round const& r);
        void keep_states() noexcept;
        void append(round& r);
        void take(round& r, std::span<append_result const> results);
        void forget_draft();
        void forget_stale(round const& r);
        void settle_quiet(round& r);
        void settle_known(round& r, std::span<std::size_t const> indexes);
        void refuse(round& r, std::size_t index, std::exception_ptr why);
        std::vector<dispatch_result> run(round& r, bool ask_first);
    };

    // As it is now, or as the cut says: errc::not_found for a version that the stream never had.
    // Cost: now, what is not in memory yet; else the rows of the whole stream.
    [[nodiscard]] loaded_state load(aggregate_descriptor const& a, stream_name const& stream,
                                    state_cut const& cut = {});
    [[nodiscard]] std::string const& program() const noexcept { return program_; }

private:
    log& log_;
    std::string program_;
    clock_function clock_;
    std::unique_ptr<detail::state_loader> loader_;
    std::shared_ptr<detail::warm_states> warm_;   // of the batches, too: they outlive it at will
};

// Applies recorded events to a state, as the aggregate knows them. Throws errc::unknown_type.
void evolve_all(aggregate_descriptor const& a, void* state,
                std::span<recorded_event const> events);

// {"name":…,"version":…,"payload":{…}}
[[nodiscard]] json_text canonical_command(command_descriptor const& c, void const* object);

}  // namespace recount
