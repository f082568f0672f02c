// expect: projection_handles_event<accounts, renamed>
// expect: recount: this event of the projection has no RECOUNT_EVENT before it
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

struct renamed {
    std::string account;
};
#ifndef RECOUNT_EXPECT_FAILURE
RECOUNT_EVENT(renamed, "account.renamed", 1, account)
#endif

struct accounts {
    using row = account_row;
    using events = recount::types<opened, renamed>;
    static void on(recount::rows<row>& r, opened const& e) { r[e.account]; }
    static void on(recount::rows<row>& r, renamed const& e) { ++r[e.account].count; }
};
RECOUNT_PROJECTION(accounts, "accounts", 1)
