// expect: reactor_reacts_to_event<reviews, closed>
// expect: recount: the reactor has no 'static reaction react(Event const&[, info const&])' for this event
#include <recount/saga/reactor.hpp>

struct opened {
    std::string account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct closed {
    std::string account;
};
RECOUNT_EVENT(closed, "account.closed", 1, account)
struct review {
    std::string account;
};
RECOUNT_COMMAND(review, "account.review", account)

struct reviews {
    using events = recount::types<opened, closed>;
    using commands = recount::types<review>;
    static recount::reaction<commands> react(opened const& e) { return review{e.account}; }
#ifndef RECOUNT_EXPECT_FAILURE
    static recount::reaction<commands> react(closed const&) { return {}; }
#endif
};
RECOUNT_REACTOR(reviews, "reviews", 1)
