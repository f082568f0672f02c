// expect: recount: deposited must be an aggregate: no constructors, no private fields
#include <recount/describe/macros.hpp>

struct deposited {
#ifdef RECOUNT_EXPECT_FAILURE
    explicit deposited(std::string a) : account{std::move(a)} {}
#endif
    std::string account;
};
RECOUNT_EVENT(deposited, "account.deposited", 1, account)
