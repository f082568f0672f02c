// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Every route of the API, once: the dispatcher follows this table and OpenAPI is written from it.
// It is joined from parts: a new route is a handler, and a row in its part's file.
#pragma once

#include <span>
#include <string_view>

#include "http/api_call.hpp"

namespace recount::http {

// A JSON Schema of what routes take or answer, in every application the same.
struct named_shape {
    std::string_view name;
    std::string_view schema;   // JSON; refers to others as "#/components/schemas/…"
};

struct route_parameter {
    std::string_view name;
    std::string_view in;       // path, query, header
    std::string_view schema;   // JSON
    std::string_view about;
};

struct route_answer {
    int status;
    std::string_view about;
    std::string_view schema;                        // the name of a shape
    std::string_view media = "application/json";
};

struct route {
    // In the document a path for each command, or each projection, with its own shape.
    enum class expansion : std::uint8_t { none, commands, projections };

    std::string_view method;
    std::string_view pattern;   // "/streams/{name}/events"
    std::string_view id;        // operationId
    std::string_view tag;
    std::string_view summary;
    std::span<route_parameter const> parameters;
    std::span<route_answer const> answers;
    reply (*run)(api_call const&);
    expansion each = expansion::none;
    std::string_view body{};    // of the request, by its shape's name; a command has its own

    [[nodiscard]] bool has_parameter(std::string_view name) const noexcept;   // of the query
};

[[nodiscard]] std::span<route const> routes();
[[nodiscard]] std::span<named_shape const> shapes();

// --- the parts ---

struct api_part {
    std::span<route const> routes;
    std::span<named_shape const> shapes;
};

[[nodiscard]] api_part commands_part() noexcept;       // routes_commands.cpp, and so on
[[nodiscard]] api_part log_part() noexcept;
[[nodiscard]] api_part restructures_part() noexcept;
[[nodiscard]] api_part sagas_part() noexcept;
[[nodiscard]] api_part about_part() noexcept;

// --- the handlers, file by file ---

reply list_commands(api_call const& call);            // api_commands.cpp
reply send_command(api_call const& call);

reply list_projections(api_call const& call);         // api_projections.cpp
reply query_projection(api_call const& call);
reply read_row_changes(api_call const& call);         // api_row_changes.cpp

reply list_categories(api_call const& call);          // api_streams.cpp
reply list_streams(api_call const& call);
reply read_stream(api_call const& call);
reply read_state(api_call const& call);

reply read_events(api_call const& call);              // api_events.cpp
reply read_event(api_call const& call);

reply verify_log(api_call const& call);               // api_provenance.cpp
reply show_heads(api_call const& call);

reply preview_restructure(api_call const& call);      // api_restructures.cpp
reply apply_restructure(api_call const& call);
reply list_restructures(api_call const& call);
reply read_restructure(api_call const& call);
reply undo_restructure(api_call const& call);

reply make_proposal(api_call const& call);            // api_proposals.cpp
reply list_proposals(api_call const& call);
reply read_proposal(api_call const& call);
reply approve_proposal(api_call const& call);
reply reject_proposal(api_call const& call);

reply make_seal(api_call const& call);                // api_seals.cpp
reply list_seals(api_call const& call);

reply list_sagas(api_call const& call);               // api_sagas.cpp
reply list_instances(api_call const& call);
reply read_instance(api_call const& call);
reply retry_instance(api_call const& call);
reply end_instance_by_hand(api_call const& call);
reply list_divergences(api_call const& call);
reply acknowledge_divergence(api_call const& call);

reply list_outbox(api_call const& call);              // api_outbox.cpp
reply read_message(api_call const& call);
reply replay_message(api_call const& call);
reply list_timers(api_call const& call);

reply show_index(api_call const& call);               // api_about.cpp
reply show_health(api_call const& call);
reply show_readiness(api_call const& call);
reply list_schemas(api_call const& call);
reply read_schema(api_call const& call);
reply show_openapi(api_call const& call);
reply show_metrics(api_call const& call);

}  // namespace recount::http
