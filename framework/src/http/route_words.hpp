// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Parameters and answers that many routes share, for the files routes_*.cpp.
#pragma once

#include "http/api_routes.hpp"

namespace recount::http::route_words {

using parameter = route_parameter;
using answer = route_answer;

// --- schemas of parameters ---

inline constexpr char const* text = R"({"type":"string"})";
inline constexpr char const* count = R"({"type":"integer","minimum":1})";
inline constexpr char const* whole = R"({"type":"integer","minimum":0})";
inline constexpr char const* uuid_text = R"({"type":"string","format":"uuid"})";
inline constexpr char const* mark = R"({"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?$"})";

// --- parameters ---

inline constexpr std::span<parameter const> none{};
inline constexpr parameter limit{"limit", "query", count, "at most so many"};
inline constexpr parameter command_key{
    "Idempotency-Key", "header", R"({"type":"string","minLength":1,"maxLength":255})",
    "the same key again has the first answer; a UUID with its low 16 bits zero is the id itself"};
inline constexpr parameter correlation{"Correlation-Id", "header", uuid_text,
                                       "the conversation it belongs to"};
inline constexpr parameter causation{"Causation-Id", "header", uuid_text,
                                     "the event or command that led to it"};

// --- answers ---

inline constexpr answer wrong{400, "a parameter, a header or the body is wrong", "problem"};
inline constexpr answer unknown{404, "there is no such thing", "problem"};
inline constexpr answer not_acceptable{406, "none of the media types asked for", "problem"};
inline constexpr answer too_large{413, "the body is too large", "problem"};
inline constexpr answer not_json{415, "the body is no JSON", "problem"};
inline constexpr answer away{503, "the database does not answer; ask again", "problem"};

}  // namespace recount::http::route_words
