// expect: recount: 'check' of an aggregate is 'static void check(Aggregate const&, recount::invariants&)'
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
    static decision decide(account const&, open_account const& c) { return opened{c.account}; }
#ifndef RECOUNT_EXPECT_FAILURE
    static void check(account const& a, recount::invariants& holds) {
        holds.that("open", a.is_open);
    }
#else
    static bool check(account const& a) { return a.is_open; }
#endif
};
RECOUNT_AGGREGATE(account, "account", 1, is_open)
