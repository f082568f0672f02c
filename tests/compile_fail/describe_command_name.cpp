// expect: recount: the command deposit needs a name like
#include <recount/describe/macros.hpp>

struct deposit {
    std::string account;
};
#ifdef RECOUNT_EXPECT_FAILURE
RECOUNT_COMMAND(deposit, "account..deposit", account)
#else
RECOUNT_COMMAND(deposit, "account.deposit", account)
#endif
