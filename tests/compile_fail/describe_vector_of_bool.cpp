// expect: recount: use a vector of a small integer or enum
#include <recount/describe/macros.hpp>

struct answers {
#ifdef RECOUNT_EXPECT_FAILURE
    std::vector<bool> given;
#else
    std::vector<std::uint8_t> given;
#endif
};
RECOUNT_DESCRIBE(answers, given)

auto const& described = recount::describe::descriptor_of<answers>().fields[0].type();
