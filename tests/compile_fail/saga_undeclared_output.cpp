// expect: reaction_has_command<withdraw, recount::types<deposit> >
// expect: recount: the reaction holds what is no command of its 'commands'
// expect: reaction_has_timer<due, recount::types<> >
// expect: recount: the reaction sets a timer whose event is not in its 'timers'
// expect: recount: the reaction has an effect that is not in its 'effects'
#include <recount/saga/saga.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct due {
    std::string account;
};
RECOUNT_EVENT(due, "welcome.due", 1, account)
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
    static recount::reaction<commands> react(welcome const&, opened const& e) {
#ifdef RECOUNT_EXPECT_FAILURE
        return {withdraw{e.account}, recount::timer{due{e.account}},
                recount::effect{due{e.account}}};
#else
        return {deposit{e.account}, recount::end};
#endif
    }
};
RECOUNT_SAGA(welcome, "welcome", 1)
