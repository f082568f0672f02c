// expect: aggregate_decides_command<account, open_account>
// expect: recount: the aggregate has no 'static decision decide(Aggregate const&, Command const&)' for this command
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
    static void evolve(account& a, opened const&) { a.is_open = true; }
#ifndef RECOUNT_EXPECT_FAILURE
    static decision decide(account const&, open_account const& c) { return opened{c.account}; }
#endif
};
RECOUNT_AGGREGATE(account, "account", 1, is_open)
