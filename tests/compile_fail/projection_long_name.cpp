// expect: recount: the projection accounts needs a name of at most 55 bytes
#include <recount/projection/projection.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct closed {
    std::string account;
};
RECOUNT_EVENT(closed, "account.closed", 1, account)

struct account_row {
    std::string account;
    std::int64_t count = 0;
};
RECOUNT_ROW(account_row, 1, recount::key<&account_row::account>, account, count)

struct accounts {
    using row = account_row;
    using events = recount::types<opened>;
    static void on(recount::rows<row>& r, opened const& e) { r[e.account]; }
};
#ifdef RECOUNT_EXPECT_FAILURE
RECOUNT_PROJECTION(accounts, "accounts_that_were_opened_by_somebody_some_time_in_the_past", 1)
#else
RECOUNT_PROJECTION(accounts, "accounts_that_were_opened_by_somebody_some_time", 1)
#endif
