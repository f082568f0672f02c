// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/runner.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/restructure/read.hpp>
#include <recount/saga/limits.hpp>

#include "projection/telling.hpp"
#include "saga/fit.hpp"
#include "saga/step.hpp"

namespace recount::detail {

using action_kind = saga_runner::action_kind;
using target_kind = saga_target::kind;

namespace {

// After another worker was seen each page is written: two that put that off do everything twice.
constexpr int writes_beside_others = 64;

}  // namespace

saga_runner::saga_runner(saga_descriptor const& saga, std::string program,
                         saga_run_options options)
    : saga_{saga}, options_{options}, work_{saga, std::move(program)} {}

saga_runner::action saga_runner::start() { return {action_kind::read_checkpoint}; }

saga_runner::action saga_runner::on_checkpoint(checkpoint const& found) {
    checkpoint_ = found;
    after_ = found.position;
    stage_ = stage::page;
    if (found.position == 0) return next_page();
    return {action_kind::read_hash, found.position};
}

saga_runner::action saga_runner::on_hash(std::optional<digest> const& found) {
    if (stage_ == stage::quiet) {
        // What the checkpoint is moved up to.
        if (!found) {
            failure_ = error{errc::corrupted,
                             fmt::format("the log has lost position {}, which it had a moment ago",
                                         after_)};
            return {action_kind::fail};
        }
        to_ = checkpoint{after_, *found, checkpoint_.epoch};
        return write();
    }
    if (found == checkpoint_.hash) return next_page();
    failure_ = error{errc::corrupted,
                     fmt::format("the tables of saga {} were written from another log: at position "
                                 "{} their checkpoint has the hash {}, the log has {}",
                                 saga_.name, checkpoint_.position,
                                 to_hex(checkpoint_.hash).substr(0, 16),
                                 found ? to_hex(*found).substr(0, 16) : "no event")};
    return {action_kind::fail};
}

saga_runner::action saga_runner::next_page() {
    stage_ = stage::page;
    active_ = false;
    return {action_kind::read_page, after_, options_.page_events};
}

saga_runner::action saga_runner::on_page(feed_page const& page) {
    if (!page.caught_up) active_ = true;
    if (page.events.empty()) {
        after_ = std::max(after_, page.through);
        return pages_unwritten_ > 0 ? write() : look_for_timers();
    }
    active_ = true;
    fault_point<"saga.page_read">();
    // A restructure is a page of its own: what it corrects must be in streams and tables before.
    auto const cut = std::ranges::find_if(page.events, history::is_restructure);
    if (cut == page.events.begin()) {
        cut_ = true;
        return pages_unwritten_ > 0 ? write() : read_restructure(page.events);
    }
    if (cut != page.events.end()) {
        auto before = page;
        before.events.assign(page.events.begin(), cut);
        before.through = cut->position - 1;
        cut_ = true;
        return on_page_of_events(before);
    }
    return on_page_of_events(page);
}

saga_runner::action saga_runner::on_page_of_events(feed_page const& page) {
    after_ = std::max(after_, page.through);
    repairing_ = false;
    // What is to be written with this page is as good as written.
    auto const written = pages_unwritten_ > 0 ? to_->position : checkpoint_.position;
    auto const& last = page.events.back();
    to_ = checkpoint{last.position, last.hash, checkpoint_.epoch};
    if (saga_.reactor) react_of_reactor(page);
    auto targets = targets_of(saga_, page.events);
    told_.inputs += targets.size();
    acts_ = std::ranges::any_of(targets,
                                [](auto const& t) { return t.what != target_kind::event; });
    work_.begin(std::move(targets), written, {});
    return go_on();
}

saga_runner::action saga_runner::read_restructure(std::span<recorded_event const> page) {
    auto const end = std::ranges::find_if(page, [&](auto const& row) {
        return row.commit_last != page.front().commit_last;
    });
    restructure_.assign(page.begin(), end);
    return {action_kind::read_delta};
}

saga_runner::action saga_runner::on_delta(std::span<history::weighted_version const> delta) {
    fault_point<"repair.delta_read">();
    auto const& last = restructure_.back();
    after_ = std::max(after_, last.position);
    cut_ = true;
    repairing_ = true;
    to_ = checkpoint{last.position, last.hash, checkpoint_.epoch};
    auto targets = repairs_of(saga_, restructure_, delta);
    told_.inputs += targets.size();
    work_.begin(std::move(targets), checkpoint_.position, {});
    return go_on();
}

saga_runner::action saga_runner::on_fates(known_fates const& found) {
    work_.on_fates(found);
    return go_on();
}

void saga_runner::react_of_reactor(feed_page const& page) {
    for (auto const& row : page.events) {
        auto const found = find_input(saga_, row.type, row.schema_version, false);
        if (!found) continue;
        ++told_.inputs;
        auto const input = input_of(row);
        try {
            auto const event = found->of->decode(found->index, row.payload);
            auto const made = ask(found->of->react, nullptr, event.get(), input.about());
            for (auto& output : outputs_of(made, saga_.name, {}, input)) {
                auto message = message_of(saga_, {}, output, input.trigger, input.correlation,
                                          input.k);
                if (message.kind == message_kind::command) message.order_key = row.stream;
                changes_.messages.push_back(std::move(message));
            }
        } catch (std::exception const& failure) {
            changes_ = {};
            throw error{errc::refused,
                        fmt::format("reactor {}, event {} ({}) at position {}: {}", saga_.name,
                                    to_string(row.id), row.type, row.position, failure.what())};
        }
    }
}

// What is planned may lead to further instances.
saga_runner::action saga_runner::go_on() {
    for (;;) {
        streams_ = work_.missing();
        if (streams_.size() > limits::saga_streams_at_once) {
            streams_.erase(streams_.begin() + limits::saga_streams_at_once, streams_.end());
        }
        if (!streams_.empty()) return {action_kind::read_streams};
        work_.plan();
        if (work_.missing().empty()) break;
    }
    if (!work_.fates_wanted().empty()) return {action_kind::settle_fates};
    if (!work_.commits().empty()) {
        fault_point<"saga.decided">();
        if (repairing_) fault_point<"repair.decided">();
        return {action_kind::append};
    }
    return settle();
}

saga_runner::action saga_runner::on_streams(
    std::map<std::string, std::vector<recorded_event>> const& rows) {
    work_.on_rows(streams_, rows);
    return go_on();
}

saga_runner::action saga_runner::on_appended(std::span<append_result const> results,
                                             std::unordered_set<uuid> const& accepted) {
    fault_point<"saga.recorded">();
    if (repairing_) fault_point<"repair.recorded">();
    told_.commands += accepted.size();
    if (work_.on_appended(results, accepted)) return settle();
    if (work_.overtaken()) beside_others_ = writes_beside_others;
    return go_on();
}

// The log has all of it.
saga_runner::action saga_runner::settle() {
    auto made = work_.changes();
    bool const waits = may_wait(made);
    add(changes_, std::move(made));
    if (!waits) return write();
    ++pages_unwritten_;
    return next_page();
}

// Whether the tables may be told later: nobody else has anything to do with it.
bool saga_runner::may_wait(saga_changes const& made) const {
    if (stage_ != stage::page || saga_.reactor || cut_ || repairing_ || acts_ || stopping_) {
        return false;
    }
    // Of a timer that is found in a stream nobody knows whether the tables have it.
    if (work_.recovered()) return false;
    if (beside_others_ > 0) return false;
    if (pages_unwritten_ + 1 >= limits::saga_pages_unwritten_max) return false;
    bool const larger = changes_.instances.size() >= limits::saga_rows_unwritten_max ||
                        changes_.timers.size() >= limits::saga_rows_unwritten_max;
    return !larger && made.messages.empty() && made.done.empty() && made.moved.empty() &&
           made.withdrawn.empty() && made.superseded.empty();
}

saga_runner::action saga_runner::write() {
    if (beside_others_ > 0) --beside_others_;
    changes_.done.insert(changes_.done.end(), done_.begin(), done_.end());
    if (!to_ && changes_.empty()) return on_written(true);
    return {action_kind::write};
}

saga_runner::action saga_runner::on_written(bool written) {
    pages_unwritten_ = 0;
    changes_ = {};
    if (!written) {
        beside_others_ = writes_beside_others;
        work_.forget();
        to_.reset();
        cut_ = false;
        return start();
    }
    failures_ = 0;
    done_.clear();
    if (to_) {
        checkpoint_ = *to_;
        told_.through = after_;
    }
    to_.reset();
    switch (stage_) {
        // What is sent is not to be superseded by what was read already.
        case stage::page: return std::exchange(cut_, false) ? next_page() : look_for_timers();
        case stage::timers: return look_for_commands();
        case stage::commands: return end_of_round();
        case stage::quiet: break;
    }
    // What is behind those commands may be claimed only now.
    if (std::exchange(flushed_, false) && !stopping_) return next_page();
    return when_quiet();
}

saga_runner::action saga_runner::look_for_timers() {
    stage_ = stage::timers;
    if (saga_.timers.empty()) return look_for_commands();
    return {action_kind::read_timers, 0, limits::saga_timers_at_once};
}

saga_runner::action saga_runner::on_timers(std::vector<saga_timer> const& due, timestamp now) {
    if (due.empty()) return look_for_commands();
    active_ = true;
    fault_point<"saga.timers_due">();
    told_.timers += due.size();
    std::vector<saga_target> targets;
    for (auto const& timer : due) {
        saga_target target{.what = target_kind::timer, .instance = timer.instance};
        target.input.trigger = timer.key;
        target.input.timer = true;
        target.input.type = timer.type;
        target.input.schema_version = timer.schema_version;
        target.input.payload = timer.payload;
        target.input.correlation = timer.correlation;
        target.input.stream = saga_.category() + "-" + timer.instance;
        target.input.name = timer.name;
        target.input.due_at = timer.due_at;
        target.input.fired_at = now;
        targets.push_back(std::move(target));
    }
    work_.begin(std::move(targets), checkpoint_.position, now);
    return go_on();
}

saga_runner::action saga_runner::look_for_commands() {
    stage_ = stage::commands;
    if (saga_.commands.empty()) return end_of_round();
    return {action_kind::claim, 0, limits::saga_commands_at_once};
}

saga_runner::action saga_runner::on_claimed(std::vector<outbox_message> messages) {
    if (messages.empty()) return end_of_round();
    active_ = true;
    fault_point<"saga.commands_claimed">();
    claimed_ = std::move(messages);
    given_back_.clear();
    dead_.clear();
    refused_.clear();
    blocked_.clear();
    refusals_.clear();
    passing_.reset();
    for (auto const& m : claimed_) {
        // Somebody may have sent it before, and be gone: a refusal is not asked for twice.
        if (saga_.reactor || m.claims <= m.attempts + 1) continue;
        refusals_.push_back(m.key);
        refusals_.push_back(saga_commit_id(saga_.name, m.instance, m.key,
                                           fmt::format("refused/{}", m.attempts + 1)));
    }
    if (!refusals_.empty()) return {action_kind::find_refusals};
    return next_wave();
}

saga_runner::action saga_runner::on_refusals(std::map<uuid, remembered_commit> const& found) {
    fault_point<"saga.refusals_found">();
    std::vector<outbox_message> open;
    for (auto& m : claimed_) {
        auto const id = saga_commit_id(saga_.name, m.instance, m.key,
                                       fmt::format("refused/{}", m.attempts + 1));
        auto known = found.find(id);
        if (known == found.end()) known = found.find(m.key);
        if (known == found.end() || known->second.rows.front().type != saga_refused) {
            open.push_back(std::move(m));
            continue;
        }
        blocked_.insert(order_of(saga_, m));
        saga_target target{.what = target_kind::refusal, .instance = m.instance};
        target.known = refused_from_json(known->second.rows.front().payload);
        target.message = std::move(m);
        refused_.push_back(std::move(target));
    }
    claimed_ = std::move(open);
    return next_wave();
}

std::string order_of(saga_descriptor const& saga, outbox_message const& m) {
    return saga.reactor ? m.order_key : m.instance;
}

// The first one of each instance, if nothing before it was refused.
saga_runner::action saga_runner::next_wave() {
    wave_.clear();
    std::vector<outbox_message> later;
    std::set<std::string> busy;
    for (auto& m : claimed_) {
        auto const order = order_of(saga_, m);
        if (blocked_.contains(order) || !busy.insert(order).second) {
            later.push_back(std::move(m));
        } else {
            wave_.push_back(std::move(m));
        }
    }
    claimed_ = std::move(later);
    if (!wave_.empty()) {
        fault_point<"saga.dispatching">();
        return {action_kind::send};
    }
    return commands_are_sent();
}

saga_runner::action saga_runner::on_sent(std::span<sent_result const> results, timestamp now) {
    fault_point<"saga.dispatched">();
    assert_that(results.size() == wave_.size(), "each command has one result");
    if (now != timestamp{}) now_ = now;   // asked for only when a command was not accepted
    told_.commands += results.size();
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto& m = wave_[i];
        auto const& result = results[i];
        if (result.what == sent_result::kind::accepted) {
            done_.push_back(m.key);
            continue;
        }
        if (result.what == sent_result::kind::passing) {
            passing_ = result.failure;
            blocked_.insert(order_of(saga_, m));
            given_back_.push_back(std::move(m));
            continue;
        }
        bool const rejected = result.what == sent_result::kind::rejected;
        if (saga_.reactor) {
            auto const& no = result.no;
            dead_.push_back({std::move(m), !rejected         ? result.because
                                           : no.text.empty() ? no.code
                                                             : no.code + ": " + no.text});
            continue;
        }
        blocked_.insert(order_of(saga_, m));
        bool const taken = result.what == sent_result::kind::taken;
        saga_target target{
            .what = rejected || taken ? target_kind::refusal : target_kind::undeliverable,
            .instance = m.instance,
            .because = result.because,
            .taken = taken};
        target.no = result.no;
        target.message = std::move(m);
        refused_.push_back(std::move(target));
    }
    wave_.clear();
    return next_wave();
}

// What is behind a command that did not go through is for the next claim.
saga_runner::action saga_runner::commands_are_sent() {
    given_back_.insert(given_back_.end(), std::make_move_iterator(claimed_.begin()),
                       std::make_move_iterator(claimed_.end()));
    claimed_.clear();
    if (given_back_.empty() && dead_.empty()) return tell_refused();
    return {action_kind::give_back};
}

saga_runner::action saga_runner::on_given_back() {
    fault_point<"saga.given_back">();
    given_back_.clear();
    dead_.clear();
    return std::exchange(recovering_, false) ? start() : tell_refused();
}

saga_runner::action saga_runner::tell_refused() {
    if (!refused_.empty()) {
        work_.begin(std::move(refused_), checkpoint_.position, now_);
        refused_.clear();
        return go_on();
    }
    // Of a long backlog, before the leases are over: else somebody sends all of it again.
    if (done_.size() >= limits::saga_commands_at_once) return write();
    return end_of_round();
}

saga_runner::action saga_runner::end_of_round() {
    if (passing_) {
        auto const failed = *passing_;
        passing_.reset();
        return on_failure(failed);
    }
    if (active_ && !stopping_) return next_page();
    stage_ = stage::quiet;
    flushed_ = !done_.empty();
    return flushed_ ? write() : when_quiet();
}

saga_runner::action saga_runner::when_quiet() {
    auto const behind = after_ - checkpoint_.position;
    bool const far = behind >= static_cast<position>(options_.page_events);
    if (far || (behind > 0 && options_.until_quiet)) return {action_kind::read_hash, after_};
    told_.through = after_;
    failures_ = 0;   // nothing to do is as good as done
    if (stopping_ || options_.until_quiet) return {action_kind::done};
    return {action_kind::wait_for_news, after_};
}

saga_runner::action saga_runner::on_news() { return next_page(); }

saga_runner::action saga_runner::on_pause_over() {
    recovering_ = !given_back_.empty();
    return recovering_ ? action{action_kind::give_back} : start();
}

saga_runner::action saga_runner::on_failure(error const& failure) {
    ++failures_;
    work_.forget();
    changes_ = {};
    pages_unwritten_ = 0;
    to_.reset();
    cut_ = false;
    // What was sent and not answered, and what was not sent yet: somebody may claim it again.
    for (auto* list : {&wave_, &claimed_}) {
        given_back_.insert(given_back_.end(), std::make_move_iterator(list->begin()),
                           std::make_move_iterator(list->end()));
        list->clear();
    }
    for (auto& target : refused_) given_back_.push_back(std::move(target.message));
    refused_.clear();
    active_ = false;
    stage_ = stage::page;
    bool const too_often = options_.until_quiet && failures_ >= options_.failures_max;
    if (stopping_) return {action_kind::done};
    if (too_often || !may_pass(failure)) {
        failure_ = failure;
        return {action_kind::fail};
    }
    auto const doublings = std::min(failures_ - 1, 16);
    auto const pause = std::min(options_.pause_first * (1 << doublings), options_.pause_max);
    return {action_kind::pause, 0, 0, pause};
}

}  // namespace recount::detail
