// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/operation_text.hpp"

#include <fmt/format.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>

namespace recount::detail {

namespace {

std::string text_of(history::anchor const& a) {
    using kind = history::anchor::kind;
    switch (a.what) {
        case kind::after: return fmt::format("after {}", to_string(a.event));
        case kind::before: return fmt::format("before {}", to_string(a.event));
        case kind::end: return "at the end";
        case kind::keep: return "at its place";
    }
    return {};
}

std::string text_of(history::content const& c) {
    return fmt::format("{} {} {}", c.type, to_string(c.effective_at).substr(0, 10),
                       printable_utf8(c.payload));
}

std::string text_of(history::registers which) {
    std::string text;
    auto const add = [&](std::uint8_t one, char const* name) {
        if (which.has(one)) text += (text.empty() ? "" : " ") + std::string{name};
    };
    add(history::registers::presence, "presence");
    add(history::registers::contents, "content");
    add(history::registers::place, "place");
    return text;
}

// The name of the operation, and what it says beside its target and its streams.
struct told {
    char const* name;
    std::string rest;
};
struct teller {
    told operator()(history::op::exclude const&) const { return {"exclude", {}}; }
    told operator()(history::op::replace const& o) const {
        return {"replace", text_of(*o.content)};
    }
    told operator()(history::op::insert const& o) const {
        return {"insert", text_of(o.anchor) + ": " + text_of(*o.content)};
    }
    told operator()(history::op::move const& o) const { return {"move", text_of(o.anchor)}; }
    told operator()(history::op::reinstate const& o) const {
        return {"reinstate", fmt::format("{} as at {}", text_of(o.which), o.as_at)};
    }
};

std::string streams_text(history::operation const& o) {
    auto const arrow = [](std::string const& from, std::string const& to) {
        return from == to ? printable_utf8(to)
                          : printable_utf8(from) + " -> " + printable_utf8(to);
    };
    if (auto const* const m = std::get_if<history::op::move>(&o.what)) return arrow(m->from, m->to);
    if (auto const* const r = std::get_if<history::op::reinstate>(&o.what)) {
        return arrow(r->from, r->to);
    }
    return o.streams.empty() ? std::string{} : printable_utf8(o.streams.front());
}

}  // namespace

std::string operations_text(history::restructure_payload const& payload) {
    text_table table{{{"n", true}, {"operation"}, {"event"}, {"stream"}, {""}}};
    for (auto const& o : payload.ops) {
        auto const what = std::visit(teller{}, o.what);
        table.add({std::to_string(o.n), what.name, to_string(history::target_of(o)),
                   streams_text(o), what.rest});
    }
    return table.text();
}

}  // namespace recount::detail
