// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/catch.hpp>

#include "notebook/notebook.hpp"

namespace notebook {

notebook_id const mine{"mine"};

TEST_CASE("a note is kept, and the same one only once") {
    //[story
    recount::given<notebook>()
        .when(add_note{mine, "buy milk"})
        .then(note_added{mine, "buy milk"})
        .when(add_note{mine, "buy milk"})
        .then_nothing();
    //]
}

TEST_CASE("a note has at most 99 characters, however many bytes they take") {
    std::string accents;
    for (std::size_t i = 0; i < note_characters_max; ++i) accents += "é";
    recount::given<notebook>()
        .when(add_note{mine, accents})
        .then(note_added{mine, accents})
        .when(add_note{mine, accents + "!"})
        .then_rejected("too_long");
}

TEST_CASE("the table numbers the notes of each notebook") {
    auto const monday = recount::timestamp_from_string("2026-01-05T08:00:00Z");
    //[rows
    recount::given_projection<notes>(
        recount::in("notebook-mine", note_added{mine, "buy milk"}, note_added{mine, "call Ada"}),
        recount::in("notebook-hers", note_added{{"hers"}, "buy milk"}))
        .recorded_at(monday)
        .then_rows(note_row{mine, 1, "buy milk", monday}, note_row{mine, 2, "call Ada", monday},
                   note_row{{"hers"}, 1, "buy milk", monday});
    //]
}

TEST_CASE("what was added is in the table") {
    //[sandbox
    auto book = recount::testing::in_memory<notebook, notes>("notebook");
    book.dispatch(add_note{mine, "buy milk"}).value();
    CHECK(book.row<notes>({mine, 1})->text == "buy milk");
    //]
}

}  // namespace notebook
