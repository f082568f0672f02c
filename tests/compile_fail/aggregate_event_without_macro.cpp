// expect: aggregate_evolves_with_event<account, renamed>
// expect: recount: this event of the aggregate has no RECOUNT_EVENT before it
#include <recount/aggregate/aggregate.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct open_account {
    std::string account;
};
RECOUNT_COMMAND(open_account, "account.open", account)

struct renamed {
    std::string account;
};
#ifndef RECOUNT_EXPECT_FAILURE
RECOUNT_EVENT(renamed, "account.renamed", 1, account)
#endif

struct account {
    using id = std::string;
    using events = recount::types<opened, renamed>;
    using commands = recount::types<open_account>;
    using decision = recount::decision<events>;
    bool is_open = false;
    static void evolve(account& a, opened const&) { a.is_open = true; }
    static void evolve(account&, renamed const&) {}
    static decision decide(account const&, open_account const& c) { return opened{c.account}; }
};
RECOUNT_AGGREGATE(account, "account", 1, is_open)
