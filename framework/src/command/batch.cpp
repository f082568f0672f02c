// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <limits>

#include <fmt/core.h>

#include <recount/core/metrics.hpp>

#include "command/batch_round.hpp"
#include "command/report.hpp"
#include "command/state_loader.hpp"
#include "command/warm_states.hpp"

namespace recount {

dispatcher::batch::batch(dispatcher& via) : dispatcher_{&via}, warm_{via.warm_} {}
dispatcher::batch::batch(batch&&) noexcept = default;
dispatcher::batch::~batch() { keep_states(); }

// Of a stream that something was decided on and not written, the state has no hash.
void dispatcher::batch::keep_states() noexcept {
    if (!warm_) return;   // moved from
    try {
        forget_draft();
        for (auto& [stream, loaded] : states_) {
            if (!loaded.hash) continue;
            warm_->keep(stream, {loaded.aggregate, std::move(loaded.state), loaded.version,
                                 *loaded.hash, loaded.as_of});
        }
    } catch (...) {
        // They are read again.
    }
}

std::vector<dispatch_result> dispatcher::batch::run(std::span<command_call const> calls) {
    round r{calls};
    return run(r, true);
}

std::vector<dispatch_result> dispatcher::batch::run(std::span<command_call const> calls,
                                                    std::vector<std::exception_ptr>& thrown) {
    thrown.assign(calls.size(), nullptr);
    round r{calls};
    r.thrown = &thrown;
    return run(r, true);
}

std::vector<dispatch_result> dispatcher::batch::run(round& r, bool ask_first) {
    // Between load and append of a large batch others have more time to get in between.
    if (ask_first) r.attempts_max = limits::bulk_attempts_max;
    forget_draft();
    if (states_.size() > states_max) states_.clear();
    std::optional<logging::correlation_scope> scope;
    if (r.calls.size() == 1) detail::enter(scope, r.calls.front(), r.ids.front());
    try {
        // An import that is run again is all repetitions: one question instead of as many appends.
        if (ask_first) settle_known(r, r.open());
        // Each wave settles a command or uses up one of its attempts.
        for (auto open = r.open(); !open.empty(); open = r.open()) wave(r, open);
    } catch (error const& failure) {
        states_.clear();  // they may hold what was decided and never written
        for (auto const index : r.open()) r.results[index] = failure;
    } catch (...) {
        states_.clear();
        throw;
    }
    std::vector<dispatch_result> done;
    done.reserve(r.calls.size());
    for (std::size_t i = 0; i < r.results.size(); ++i) {
        detail::tell_settled(r.told(i), *r.results[i]);
        done.push_back(std::move(*r.results[i]));
    }
    return done;
}

std::vector<std::optional<commit>> dispatcher::batch::draft(std::span<command_call const> calls,
                                                            std::vector<bool> const& behind) {
    assert_that(behind.size() == calls.size(), "of each call it is said whether it may be behind");
    forget_draft();
    if (states_.size() > states_max) states_.clear();
    std::vector<std::optional<commit>> made(calls.size());
    std::vector<std::exception_ptr> thrown(calls.size());
    auto r = std::make_unique<round>(calls);
    r->thrown = &thrown;
    auto const open = r->open();
    load(*r, open);
    for (auto const index : open) {
        auto const& stream = r->streams[index].str();
        bool const free = behind[index] || !r->last_commit.contains(stream);
        if (!r->results[index] && free && !r->busy.contains(stream)) decide(*r, index);
    }
    for (std::size_t i = 0; i < r->commits.size(); ++i) {
        made[r->commit_of[i]] = std::move(r->commits[i]);
    }
    r->thrown = nullptr;
    drafted_ = std::move(r);
    return made;
}

std::vector<bool> dispatcher::batch::settle(std::span<append_result const> results) {
    assert_that(drafted_ != nullptr, "what is settled was drafted before");
    auto const r = std::move(drafted_);
    std::vector<bool> accepted(r->calls.size());
    for (auto const index : r->commit_of) r->results[index].reset();
    take(*r, results);
    keep_snapshots(*r);
    forget_stale(*r);
    for (auto const index : r->commit_of) {
        auto const& result = r->results[index];
        accepted[index] = result && std::holds_alternative<outcome>(*result);
        if (accepted[index]) detail::tell_settled(r->told(index), *result);
    }
    return accepted;
}

// The states have been evolved by what was perhaps never written.
void dispatcher::batch::forget_draft() {
    if (!drafted_) return;
    for (auto const index : drafted_->commit_of) states_.erase(drafted_->streams[index].str());
    drafted_.reset();
}

// A run knows what it must not begin with again; the next draft would not.
void dispatcher::batch::forget_stale(round const& r) {
    for (auto const index : r.commit_of) {
        auto const& stream = r.streams[index].str();
        if (!r.stale.contains(stream)) continue;
        auto const known = warm_->find(*r.calls[index].aggregate, stream);
        if (known && !r.may_decide(stream, *known)) {
            warm_->forget(stream, known->hash);
        }
    }
}

// One append of all that can be decided by now. A command to a stream is decided on the state that
// the ones before it in the wave make, and its commit follows theirs: had the first of two lost its
// place to another writer, the second might find the version that it expects all the same.
void dispatcher::batch::wave(round& r, std::span<std::size_t const> open) {
    r.begin_wave();
    load(r, open);
    for (auto const index : open) {
        if (!r.results[index] && !r.busy.contains(r.streams[index].str())) decide(r, index);
    }
    append(r);
    settle_quiet(r);
    keep_snapshots(r);
}

// From a state that the process knows, or from the log.
void dispatcher::batch::load(round& r, std::span<std::size_t const> open) {
    std::unordered_map<std::string_view, std::vector<std::size_t>> missing;  // calls by stream
    std::vector<detail::state_wanted> wanted;
    for (auto const index : open) {
        auto const& stream = r.streams[index];
        if (states_.contains(stream.str())) continue;
        auto const known = missing.find(stream.str());
        if (known != missing.end()) {
            known->second.push_back(index);
            continue;
        }
        auto const& aggregate = *r.calls[index].aggregate;
        auto warm = warm_->find(aggregate, stream.str());
        if (warm && r.may_decide(stream.str(), *warm)) {
            states_.insert_or_assign(
                stream.str(),
                known_state{{detail::copy_of(*warm), warm->version, warm->as_of, warm->hash},
                            &aggregate});
            metrics::add(metrics::metric::states, "warm");
            continue;
        }
        wanted.push_back({&aggregate, &stream, std::move(warm)});
        missing[stream.str()].push_back(index);
    }
    if (wanted.empty()) return;
    auto results = dispatcher_->loader_->load(wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto const& stream = wanted[i].stream->str();
        if (auto const* failure = std::get_if<error>(&results[i])) {
            for (auto const index : missing.at(stream)) r.results[index] = *failure;
            continue;
        }
        auto& loaded = std::get<loaded_state>(results[i]);
        auto const& base = wanted[i].base;
        if (base && (loaded.version < base->version ||
                     (loaded.version == base->version && loaded.hash != base->hash))) {
            warm_->forget(stream, base->hash);
        }
        states_.insert_or_assign(stream, known_state{std::move(loaded), wanted[i].aggregate});
        r.current.insert(stream);
    }
}

void dispatcher::batch::drop(round& r, std::string const& stream,
                             std::optional<version> at_least) {
    states_.erase(stream);
    r.current.erase(stream);
    r.busy.insert(stream);
    r.stale[stream] = at_least.value_or(std::numeric_limits<version>::max());
}

void dispatcher::batch::keep_snapshots(round const& r) {
    if (r.due.empty()) return;
    std::vector<recount::snapshot> made;
    for (auto const index : r.commit_of) {
        auto const& stream = r.streams[index];
        auto const at = states_.find(stream.str());
        // Once for each stream, however many of its commands are in the wave.
        if (at == states_.end() || !r.due.contains(stream.str()) ||
            r.last_commit.at(stream.str()) != r.ids[index]) {
            continue;
        }
        auto one = detail::snapshot_of(*r.calls[index].aggregate, stream, at->second);
        if (one) made.push_back(std::move(*one));
    }
    dispatcher_->loader_->snapshots().keep(made);
}

void dispatcher::batch::decide(round& r, std::size_t index) {
    auto const& call = r.calls[index];
    auto const& stream = r.streams[index].str();
    auto& loaded = states_.at(stream);
    // A version that the caller named is judged against what is written.
    if (call.options.expected && r.last_commit.contains(stream)) {
        r.busy.insert(stream);
        return;
    }
    ++r.attempts[index];
    // A state kept from an earlier call may be old, and one that commits of this wave have evolved
    // is not written yet. What such a state lets through, the log judges; what it would refuse is
    // decided again on one that the log has vouched for.
    bool const vouched = r.current.contains(stream) && !r.last_commit.contains(stream);
    auto const keep_quiet = [&](dispatch_result decided) {
        if (r.last_commit.contains(stream)) {
            --r.attempts[index];
            r.busy.insert(stream);
        } else if (vouched) {
            r.quiet.emplace_back(index, std::move(decided));
        } else {
            drop(r, stream);
        }
    };
    if (call.options.expected && *call.options.expected != loaded.version) {
        keep_quiet(error{conflict_details{
            stream, expectation::exactly(*call.options.expected).text(), loaded.version}});
        return;
    }
    facts const known{dispatcher_->clock_(), call.options.actor, r.ids[index],
                      call.options.correlation};
    erased_decision decided;
    try {
        decided = call.command->decide(loaded.state.get(), call.object, known);
    } catch (error const& failure) {
        // Of an old state perhaps; and it may be evolved by half of what was decided.
        drop(r, stream);
        if (vouched) r.quiet.emplace_back(index, failure);
        return;
    } catch (...) {
        if (r.thrown == nullptr) throw;
        refuse(r, index, std::current_exception());
        return;
    }
    if (decided.rejected) {
        keep_quiet(outcome{*decided.rejected});
    } else if (decided.events.empty()) {
        keep_quiet(outcome{accepted{stream, loaded.version, loaded.as_of, {}, false}});
    } else {
        auto made = commit_of(r, index, loaded, std::move(decided.events));
        auto const [before, first] = r.last_commit.try_emplace(stream, made.id);
        if (!first) made.follows = std::exchange(before->second, made.id);
        r.decided_on.push_back(loaded.version - static_cast<version>(made.events.size()));
        r.commits.push_back(std::move(made));
        r.commit_of.push_back(index);
    }
}

void dispatcher::batch::refuse(round& r, std::size_t index, std::exception_ptr why) {
    auto const& stream = r.streams[index].str();
    bool const stale = !r.current.contains(stream);
    drop(r, stream);
    if (stale) return;
    (*r.thrown)[index] = std::move(why);
    r.quiet.emplace_back(
        index, error{errc::refused, fmt::format("{} to {} could not be decided",
                                                r.calls[index].command->command.name, stream)});
}

commit dispatcher::batch::commit_of(round const& r, std::size_t index, loaded_state& loaded,
                                    std::vector<decided_event> events) const {
    auto const& options = r.calls[index].options;
    auto const& stream = r.streams[index];
    commit c;
    c.id = r.ids[index];
    c.command = r.canonical[index];
    c.meta.correlation = options.correlation.value_or(c.id);
    c.meta.causation = options.causation;
    if (!options.actor.empty()) c.meta.actor = options.actor;
    c.meta.basis = loaded.as_of;
    c.meta.app = dispatcher_->program_;
    c.expectations.push_back({stream, expectation::exactly(loaded.version), loaded.hash});
    for (auto& event : events) {
        c.events.push_back({stream, std::string{event.type.name}, event.type.version,
                            std::move(event.payload), event.effective_at});
    }
    loaded.version += static_cast<version>(c.events.size());
    loaded.hash.reset();   // known when they are written
    return c;
}

namespace {

accepted accepted_of(std::string const& stream, appended const& done) {
    accepted yes{stream, 0, done.last, {}, done.repeated};
    for (auto const& e : done.events) {
        yes.events.push_back(e.id);
        if (e.stream == stream) yes.version = e.version;
    }
    return yes;
}

}  // namespace

void dispatcher::batch::append(round& r) {
    if (r.commits.empty()) return;
    take(r, dispatcher_->log_.append_batch(r.commits));
}

void dispatcher::batch::take(round& r, std::span<append_result const> results) {
    assert_that(results.size() == r.commit_of.size(), "each commit has one result");
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const index = r.commit_of[i];
        auto const& stream = r.streams[index].str();
        if (auto const* done = std::get_if<appended>(&results[i])) {
            r.results[index] = outcome{accepted_of(stream, *done)};
            if (done->repeated) {
                drop(r, stream);  // the state has the events twice
            } else {
                auto const kept = states_.find(stream);
                if (kept == states_.end()) continue;  // a later command of the wave spoilt it
                auto& loaded = kept->second;
                loaded.as_of = done->last;
                auto const& last = done->events.back();
                if (last.version == loaded.version) loaded.hash = last.hash;
                r.current.insert(stream);
                auto const& snapshots = dispatcher_->loader_->snapshots();
                if (snapshots.due(*r.calls[index].aggregate, r.decided_on[i], last.version)) {
                    r.due.insert(stream);
                }
            }
            continue;
        }
        // The state has events that the log has not.
        auto const& failure = std::get<error>(results[i]);
        auto const& found = failure.conflict();
        bool const moved_on = found && found->actual_version > r.decided_on[i];
        drop(r, stream, moved_on ? std::optional{found->actual_version} : std::nullopt);
        // A version that the caller named is what it was, if only the past is another than we knew.
        auto const& expected = r.calls[index].options.expected;
        bool const bound = expected && !(found && found->actual_version == *expected);
        bool const again = failure.code() == errc::conflict && !bound &&
                           r.attempts[index] < r.attempts_max;
        if (again) {
            detail::tell_again(r.told(index), r.attempts[index], failure);
        } else {
            r.results[index] = failure;
        }
    }
}

// Commands that wrote nothing: a repetition still has its first result.
void dispatcher::batch::settle_quiet(round& r) {
    std::vector<std::size_t> indexes;
    for (auto const& [index, decided] : r.quiet) indexes.push_back(index);
    settle_known(r, indexes);
    for (auto& [index, decided] : r.quiet) {
        if (!r.results[index]) r.results[index] = std::move(decided);
    }
}

void dispatcher::batch::settle_known(round& r, std::span<std::size_t const> indexes) {
    std::vector<uuid> ids;
    for (auto const index : indexes) {
        auto const& options = r.calls[index].options;
        if (options.id || !options.key.empty()) ids.push_back(r.ids[index]);
    }
    if (ids.empty()) return;  // ids made here are known to nobody
    auto const found = dispatcher_->log_.find_commits(ids);
    for (auto const index : indexes) {
        auto const known = found.find(r.ids[index]);
        if (known == found.end()) continue;
        commit attempt;
        attempt.command = r.canonical[index];
        auto const& actor = r.calls[index].options.actor;
        if (!actor.empty()) attempt.meta.actor = actor;
        if (same_commit(attempt, known->second.rows)) {
            r.results[index] = outcome{accepted_of(r.streams[index].str(), known->second.result)};
        } else {
            r.results[index] = error{
                errc::command_id_taken,
                fmt::format("the command id {} is taken", to_string(r.ids[index]))};
        }
    }
}

}  // namespace recount
