// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An object of JSON, written member by member: for what is no described type.
//
//     auto text = fmt::format(R"({{"restructure":"{}")", to_string(id));
//     recount::detail::json_text_member(text, "title", title);
//     recount::detail::json_texts_member(text, "streams", streams);
//     return text + "}";
//
// Each member has a comma before it: the first one is the caller's. Names are written as they are.
// Thread safety: pure functions. Lifetimes: nothing is kept. Errors: errc::invalid_json for text
// that has no JSON form. Cost: linear in what is written.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <recount/core/uuid.hpp>
#include <recount/describe/json.hpp>

namespace recount::detail {

inline void begin_json_member(std::string& to, std::string_view name) {
    to.append(",\"").append(name).append("\":");
}
inline void json_text_member(std::string& to, std::string_view name, std::string_view value) {
    begin_json_member(to, name);
    describe::append_quoted(to, value);
}
inline void json_id_member(std::string& to, std::string_view name, uuid const& id) {
    json_text_member(to, name, to_string(id));
}
template <class List, class Write>
void json_list_member(std::string& to, std::string_view name, List const& list,
                      Write const& write) {
    begin_json_member(to, name);
    to += '[';
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
