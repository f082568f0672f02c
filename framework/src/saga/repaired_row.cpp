// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/repaired_row.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

namespace recount::detail {

using describe::raw_json;
using describe::raw_object;
using kind = reaction_output::kind;

namespace {

constexpr std::array kinds{repair_kind::withdrawn, repair_kind::compensated,
                           repair_kind::dispatched, repair_kind::reissued, repair_kind::amended,
                           repair_kind::diverged};

template <class List, class One>
void append_list(std::string& to, std::string_view name, List const& list, One const& append_one) {
    if (list.empty()) return;
    to += fmt::format(R"(,"{}":[)", name);
    bool first = true;
    for (auto const& one : list) {
        if (!first) to += ',';
        first = false;
        append_one(one);
    }
    to += ']';
}

template <class One>
void read_list(raw_object& from, std::string_view name, One const& read_one) {
    auto const list = from.take(name);
    if (!list) return;
    for (auto const& one : list->elements()) read_one(one);
}

void append_output(std::string& to, repair_output const& one) {
    to += fmt::format(R"({{"trigger":"{}","output":)", to_string(one.trigger));
    append_json(to, one.output);
    to += '}';
}

repair_output read_output(raw_json const& value) {
    raw_object o{value, true};
    repair_output one;
    one.trigger = o.need("trigger").id();
    one.output = output_from_json(o.need("output"));
    return one;
}

void append_input(std::string& to, placed_input const& one) {
    to += R"({"input":)";
    append_json(to, one.input);
    if (!one.at.nowhere()) to += fmt::format(R"(,"place":"{}")", one.at.text());
    if (one.waiting) to += R"(,"waiting":true)";
    to += '}';
}

placed_input read_input(raw_json const& value) {
    raw_object o{value, true};
    placed_input one;
    one.input = input_from_json(o.need("input"));
    if (auto const at = o.take("place")) {
        auto const found = history::place::from_text(at->string(), history::own_position);
        if (!found) at->expected("a place");
        one.at = *found;
    }
    if (auto const waiting = o.take("waiting")) one.waiting = waiting->boolean();
    return one;
}

void append_difference(std::string& to, repair_difference const& one) {
    to += fmt::format(R"({{"trigger":"{}","n":{},"resolution":"{}")", to_string(one.of.first),
                      one.of.second, word_of(one.what));
    if (one.did) {
        to += R"(,"did":)";
        append_json(to, *one.did);
    }
    if (one.should) {
        to += R"(,"should":)";
        append_json(to, *one.should);
    }
    to += '}';
}

repair_kind kind_from(raw_json const& value) {
    auto const text = value.string();
    auto const found = std::ranges::find(kinds, text, [](auto k) { return word_of(k); });
    if (found == kinds.end()) value.expected("how a difference was resolved");
    return *found;
}

repair_difference read_difference(raw_json const& value) {
    raw_object o{value, true};
    repair_difference one;
    one.of.first = o.need("trigger").id();
    one.of.second = static_cast<int>(o.need("n").integer(0, std::numeric_limits<int>::max()));
    one.what = kind_from(o.need("resolution"));
    if (auto const did = o.take("did")) one.did = output_from_json(*did);
    if (auto const should = o.take("should")) one.should = output_from_json(*should);
    return one;
}

}  // namespace

placed_input placed(saga_input input) {
    placed_input one;
    if (!input.timer) one.at = history::place::root(input.position);
    one.input = std::move(input);
    return one;
}

std::string_view word_of(repair_kind k) noexcept {
    switch (k) {
        case repair_kind::withdrawn: return "withdrawn";
        case repair_kind::compensated: return "compensated";
        case repair_kind::dispatched: return "dispatched";
        case repair_kind::reissued: return "reissued";
        case repair_kind::amended: return "amended";
        case repair_kind::diverged: return "diverged";
    }
    return "diverged";
}

bool repaired_row::diverged() const noexcept {
    return std::ranges::any_of(differences,
                               [](auto const& d) { return d.what == repair_kind::diverged; });
}

json_text to_json(repaired_row const& row) {
    auto text = fmt::format(R"({{"restructure":"{}","k":{})", to_string(row.restructure), row.k);
    auto const append_id = [&](uuid const& id) { text += fmt::format(R"("{}")", to_string(id)); };
    append_list(text, "removed", row.removed, append_id);
    append_list(text, "inputs", row.inputs, [&](auto const& one) { append_input(text, one); });
    append_list(text, "passed", row.passed, append_id);
    append_list(text, "differences", row.differences,
                [&](auto const& one) { append_difference(text, one); });
    append_list(text, "outputs", row.outputs, [&](auto const& one) { append_output(text, one); });
    append_list(text, "timers", row.timers, [&](auto const& one) { append_output(text, one); });
    if (!row.started) text += R"(,"started":false)";
    if (row.ended) text += R"(,"ended":true)";
    if (!row.problem.empty()) {
        text += R"(,"problem":)";
        describe::append_quoted(text, row.problem);
    }
    text += '}';
    return json_text::trusted(std::move(text));
}

repaired_row repaired_from_json(std::string_view payload) {
    raw_object o{raw_json::of(payload), true};
    repaired_row row;
    row.restructure = o.need("restructure").id();
    row.k = o.need("k").integer(0, std::numeric_limits<std::int64_t>::max());
    read_list(o, "removed", [&](auto const& one) { row.removed.push_back(one.id()); });
    read_list(o, "inputs", [&](auto const& one) { row.inputs.push_back(read_input(one)); });
    read_list(o, "passed", [&](auto const& one) { row.passed.push_back(one.id()); });
    read_list(o, "differences",
              [&](auto const& one) { row.differences.push_back(read_difference(one)); });
    read_list(o, "outputs", [&](auto const& one) { row.outputs.push_back(read_output(one)); });
    read_list(o, "timers", [&](auto const& one) { row.timers.push_back(read_output(one)); });
    if (auto const started = o.take("started")) row.started = started->boolean();
    if (auto const ended = o.take("ended")) row.ended = ended->boolean();
    if (auto const problem = o.take("problem")) row.problem = problem->string();
    return row;
}

json_text withdrawn_json(uuid const& message, uuid const& restructure) {
    return json_text::trusted(fmt::format(R"({{"message":"{}","restructure":"{}"}})",
                                          to_string(message), to_string(restructure)));
}

uuid withdrawn_from_json(std::string_view payload) {
    raw_object o{raw_json::of(payload), true};
    return o.need("message").id();
}

std::string output_text(saga_output const& output) {
    return output.what == kind::command
               ? fmt::format("{} {}", output.command.name, output.command.payload)
               : fmt::format("effect {} {}", output.type, output.payload);
}

bool is_of_one_type(saga_output const& a, saga_output const& b) {
    if (a.what != b.what) return false;
    if (a.what == kind::command) {
        return a.command.name == b.command.name && a.command.version == b.command.version;
    }
    return a.type == b.type && a.schema_version == b.schema_version;
}

bool says_the_same(saga_output const& a, saga_output const& b) {
    if (!is_of_one_type(a, b)) return false;
    return a.what == kind::command ? a.command.payload == b.command.payload
                                   : a.payload == b.payload;
}

}  // namespace recount::detail
