// A test program of a consumer's, by the test kit. Both versions of Catch2 take main() like this.
#define CATCH_CONFIG_RUNNER
#include <recount/testing/catch.hpp>

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

TEST_CASE("the same text is written once") {
    recount::given<note>()
        .when(rewrite{{"1"}, "hello"})
        .then(rewritten{{"1"}, "hello"})
        .when(rewrite{{"1"}, "hello"})
        .then_nothing();
}

TEST_CASE("what was written is there") {
    auto notes = recount::testing::in_memory<note>("notes");
    notes.dispatch(rewrite{{"1"}, "hello"}).value();
    CHECK(notes.state<note>({"1"}).text == "hello");
}

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
