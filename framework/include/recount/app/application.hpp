// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An application at run time: its aggregates, projections, sagas and reactors on one log and the
// tables beside it.
//
//     recount::application bank{parts, log, rows, {.program = "bank 1.0"}};
//     auto outcome = bank.dispatch(deposit{{"a-1"}, {5000, "EUR"}});
//     bank.catch_up();
//     auto row = bank.row<account_balances>({"a-1"});
//
// Thread safety: every function from any thread. Lifetimes: shares log, row store and saga store.
// Errors: recount::error; a command that is rejected is an outcome, not an error.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/aggregate/aggregate.hpp>
#include <recount/command/dispatcher.hpp>
#include <recount/correction/preview.hpp>
#include <recount/correction/restructured.hpp>
#include <recount/effects/handler.hpp>
#include <recount/projection/projection.hpp>
#include <recount/projection/runner.hpp>
#include <recount/saga/reactor.hpp>
#include <recount/saga/run.hpp>

namespace recount {

struct application_parts {
    std::vector<aggregate_descriptor const*> aggregates;
    std::vector<projection_descriptor const*> projections;
    std::vector<saga_descriptor const*> sagas{};   // and reactors
    effect_handlers effects{};

    template <class Part>
    void add() {
        if constexpr (aggregate_type<Part>) {
            aggregates.push_back(&aggregate_of<Part>());
        } else if constexpr (saga_type<Part>) {
            sagas.push_back(&saga_of<Part>());
        } else if constexpr (reactor_type<Part>) {
            sagas.push_back(&reactor_of<Part>());
        } else {
            static_assert(projection_type<Part>,
                          "recount: an application is made of aggregates (RECOUNT_AGGREGATE), "
                          "projections (RECOUNT_PROJECTION), sagas (RECOUNT_SAGA) and reactors "
                          "(RECOUNT_REACTOR)");
            projections.push_back(&projection_of<Part>());
        }
    }
};

struct application_options {
    std::string program = "recount";       // name and version, kept in each event's meta
    clock_function clock = &now;           // facts.now of the deciders
    warm_options warm{};                   // states kept in memory
    std::shared_ptr<saga_store> sagas{};   // without, there can be no sagas and reactors
};

class application {
public:
    // Throws errc::invalid_argument for two parts of one name, or a saga whose commands no aggregate
    // takes; errc::unknown_type if the log holds an event type or version that these parts need and
    // do not know; errc::refused for sagas without a store for them.
    application(application_parts parts, std::shared_ptr<recount::log> log,
                std::shared_ptr<row_store> rows, application_options options = {});

    template <command_type C>
    outcome dispatch(C const& command, command_options options = {}) {
        return dispatcher_.dispatch(call(command, std::move(options)));
    }
    // Refers to `command`, which must outlive the call.
    template <command_type C>
    [[nodiscard]] command_call call(C const& command, command_options options = {}) const {
        return this->call(command_name_of<C>().name, &command, std::move(options));
    }
    [[nodiscard]] command_call call(std::string_view name, void const* object,
                                    command_options options = {}) const;
    [[nodiscard]] outcome dispatch(command_call const& call) { return dispatcher_.dispatch(call); }
    [[nodiscard]] dispatcher::batch batch() { return dispatcher::batch{dispatcher_}; }

    // The state of an aggregate, as it is now or as a cut has it (command/state_cut.hpp); a fresh
    // one if there is no stream.
    template <aggregate_type A>
    [[nodiscard]] A state(typename A::id const& id, state_cut const& cut = {}) {
        auto const name = stream_name::of(aggregate_of<A>().category, detail::id_text(id));
        auto loaded = dispatcher_.load(aggregate_of<A>(), name, cut);
        return std::move(*static_cast<A*>(loaded.state.get()));
    }
    [[nodiscard]] loaded_state load(stream_name const& stream, state_cut const& cut = {});

    // What a correction of history would do; writes nothing (recount/correction/preview.hpp). Rows
    // are told for projections that have come as far as what is corrected. Throws
    // history::plan_refused.
    [[nodiscard]] restructure_preview preview(restructure const& plan);
    // Appends it. With the hash of a preview it is what was previewed, or errc::conflict. Throws
    // history::plan_refused; invariants_broken for what the plan newly breaks and does not
    // acknowledge, judged while nobody else can restructure; errc::command_id_taken.
    restructured apply(restructure const& plan, std::string const& preview = {},
                       restructure_options const& options = {});
    // A restructure that gives back what another one changed. Throws errc::not_found, and
    // history::plan_refused if others have written the same since.
    restructured undo(uuid const& id, std::string because,
                      restructure_options const& options = {});
    [[nodiscard]] restructure undo_plan(uuid const& id, std::string because);

    // Brings every projection, or one, up to the head that the log has now. Throws the first
    // failure when all have been tried.
    void catch_up(projection_run_hooks const& hooks = {});
    void catch_up(
        std::function<projection_run_hooks(projection_descriptor const&)> const& hooks_of);
    projection_run catch_up(projection_descriptor const& p,
                            projection_run_hooks const& hooks = {});
    // Fills a new table beside the one in use, then swaps. Readers see the old one until then.
    projection_run rebuild(projection_descriptor const& p, projection_run_hooks const& hooks = {});

    // Lets every saga and reactor react to what is in the log, fires the timers that are due, and
    // sends the commands, until nothing is left to do. Throws the first failure when all have been
    // tried.
    void run_sagas(saga_run_hooks const& hooks = {});
    // One of them, once round or for ever, as the options say.
    saga_run run(saga_descriptor const& saga, saga_run_options const& options,
                 saga_run_hooks const& hooks = {});

    template <projection_type P>
    [[nodiscard]] std::optional<typename P::row> row(row_key<typename P::row> const& key) {
        using traits = detail::key_traits<row_key_members<typename P::row>>;
        auto const probe = traits::template probe<typename P::row>(key);
        auto found = rows_->source(projection_of<P>(), table_build::live)->load({&probe});
        if (found.empty()) return std::nullopt;
        return std::move(*static_cast<typename P::row*>(found.front().object.get()));
    }
    template <projection_type P>
    [[nodiscard]] std::vector<typename P::row> rows(row_query const& wanted = {}) {
        std::vector<typename P::row> list;
        for (auto& found : rows_->query(projection_of<P>(), wanted)) {
            list.push_back(std::move(*static_cast<typename P::row*>(found.object.get())));
        }
        return list;
    }

    [[nodiscard]] recount::log& log() const noexcept { return *log_; }
    [[nodiscard]] row_store& row_tables() const noexcept { return *rows_; }
    // Throws errc::refused if the application was opened without one.
    [[nodiscard]] saga_store& saga_tables() const;
    [[nodiscard]] application_parts const& parts() const noexcept { return parts_; }
    [[nodiscard]] std::string const& program() const noexcept { return dispatcher_.program(); }
    // Throw errc::not_found with the names that there are.
    [[nodiscard]] command_descriptor const& command(std::string_view name) const;
    [[nodiscard]] projection_descriptor const& projection(std::string_view name) const;
    [[nodiscard]] aggregate_descriptor const& aggregate(std::string_view category) const;
    [[nodiscard]] saga_descriptor const& saga(std::string_view name) const;

private:
    application_parts parts_;
    std::shared_ptr<recount::log> log_;
    std::shared_ptr<row_store> rows_;
    std::shared_ptr<saga_store> sagas_;
    dispatcher dispatcher_;

    void check_parts() const;
    void check_types() const;
};

}  // namespace recount
