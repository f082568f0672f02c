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

}  // namespace

std::span<route const> routes() {
    static auto const all = [] {
        std::vector<route> joined;
        for (auto const& part : parts()) {
            joined.insert(joined.end(), part.routes.begin(), part.routes.end());
        }
        return joined;
    }();
    return all;
}

std::span<named_shape const> shapes() {
    static auto const all = [] {
        std::vector<named_shape> joined;
        for (auto const& part : parts()) {
            joined.insert(joined.end(), part.shapes.begin(), part.shapes.end());
        }
        return joined;
    }();
    return all;
}

bool route::has_parameter(std::string_view name) const noexcept {
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](auto const& one) { return one.in == "query" && one.name == name; });
}

}  // namespace recount::http
