// expect: saga_reaction_is_declared<welcome, opened>
// expect: recount: the reaction may hold commands, timers or effects which the saga does not list in its 'commands', 'timers' and 'effects'
// expect: recount: 'failed' of a saga is 'static recount::verdict failed(Saga const&, recount::refused const&)'
#include <recount/saga/saga.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct deposit {
    std::string account;
};
RECOUNT_COMMAND(deposit, "account.deposit", account)
struct withdraw {
    std::string account;
};
RECOUNT_COMMAND(withdraw, "account.withdraw", account)

struct welcome {
    using events = recount::types<opened>;
    using commands = recount::types<deposit>;
    static recount::route route(opened const& e) { return recount::starts(e.account); }
#ifdef RECOUNT_EXPECT_FAILURE
    static recount::reaction<recount::types<deposit, withdraw>> react(welcome const&,
                                                                      opened const& e) {
        return withdraw{e.account};
    }
    static recount::verdict failed(recount::refused const&) { return recount::skip(); }
#else
    static recount::reaction<commands> react(welcome const&, opened const& e) {
        return deposit{e.account};
    }
    static recount::verdict failed(welcome const&, recount::refused const&) {
        return recount::skip();
    }
#endif
};
RECOUNT_SAGA(welcome, "welcome", 1)
