// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a call of a verb carries, and the verbs that every application has.
#pragma once

#include <chrono>
#include <map>

#include <recount/app/verb.hpp>

#include "app/connection.hpp"

namespace recount {

struct verb_call::implementation {
    connection_options database;
    application_parts const* parts = nullptr;
    bool json = false;
    bool quiet = false;
    std::map<std::string, std::string, std::less<>> values;
    std::map<std::string, std::vector<std::string>, std::less<>> lists;
    std::map<std::string, bool, std::less<>> flags;
    std::vector<std::string> stores;   // as given, none if none was

    std::optional<connection> connected{};
    std::map<std::string, std::unique_ptr<recount::application>, std::less<>> opened{};

    connection& connect() {
        if (!connected) connected.emplace(database);
        return *connected;
    }
};

// What a verb says of itself in the end.
[[nodiscard]] inline double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>{std::chrono::steady_clock::now() - begun}.count();
}

[[nodiscard]] std::vector<verb> log_verbs();
[[nodiscard]] std::vector<verb> outbox_verbs();
[[nodiscard]] std::vector<verb> projection_verbs();
[[nodiscard]] std::vector<verb> provenance_verbs();
[[nodiscard]] std::vector<verb> restructure_verbs();
[[nodiscard]] std::vector<verb> saga_verbs();
[[nodiscard]] std::vector<verb> store_verbs();
[[nodiscard]] std::vector<verb> transfer_verbs();

}  // namespace recount
