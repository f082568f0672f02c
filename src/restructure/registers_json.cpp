// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "restructure/registers_json.hpp"

#include <fmt/format.h>

namespace recount::history {

registers registers_of(describe::raw_json const& value) {
    std::uint8_t bits = 0;
    for (auto const& e : value.elements()) {
        auto const name = e.string();
        if (name == "presence") bits |= registers::presence;
        else if (name == "content") bits |= registers::contents;
        else if (name == "place") bits |= registers::place;
        else e.expected("presence, content or place");
    }
    if (bits == 0) value.expected("at least one register");
    return {bits};
}

std::string names_of(registers which) {
    std::string names;
    auto const add = [&](std::uint8_t one, std::string_view name) {
        if (which.has(one)) names += fmt::format(R"({}"{}")", names.empty() ? "" : ",", name);
    };
    add(registers::presence, "presence");
    add(registers::contents, "content");
    add(registers::place, "place");
    return names;
}

}  // namespace recount::history
