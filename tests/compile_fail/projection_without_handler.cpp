// expect: projection_handles_event<accounts, closed>
// expect: recount: the projection has no 'static void on(rows<row>&, Event const&[, info const&][, int weight])' for this event
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
    using events = recount::types<opened, closed>;
    static void on(recount::rows<row>& r, opened const& e) { r[e.account]; }
#ifndef RECOUNT_EXPECT_FAILURE
    static void on(recount::rows<row>& r, closed const& e) { r.erase(e.account); }
#endif
};
RECOUNT_PROJECTION(accounts, "accounts", 1)
