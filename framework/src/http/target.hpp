// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The target of a request, taken apart: "/streams/account-a%2F1?limit=5".
//
//     auto const where = parse_target("/streams/account-a%2F1?limit=5");
//     // path {"streams", "account-a/1"}, query {{"limit", "5"}}
//
// "/" has no segments; otherwise empty segments are kept: "/console/" is {"console", ""}. A "+" in
// the query is a space. Refused: a target that is no path, characters that no target may have,
// escapes that are not two hexadecimal digits, control characters and ill-formed UTF-8 behind
// escapes, and segments "." and "..", which a proxy might have resolved.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <recount/http/message.hpp>

namespace recount::http::detail {

struct parsed_target {
    std::vector<std::string> path;
    std::vector<name_value> query;
};

[[nodiscard]] std::optional<parsed_target> parse_target(std::string_view target);

}  // namespace recount::http::detail
