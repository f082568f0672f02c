// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/operations.hpp>

#include <unordered_set>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/restructure/read.hpp>

#include "saga/repaired_row.hpp"

namespace recount {

namespace {

using namespace detail;

stream_name stream_of(std::string_view saga, std::string_view instance) {
    return stream_name::of("$saga." + std::string{saga}, instance);
}

std::string text_of(saga_output const& output) {
    switch (output.what) {
        case reaction_output::kind::command:
            return output.undo ? fmt::format("{} (undo: {})", output.command.name, output.undo->name)
                               : output.command.name;
        case reaction_output::kind::timer:
            return fmt::format("timer {} due {}", output.name, to_string(output.due_at));
        case reaction_output::kind::cancel: return "cancel " + output.name;
        case reaction_output::kind::effect: return "effect " + output.type;
    }
    return {};
}

std::string text_of(std::vector<saga_output> const& outputs, bool ended) {
    std::string text;
    for (auto const& output : outputs) text += (text.empty() ? "" : ", ") + text_of(output);
    if (ended) text += text.empty() ? "end" : ", end";
    return text.empty() ? "nothing" : text;
}

std::string text_of(saga_input const& input) {
    return input.timer ? fmt::format("timer {} ({})", input.name, input.type)
                       : fmt::format("{} at position {}", input.type, input.position);
}

// Tells the rows of a stream to a person, and what has become of the instance.
class teller {
public:
    saga_steps all;

    void tell(recorded_event const& row) {
        saga_step step{row.version, row.position, row.recorded_at, row.type, {}, {}, row.payload};
        step.actor = metadata_from_json(row.meta).actor.value_or("");
        step.text = text(row);
        all.steps.push_back(std::move(step));
    }

private:
    std::string text(recorded_event const& row) {
        if (row.type == saga_reacted) return reacted(reacted_from_json(row.payload));
        if (row.type == saga_refused) return refused(refused_from_json(row.payload));
        if (row.type == saga_held) {
            auto const input = held_from_json(row.payload);
            waiting_.insert(input.trigger);
            all.waiting = waiting_.size();
            return text_of(input) + " waits";
        }
        if (row.type == saga_parked) {
            all.status = saga_status::parked;
            all.because = parked_from_json(row.payload).because;
            return "parked: " + all.because;
        }
        if (row.type == saga_resumed) {
            all.status = status();
            all.because.clear();
            return "resumed: " + because_from_json(row.payload);
        }
        if (row.type == saga_ended) {
            end();
            all.because = because_from_json(row.payload);
            return "ended by hand: " + all.because;
        }
        if (row.type == saga_repaired) return repaired(repaired_from_json(row.payload));
        if (row.type == saga_withdrawn) return "a command that waits is withdrawn";
        if (row.type == saga_acknowledged) {
            diverged_ = false;
            if (all.status == saga_status::diverged) {
                all.status = status();
                all.because.clear();
            }
            return "acknowledged: " + because_from_json(row.payload);
        }
        return row.type;
    }

    [[nodiscard]] saga_status status() const {
        if (diverged_) return saga_status::diverged;
        return ended_ ? saga_status::ended : saga_status::running;
    }

    std::string repaired(repaired_row const& row) {
        for (auto const& id : row.removed) waiting_.erase(id);
        for (auto const& one : row.inputs) {
            if (one.waiting) waiting_.insert(one.input.trigger);
        }
        all.waiting = waiting_.size();
        if (!row.problem.empty()) return "its inputs were corrected; no repair: " + row.problem;
        ended_ = row.ended;
        diverged_ = row.diverged();
        if (all.status != saga_status::parked) {
            all.status = status();
            all.because = diverged_ ? "history was corrected" : "";
        }
        std::string text;
        for (auto const& one : row.differences) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                                text_of(one.did ? *one.did : *one.should), word_of(one.what));
        }
        return "repaired: " + (text.empty() ? std::string{"nothing to be done"} : text);
    }

    std::string reacted(reacted_row const& row) {
        if (waiting_.erase(row.input.trigger) > 0) all.waiting = waiting_.size();
        if (row.ended) end();
        return fmt::format("{} -> {}", text_of(row.input), text_of(row.outputs, row.ended));
    }

    std::string refused(refused_row const& row) {
        auto text = fmt::format("{} was refused ({}): {}", row.command, row.code,
                                to_string(row.what));
        if (row.again_at) text += " at " + to_string(*row.again_at);
        if (!row.outputs.empty() || row.ended) text += ": " + text_of(row.outputs, row.ended);
        if (row.what == verdict::kind::park) {
            all.status = saga_status::parked;
            all.because = fmt::format("{} was refused: {}", row.command, row.code);
        }
        if (row.ended) end();
        return text;
    }

    void end() {
        ended_ = true;
        waiting_.clear();
        all.waiting = 0;
        all.status = saga_status::ended;
    }

    bool ended_ = false;
    bool diverged_ = false;
    std::unordered_set<uuid> waiting_;
};

struct found_instance {
    saga_steps told;
    recount::version version = 0;
    digest hash{};
};

found_instance find(log& from, stream_name const& stream) {
    auto const read = history::read_rows(from, stream);
    if (read.rows.empty()) {
        throw error{errc::not_found,
                    fmt::format("there is no instance {} of saga {}", stream.id(),
                                stream.category().substr(stream.category().find('.') + 1))};
    }
    teller all;
    for (auto const& row : read.rows) all.tell(row);
    return {std::move(all.all), read.rows.back().version, read.rows.back().hash};
}

appended append(log& to, stream_name const& stream, found_instance const& found,
                std::string_view type, saga_act const& act) {
    commit made;
    if (act.id) made.id = *act.id;
    made.of_framework = true;
    if (!act.actor.empty()) made.meta.actor = act.actor;
    made.events.push_back({stream, std::string{type}, 1, because_json(act.because), {}});
    made.expectations.push_back({stream, expectation::exactly(found.version), found.hash});
    fault_point<"saga.act_found">();
    auto done = to.append(made);
    fault_point<"saga.act_recorded">();
    return done;
}

// The act of this id, if it was done before.
std::optional<appended> known(log& from, stream_name const& stream, std::string_view type,
                              saga_act const& act) {
    if (!act.id) return std::nullopt;
    auto const found = from.find_commits({&*act.id, 1});
    if (found.empty()) return std::nullopt;
    auto const& one = found.begin()->second;
    if (one.rows.front().stream != stream.str() || one.rows.front().type != type) {
        throw error{errc::command_id_taken,
                    fmt::format("the command id {} is taken", to_string(*act.id))};
    }
    auto result = one.result;
    result.repeated = true;
    return result;
}

void check(saga_act const& act) {
    if (!act.because.empty()) return;
    throw error{errc::invalid_argument, "an act on a saga needs a reason"};
}

}  // namespace

saga_steps instance_steps(log& from, std::string_view saga, std::string_view instance) {
    return find(from, stream_of(saga, instance)).told;
}

appended resume_instance(log& to, std::string_view saga, std::string_view instance,
                         saga_act const& act) {
    check(act);
    auto const stream = stream_of(saga, instance);
    if (auto const done = known(to, stream, saga_resumed, act)) return *done;
    auto const found = find(to, stream);
    if (found.told.status != saga_status::parked) {
        throw error{errc::refused, fmt::format("instance {} of saga {} is not parked: it is {}",
                                               instance, saga, to_string(found.told.status))};
    }
    return append(to, stream, found, saga_resumed, act);
}

appended end_instance(log& to, std::string_view saga, std::string_view instance,
                      saga_act const& act) {
    check(act);
    auto const stream = stream_of(saga, instance);
    if (auto const done = known(to, stream, saga_ended, act)) return *done;
    auto const found = find(to, stream);
    if (found.told.status == saga_status::ended) {
        throw error{errc::refused,
                    fmt::format("instance {} of saga {} has ended already", instance, saga)};
    }
    return append(to, stream, found, saga_ended, act);
}

std::string to_json(saga_step const& step) {
    auto text = fmt::format(R"({{"version":{},"position":{},"recorded_at":"{}","type":"{}","text":)",
                            step.version, step.position, to_string(step.recorded_at), step.type);
    describe::append_quoted(text, step.text);
    if (!step.actor.empty()) {
        text += R"(,"actor":)";
        describe::append_quoted(text, step.actor);
    }
    return text + R"(,"payload":)" + step.payload + "}";
}

std::string to_json(saga_instance const& one) {
    std::string text = R"({"saga":)";
    describe::append_quoted(text, one.saga);
    text += R"(,"instance":)";
    describe::append_quoted(text, one.instance);
    text += fmt::format(R"(,"status":"{}","version":{},"updated_at":"{}")", to_string(one.status),
                        one.version, to_string(one.updated_at));
    if (!one.because.empty()) {
        text += R"(,"because":)";
        describe::append_quoted(text, one.because);
    }
    return text + "}";
}

}  // namespace recount
