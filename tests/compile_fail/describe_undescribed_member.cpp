// expect: recount: this type has no description: use RECOUNT_DESCRIBE or RECOUNT_ENUM
#include <recount/describe/json.hpp>
#include <recount/describe/macros.hpp>

struct address {
    std::string street;
};
#ifndef RECOUNT_EXPECT_FAILURE
RECOUNT_DESCRIBE(address, street)
#endif
struct person {
    std::string name;
    address home;
};
RECOUNT_DESCRIBE(person, name, home)

std::string text_of(person const& p) { return recount::describe::to_json(p).str(); }
