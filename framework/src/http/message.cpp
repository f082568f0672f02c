// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/message.hpp>

#include <algorithm>

namespace recount::http {

namespace {

std::string const* first_of(std::vector<name_value> const& list, std::string_view name) noexcept {
    auto const found = std::find_if(list.begin(), list.end(),
                                    [&](name_value const& one) { return one.first == name; });
    return found == list.end() ? nullptr : &found->second;
}

}  // namespace

std::string const* request::header(std::string_view name) const noexcept {
    return first_of(headers, name);
}

std::string const* request::parameter(std::string_view name) const noexcept {
    return first_of(query, name);
}

}  // namespace recount::http
