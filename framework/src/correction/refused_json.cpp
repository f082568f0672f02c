// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/refused_json.hpp"

#include <fmt/format.h>

#include <recount/describe/json_members.hpp>

namespace recount::detail {

std::string problems_json(std::vector<history::problem> const& problems) {
    std::string text = "[";
    for (auto const& p : problems) {
        if (text.size() > 1) text += ',';
        text += fmt::format(R"({{"code":"{}")", history::to_string(p.what));
        if (p.step >= 0) text += fmt::format(R"(,"step":{})", p.step);
        json_text_member(text, "detail", p.sentence);
        if (!p.concerning.empty()) {
            json_list_member(text, "concerning", p.concerning, [&](uuid const& id) {
                text += fmt::format(R"("{}")", to_string(id));
            });
        }
        text += '}';
    }
    return text + "]";
}

}  // namespace recount::detail
