// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/seals_json.hpp"

#include <fmt/format.h>

#include <recount/describe/json_members.hpp>

namespace recount {

std::string to_json(recorded_seal const& seal) {
    using detail::json_text_member;
    std::string text;
    if (seal.category.empty()) {
        text += fmt::format(R"(,"through":{})", seal.through);
    } else {
        json_text_member(text, "category", seal.category);
        if (seal.until) json_text_member(text, "until", to_string(*seal.until));
    }
    json_text_member(text, "by", seal.actor);
    json_text_member(text, "because", seal.because);
    json_text_member(text, "sealed_at", to_string(seal.sealed_at));
    text += fmt::format(R"(,"head":{}}})", seal.head);
    text.front() = '{';
    return text;
}

}  // namespace recount
