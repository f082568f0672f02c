// expect: recount: the description of account does not list every one of its fields
#include <recount/aggregate/aggregate.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct open_account {
    std::string account;
};
RECOUNT_COMMAND(open_account, "account.open", account)

struct account {
    using id = std::string;
    using events = recount::types<opened>;
    using commands = recount::types<open_account>;
    using decision = recount::decision<events>;
    bool is_open = false;
    int opened_times = 0;
    static void evolve(account& a, opened const&) { a.is_open = true; }
    static decision decide(account const&, open_account const& c) { return opened{c.account}; }
};
#ifdef RECOUNT_EXPECT_FAILURE
RECOUNT_AGGREGATE(account, "account", 1, is_open)
#else
RECOUNT_AGGREGATE(account, "account", 1, is_open, opened_times)
#endif
