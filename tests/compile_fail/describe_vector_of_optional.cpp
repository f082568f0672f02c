// expect: recount: an absent element of a vector has no JSON form
#include <recount/describe/macros.hpp>

struct readings {
#ifdef RECOUNT_EXPECT_FAILURE
    std::vector<std::optional<double>> celsius;
#else
    std::vector<double> celsius;
#endif
};
RECOUNT_DESCRIBE(readings, celsius)

auto const& described = recount::describe::descriptor_of<readings>().fields[0].type();
