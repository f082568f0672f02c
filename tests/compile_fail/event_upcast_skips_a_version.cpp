// expect: event_upcast_from<deposited, deposited_v1>
// expect: recount: an upcast is from the version before, or for version 1 of a new name from the last version of the old one
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
#ifdef RECOUNT_EXPECT_FAILURE
RECOUNT_EVENT(deposited, "account.deposited", 3, account, by)
#else
RECOUNT_EVENT(deposited, "account.deposited", 2, account, by)
#endif

struct row {
    std::string account;
    int deposits;
};
RECOUNT_ROW(row, 1, recount::key<&row::account>, account, deposits)
struct deposits {
    using row = ::row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const& e, int weight) {
        r[e.account].deposits += weight;
    }
};
RECOUNT_PROJECTION(deposits, "deposits", 1)
