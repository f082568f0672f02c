// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "running_saga.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/postgres/migrate.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/postgres_saga_store.hpp>

namespace recount::bench {

namespace {

struct stage_name {
    saga_stage stage;
    std::string_view key, text;
};
constexpr stage_name stage_names[] = {
    {saga_stage::feed, "feed_s", "reading the feed"},
    {saga_stage::instances, "instances_s", "reading instances"},
    {saga_stage::deciding, "deciding_s", "deciding"},
    {saga_stage::steps, "steps_s", "appending what was decided"},
    {saga_stage::tables, "tables_s", "writing the tables"},
    {saga_stage::looking, "looking_s", "looking for timers and commands"},
    {saga_stage::commands, "commands_s", "executing commands"},
    {saga_stage::waiting, "waiting_s", "waiting for something to do"},
};

}  // namespace

std::unique_ptr<application> saga_application(place const& here, std::string const& store,
                                              application_parts parts) {
    std::shared_ptr<postgres::log> log = here.open(store);
    application_options how;
    how.program = "recount-bench " RECOUNT_VERSION;
    how.sagas = std::make_shared<postgres_saga_store>(here.url(), log->names(), "recount-bench");
    return std::make_unique<application>(std::move(parts), std::move(log),
                                         std::make_shared<memory_row_store>(), std::move(how));
}

running_saga::running_saga(application& app, saga_descriptor const& saga) {
    thread_ = std::thread{[this, &app, &saga] {
        auto const begun = steady::now();
        try {
            saga_run_hooks hooks;
            hooks.stop_wanted = [this] { return stopping_.load() || stop_wanted(); };
            hooks.took = [this](saga_stage stage, std::chrono::nanoseconds took) {
                stages_[stage] += seconds{took}.count();
            };
            told_ = app.run(saga, {}, hooks);
        } catch (...) {
            failure_ = std::current_exception();
        }
        length_s_ = seconds_since(begun);
        processor_s_ = thread_processor_s();
        ended_ = true;
    }};
}

running_saga::~running_saga() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

void running_saga::check() const {
    if (ended_ && failure_) std::rethrow_exception(failure_);
}

void running_saga::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
    if (failure_) std::rethrow_exception(failure_);
}

void add(std::map<saga_stage, double>& to, std::map<saga_stage, double> const& more) {
    for (auto const& [stage, spent_s] : more) to[stage] += spent_s;
}

nlohmann::ordered_json json_of(std::map<saga_stage, double> const& stages) {
    nlohmann::ordered_json to;
    for (auto const& one : stage_names) {
        auto const found = stages.find(one.stage);
        to[std::string{one.key}] = rounded(found == stages.end() ? 0 : found->second, 3);
    }
    return to;
}

std::vector<line> lines_of(std::map<saga_stage, double> const& stages) {
    double all_s = 0;
    for (auto const& [stage, spent_s] : stages) all_s += spent_s;
    std::vector<line> lines;
    for (auto const& one : stage_names) {
        auto const found = stages.find(one.stage);
        auto const spent_s = found == stages.end() ? 0 : found->second;
        lines.push_back({"  " + std::string{one.text}, fmt::format("{:.2f} s", spent_s),
                         share_text(ratio_of(spent_s, all_s))});
    }
    return lines;
}

}  // namespace recount::bench
