// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/command/outcome.hpp>

#include <fmt/format.h>

#include <recount/describe/json.hpp>

namespace recount {

std::string to_json(accepted const& yes) {
    std::string text = R"({"accepted":true,"stream":)";
    describe::append_quoted(text, yes.stream);
    text += fmt::format(R"(,"version":{},"position":{},"token":"{}","repeated":{},"events":[)",
                        yes.version, yes.position, yes.token(), yes.repeated);
    for (std::size_t i = 0; i < yes.events.size(); ++i) {
        text += fmt::format(R"({}"{}")", i == 0 ? "" : ",", to_string(yes.events[i]));
    }
    return text + "]}";
}

}  // namespace recount
