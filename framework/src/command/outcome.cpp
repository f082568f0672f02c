// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/command/outcome.hpp>

#include <fmt/format.h>

#include <recount/describe/json.hpp>

namespace recount {

accepted const& outcome::value() const {
    if (auto const* no = std::get_if<rejection>(&result_)) {
        throw error{errc::refused, no->text.empty()
                                       ? fmt::format("the command was rejected: {}", no->code)
                                       : fmt::format("the command was rejected: {} ({})", no->code,
                                                     no->text)};
    }
    return std::get<accepted>(result_);
}

rejection const& outcome::rejected() const {
    auto const* no = std::get_if<rejection>(&result_);
    assert_that(no != nullptr, "the rejection of a command that was accepted");
    return *no;
}

void command_options::identify_by(std::string text) {
    if (is_uuid(text)) {
        auto const given = uuid_from_string(text);
        if (!given.is_nil() && ordinal_of(given) == 0) {
            id = given;
            return;
        }
    }
    key = std::move(text);
}

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
