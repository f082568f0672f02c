// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/sandbox.hpp>

#include <fmt/core.h>

#include <recount/memory/log.hpp>
#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/postgres_row_store.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/saga/postgres_saga_store.hpp>
#include <recount/testing/database.hpp>

namespace recount::testing {

struct sandbox::implementation {
    test_clock clock;
    std::unique_ptr<scratch_database> database;   // outlives what is connected to it
    std::unique_ptr<recount::application> application;

    void open(application_parts parts, std::string name, std::shared_ptr<recount::log> log,
              std::shared_ptr<row_store> rows, std::shared_ptr<saga_store> sagas) {
        application = std::make_unique<recount::application>(
            std::move(parts), std::move(log), std::move(rows),
            application_options{.program = std::move(name), .clock = clock,
                                .sagas = std::move(sagas)});
    }
    void open_in_memory(application_parts parts, std::string name) {
        auto log = std::make_shared<memory::log>("main", clock);
        open(std::move(parts), std::move(name), std::move(log),
             std::make_shared<memory_row_store>(), std::make_shared<memory_saga_store>(clock));
    }
    void open_on_postgres(application_parts parts, std::string name) {
        database = std::make_unique<scratch_database>();
        postgres::migrate({.url = database->url()});
        auto log = postgres::log::open({.url = database->url(), .program = name});
        auto rows = std::make_shared<postgres_row_store>(database->url(), log->names(), name);
        auto sagas = std::make_shared<postgres_saga_store>(database->url(), log->names(), name);
        open(std::move(parts), std::move(name), std::move(log), std::move(rows),
             std::move(sagas));
    }
};

sandbox::sandbox(place where, application_parts parts, std::string name)
    : self_{std::make_unique<implementation>()} {
    if (where == place::memory) {
        self_->open_in_memory(std::move(parts), std::move(name));
    } else {
        self_->open_on_postgres(std::move(parts), std::move(name));
    }
}
sandbox::~sandbox() = default;
sandbox::sandbox(sandbox&&) noexcept = default;
sandbox& sandbox::operator=(sandbox&&) noexcept = default;

test_clock& sandbox::clock() noexcept { return self_->clock; }
recount::application& sandbox::application() noexcept { return *self_->application; }
recount::log& sandbox::log() noexcept { return application().log(); }

void sandbox::catch_up(projection_descriptor const& p) {
    static_cast<void>(application().catch_up(p));
}

void sandbox::must_reach(position at) {
    auto const head = log().head().position;
    if (at <= head) return;
    throw error{errc::not_found,
                fmt::format("the log has {} positions, and no position {}", head, at)};
}

restructure_preview sandbox::preview(restructure const& plan) {
    application().catch_up();
    return application().preview(plan);
}

std::vector<recorded_event> sandbox::events(std::string const& stream) {
    std::vector<recorded_event> all;
    stream_name const name{stream};
    for (stream_read next;;) {
        auto page = log().read_stream(name, next);
        for (auto& e : page.events) all.push_back(std::move(e));
        if (!page.more) return all;
        next.from = all.back().version + 1;
    }
}

std::vector<recorded_event> sandbox::events() {
    std::vector<recorded_event> all;
    for (position after = 0;;) {
        auto page = log().read_feed(after);
        for (auto& e : page.events) all.push_back(std::move(e));
        if (page.caught_up) return all;
        after = page.through;
    }
}

std::vector<std::string> sandbox::types() {
    std::vector<std::string> names;
    for (auto& e : events()) names.push_back(std::move(e.type));
    return names;
}

}  // namespace recount::testing
