// expect: recount: the aggregate decides no such event: it is not in its 'events'
// expect: recount: the aggregate takes no such command: it is not in its 'commands'
#include <recount/testing/given.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct placed {
    std::string order;
};
RECOUNT_EVENT(placed, "order.placed", 1, order)
struct open_account {
    std::string account;
};
RECOUNT_COMMAND(open_account, "account.open", account)
struct place {
    std::string order;
};
RECOUNT_COMMAND(place, "order.place", order)

struct account {
    using id = std::string;
    using events = recount::types<opened>;
    using commands = recount::types<open_account>;
    using decision = recount::decision<events>;
    bool is_open = false;
    static void evolve(account& a, opened const&) { a.is_open = true; }
    static decision decide(account const&, open_account const& c) { return opened{c.account}; }
    static decision decide(account const&, place const& c) { return opened{c.order}; }
};
RECOUNT_AGGREGATE(account, "account", 1, is_open)

void stories() {
#ifdef RECOUNT_EXPECT_FAILURE
    recount::given<account>().when(open_account{"a"}).then(placed{"o"});
    recount::given<account>().when(place{"o"}).then_nothing();
#else
    recount::given<account>().when(open_account{"a"}).then(opened{"a"});
#endif
}
