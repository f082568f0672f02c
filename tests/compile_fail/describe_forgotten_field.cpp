// expect: recount: the description of deposited does not list every one of its fields
#include <recount/describe/macros.hpp>

struct deposited {
    std::string account;
    recount::money amount;
    std::optional<std::string> note;
};
#ifdef RECOUNT_EXPECT_FAILURE
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
#else
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount, note)
#endif
