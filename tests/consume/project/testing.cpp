// A test program of a consumer's, by the test kit. Both versions of Catch2 take main() like this.
#define CATCH_CONFIG_RUNNER
#include <recount/testing/catch.hpp>

#include "note.hpp"

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
