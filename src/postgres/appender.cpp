// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/appender.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>

#include "log/append_report.hpp"
#include "postgres/appender_parts.hpp"
#include "postgres/appender_report.hpp"
#include "postgres/event_rows.hpp"

namespace recount::postgres {

using clock = detail::batcher::clock;
using metrics::metric;
using detail::batcher;

namespace {

constexpr unsigned lone_answers_min = 4;  // of two writers a few in a row may seem so

}  // namespace

appender::appender(pool& sessions, session_options const& connect, uuid const& store_id,
                   log_queries const& queries, std::function<void(position)> grown,
                   early_look_options const& early, detail::batcher_limits const& bounds)
    : sessions_{sessions}, store_id_{store_id}, queries_{queries}, grown_{std::move(grown)},
      notices_{sessions, queries},
      careful_{sessions, store_id, queries, cache_,
               [this](position end) {
                   grown_(end);
                   notices_.tell();
               }},
      early_{sessions, queries, early},
      pipeline_{connect, {queries.append, queries.append_one}}, group_{bounds},
      gathering_{std::make_shared<bell>()},
      sender_{[this] { serve(); }} {}

appender::~appender() {
    {
        std::lock_guard const hold{mutex_};
        stopping_ = true;
    }
    news_.notify_one();
    sender_.join();
}

std::vector<append_result> appender::append(std::span<commit const> commits) {
    if (commits.empty()) return {};
    call mine{commits};
    enter(mine);
    if (mine.failure) std::rethrow_exception(mine.failure);
    std::vector<append_result> done;
    done.reserve(commits.size());
    for (std::size_t i = 0; i < commits.size(); ++i) {
        auto& part = mine.parts[i];
        if (part.result || part.in == nullptr) continue;
        part.result = detail::result_of(commits[i], part.in->plan.batch(), part.first_row,
                                        part.in->base, part.in->recorded_at);
    }
    if (!mine.aside_ids.empty()) look_again(mine);
    for (auto& part : mine.parts) {
        assert_that(part.result.has_value(), "every commit of a call has a result");
        done.push_back(std::move(*part.result));
    }
    return done;
}

void appender::enter(call& mine) {
    std::uint32_t heard = 0;
    {
        lock hold{mutex_};
        if (!group_.arrive(&mine, mine.sizes)) {
            throw error{errc::limit_exceeded,
                        fmt::format("limits::append_waiting_commits_max is {} and "
                                    "append_waiting_bytes_max {}, and as much waits already",
                                    limits::append_waiting_commits_max,
                                    limits::append_waiting_bytes_max),
                        {},
                        true};
        }
        metrics::add(metric::append_waiting, static_cast<std::int64_t>(mine.commits.size()));
        mine.listens_to = gathering_;
        heard = gathering_->heard();
        work(hold, &mine);
    }
    auto const listened = mine.listens_to;
    while (!mine.done.load(std::memory_order_acquire)) {
        heard = listened->wait(heard);
        if (!listened->take_work()) continue;
        lock hold{mutex_};
        if (mine.done) {
            ask_sender();  // others' work is not to keep back what is done
        } else {
            work(hold, &mine);
        }
    }
}

// Performs what the group hands out, until nothing is left for this thread. Those whose batch came
// back are woken just before the next is built or sent, or when there is none.
void appender::work(lock& hold, call* mine) {
    bells to_ring;
    for (;;) {
        if (to_fly_ != nullptr && mine == nullptr) {
            fly(hold, std::exchange(to_fly_, nullptr), mine, to_ring);
            continue;
        }
        if (to_bring_in_ && (mine == nullptr || !mine->done)) {
            to_bring_in_ = false;
            bring_in(hold, mine, to_ring);
            continue;
        }
        if (mine != nullptr && mine->done) {
            if (to_bring_in_ || group_.waiting_commits() > 0) ask_sender();
            static_cast<void>(ring(hold, to_ring));
            return;
        }
        auto step = group_.next(clock::now());
        switch (step.what) {
            case batcher::doing::nothing:
                if (ring(hold, to_ring)) break;
                return;
            case batcher::doing::wait:
                if (ring(hold, to_ring)) break;
                if (mine != nullptr) {
                    if (!timing_) ask_sender();
                    return;
                }
                timing_ = true;
                asked_ = false;
                news_.wait_until(hold, step.until);
                timing_ = false;
                if (stopping_) return;
                break;
            case batcher::doing::build: build(hold, step.pieces, to_ring); break;
            case batcher::doing::fly: {
                auto const one = take_off(std::move(step.pieces));
                if (mine != nullptr && group_.next_to_build() != nullptr && !sender_away_) {
                    to_fly_ = one;  // this thread builds on
                    ask_sender();
                    break;
                }
                fly(hold, one, mine, to_ring);
                break;
            }
        }
    }
}

// False if there was nobody to wake.
bool appender::ring(lock& hold, bells& to_ring) {
    if (to_ring.empty()) return false;
    bool const all_at_once = group_.expects_all();
    hold.unlock();
    for (auto const& each : std::exchange(to_ring, {})) each->ring(all_at_once);
    hold.lock();
    return true;
}

void appender::ask_sender() {
    if (std::exchange(asked_, true)) return;
    news_.notify_one();
}

void appender::serve() {
    lock hold{mutex_};
    for (;;) {
        news_.wait(hold, [&] { return asked_ || stopping_; });
        if (stopping_) return;
        asked_ = false;
        work(hold, nullptr);
    }
}

// The open batch is in flight from now on.
std::shared_ptr<appender::batch> appender::take_off(std::vector<batcher::piece> pieces) {
    auto const one = std::exchange(open_, nullptr);
    if (flights_.empty()) {
        early_.forget();
        if (auto const before = std::exchange(one->after, nullptr)) {
            detail::settle_ids(one->plan.batch(), before->base);
        }
    } else {
        ++sent_behind_;
    }
    flights_.push_back(one);
    one->pieces = std::move(pieces);
    if (group_.anybody_waits()) gathering_->split();
    gathering_ = std::make_shared<bell>();
    for (auto const& piece : one->pieces) {
        metrics::add(metric::append_waiting, -static_cast<std::int64_t>(piece.to - piece.from));
    }
    return one;
}

// To somebody who sleeps, while this thread waits for the server.
void appender::offer_build() {
    if (auto* const builder = static_cast<call*>(group_.next_to_build())) {
        builder->listens_to->offer_work();
    }
}

void appender::fly(lock& hold, std::shared_ptr<batch> const& one, call* mine, bells& to_ring) {
    if (mine == nullptr) sender_away_ = true;
    static_cast<void>(ring(hold, to_ring));
    offer_build();
    left_.wait(hold, [&] { return flights_.front() == one || flights_.front()->away; });
    one->alone = flights_.front() == one;
    hold.unlock();
    try {
        if (!one->entries.empty() && !one->careful) send(*one);
    } catch (...) {
        one->trip.as_planned = false;
        one->trip.unforeseen = std::current_exception();
    }
    hold.lock();
    if (mine == nullptr) sender_away_ = false;
    one->away = true;
    if (flights_.back() != one) left_.notify_all();
    if (flights_.front() == one) bring_in(hold, mine, to_ring);
}

// The first of those in flight: its answer, or what comes of it the careful way.
void appender::bring_in(lock& hold, call* mine, bells& to_ring) {
    if (mine == nullptr) sender_away_ = true;
    static_cast<void>(ring(hold, to_ring));
    offer_build();
    auto const one = flights_.front();
    hold.unlock();
    try {
        if (one->sent != clock::time_point{}) receive(*one);
        if (one->careful && !one->trip.unforeseen) append_carefully(*one);
    } catch (...) {
        one->trip.as_planned = false;
        one->trip.unforeseen = std::current_exception();
    }
    hold.lock();
    if (mine == nullptr) sender_away_ = false;
    flights_.pop_front();
    if (group_.waiting_commits() > 0) lone_answers_ = 0;
    one->after.reset();
    if (!flights_.empty()) {
        early_.forget();   // what it needs it reads itself now
        to_bring_in_ = flights_.front()->away;
        left_.notify_all();
    }
    group_.flown(one->trip.as_planned, clock::now(), one->trip.fixed);
    if (!one->trip.as_planned && !group_.building()) open_.reset();
    land(one, mine, to_ring);
}

void appender::send(batch& one) {
    auto const known = cache_.range(one.oldest);
    one.careful = true;
    if (known.age != one.age) {
        one.trip.as_planned = false;
        return;
    }
    auto const now = clock::now();
    for (auto const& piece : one.pieces) {
        metrics::observe(metric::append_wait_seconds, now - static_cast<call*>(piece.who)->began);
    }
    try {
        fault_point<"append.planned">();
        one.known = known;
        give(one);
        one.sent = now;
    } catch (error const& failure) {
        if (failure.code() == errc::in_doubt) {
            fail(one, failure);
        } else {
            one.trip.as_planned = false;  // not tried yet: the careful way is the first
        }
    }
}

// Who is alone has his event appended by the function for one. It would do for others, too, but
// each time find that the log has grown, and call the one for all.
void appender::give(batch& one) {
    auto const& planned = one.plan.batch();
    if (one.alone && !others_append_) {
        if (auto const values = one.arguments.take_one(planned, one.known)) {
            pipeline_.send(queries_.append_one, *values);
            return;
        }
    }
    auto values = one.arguments.take(planned, one.known);
    pipeline_.send(queries_.append, {std::make_move_iterator(values.begin()),
                                     std::make_move_iterator(values.end())});
}

void appender::fail(batch& one, error const& failure) {
    one.trip.as_planned = false;
    one.trip.in_doubt = failure.code() == errc::in_doubt;
    one.trip.failure = failure;
    cache_.forget(detail::heads_after(one.plan.batch(), 0));
}

void appender::receive(batch& one) {
    auto& trip = one.trip;
    trip.as_planned = false;
    auto const& known = one.known;
    auto& planned = one.plan.batch();
    result reply;
    // Of several callers some go together, are sent while others are in flight, or wait for that.
    lone_answers_ = one.alone && one.pieces.size() == 1 ? lone_answers_ + 1 : 0;
    bool const eagerly = lone_answers_ >= lone_answers_min && !others_append_;
    if (eagerly) ++eager_;
    try {
        reply = pipeline_.receive(eagerly);
        fault_point<"append.answered">();
    } catch (error const& failure) {
        fail(one, failure);
        return;
    }
    auto const answered = clock::now();
    auto const took = answered - std::max(one.sent, std::exchange(last_answer_, answered));
    auto const base = reply.integer(0, 0);
    auto const link = digest_of(reply.text(0, 2));
    if (one.alone) others_append_ = base != known.newest.position;
    if (!reply.null(0, 3)) {
        // What did not move was looked at, too, and holds now.
        detail::known_heads heads;
        for (auto const& stream : planned.streams) heads[stream.name] = stream.before;
        auto const moved = moved_heads(reply.text(0, 3));
        for (auto const& [stream, head] : moved) heads[stream] = head;
        cache_.learn(heads, {base, link}, known.age);
        tell_moved(known.oldest, moved.size(), 1);
        return;
    }
    metrics::observe(metric::append_lock_seconds, std::chrono::microseconds{reply.integer(0, 4)});
    trip.fixed = took - std::chrono::microseconds{reply.integer(0, 5)};
    one.base = base;
    one.recorded_at = timestamp{duration{reply.integer(0, 1)}};
    auto const end = base + static_cast<position>(planned.rows.size());
    cache_.appended(base, {end, link}, planned, one.arguments.looked_up(), known.age);
    fault_point<"append.settled">();
    one.careful = false;
    trip.as_planned = true;
    tell_group(one.pieces.size(), one.commits.size());
    detail::tell_batch(one.commits, planned, base, one.began);
    grown_(end);
    notices_.tell();
}

void appender::append_carefully(batch& one) {
    auto& trip = one.trip;
    trip.as_planned = false;
    append_work work;
    for (auto const& entry : one.entries) {
        auto const& content = entry.who->commits[entry.index];
        work.add(content, trip.in_doubt);
        if (entry.leader_landed) work.written.insert(*content.follows);
    }
    careful_.append(work, trip.failure);
    if (std::any_of(work.results.begin(), work.results.end(), [](auto const& each) {
            return std::holds_alternative<appended>(*each);
        })) {
        pipeline_.try_again();
    }
    for (std::size_t i = 0; i < one.entries.size(); ++i) {
        auto& who = *one.entries[i].who;
        auto const index = one.entries[i].index;
        who.parts[index].stands = work.written.contains(who.commits[index].id);
        who.parts[index].result = std::move(work.results[i]);
    }
}

// Gives the callers what is theirs. Those who have all now are to be woken; `mine` is awake.
void appender::land(std::shared_ptr<batch> const& one, call const* mine, bells& to_ring) {
    auto const& trip = one->trip;
    for (auto const& entry : one->entries) {
        if (trip.as_planned) entry.who->parts[entry.index].in = one;
        if (trip.unforeseen) entry.who->failure = trip.unforeseen;
    }
    for (auto const& piece : one->pieces) {
        auto& who = *static_cast<call*>(piece.who);
        who.unsettled -= piece.to - piece.from;
        if (who.unsettled > 0) continue;
        if (&who != mine &&
            std::find(to_ring.begin(), to_ring.end(), who.listens_to) == to_ring.end()) {
            to_ring.push_back(who.listens_to);
        }
        who.done.store(true, std::memory_order_release);  // the last that is done with it
    }
}

// What was set aside, in order, with all that may come between.
void appender::look_again(call& mine) {
    append_work work;
    for (std::size_t i = 0; i < mine.commits.size(); ++i) {
        if (mine.parts[i].aside) {
            work.add(mine.commits[i], false);
        } else if (mine.parts[i].stands) {
            work.written.insert(mine.commits[i].id);
        }
    }
    several_at_a_time_.acquire();
    try {
        careful_.append(work);
    } catch (...) {
        several_at_a_time_.release();
        throw;
    }
    several_at_a_time_.release();
    auto next = work.results.begin();
    for (auto& part : mine.parts) {
        if (part.aside) part.result = std::move(*next++);
    }
}

}  // namespace recount::postgres
