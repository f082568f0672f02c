// expect: aggregate_decides_command<account, transfer>
// expect: recount: the command names no stream
#include <recount/aggregate/aggregate.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct open_account {
    std::string account;
};
RECOUNT_COMMAND(open_account, "account.open", account)

struct transfer {
    std::string from;
    std::string to;
};
RECOUNT_COMMAND(transfer, "account.transfer", from, to)

struct account {
    using id = std::string;
    using events = recount::types<opened>;
    using commands = recount::types<transfer>;
    using decision = recount::decision<events>;
    bool is_open = false;
    static void evolve(account& a, opened const&) { a.is_open = true; }
    static decision decide(account const&, transfer const&) { return {}; }
#ifndef RECOUNT_EXPECT_FAILURE
    static id const& target(transfer const& c) { return c.from; }
#endif
};
RECOUNT_AGGREGATE(account, "account", 1, is_open)
