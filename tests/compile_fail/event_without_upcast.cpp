// expect: event_is_made_from_version<deposited, 1>
// expect: recount: stored events of this older version could not be read: the event needs one 'static Event upcast(Older const&)' from it
#include <recount/aggregate/aggregate.hpp>

struct deposited_v1 {
    std::string account;
};
RECOUNT_EVENT(deposited_v1, "account.deposited", 1, account)
struct deposited {
    std::string account;
    std::string by;
#ifndef RECOUNT_EXPECT_FAILURE
    static deposited upcast(deposited_v1 const& old) { return {old.account, "unknown"}; }
#endif
};
RECOUNT_EVENT(deposited, "account.deposited", 2, account, by)
struct deposit {
    std::string account;
};
RECOUNT_COMMAND(deposit, "account.deposit", account)

struct account {
    using id = std::string;
    using events = recount::types<deposited>;
    using commands = recount::types<deposit>;
    using decision = recount::decision<events>;
    int deposits = 0;
    static void evolve(account& a, deposited const&) { ++a.deposits; }
    static decision decide(account const&, deposit const& c) { return deposited{c.account, ""}; }
};
RECOUNT_AGGREGATE(account, "account", 1, deposits)
