// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a saga makes of a command that was refused, or cannot be sent at all.
#include "saga/work.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/time.hpp>

#include "saga/fit.hpp"

namespace recount::detail {

using target_kind = saga_target::kind;

namespace {

// What is left of a verdict that cannot be carried out.
refused_row parking(refused_row row, std::string_view why) {
    row.what = verdict::kind::park;
    row.again_at.reset();
    row.outputs.clear();
    row.withdrawn.clear();
    row.ended = false;
    row.text = storable(fmt::format("{}{}(what to do about it could not be said: {})", row.text,
                                    row.text.empty() ? "" : " ", why));
    return row;
}

timestamp time_after(timestamp now, duration length) {
    if (length <= timestamp_max - now && length >= timestamp_min - now) return now + length;
    throw error{errc::invalid_argument, "it would be due outside of the years 1 to 9999"};
}

}  // namespace

// A refusal that is in the log already is not judged again.
void saga_work::note_known(recorded_event const& row) {
    auto const known = refused_from_json(row.payload);
    for (auto& target : targets_) {
        bool const about_it = target.what == target_kind::refusal &&
                              known.message == target.message.key;
        bool const this_time = known.attempt == target.message.attempts + 1;
        if (about_it && (this_time || known.is_final())) target.known = known;
    }
}

// Somebody was faster: had it accepted, or has said what becomes of it.
void saga_work::note_taken(uuid const& command) {
    for (auto& target : targets_) {
        if (target.what == target_kind::refusal && target.message.key == command) {
            target.taken = true;
        }
    }
}

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
    auto row = judge(one, target);
    auto text = to_json(row);
    auto const unfit = unfit_.find({one.id(), target.message.key});
    auto const why = unfit == unfit_.end() ? misfit(text.str()) : unfit->second;
    if (!why.empty()) {
        row = parking(row, why);
        text = to_json(row);
    }
    saga_input about;
    about.trigger = target.message.key;
    about.correlation = target.message.correlation;
    append(one, about, fmt::format("refused/{}", row.attempt), {{saga_refused, std::move(text)}});
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
    row.code = storable(target.no.code);
    row.text = storable(target.no.text);
    if (saga_.failed == nullptr || !one.broken().empty()) return row;
    try {
        auto const command = command_from_json(message.body);
        refused const no{row.command, command.payload, row.code, row.text, row.attempt};
        auto const made = ask(saga_.failed, one.state(), no);
        row.what = made.what;
        row.ended = made.ends && made.what != verdict::kind::park;
        if (made.what == verdict::kind::retry) row.again_at = time_after(now_, made.after);
        if (made.what == verdict::kind::compensate) row.withdrawn = one.sent_behind(message.key);
        send_also(row, one, made);
    } catch (std::exception const& failure) {
        return parking(row, failure.what());
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
    stays.last_error = storable(target.because);
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
