// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `seals …`: periods that are closed, and opened again.
#include <fmt/format.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>

#include "app/seals_json.hpp"
#include "app/stream_view.hpp"
#include "app/verb_call.hpp"

namespace recount {

namespace {

std::string what_is_closed(recorded_seal const& s) {
    if (s.category.empty()) {
        return s.through == 0 ? std::string{"nothing by position"}
                              : fmt::format("positions up to {}", s.through);
    }
    return s.until ? fmt::format("{} until {}", s.category, to_string(*s.until))
                   : fmt::format("nothing of {}", s.category);
}

new_seal signed_seal(verb_call const& call) {
    new_seal wanted;
    wanted.category = call.get("CATEGORY").value_or("");
    wanted.actor = call.get("--by").value_or("");
    wanted.because = call.require("--because");
    return wanted;
}

int make(verb_call& call, new_seal const& wanted) {
    auto& log = call.application().log();
    auto const made = log.seal(wanted);
    if (!made.category.empty() && log.list_streams(made.category, {}, 1).empty()) {
        call.note(fmt::format("note: no stream of category '{}' exists", made.category));
    }
    call.line(call.json() ? to_json(made) : "sealed: " + what_is_closed(made));
    return exit_code::ok;
}

int close(verb_call& call) {
    auto wanted = signed_seal(call);
    auto const until = call.get("--until");
    auto const through = call.number("--through");
    bool const by_category = !wanted.category.empty() && until && !through;
    bool const by_position = wanted.category.empty() && !until && through.value_or(0) > 0;
    if (!by_category && !by_position) {
        throw error{errc::invalid_argument,
                    "expected CATEGORY with --until, or --through with a position"};
    }
    if (until) wanted.until = end_of_time_named(*until);
    wanted.through = through.value_or(0);
    return make(call, wanted);
}

// All of a category, or all positions, may be written to again.
int open(verb_call& call) {
    auto const wanted = signed_seal(call);
    if (wanted.category.empty() != call.flag("--positions")) {
        throw error{errc::invalid_argument, "expected CATEGORY, or --positions"};
    }
    return make(call, wanted);
}

int list(verb_call& call) {
    auto const all = call.application().log().list_seals();
    text_table table{{{"sealed at"}, {"by"}, {"closed"}, {"because"}}};
    for (auto const& s : all) {
        if (call.json()) call.line(to_json(s));
        table.add({to_string(s.sealed_at).substr(0, 16), printable_utf8(s.actor),
                   what_is_closed(s), printable_utf8(s.because)});
    }
    if (!call.json()) fmt::print("{}", table.text());
    return exit_code::ok;
}

}  // namespace

std::vector<verb> seal_verbs() {
    using o = verb_option;
    auto const category = o::maybe("CATEGORY", "of streams");
    auto const because = o::value("--because", "the reason");
    auto const by = o::value("--by", "who does it");
    return {
        {"seals list", "the periods that were closed and opened, oldest first", {}, &list},
        {"seals close",
         "let nothing be appended to a period any more, or corrected in it",
         {category, o::value("--until", "what happened until then: a day, to its end, or a moment"),
          o::value("--through", "what was recorded up to this position"), because, by},
         &close},
        {"seals open",
         "let a period be written to again",
         {category, o::flag("--positions", "what was closed by position"), because, by},
         &open},
    };
}

}  // namespace recount
