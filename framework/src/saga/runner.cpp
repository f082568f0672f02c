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

constexpr int pages_unwritten_max = limits::saga_pages_unwritten_max;

}  // namespace

saga_runner::saga_runner(saga_descriptor const& saga, std::string program,
                         saga_run_options options)
    : saga_{saga}, options_{options},
      works_{saga_work{saga, program, warm_}, saga_work{saga, program, warm_}} {}

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
    if (!flying_to_ && warm_.size() > limits::saga_instances_warm_max) warm_.clear();
    return {action_kind::read_page, after_, options_.page_events};
}

saga_runner::action saga_runner::on_page(feed_page const& page) {
    if (!page.caught_up) active_ = true;
    if (page.events.empty()) {
        after_ = std::max(after_, page.through);
        if (flying_to_) return {action_kind::land};
        return pages_unwritten_ > 0 ? write() : look_for_timers();
    }
    active_ = true;
    fault_point<"saga.page_read">();
    // A restructure is a page of its own: what it corrects must be in streams and tables before.
    auto const cut = std::ranges::find_if(page.events, history::is_restructure);
    cut_ = cut != page.events.end();
    if (cut_ && flying_to_) return land_and_write();
    if (cut == page.events.begin()) {
        return pages_unwritten_ > 0 ? write() : read_restructure(page.events);
    }
    auto const end = cut_ ? cut : first_piece(page.events);
    if (!flying_to_) in_pieces_ = !cut_ && end != page.events.end();
    return on_page_of_events({page.events.begin(), end},
                             end == page.events.end() ? page.through : std::prev(end)->position);
}

// All of it; or, so that two pieces may be in hand, half of it, with whole commits.
std::vector<recorded_event>::const_iterator saga_runner::first_piece(
    std::vector<recorded_event> const& events) const {
    if (flying_to_ || !may_launch(events.size() / 2)) return events.end();
    auto const half = events.begin() + static_cast<std::ptrdiff_t>(events.size() / 2);
    return std::find_if(half, events.end(), [&](auto const& row) {
        return row.commit_last != std::prev(half)->commit_last;
    });
}

saga_runner::action saga_runner::on_page_of_events(std::span<recorded_event const> events,
                                                   position through) {
    auto targets = targets_of(saga_, events);
    acts_ = std::ranges::any_of(targets, [](auto const& t) { return t.what != target_kind::event; });
    if (flying_to_) {
        if (acts_) return land_and_write();
        auto const& flying = works_[1 - hand_];
        bool const meets = std::ranges::any_of(
            targets, [&](auto const& target) { return flying.has(target.instance); });
        if (meets) return {action_kind::land};   // and read again
    }
    after_ = std::max(after_, through);
    repairing_ = false;
    auto const& last = events.back();
    page_to_ = checkpoint{last.position, last.hash, checkpoint_.epoch};
    if (saga_.reactor) react_of_reactor(events);
    told_.inputs += targets.size();
    works_[hand_].begin(std::move(targets), checkpoint_.position, {});
    return go_on();
}

saga_runner::action saga_runner::land_and_write() {
    drain_ = true;
    return {action_kind::land};
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
    page_to_ = checkpoint{last.position, last.hash, checkpoint_.epoch};
    auto targets = repairs_of(saga_, restructure_, delta);
    told_.inputs += targets.size();
    works_[hand_].begin(std::move(targets), checkpoint_.position, {});
    return go_on();
}

saga_runner::action saga_runner::on_fates(known_fates const& found) {
    works_[hand_].on_fates(found);
    return go_on();
}

void saga_runner::react_of_reactor(std::span<recorded_event const> events) {
    for (auto const& row : events) {
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
    auto& work = works_[hand_];
    for (;;) {
        streams_ = work.missing();
        if (streams_.size() > limits::saga_streams_at_once) {
            streams_.erase(streams_.begin() + limits::saga_streams_at_once, streams_.end());
        }
        if (!streams_.empty()) return {action_kind::read_streams};
        work.plan();
        if (work.missing().empty()) break;
    }
    if (!work.fates_wanted().empty()) return {action_kind::settle_fates};
    if (!work.commits().empty()) {
        fault_point<"saga.decided">();
        if (repairing_) fault_point<"repair.decided">();
    }
    if (flying_to_) {
        decided_ = true;
        return {action_kind::land};
    }
    return append();
}

saga_runner::action saga_runner::append() {
    if (works_[hand_].commits().empty()) return settle();
    bool const launch = in_pieces_ && may_launch(works_[hand_].commits().size());
    return {launch ? action_kind::launch : action_kind::append};
}

saga_runner::action saga_runner::on_streams(
    std::map<std::string, std::vector<recorded_event>> const& rows) {
    works_[hand_].on_rows(streams_, rows);
    return go_on();
}

// Two pieces in hand are worth it where there is enough to do for both.
bool saga_runner::may_launch(std::size_t steps) const {
    constexpr std::size_t worth_it = 8;
    return steps >= worth_it && stage_ == stage::page && !options_.until_quiet && !saga_.reactor && !cut_ &&
           !repairing_ && !acts_ && !stopping_ && !drain_ && rounds_beside_others_ == 0;
}

saga_runner::action saga_runner::on_launched() {
    flying_to_ = page_to_;
    hand_ = 1 - hand_;
    return next_page();
}

saga_runner::action saga_runner::on_appended(std::span<append_result const> results,
                                             std::unordered_set<uuid> const& accepted) {
    fault_point<"saga.recorded">();
    if (repairing_) fault_point<"repair.recorded">();
    told_.commands += accepted.size();
    if (flying_to_) return on_landed(results, accepted);
    if (works_[hand_].on_appended(results, accepted)) return settle();
    rounds_beside_others_ = pages_unwritten_max * 4;
    return go_on();
}

saga_runner::action saga_runner::on_landed(std::span<append_result const> results,
                                           std::unordered_set<uuid> const& accepted) {
    auto& landed = works_[1 - hand_];
    if (!landed.on_appended(results, accepted)) return begin_anew();
    to_ = std::exchange(flying_to_, std::nullopt);
    take_changes(landed);
    if (!std::exchange(decided_, false)) return drain_ ? write() : next_page();
    return append();
}

// Somebody else was there first: what is in hand is decided again, piece by piece, on what the log
// and the tables have.
saga_runner::action saga_runner::begin_anew() {
    rounds_beside_others_ = pages_unwritten_max * 4;
    pages_unwritten_ = 0;
    changes_ = {};
    for (auto& work : works_) work.forget();
    to_.reset();
    flying_to_.reset();
    cut_ = decided_ = drain_ = false;
    return start();
}

void saga_runner::take_changes(saga_work& of) {
    auto made = of.changes();
    if (may_wait(made)) {
        ++pages_unwritten_;
    } else {
        drain_ = true;
    }
    add(changes_, std::move(made));
}

// The log has all of it.
saga_runner::action saga_runner::settle() {
    if (stage_ == stage::page) to_ = page_to_;
    take_changes(works_[hand_]);
    return drain_ ? write() : next_page();
}

// Whether the tables may be told later: nobody else has anything to do with it.
bool saga_runner::may_wait(saga_changes const& made) const {
    bool const plain = stage_ == stage::page && !saga_.reactor && !cut_ && !repairing_ && !acts_;
    if (!plain || stopping_ || drain_) return false;
    if (rounds_beside_others_ > 0 || pages_unwritten_ + 1 >= pages_unwritten_max) return false;
    bool const larger = changes_.instances.size() > limits::saga_instances_unwritten_max ||
                        changes_.timers.size() > limits::saga_instances_unwritten_max;
    return !larger && made.messages.empty() && made.done.empty() && made.moved.empty() &&
           made.withdrawn.empty() && made.superseded.empty();
}

saga_runner::action saga_runner::write() {
    if (rounds_beside_others_ > 0) --rounds_beside_others_;
    changes_.done.insert(changes_.done.end(), done_.begin(), done_.end());
    if (!to_ && changes_.empty()) return on_written(true);
    return {action_kind::write};
}

saga_runner::action saga_runner::on_written(bool written) {
    if (!written) return begin_anew();
    pages_unwritten_ = 0;
    drain_ = false;
    changes_ = {};
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
    works_[hand_].begin(std::move(targets), checkpoint_.position, now);
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
        works_[hand_].begin(std::move(refused_), checkpoint_.position, now_);
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
    flushed_ = !done_.empty() || pages_unwritten_ > 0;
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
    auto const beside = rounds_beside_others_;
    static_cast<void>(begin_anew());
    rounds_beside_others_ = beside;
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
