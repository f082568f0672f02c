// An application of one aggregate, as a consumer writes it.
#pragma once

#include <recount/recount.hpp>

using note_id = recount::strong_id<struct note_tag>;
struct rewritten { note_id note; std::string text; };
struct rewrite { note_id note; std::string text; };
RECOUNT_EVENT(rewritten, "note.rewritten", 1, note, text)
RECOUNT_COMMAND(rewrite, "note.rewrite", note, text)

struct note {
    using id = note_id;
    using events = recount::types<rewritten>;
    using commands = recount::types<rewrite>;
    using decision = recount::decision<events>;
    std::string text;
    static void evolve(note& n, rewritten const& e) { n.text = e.text; }
    static decision decide(note const& n, rewrite const& c) {
        if (n.text == c.text) return {};
        return rewritten{c.note, c.text};
    }
};
RECOUNT_AGGREGATE(note, "note", 1, text)
