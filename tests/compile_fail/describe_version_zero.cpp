// expect: recount: the event deposited needs a name like
#include <recount/describe/macros.hpp>

struct deposited {
    std::string account;
};
#ifdef RECOUNT_EXPECT_FAILURE
RECOUNT_EVENT(deposited, "account.deposited", 0, account)
#else
RECOUNT_EVENT(deposited, "account.deposited", 1, account)
#endif
