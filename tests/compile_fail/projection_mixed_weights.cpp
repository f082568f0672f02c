// expect: recount: the projection mixes handlers with and without a weight
// expect: projection_tables<accounts
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
    static void on(recount::rows<row>& r, opened const& e, int weight) {
        r[e.account].count += weight;
    }
#ifdef RECOUNT_EXPECT_FAILURE
    static void on(recount::rows<row>& r, closed const& e) { r[e.account].count = 0; }
#else
    static void on(recount::rows<row>& r, closed const& e, int weight) {
        r[e.account].count -= weight;
    }
#endif
};
RECOUNT_PROJECTION(accounts, "accounts", 1)
