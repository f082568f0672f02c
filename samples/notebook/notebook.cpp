// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "notebook.hpp"

#include <algorithm>

namespace notebook {

// Every byte of UTF-8 but those that go on with a code point.
static std::size_t characters(std::string const& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

notebook::decision notebook::decide(notebook const& n, add_note const& c) {
    if (characters(c.text) > note_characters_max) {
        return recount::rejection{"too_long", "a note has at most 99 characters"};
    }
    // The same note twice is no news: nothing is recorded, and nobody is told off.
    if (std::find(n.notes.begin(), n.notes.end(), c.text) != n.notes.end()) return {};
    return note_added{c.notebook, c.text};
}

void notes::on(recount::rows<row>& r, note_added const& e, recount::info const& i) {
    auto const* const last = r.last();
    auto& note = r[{i.stream_id<notebook_id>(), last == nullptr ? 1 : last->number + 1}];
    note.text = e.text;
    note.added_at = i.effective_at;
}

}  // namespace notebook
