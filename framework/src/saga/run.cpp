// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/run.hpp>

#include <algorithm>
#include <functional>
#include <thread>
#include <unordered_set>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/restructure/read.hpp>
#include <recount/restructure/stream_folds.hpp>
#include <recount/saga/limits.hpp>

#include "projection/telling.hpp"
#include "saga/one_append.hpp"
#include "saga/report.hpp"
#include "saga/runner.hpp"

namespace recount {

namespace {

using detail::saga_runner;
using detail::sent_result;
using action_kind = saga_runner::action_kind;

// Performs the actions of a runner.
class shell {
public:
    shell(saga_descriptor const& saga, saga_surroundings const& in,
          saga_run_options const& options, saga_run_hooks const& hooks)
        : saga_{saga}, in_{in}, hooks_{hooks}, batch_{in.dispatcher},
          runner_{saga, in.dispatcher.program(), options}, report_{saga, in.log.store_name()} {
        std::set<std::string_view> types{history::restructured_type};
        types.insert({detail::saga_resumed, detail::saga_ended, detail::saga_acknowledged});
        for (auto const& event : saga.events) {
            for (auto const& version : event.versions) types.insert(version.event.name);
        }
        filter_.types.assign(types.begin(), types.end());
        claim_.saga = std::string{saga.name};
        claim_.lease = limits::saga_lease;
    }

    saga_run run() {
        auto next = runner_.start();
        while (next.kind != action_kind::done) {
            if (next.kind == action_kind::fail) {
                report_.failed(runner_.failure(), runner_.from().position);
                throw runner_.failure();
            }
            if (hooks_.stop_wanted && hooks_.stop_wanted()) {
                runner_.stop();
                if (next.kind == action_kind::pause) break;
            }
            try {
                next = hooks_.took ? perform_timed(next) : perform(next);
            } catch (error const& failure) {
                next = runner_.on_failure(failure);
                if (next.kind == action_kind::pause) report_.paused(failure, next.pause);
                if (next.kind == action_kind::pause && hooks_.paused) {
                    hooks_.paused(failure);
                    paused_ = true;
                }
            }
        }
        return runner_.told();
    }

private:
    saga_descriptor const& saga_;
    saga_surroundings in_;
    saga_run_hooks const& hooks_;
    dispatcher::batch batch_;
    saga_runner runner_;
    detail::saga_report report_;
    feed_filter filter_;
    message_claim claim_;
    history::stream_folds folds_{in_.log};

    bool paused_ = false;                   // said so, and nothing since
    std::chrono::nanoseconds outside_{0};   // of the action in hand, what was not deciding

    // What reads or writes, with its time told.
    template <class Work>
    auto timed(saga_stage stage, Work const& work) {
        if (!hooks_.took) return work();
        struct clock {
            shell& of;
            saga_stage stage;
            std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
            ~clock() {
                auto const took = std::chrono::steady_clock::now() - begun;
                of.outside_ += took;
                of.hooks_.took(stage, took);
            }
        } const running{*this, stage};
        return work();
    }

    saga_runner::action perform_timed(saga_runner::action const& a) {
        outside_ = {};
        auto const begun = std::chrono::steady_clock::now();
        auto const next = perform(a);
        auto const all = std::chrono::steady_clock::now() - begun;
        hooks_.took(saga_stage::deciding, all - outside_);
        return next;
    }

    saga_runner::action perform(saga_runner::action const& a) {
        using enum saga_stage;
        switch (a.kind) {
            case action_kind::read_checkpoint:
                return runner_.on_checkpoint(timed(feed, [&] { return read_checkpoint(); }));
            case action_kind::read_hash:
                return runner_.on_hash(timed(feed, [&] { return in_.log.hash_at(a.after); }));
            case action_kind::read_page: {
                auto const page =
                    timed(feed, [&] { return in_.log.read_feed(a.after, filter_, a.limit); });
                report_.read(page);
                return runner_.on_page(page);
            }
            case action_kind::read_streams:
                return runner_.on_streams(timed(
                    instances, [&] { return in_.log.read_streams(runner_.streams_wanted()); }));
            case action_kind::read_delta:
                return runner_.on_delta(
                    timed(feed, [&] { return delta_of(runner_.restructure()); }));
            case action_kind::settle_fates:
                return runner_.on_fates(timed(looking, [&] {
                    return detail::settle_fates(saga_, in_.log, in_.store,
                                                in_.dispatcher.program(), runner_.fates_wanted());
                }));
            case action_kind::append: return append();
            case action_kind::write: return write();
            case action_kind::read_timers: return look_for_timers(a.limit);
            case action_kind::claim:
                claim_.limit = a.limit;
                return runner_.on_claimed(timed(looking, [&] { return in_.store.claim(claim_); }));
            case action_kind::find_refusals:
                return runner_.on_refusals(timed(
                    looking, [&] { return in_.log.find_commits(runner_.refusals_wanted()); }));
            case action_kind::send: return send();
            case action_kind::give_back: return give_back();
            case action_kind::wait_for_news: return wait(a.after);
            case action_kind::pause:
                timed(waiting, [&] { std::this_thread::sleep_for(a.pause); });
                return runner_.on_pause_over();
            case action_kind::done:
            case action_kind::fail: break;
        }
        return a;
    }

    std::vector<history::weighted_version> delta_of(std::span<recorded_event const> rows) {
        std::vector<std::string> streams;
        for (auto const& row : rows) streams.push_back(row.stream);
        return folds_.delta(streams, rows.front().position - 1, rows.front().commit_last);
    }

    checkpoint read_checkpoint() {
        checkpoint begin;
        if (saga_.begins_now) {
            auto const head = in_.log.head();
            begin.position = head.position;
            begin.hash = head.hash;
        }
        return in_.store.read_checkpoint(saga_.name, begin);
    }

    saga_runner::action look_for_timers(std::size_t limit) {
        timestamp now{};
        auto const due = timed(saga_stage::looking, [&] {
            auto found = in_.store.due_timers(saga_.name, limit);
            if (!found.empty()) now = in_.store.now();
            return found;
        });
        report_.timers_due(due, now);
        return runner_.on_timers(due, now);
    }

    saga_runner::action write() {
        bool const written = timed(saga_stage::tables, [&] {
            if (runner_.to()) {
                return in_.store.write(saga_.name, runner_.from(), *runner_.to(),
                                       runner_.changes());
            }
            in_.store.write(runner_.changes());
            return true;
        });
        auto const from = runner_.from().position;
        if (written) {
            report_.wrote(from, runner_.to() ? runner_.to()->position : from, runner_.changes(),
                          runner_.told());
        } else {
            report_.overtaken(from);
        }
        auto const next = runner_.on_written(written);
        go_on();
        return next;
    }

    saga_runner::action give_back() {
        timed(saga_stage::tables, [&] {
            if (!runner_.given_back().empty()) in_.store.release(runner_.given_back());
            for (auto const& dead : runner_.dead()) in_.store.give_up(dead.message, dead.because);
        });
        return runner_.on_given_back();
    }

    void go_on() {
        paused_ = false;
        if (hooks_.progress) hooks_.progress(runner_.from().position);
    }

    saga_runner::action wait(position after) {
        constexpr std::chrono::milliseconds look_again{500};
        // What is due by the tables and was not found just now is of a kind that this program's
        // saga does not have any more.
        constexpr std::chrono::milliseconds at_least{10};
        timed(saga_stage::waiting, [&] {
            auto const due = in_.store.until_next(claim_).value_or(look_again);
            if (paused_) go_on();   // there is nothing to do, and it could be read again
            static_cast<void>(in_.log.wait(after, std::clamp(due, at_least, look_again)));
        });
        return runner_.on_news();
    }

    // Finds the command and reads it; nothing, with the reason, if that cannot be done.
    std::optional<command_call> call_of(outbox_message const& m, erased_object& object,
                                        std::string& because) {
        try {
            auto const stored = detail::command_from_json(m.body);
            for (auto const* aggregate : in_.aggregates) {
                for (auto const& known : aggregate->commands) {
                    if (known.command.name != stored.name) continue;
                    if (known.command.version != stored.version) {
                        because = fmt::format("the program knows {} in version {}, and not in {}",
                                              stored.name, known.command.version, stored.version);
                        return std::nullopt;
                    }
                    object = known.create();
                    describe::read_json(stored.payload, known.shape(), object.get());
                    command_options options;
                    options.id = m.key;
                    options.actor = saga_.category();
                    options.correlation = m.correlation;
                    options.causation = m.trigger;
                    return command_call{aggregate, &known, object.get(), std::move(options)};
                }
            }
            because = fmt::format("the program has no command {}", stored.name);
        } catch (error const& failure) {
            because = failure.what();
        }
        return std::nullopt;
    }

    struct commands_read {
        std::vector<erased_object> objects{};
        std::vector<command_call> calls{};   // refer to the objects
        std::vector<std::size_t> of{};       // the index of each in the list
        std::vector<std::pair<std::size_t, std::string>> unreadable{};   // index, and why
    };
    template <class List, class Message>
    commands_read read_commands(List const& list, Message const& message_of) {
        commands_read found;
        found.objects.reserve(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            auto& object = found.objects.emplace_back(nullptr, [](void*) {});
            std::string because;
            if (auto call = call_of(message_of(list[i]), object, because)) {
                found.calls.push_back(std::move(*call));
                found.of.push_back(i);
            } else {
                found.unreadable.emplace_back(i, std::move(because));
            }
        }
        return found;
    }

    // The steps, and behind them what can be decided of their commands.
    saga_runner::action append() {
        auto const at_once = runner_.at_once();
        if (at_once.empty()) {
            return runner_.on_appended(timed(
                saga_stage::steps, [&] { return in_.log.append_batch(runner_.take_commits()); }));
        }
        // That one cannot be sent at all is told when it is claimed.
        auto const commands =
            read_commands(at_once, [](auto const& one) -> auto& { return *one.message; });
        std::vector<bool> behind;
        for (auto const i : commands.of) behind.push_back(at_once[i].step_may_follow);
        auto drafts =
            timed(saga_stage::commands, [&] { return batch_.draft(commands.calls, behind); });
        fault_point<"saga.commands_drafted">();
        auto made = detail::in_one(runner_.take_commits(), at_once, commands.of, std::move(drafts));
        auto const results =
            timed(saga_stage::steps, [&] { return in_.log.append_batch(made.commits); });
        auto const accepted = batch_.settle(made.of_commands(results));
        std::unordered_set<uuid> keys;
        for (std::size_t i = 0; i < accepted.size(); ++i) {
            if (accepted[i]) keys.insert(*commands.calls[i].options.id);
        }
        report_.accepted(keys.size());
        return runner_.on_appended(made.of_steps(results), keys);
    }

    static sent_result result_of(dispatch_result const& from, std::exception_ptr const& thrown) {
        sent_result result;
        if (auto const* settled = std::get_if<outcome>(&from)) {
            if (*settled) return result;
            result.what = sent_result::kind::rejected;
            result.no = settled->rejected();
            return result;
        }
        auto const& failure = std::get<error>(from);
        result.what = sent_result::kind::undeliverable;
        result.because = failure.what();
        if (thrown) {
            try {
                std::rethrow_exception(thrown);
            } catch (std::exception const& what) {
                result.because = what.what();
            } catch (...) {
                result.because = "the decider threw something";
            }
        } else if (failure.code() == errc::command_id_taken) {
            result.what = sent_result::kind::taken;
        } else if (detail::may_pass(failure) || failure.code() == errc::conflict) {
            // The dispatcher has tried often enough to leave a hot stream alone for a while.
            result.what = sent_result::kind::passing;
            result.failure = failure.code() == errc::conflict
                                 ? error{errc::timed_out, failure.what()}
                                 : failure;
        }
        return result;
    }

    saga_runner::action send() {
        auto const& messages = runner_.messages_to_send();
        auto const commands = read_commands(messages, std::identity{});
        std::vector<sent_result> results(messages.size());
        for (auto const& [i, because] : commands.unreadable) {
            results[i].what = sent_result::kind::undeliverable;
            results[i].because = because;
        }
        std::vector<std::exception_ptr> thrown;
        auto const settled =
            timed(saga_stage::commands, [&] { return batch_.run(commands.calls, thrown); });
        for (std::size_t i = 0; i < settled.size(); ++i) {
            results[commands.of[i]] = result_of(settled[i], thrown[i]);
        }
        bool const all_accepted = std::all_of(results.begin(), results.end(), [](auto const& r) {
            return r.what == sent_result::kind::accepted;
        });
        report_.sent(messages, results);
        return runner_.on_sent(results, all_accepted ? timestamp{} : in_.store.now());
    }
};

}  // namespace

saga_run run_saga(saga_descriptor const& saga, saga_surroundings const& in,
                  saga_run_options const& options, saga_run_hooks const& hooks) {
    return shell{saga, in, options, hooks}.run();
}

}  // namespace recount
