// expect: saga_routes_event<welcome, closed>
// expect: recount: the saga has no 'static recount::route route(Event const&[, info const&])' for this event
#include <recount/saga/saga.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct closed {
    std::string account;
};
RECOUNT_EVENT(closed, "account.closed", 1, account)
struct deposit {
    std::string account;
};
RECOUNT_COMMAND(deposit, "account.deposit", account)

struct welcome {
    using events = recount::types<opened, closed>;
    using commands = recount::types<deposit>;
    static recount::route route(opened const& e) { return recount::starts(e.account); }
#ifndef RECOUNT_EXPECT_FAILURE
    static recount::route route(closed const& e) { return recount::ends(e.account); }
#endif
    static recount::reaction<commands> react(welcome const&, opened const& e) {
        return deposit{e.account};
    }
    static recount::reaction<commands> react(welcome const&, closed const&) { return {}; }
};
RECOUNT_SAGA(welcome, "welcome", 1)
