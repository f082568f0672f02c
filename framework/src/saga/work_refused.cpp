// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a saga makes of a command that was refused, or cannot be sent at all.
#include "saga/work.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace recount::detail {

void saga_work::refuse(instance& one, saga_target const& target) {
    auto& to = drafts_[one.id()];
    to.touched = true;
    if (target.known) {
        settle(to, target, *target.known);
        return;
    }
    if (target.taken || one.ended_by_hand() || one.withdrew(target.message.key)) {
        to.changes.done.push_back(target.message.key);
        return;
    }
    if (one.is_parked()) {
        to.changes.moved.push_back(target.message);
        return;
    }
    auto const row = judge(one, target);
    saga_input about;
    about.trigger = target.message.key;
    about.correlation = target.message.correlation;
    append(one, about, fmt::format("refused/{}", row.attempt), {{saga_refused, to_json(row)}});
    // It takes the command's own id: whoever has claimed it meanwhile cannot have it accepted any
    // more, and if somebody had, this is not written.
    if (row.is_final()) commits_.back().id = row.message;
    one.refused(row, about.correlation);
    settle(to, target, row);
}

refused_row saga_work::judge(instance& one, saga_target const& target) const {
    auto const& message = target.message;
    refused_row row;
    row.message = message.key;
    row.attempt = message.attempts + 1;
    row.command = message.type;
    row.code = target.no.code;
    row.text = target.no.text;
    if (saga_.failed == nullptr || !one.broken().empty()) return row;
    try {
        auto const command = command_from_json(message.body);
        auto const made = saga_.failed(
            one.state(), {row.command, command.payload, row.code, row.text, row.attempt});
        row.what = made.what;
        row.ended = made.ends && made.what != verdict::kind::park;
        if (made.what == verdict::kind::retry) row.again_at = now_ + made.after;
        if (made.what == verdict::kind::compensate) row.withdrawn = one.sent_behind(message.key);
        send_also(row, one, made);
    } catch (std::exception const& failure) {
        row.what = verdict::kind::park;
        row.withdrawn.clear();
        row.ended = false;
        row.text += fmt::format("{}(what to do about it could not be said: {})",
                                row.text.empty() ? "" : " ", failure.what());
    }
    return row;
}

// The undos, and what the verdict itself sends.
void saga_work::send_also(refused_row& row, instance const& one, verdict const& made) const {
    bool const compensates = made.what == verdict::kind::compensate;
    if (!compensates && made.what != verdict::kind::skip) return;
    auto commands = compensates ? one.undos_before(row.message) : std::vector<saga_command>{};
    for (auto const& also : made.commands) {
        bool const listed =
            std::any_of(saga_.commands.begin(), saga_.commands.end(),
                        [&](auto const& known) { return known.command.name == also.name; });
        if (!listed) {
            throw error{errc::invalid_argument,
                        fmt::format("the saga lists no command {}", also.name)};
        }
        commands.push_back(command_of(also));
    }
    for (auto& command : commands) {
        auto& output = row.outputs.emplace_back();
        output.n = static_cast<int>(row.outputs.size()) - 1;
        output.key = saga_output_key(saga_.name, one.id(), row.message, output.n);
        output.command = std::move(command);
    }
}

// What a refusal changes in the tables, fresh or found in the log.
void saga_work::settle(draft& to, saga_target const& target, refused_row const& row) {
    auto again = target.message;
    again.attempts = row.attempt;
    again.last_error = row.text.empty() ? row.code : row.code + ": " + row.text;
    take_outputs(to, target.instance, row.outputs, again.key, again.correlation, again.caused_at);
    switch (row.what) {
        case verdict::kind::retry:
            again.due_at = row.again_at.value_or(now_);
            to.changes.moved.push_back(std::move(again));
            break;
        case verdict::kind::park: to.changes.moved.push_back(std::move(again)); break;
        case verdict::kind::skip: to.changes.done.push_back(again.key); break;
        case verdict::kind::compensate:
            to.changes.done.push_back(again.key);
            for (auto const& key : row.withdrawn) to.changes.withdrawn.push_back(key);
            break;
    }
}

void saga_work::undeliverable(instance& one, saga_target const& target) {
    auto stays = target.message;
    drafts_[one.id()].touched = true;
    if (one.withdrew(stays.key)) {
        drafts_[one.id()].changes.done.push_back(stays.key);
        return;
    }
    stays.last_error = target.because;
    if (one.ended_by_hand()) {
        drafts_[one.id()].changes.done.push_back(stays.key);
        return;
    }
    drafts_[one.id()].changes.moved.push_back(stays);
    if (one.is_parked()) return;
    park(one, stays.key, stays.correlation,
         fmt::format("{} could not be sent: {}", stays.type, target.because));
}

}  // namespace recount::detail
