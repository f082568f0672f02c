// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// JSON of previews and restructures, member by member.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <recount/describe/json.hpp>
#include <recount/core/uuid.hpp>

namespace recount::detail {

// Members after the first: with a comma before them.
inline void json_text_member(std::string& to, std::string_view name, std::string_view value) {
    to += fmt::format(R"(,"{}":)", name);
    describe::append_quoted(to, value);
}
inline void json_id_member(std::string& to, std::string_view name, uuid const& id) {
    to += fmt::format(R"(,"{}":"{}")", name, to_string(id));
}
template <class List, class Write>
void json_list_member(std::string& to, std::string_view name, List const& list,
                      Write const& write) {
    to += fmt::format(R"(,"{}":[)", name);
    bool first = true;
    for (auto const& one : list) {
        if (!std::exchange(first, false)) to += ',';
        write(one);
    }
    to += ']';
}
template <class List>
void json_texts_member(std::string& to, std::string_view name, List const& list) {
    json_list_member(to, name, list,
                     [&](auto const& one) { describe::append_quoted(to, one); });
}

}  // namespace recount::detail
