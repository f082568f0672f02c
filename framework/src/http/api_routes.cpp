// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/api_routes.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace recount::http {

namespace {

constexpr named_shape common_shapes[] = {
    {"any", R"({"type":"object"})"},
    {"problem", R"({"type":"object","description":"RFC 9457; what went wrong",
        "properties":{
            "type":{"type":"string"},"title":{"type":"string"},
            "status":{"type":"integer"},"code":{"type":"string"},
            "detail":{"type":"string"},"instance":{"type":"string"}},
        "required":["type","title","status"]})"},
    {"position", R"({"type":"integer","minimum":0,"description":"in the log"})"},
    {"version", R"({"type":"integer","minimum":1,"description":"in a stream"})"},
    {"uuid", R"({"type":"string","format":"uuid"})"},
    {"moment", R"({"type":"string","format":"date-time"})"},
};

std::array<api_part, 6> parts() noexcept {
    return {{{{}, common_shapes},
             commands_part(),
             log_part(),
             restructures_part(),
             sagas_part(),
             about_part()}};
}

template <class Item>
std::vector<Item> joined(std::span<Item const> api_part::*list) {
    std::vector<Item> all;
    for (auto const& part : parts()) {
        all.insert(all.end(), (part.*list).begin(), (part.*list).end());
    }
    return all;
}

}  // namespace

std::span<route const> routes() {
    static auto const all = joined(&api_part::routes);
    return all;
}

std::span<named_shape const> shapes() {
    static auto const all = joined(&api_part::shapes);
    return all;
}

bool route::has_parameter(std::string_view name) const noexcept {
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](auto const& one) { return one.in == "query" && one.name == name; });
}

}  // namespace recount::http
