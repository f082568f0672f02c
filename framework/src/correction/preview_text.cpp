// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A preview as a person reads it: + is how it would be, - how it is, and a word that says why.
#include <recount/correction/preview.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>

#include "correction/operation_text.hpp"
#include "correction/shown_lines.hpp"
#include "correction/sagas_to_come.hpp"

namespace recount {

namespace {

using cells = std::vector<std::string>;

// Columns that are as wide as what is in them; the last one takes what it needs.
std::string aligned(std::vector<cells> const& rows, std::string_view indent) {
    std::vector<std::size_t> widths;
    for (auto const& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], display_width(row[c]));
        }
    }
    std::string all;
    for (auto const& row : rows) {
        std::string line{indent};
        for (std::size_t c = 0; c < row.size(); ++c) {
            line += row[c];
            line += std::string(widths[c] - display_width(row[c]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        all += line + '\n';
    }
    return all;
}

std::string word_of(preview_line const& line, bool before) {
    switch (line.mark) {
        case line_mark::kept: return {};
        case line_mark::struck: return "struck";
        case line_mark::changed: return before ? "was" : "is";
        case line_mark::moved: return before ? "moved from here" : "moved here";
        case line_mark::left: return fmt::format("to {}", printable_utf8(line.elsewhere));
        case line_mark::arrived: return fmt::format("from {}", printable_utf8(line.elsewhere));
        case line_mark::inserted: return "inserted";
    }
    return {};
}

std::string lines_text(preview_stream const& s, std::size_t context) {
    std::vector<cells> rows;
    for (auto const& shown : detail::shown_together(s, context)) {
        if (shown.line == nullptr) {
            rows.push_back({" ", fmt::format("… {} more",
                                             grouped(static_cast<std::int64_t>(shown.omitted)))});
            continue;
        }
        auto const& line = *shown.line;
        auto const& c = *line.slot.content;
        char const* const sign = line.mark == line_mark::kept ? " " : shown.before ? "-" : "+";
        rows.push_back({sign, c.type, to_string(c.effective_at).substr(0, 10),
                        word_of(line, shown.before), printable_utf8(c.payload)});
    }
    return aligned(rows, "  ");
}

std::string stream_text(preview_stream const& s, std::size_t context) {
    auto text = fmt::format("\n{}, version {}\n", printable_utf8(s.stream), s.version);
    text += lines_text(s, context);
    if (s.state) {
        std::vector<cells> rows;
        for (auto const& d : s.state->differences) {
            rows.push_back({d.name, printable_utf8(d.before), "->", printable_utf8(d.after)});
        }
        if (!rows.empty()) text += "  state\n" + aligned(rows, "    ");
        if (rows.empty() && s.state->problem.empty()) text += "  state as before\n";
        if (!s.state->problem.empty()) {
            text += fmt::format("  the state could not be told any more: {}\n",
                                printable_utf8(s.state->problem));
        }
    }
    for (auto const& one : s.invariants) {
        if (!one.after) {
            text += fmt::format("  mends {}\n", one.name);
        } else if (one.before) {
            text += fmt::format("  {} is broken, as it was before\n", one.name);
        } else {
            text += fmt::format("  breaks {} after {}{}\n", one.name, to_string(*one.after),
                                one.acknowledged ? ", which the plan acknowledges"
                                                 : ": the plan has to acknowledge it");
        }
    }
    for (auto const& c : s.commands) {
        auto const sentence = c.refused.text.empty() ? "" : ", " + printable_utf8(c.refused.text);
        text += fmt::format("  {} {} would be rejected by now: {}{}\n", c.name,
                            to_string(c.command), c.refused.code, sentence);
    }
    if (s.commands_unknown > 0) {
        text += fmt::format("  {} later commands are not known to this program\n",
                            s.commands_unknown);
    }
    return text;
}

std::string projection_text(preview_projection const& p) {
    auto text = fmt::format("\n{}\n", p.projection);
    if (p.behind > 0) {
        return text + fmt::format("  {} behind the log: its rows cannot be told yet\n",
                                  grouped(p.behind));
    }
    if (!p.problem.empty()) text += fmt::format("  {}\n", printable_utf8(p.problem));
    for (auto const& row : p.rows) {
        if (!row.before.empty()) text += "  -  " + printable_utf8(row.before) + '\n';
        if (!row.after.empty()) text += "  +  " + printable_utf8(row.after) + '\n';
    }
    return text;
}

}  // namespace

std::string to_text(restructure_preview const& p, std::size_t context) {
    auto const& r = p.restructure;
    auto text = fmt::format("{}\n  because {}\n", printable_utf8(r.title),
                            printable_utf8(r.because));
    for (auto const& one : r.evidence) text += fmt::format("  see {}\n", printable_utf8(one));
    text += '\n' + detail::operations_text(r);
    for (auto const& s : p.streams) text += stream_text(s, context);
    std::string unmoved;
    for (auto const& one : p.projections) {
        if (one.rows.empty() && one.problem.empty() && one.behind == 0) {
            unmoved += (unmoved.empty() ? "" : ", ") + one.projection;
        } else {
            text += projection_text(one);
        }
    }
    text += detail::sagas_text(p.sagas);
    if (!unmoved.empty()) text += fmt::format("\nno rows change in {}\n", unmoved);
    if (!p.anchored_there.empty()) {
        text += fmt::format("\n{} events stand beside what is undone; they stay where they are\n",
                            p.anchored_there.size());
    }
    return text + fmt::format("\npreview {}\n", p.hash);
}

}  // namespace recount
