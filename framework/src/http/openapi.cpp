// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <recount/describe/columns.hpp>
#include <recount/describe/json_schema.hpp>

#include "app/schema_list.hpp"
#include "http/api_routes.hpp"

namespace recount::http {

namespace {

using json = nlohmann::ordered_json;

json reference_to(std::string_view component) {
    return {{"$ref", fmt::format("#/components/schemas/{}", component)}};
}

// A published JSON Schema as a component: its own definitions become components too, since a
// reference inside an OpenAPI document begins at the document's root.
class component_list {
public:
    component_list() {
        for (auto const& shape : shapes()) {
            all_[std::string{shape.name}] = json::parse(shape.schema);
        }
    }

    void add(std::string const& name, describe::type_descriptor const& type) {
        auto schema = json::parse(describe::json_schema(type, "", 0));
        schema.erase("$schema");
        auto definitions = json::object();
        if (schema.contains("$defs")) {
            definitions = std::move(schema["$defs"]);
            schema.erase("$defs");
        }
        for (auto& [inner, definition] : definitions.items()) {
            turn_references(definition, name);
            all_[component_of(name, inner)] = std::move(definition);
        }
        turn_references(schema, name);
        all_[name] = std::move(schema);
    }

    [[nodiscard]] json take() { return std::move(all_); }
    [[nodiscard]] json& at(std::string const& name) { return all_.at(name); }

private:
    json all_ = json::object();

    // An amount of money is the same everywhere.
    static std::string component_of(std::string const& owner, std::string const& inner) {
        return inner == "money" ? inner : owner + "." + inner;
    }

    static void turn_references(json& in, std::string const& owner) {
        if (in.is_object()) {
            for (auto& [key, value] : in.items()) {
                if (key == "$ref" && value.is_string()) {
                    constexpr std::string_view inside = "#/$defs/";
                    auto const to = value.get<std::string>();
                    value = to == "#" ? "#/components/schemas/" + owner
                                      : "#/components/schemas/" +
                                            component_of(owner, to.substr(inside.size()));
                } else {
                    turn_references(value, owner);
                }
            }
        } else if (in.is_array()) {
            for (auto& value : in) turn_references(value, owner);
        }
    }
};

// --- the parts of an operation ---

json parameter_json(route_parameter const& p) {
    json made{{"name", p.name}, {"in", p.in}, {"description", p.about}};
    if (p.in == "path") made["required"] = true;
    made["schema"] = json::parse(p.schema);
    return made;
}

// A filter for each column; values as PostgreSQL writes them, which for numbers is as JSON does.
json filter_json(describe::type_descriptor const& row, describe::column const& column) {
    auto const& field = row.fields[column.field];
    auto const& type = field.type().optional != nullptr ? field.type().optional->element()
                                                        : field.type();
    bool const integer = (type.kind >= describe::kind::int8 && type.kind <= describe::kind::uint64);
    auto schema = json{{"type", "string"}};
    if (integer || column.part == describe::column::part::minor) schema = {{"type", "integer"}};
    if (type.kind == describe::kind::boolean) schema = {{"type", "boolean"}};
    if (type.kind == describe::kind::date) schema["format"] = "date";
    if (type.kind == describe::kind::uuid) schema["format"] = "uuid";
    if (type.kind == describe::kind::enumeration) {
        for (auto const& one : type.enumerators) schema["enum"].push_back(one.name);
    }
    return {{"name", column.name},
            {"in", "query"},
            {"description", "only rows that have this value"},
            {"schema", std::move(schema)}};
}

std::string_view media_of(route_answer const& a) {
    return a.status >= 400 ? "application/problem+json" : a.media;
}

json headers_of(int status, std::string_view summary) {
    json made = json::object();
    auto const add = [&](char const* name, char const* type, char const* about) {
        made[name] = {{"description", about}, {"schema", {{"type", type}}}};
    };
    if (status == 425 || status == 503) add("Retry-After", "integer", "seconds");
    if (summary.find("ETag") != std::string_view::npos) {
        add("ETag", "string", "in quotes, for If-Match");
    }
    return made;
}

json answers_json(route const& of, json const& success) {
    json made = json::object();
    for (auto const& a : of.answers) {
        auto& one = made[std::to_string(a.status)];
        if (one.is_null()) {
            one["description"] = a.about;
            auto headers = headers_of(a.status, a.about);
            if (!headers.empty()) one["headers"] = std::move(headers);
        }
        auto schema = a.schema.empty() ? json{{"type", "string"}} : reference_to(a.schema);
        if (a.status == 200 && !success.is_null()) schema = success;
        one["content"][std::string{media_of(a)}]["schema"] = std::move(schema);
    }
    return made;
}

// One operation; `of` is the name put in the place of {name}, empty where that stays.
struct operation {
    route const& from;
    std::string_view of{};
    json body{};        // schema of the request's body; null: there is none
    json success{};     // schema of the answer 200; null: the table's
    json filters = json::array();

    [[nodiscard]] json document() const {
        json made{{"operationId", of.empty() ? std::string{from.id}
                                             : fmt::format("{}.{}", from.id, of)},
                  {"tags", json::array({from.tag})},
                  {"summary", of.empty() ? std::string{from.summary}
                                         : fmt::format("{}: {}", from.summary, of)}};
        auto parameters = json::array();
        for (auto const& p : from.parameters) {
            if (p.in != "path" || of.empty()) parameters.push_back(parameter_json(p));
        }
        for (auto const& filter : filters) parameters.push_back(filter);
        if (!parameters.empty()) made["parameters"] = std::move(parameters);
        if (!body.is_null()) {
            made["requestBody"] = {{"required", true},
                                   {"content", {{"application/json", {{"schema", body}}}}}};
        }
        made["responses"] = answers_json(from, success);
        return made;
    }
};

std::string method_key(route const& r) { return r.method == "POST" ? "post" : "get"; }

std::string path_for(route const& r, std::string_view name) {
    std::string path{r.pattern};
    return path.replace(path.find("{name}"), 6, name);
}

json rows_page(std::string const& row) {
    return {{"type", "object"},
            {"properties",
             {{"rows", {{"type", "array"}, {"items", reference_to(row)}}},
              {"next", {{"type", "string"}, {"description", "the next $after; absent at the end"}}},
              {"position", reference_to("position")}}},
            {"required", json::array({"rows", "position"})},
            {"additionalProperties", false}};
}

json tags_json() {
    constexpr std::pair<char const*, char const*> tags[] = {
        {"commands", "what may be asked of the application"},
        {"projections", "tables that follow the log"},
        {"log", "what happened"},
        {"restructures", "corrections of what was recorded"},
        {"seals", "periods that are closed"},
        {"sagas", "processes that act on what happened, and what they have still to do"},
        {"about", "of the program itself"}};
    auto made = json::array();
    for (auto const& [name, about] : tags) made.push_back({{"name", name}, {"description", about}});
    return made;
}

class document_maker {
public:
    explicit document_maker(application_parts const& parts) : parts_{parts} {}

    json paths() {
        json made = json::object();
        for (auto const& r : routes()) {
            if (r.each == route::expansion::commands) {
                commands(made, r);
            } else if (r.each == route::expansion::projections) {
                projections(made, r);
            } else {
                operation one{r};
                if (r.id == "read_state") one.success = any_state();
                if (!r.body.empty()) one.body = reference_to(r.body);
                made[std::string{r.pattern}][method_key(r)] = one.document();
            }
        }
        return made;
    }
    json components() {
        auto payloads = json::array();
        for (auto const& e : schemas_of(parts_, "events")) {
            auto const component = fmt::format("events.{}.{}", e.name, e.version);
            list_.add(component, *e.shape);
            payloads.push_back(reference_to(component));
        }
        // The log may hold what this program does not know.
        payloads.push_back({{"type", "object"}});
        list_.at("event")["properties"]["payload"]["anyOf"] = std::move(payloads);
        return list_.take();
    }

private:
    application_parts const& parts_;
    component_list list_;

    void commands(json& to, route const& r) {
        for (auto const& c : schemas_of(parts_, "commands")) {
            auto const component = fmt::format("commands.{}", c.name);
            list_.add(component, *c.shape);
            operation one{r, c.name};
            one.body = reference_to(component);
            to[path_for(r, c.name)][method_key(r)] = one.document();
        }
    }

    void projections(json& to, route const& r) {
        for (auto const& p : schemas_of(parts_, "rows")) {
            auto const row = fmt::format("rows.{}", p.name);
            list_.add(row, *p.shape);
            list_.at(row).erase("required");   // with $fields only some of them are there
            operation one{r, p.name};
            one.success = rows_page(row);
            for (auto const& column : describe::columns_of(*p.shape)) {
                one.filters.push_back(filter_json(*p.shape, column));
            }
            to[path_for(r, p.name)][method_key(r)] = one.document();
        }
    }

    json any_state() {
        auto states = json::array();
        for (auto const* a : parts_.aggregates) {
            auto const component = fmt::format("states.{}", a->category);
            list_.add(component, a->state());
            states.push_back(reference_to(component));
        }
        auto state = json{{"type", "object"}};
        if (states.size() == 1) state = states.front();
        if (states.size() > 1) state = {{"anyOf", std::move(states)}};
        return {{"type", "object"},
                {"properties",
                 {{"stream", {{"type", "string"}}},
                  {"version", reference_to("version")},
                  {"known_at", reference_to("known_at")},
                  {"state", std::move(state)}}},
                {"required", json::array({"stream", "version", "known_at", "state"})},
                {"additionalProperties", false}};
    }
};

}  // namespace

std::string openapi(application_parts const& parts, std::string const& title,
                    std::string const& version, std::vector<std::string> const& stores) {
    document_maker maker{parts};
    bool const several = stores.size() > 1;
    auto servers = json::array();
    for (auto const& name : stores) {
        if (several) servers.push_back({{"url", "/stores/" + name}});
    }
    if (!several) servers.push_back({{"url", "/"}});
    std::string about = "Commands, projections and the log of an application built with Recount.";
    if (!several) about += " Every path may stand behind /stores/{store} too.";
    json made{{"openapi", "3.1.0"},
              {"info",
               {{"title", title},
                {"version", version},
                {"description", about}}},
              {"servers", std::move(servers)},
              {"security", json::array()},
              {"tags", tags_json()}};
    made["paths"] = maker.paths();
    made["components"]["schemas"] = maker.components();
    return made.dump();
}

}  // namespace recount::http
