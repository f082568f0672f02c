// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/correction/preview.hpp>

#include <fmt/format.h>

#include <recount/describe/json_members.hpp>
#include <recount/restructure/payload.hpp>

#include "correction/sagas_to_come.hpp"
#include "correction/shown_lines.hpp"

namespace recount {

namespace {

using detail::json_id_member;
using detail::json_list_member;
using detail::json_text_member;
using detail::json_texts_member;

void append_content(std::string& to, history::content const& c) {
    json_text_member(to, "type", c.type);
    to += fmt::format(R"(,"schema_version":{},"effective_at":"{}","payload":{})",
                      c.schema_version, to_string(c.effective_at), c.payload);
}

void append_line(std::string& to, preview_line const& line) {
    to += fmt::format(R"({{"mark":"{}")", to_string(line.mark));
    json_id_member(to, "event", line.slot.event);
    append_content(to, *line.slot.content);
    if (!line.elsewhere.empty()) json_text_member(to, "elsewhere", line.elsewhere);
    to += '}';
}

void append_lines(std::string& to, std::string_view name,
                  std::vector<detail::shown_line> const& lines) {
    json_list_member(to, name, lines, [&](auto const& shown) {
        if (shown.line != nullptr) {
            append_line(to, *shown.line);
        } else {
            to += fmt::format(R"({{"mark":"kept","omitted":{}}})", shown.omitted);
        }
    });
}

void append_state(std::string& to, preview_state const& s) {
    to += fmt::format(R"(,"state":{{"before":{},"after":{})", s.before, s.after);
    json_list_member(to, "differences", s.differences, [&](field_difference const& d) {
        to += R"({"field":)";
        describe::append_quoted(to, d.name);
        to += fmt::format(R"(,"before":{},"after":{}}})", d.before, d.after);
    });
    if (!s.problem.empty()) json_text_member(to, "problem", s.problem);
    to += '}';
}

void append_invariant(std::string& to, preview_invariant const& one) {
    to += R"({"name":)";
    describe::append_quoted(to, one.name);
    if (one.before) json_id_member(to, "broken_before_at", *one.before);
    if (one.after) json_id_member(to, "broken_after_at", *one.after);
    to += fmt::format(R"(,"newly_broken":{},"acknowledged":{}}})", one.newly_broken(),
                      one.acknowledged);
}

void append_command(std::string& to, preview_command const& one) {
    to += fmt::format(R"({{"command":"{}")", to_string(one.command));
    json_text_member(to, "name", one.name);
    to += R"(,"payload":)" + one.payload;
    json_text_member(to, "code", one.refused.code);
    if (!one.refused.text.empty()) json_text_member(to, "text", one.refused.text);
    to += '}';
}

void append_stream(std::string& to, preview_stream const& s, std::size_t context) {
    to += R"({"stream":)";
    describe::append_quoted(to, s.stream);
    to += fmt::format(R"(,"version":{})", s.version);
    auto const lines = detail::shown_apart(s, context);
    append_lines(to, "before", lines.before);
    append_lines(to, "after", lines.after);
    if (s.state) append_state(to, *s.state);
    json_list_member(to, "invariants", s.invariants,
                     [&](auto const& one) { append_invariant(to, one); });
    json_list_member(to, "refused_commands", s.commands,
                     [&](auto const& one) { append_command(to, one); });
    to += fmt::format(R"(,"unknown_commands":{}}})", s.commands_unknown);
}

void append_projection(std::string& to, preview_projection const& p) {
    to += R"({"projection":)";
    describe::append_quoted(to, p.projection);
    to += fmt::format(R"(,"version":{},"behind":{})", p.version, p.behind);
    json_list_member(to, "rows", p.rows, [&](preview_row const& row) {
        to += fmt::format(R"({{"before":{},"after":{}}})",
                          row.before.empty() ? "null" : row.before,
                          row.after.empty() ? "null" : row.after);
    });
    if (!p.problem.empty()) json_text_member(to, "problem", p.problem);
    to += '}';
}

}  // namespace

std::string to_json(restructure_preview const& p, std::size_t context) {
    auto const& r = p.restructure;
    auto text = fmt::format(R"({{"hash":"{}","as_of":{})", p.hash, p.as_of);
    json_text_member(text, "title", r.title);
    json_text_member(text, "because", r.because);
    json_texts_member(text, "evidence", r.evidence);
    json_texts_member(text, "acknowledged", r.acknowledged);
    if (r.undoes) json_id_member(text, "undoes", *r.undoes);
    text += R"(,"ops":)" + history::operations_json(r);
    json_list_member(text, "streams", p.streams,
                     [&](auto const& s) { append_stream(text, s, context); });
    json_list_member(text, "projections", p.projections,
                     [&](auto const& one) { append_projection(text, one); });
    detail::append_sagas_json(text, p.sagas);
    json_texts_member(text, "unacknowledged", p.unacknowledged());
    json_list_member(text, "anchored_there", p.anchored_there, [&](uuid const& id) {
        text += fmt::format(R"("{}")", to_string(id));
    });
    return text + "}";
}

}  // namespace recount
