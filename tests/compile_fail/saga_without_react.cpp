// expect: saga_reacts_to<reminder, due>
// expect: recount: the saga has no 'static reaction react(Saga const&, Event const&[, info const&])' for this event or timer
#include <recount/saga/saga.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct due {
    std::string account;
};
RECOUNT_EVENT(due, "reminder.due", 1, account)

struct reminder {
    using events = recount::types<opened>;
    using timers = recount::types<due>;
    using reaction = recount::reaction<recount::types<>, timers>;
    static recount::route route(opened const& e) { return recount::starts(e.account); }
    static reaction react(reminder const&, opened const& e) {
        return recount::timer{due{e.account}};
    }
#ifndef RECOUNT_EXPECT_FAILURE
    static reaction react(reminder const&, due const&) { return recount::end; }
#endif
};
RECOUNT_SAGA(reminder, "reminder", 1)
