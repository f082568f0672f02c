// expect: recount: an optional of an optional has no JSON form
#include <recount/describe/macros.hpp>

struct note {
#ifdef RECOUNT_EXPECT_FAILURE
    std::optional<std::optional<std::string>> text;
#else
    std::optional<std::string> text;
#endif
};
RECOUNT_DESCRIBE(note, text)

auto const& described = recount::describe::descriptor_of<note>().fields[0].type();
