// expect: events_are_stored_apart<deposits
// expect: recount: two events of this part are stored under one name and version: list the newest only, its upcast reads the older ones
#include <recount/projection/projection.hpp>

struct deposited_v1 {
    std::string account;
};
RECOUNT_EVENT(deposited_v1, "account.deposited", 1, account)
struct deposited {
    std::string account;
    std::string by;
    static deposited upcast(deposited_v1 const& old) { return {old.account, "unknown"}; }
};
RECOUNT_EVENT(deposited, "account.deposited", 2, account, by)

struct row {
    std::string account;
    int deposits;
};
RECOUNT_ROW(row, 1, recount::key<&row::account>, account, deposits)
struct deposits {
    using row = ::row;
#ifdef RECOUNT_EXPECT_FAILURE
    using events = recount::types<deposited_v1, deposited>;
#else
    using events = recount::types<deposited>;
#endif
    static void on(recount::rows<row>& r, deposited_v1 const& e, int weight) {
        r[e.account].deposits += weight;
    }
    static void on(recount::rows<row>& r, deposited const& e, int weight) {
        r[e.account].deposits += weight;
    }
};
RECOUNT_PROJECTION(deposits, "deposits", 1)
