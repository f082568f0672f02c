// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Notebooks: what is asked of one (commands), what happened to it (events), and a table of notes.
#pragma once

#include <recount/recount.hpp>

namespace notebook {

using notebook_id = recount::strong_id<struct notebook_tag>;

// In characters, which are Unicode code points: "naïve" has five, whatever its bytes are.
inline constexpr std::size_t note_characters_max = 99;

struct add_note {
    notebook_id notebook;
    std::string text;
};
RECOUNT_COMMAND(add_note, "notebook.add_note", notebook, text)

struct note_added {
    notebook_id notebook;
    std::string text;
};
RECOUNT_EVENT(note_added, "notebook.note_added", 1, notebook, text)

// The state is what decisions need: the notes that are in it already.
struct notebook {
    using id = notebook_id;
    using events = recount::types<note_added>;
    using commands = recount::types<add_note>;
    using decision = recount::decision<events>;

    std::vector<std::string> notes;

    static void evolve(notebook& n, note_added const& e) { n.notes.push_back(e.text); }
    static decision decide(notebook const& n, add_note const& c);
};
RECOUNT_AGGREGATE(notebook, "notebook", 1, notes)

// A row a note, numbered 1, 2, 3 … in its notebook.
struct note_row {
    notebook_id notebook;
    std::int64_t number = 0;
    std::string text;
    recount::timestamp added_at;
};
RECOUNT_ROW(note_row, 1, (recount::key<&note_row::notebook, &note_row::number>), notebook, number,
            text, added_at)

struct notes {
    using row = note_row;
    using events = recount::types<note_added>;
    static void on(recount::rows<row>& r, note_added const& e, recount::info const& i);
};
RECOUNT_PROJECTION(notes, "notes", 1)

}  // namespace notebook
