// expect: aggregate_evolves_with_event<account, opened>
// expect: recount: the aggregate has no 'static void evolve(Aggregate&, Event const&)' for this event
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
#ifndef RECOUNT_EXPECT_FAILURE
    static void evolve(account& a, opened const&) { a.is_open = true; }
#endif
    static decision decide(account const&, open_account const& c) { return opened{c.account}; }
};
RECOUNT_AGGREGATE(account, "account", 1, is_open)
