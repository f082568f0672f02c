// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a batch of commands knows while it settles them. Used by dispatcher.cpp and batch.cpp only.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include <recount/command/dispatcher.hpp>

#include "command/report.hpp"
#include "command/warm_states.hpp"

namespace recount {

// One call of run(): what is known of each command so far.
struct dispatcher::batch::round {
    std::span<command_call const> calls;
    std::vector<std::optional<dispatch_result>> results;
    std::vector<uuid> ids;
    std::vector<stream_name> streams;
    std::vector<json_text> canonical;
    std::vector<int> attempts;
    int attempts_max = limits::dispatch_attempts_max;
    std::unordered_set<std::string> current;   // streams whose state the log has vouched for
    // Streams whose state turned out to be old, and the version that the next one must have.
    std::unordered_map<std::string, version> stale;
    std::vector<std::exception_ptr>* thrown = nullptr;   // where it goes instead of out of run()

    // Of one wave:
    std::unordered_set<std::string> busy;      // streams whose next command waits for the next wave
    std::unordered_map<std::string, uuid> last_commit;  // of a stream in this wave
    std::vector<commit> commits;
    std::vector<std::size_t> commit_of;                          // index of the call
    std::vector<version> decided_on;                             // the version, of each commit
    std::unordered_set<std::string> due;                         // streams to make a snapshot of
    std::vector<std::pair<std::size_t, dispatch_result>> quiet;  // wrote nothing

    explicit round(std::span<command_call const> given)
        : calls{given}, results(given.size()), canonical(given.size()), attempts(given.size()) {
        for (std::size_t i = 0; i < calls.size(); ++i) {
            auto const& options = calls[i].options;
            ids.push_back(options.id            ? *options.id
                          : options.key.empty() ? new_command_id()
                                                : command_id_from_key(options.key, options.actor));
            try {
                check(options, ids.back());
                canonical[i] = canonical_command(*calls[i].command, calls[i].object);
                streams.push_back(stream_name::of(calls[i].aggregate->category,
                                                  calls[i].command->target(calls[i].object)));
            } catch (error const& failure) {
                results[i] = failure;
                streams.emplace_back("invalid-command");
            }
        }
    }

    [[nodiscard]] detail::told_command told(std::size_t index) const {
        return {&calls[index], &streams[index].str(), &ids[index]};
    }

    static void check(command_options const& options, uuid const& id) {
        if (id.is_nil() || ordinal_of(id) != 0) {
            throw error{errc::invalid_argument,
                        fmt::format("the id of a command has its low 16 bits zero and is not nil, "
                                    "found {}",
                                    to_string(id))};
        }
        if (options.expected) static_cast<void>(expectation::exactly(*options.expected));
    }

    // Whether a state that the process knows may still be of use.
    [[nodiscard]] bool may_decide(std::string const& stream, detail::warm_state const& warm) const {
        auto const old = stale.find(stream);
        return old == stale.end() || warm.version >= old->second;
    }

    [[nodiscard]] std::vector<std::size_t> open() const {
        std::vector<std::size_t> list;
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i]) list.push_back(i);
        }
        return list;
    }

    void begin_wave() {
        busy.clear();
        last_commit.clear();
        commits.clear();
        commit_of.clear();
        decided_on.clear();
        due.clear();
        quiet.clear();
    }
};

}  // namespace recount
