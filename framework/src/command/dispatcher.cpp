// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/command/dispatcher.hpp>

#include <algorithm>
#include <unordered_set>

#include <fmt/core.h>

namespace recount {

accepted const& outcome::value() const {
    if (auto const* no = std::get_if<rejection>(&result_)) {
        throw error{errc::refused, no->text.empty()
                                       ? fmt::format("the command was rejected: {}", no->code)
                                       : fmt::format("the command was rejected: {} ({})", no->code,
                                                     no->text)};
    }
    return std::get<accepted>(result_);
}

rejection const& outcome::rejected() const {
    auto const* no = std::get_if<rejection>(&result_);
    assert_that(no != nullptr, "the rejection of a command that was accepted");
    return *no;
}

json_text canonical_command(command_descriptor const& c, void const* object) {
    auto text = fmt::format(R"({{"name":"{}","version":{},"payload":)", c.command.name,
                            c.command.version);
    describe::write_json(text, c.shape(), object);
    text += '}';
    return json_text::trusted(std::move(text));
}

namespace {

evolution_descriptor const& evolution_of(aggregate_descriptor const& a, recorded_event const& e) {
    for (auto const& known : a.events) {
        if (known.event.name == e.type && known.event.version == e.schema_version) return known;
    }
    throw error{errc::unknown_type,
                fmt::format("aggregate {} does not know {} version {}, which stands in {} at "
                            "version {} (position {})",
                            a.category, e.type, e.schema_version, e.stream, e.version,
                            e.position)};
}

}  // namespace

void evolve_all(aggregate_descriptor const& a, void* state,
                std::span<recorded_event const> events) {
    for (auto const& e : events) {
        auto const& known = evolution_of(a, e);
        try {
            known.evolve(state, e.payload);
        } catch (error const& failure) {
            throw error{failure.code(), fmt::format("event {} at position {}: {}", e.type,
                                                    e.position, failure.what())};
        }
    }
}

dispatcher::dispatcher(log& to, std::string program, clock_function clock)
    : log_{to}, program_{std::move(program)}, clock_{std::move(clock)} {}

loaded_state dispatcher::load(aggregate_descriptor const& a, stream_name const& stream,
                              version until) {
    loaded_state loaded{a.create(), 0, 0};
    for (stream_read next;;) {
        if (until > 0) {
            next.limit = static_cast<std::size_t>(
                std::min<version>(static_cast<version>(limits::page_events_max),
                                  until - loaded.version));
        }
        auto const page = log_.read_stream(stream, next);
        evolve_all(a, loaded.state.get(), page.events);
        if (!page.events.empty()) loaded.version = page.events.back().version;
        loaded.as_of = page.as_of;
        if (!page.more || (until > 0 && loaded.version >= until)) return loaded;
        next.from = loaded.version + 1;
    }
}

outcome dispatcher::dispatch(command_call const& call) {
    auto results = batch{*this}.run({&call, 1}, false);
    if (auto const* failed = std::get_if<error>(&results.front())) throw *failed;
    return std::get<outcome>(std::move(results.front()));
}

// One call of run(): what is known of each command so far.
struct dispatcher::batch::round {
    std::span<command_call const> calls;
    std::vector<std::optional<dispatch_result>> results;
    std::vector<uuid> ids;
    std::vector<stream_name> streams;
    std::vector<json_text> canonical;
    std::unordered_set<std::string> fresh;                    // streams loaded in this call

    // Of one attempt:
    std::vector<std::size_t> open;
    std::vector<commit> commits;
    std::vector<std::size_t> commit_of;                       // index of the call
    std::vector<std::pair<std::size_t, dispatch_result>> quiet;  // wrote nothing
    std::unordered_set<std::string> dropped;                  // streams to load again

    explicit round(std::span<command_call const> given) : calls{given}, results(given.size()) {
        for (auto const& call : given) {
            auto const& options = call.options;
            ids.push_back(options.id              ? *options.id
                          : options.key.empty() ? new_command_id()
                                                : command_id_from_key(options.key, options.actor));
            try {
                canonical.push_back(canonical_command(*call.command, call.object));
                streams.push_back(
                    stream_name::of(call.aggregate->category, call.command->target(call.object)));
            } catch (error const& failure) {
                results[streams.size()] = failure;
                canonical.resize(streams.size() + 1);
                streams.emplace_back("invalid-command");
            }
        }
    }
    void begin_attempt() {
        open.clear();
        commits.clear();
        commit_of.clear();
        quiet.clear();
        dropped.clear();
        for (std::size_t i = 0; i < results.size(); ++i) {
            if (!results[i]) open.push_back(i);
        }
    }
};

std::vector<dispatch_result> dispatcher::batch::run(std::span<command_call const> calls) {
    return run(calls, true);
}

std::vector<dispatch_result> dispatcher::batch::run(std::span<command_call const> calls,
                                                    bool ask_first) {
    round r{calls};
    if (states_.size() > states_max) states_.clear();
    std::vector<std::size_t> all(calls.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    // An import that is run again is all repetitions: one question instead of as many appends.
    if (ask_first) settle_known(r, all);
    for (int attempt = 0; attempt < limits::dispatch_attempts_max; ++attempt) {
        r.begin_attempt();
        if (r.open.empty()) break;
        load(r);
        for (auto const index : r.open) decide(r, index);
        append(r);
        settle_quiet(r);
        for (auto const& stream : r.dropped) states_.erase(stream);
    }
    std::vector<dispatch_result> done;
    done.reserve(calls.size());
    for (std::size_t i = 0; i < r.results.size(); ++i) {
        if (r.results[i]) {
            done.push_back(std::move(*r.results[i]));
        } else {
            done.emplace_back(error{errc::conflict,
                                    fmt::format("unable to dispatch {} to {}: the stream changed "
                                                "during each of {} attempts",
                                                calls[i].command->command.name,
                                                r.streams[i].str(), limits::dispatch_attempts_max),
                                    {},
                                    true});
        }
    }
    return done;
}

void dispatcher::batch::load(round& r) {
    std::unordered_map<std::string, aggregate_descriptor const*> missing;
    std::vector<stream_name> wanted;
    for (auto const index : r.open) {
        auto const& stream = r.streams[index];
        if (states_.contains(stream.str())) continue;
        if (missing.emplace(stream.str(), r.calls[index].aggregate).second) {
            wanted.push_back(stream);
        }
    }
    if (wanted.empty()) return;
    for (auto const& stream : wanted) r.fresh.insert(stream.str());
    if (wanted.size() == 1) {
        auto const& stream = wanted.front();
        states_.insert_or_assign(stream.str(),
                                 dispatcher_->load(*missing.at(stream.str()), stream));
        return;
    }
    position as_of = 0;
    auto const found = dispatcher_->log_.read_streams(wanted, &as_of);
    for (auto const& [stream, aggregate] : missing) {
        loaded_state loaded{aggregate->create(), 0, as_of};
        if (auto const events = found.find(stream); events != found.end()) {
            evolve_all(*aggregate, loaded.state.get(), events->second);
            loaded.version = events->second.back().version;
        }
        states_.insert_or_assign(stream, std::move(loaded));
    }
}

void dispatcher::batch::decide(round& r, std::size_t index) {
    auto const& call = r.calls[index];
    auto const& stream = r.streams[index];
    auto& loaded = states_.at(stream.str());
    // A state kept from an earlier call may be old. What it lets through, the log judges by its
    // version; what it would refuse is decided again on a fresh one.
    auto const keep_quiet = [&](dispatch_result decided) {
        if (r.fresh.contains(stream.str())) {
            r.quiet.emplace_back(index, std::move(decided));
        } else {
            r.dropped.insert(stream.str());
        }
    };
    if (call.options.expected && *call.options.expected != loaded.version) {
        keep_quiet(error{conflict_details{stream.str(),
                                          expectation::exactly(*call.options.expected).text(),
                                          loaded.version}});
        return;
    }
    auto const version_before = loaded.version;
    facts const known{dispatcher_->clock_(), call.options.actor, r.ids[index],
                      call.options.correlation};
    erased_decision decided;
    try {
        decided = call.command->decide(loaded.state.get(), call.object, known);
    } catch (error const& failure) {
        r.results[index] = failure;
        r.dropped.insert(stream.str());
        return;
    }
    if (decided.rejected) {
        keep_quiet(outcome{*decided.rejected});
        return;
    }
    if (decided.events.empty()) {
        keep_quiet(outcome{accepted{stream.str(), loaded.version, loaded.as_of, {}, false}});
        return;
    }
    commit c;
    c.id = r.ids[index];
    c.command = r.canonical[index];
    c.meta.correlation = call.options.correlation.value_or(c.id);
    c.meta.causation = call.options.causation;
    if (!call.options.actor.empty()) c.meta.actor = call.options.actor;
    c.meta.basis = loaded.as_of;
    c.meta.app = dispatcher_->program_;
    c.expectations.push_back({stream, expectation::exactly(version_before)});
    for (auto& event : decided.events) {
        c.events.push_back({stream, std::string{event.type.name}, event.type.version,
                            std::move(event.payload), event.effective_at});
    }
    loaded.version += static_cast<version>(c.events.size());
    r.commits.push_back(std::move(c));
    r.commit_of.push_back(index);
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
    auto const results = dispatcher_->log_.append_batch(r.commits);
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const index = r.commit_of[i];
        auto const& stream = r.streams[index].str();
        if (auto const* done = std::get_if<appended>(&results[i])) {
            r.results[index] = outcome{accepted_of(stream, *done)};
            if (done->repeated) r.dropped.insert(stream);
            continue;
        }
        // The state kept has the decided events, the log has not.
        r.dropped.insert(stream);
        auto const& failure = std::get<error>(results[i]);
        bool const stale = failure.code() == errc::conflict && !r.calls[index].options.expected;
        if (!stale) r.results[index] = failure;
    }
}

// Commands that wrote nothing: a repetition still has its first result, and what was decided on a
// state that did not come to be is decided again.
void dispatcher::batch::settle_quiet(round& r) {
    std::vector<std::size_t> indexes;
    for (auto const& [index, decided] : r.quiet) indexes.push_back(index);
    settle_known(r, indexes);
    for (auto& [index, decided] : r.quiet) {
        if (!r.results[index] && !r.dropped.contains(r.streams[index].str())) {
            r.results[index] = std::move(decided);
        }
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
            r.results[index] = error{errc::command_id_taken, fmt::format("the command id {} is taken",
                                                                         to_string(r.ids[index]))};
        }
    }
}

}  // namespace recount
