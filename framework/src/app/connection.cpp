// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/connection.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/projection/postgres_row_store.hpp>
#include <recount/saga/postgres_saga_store.hpp>

namespace recount {

connection::connection(connection_options options) : options_{std::move(options)} {
    url_ = options_.url;
    if (url_.empty()) {
        cluster_ = postgres::private_cluster::start({.name = options_.name});
        url_ = cluster_->url();
    }
    for (auto const& unsafe : postgres::check_durability(url_, options_.unsafe_settings)) {
        fmt::print(stderr, "warning: --unsafe-settings: {}\n", unsafe);
    }
}

void connection::revive() {
    // The new one is held before the old one is let go, so that nobody stops the server between.
    // If its data are gone (a volume that is not mounted) an empty server would be no revival.
    if (!is_private()) return;
    cluster_ = postgres::private_cluster::start({.name = options_.name, .may_create = false});
}

void connection::check_store_exists(std::string const& store) const {
    auto const known = postgres::store_list(url_);
    if (std::find(known.begin(), known.end(), store) != known.end()) return;
    throw error{errc::refused,
                fmt::format("there is no store '{}'; there {}: stores create {} makes it",
                            store,
                            known.empty()       ? "are none yet"
                            : known.size() == 1 ? "is " + known.front()
                                                : fmt::format("are {}", fmt::join(known, ", ")),
                            store)};
}

std::unique_ptr<application> connection::open(application_parts const& parts,
                                              std::string const& store) const {
    postgres::check_writable(url_);
    postgres::migrate_options const step{url_, store};
    static_cast<void>(postgres::names_of(store, ""));   // a name at all
    if (options_.store_is_typed && store != store_default) check_store_exists(store);
    if (is_private() || options_.pending == pending_migrations::apply) {
        postgres::migrate(step);
    } else {
        int pending = 0;
        for (auto const& status : postgres::migration_statuses(step)) pending += !status.applied;
        if (pending > 0) {
            throw error{errc::refused,
                        fmt::format("store '{}' has {} pending migration{}: run migrate first{}",
                                    store, pending, pending == 1 ? "" : "s",
                                    options_.pending == pending_migrations::refuse
                                        ? ""
                                        : ", or serve with --migrate")};
        }
    }
    std::shared_ptr<postgres::log> log = postgres::log::open(
        {.url = url_, .store = store, .program = options_.program});
    auto rows = std::make_shared<postgres_row_store>(url_, log->names(), options_.program);
    auto sagas = std::make_shared<postgres_saga_store>(url_, log->names(), options_.program);
    return std::make_unique<application>(
        parts, std::move(log), std::move(rows),
        application_options{.program = options_.program, .clock = &now,
                            .sagas = std::move(sagas)});
}

}  // namespace recount
