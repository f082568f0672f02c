// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "review_verbs.hpp"

#include <set>
#include <thread>

#include <fmt/core.h>

#include <recount/app/output.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/json.hpp>
#include <recount/describe/print.hpp>
#include <recount/effects/worker.hpp>
#include <recount/http/webhook.hpp>

#include "review.hpp"
#include "verb_parts.hpp"

namespace bank {

namespace {

using recount::errc;
using recount::error;
using recount::grouped;
using recount::message_status;
using recount::outbox_message;

constexpr char const* url_option = "--review-url";
constexpr auto look_again = std::chrono::milliseconds{20};

// Before the application is opened: it takes the handlers that there are then.
void post_reviews(recount::app& app, std::string const& url) {
    auto const webhook = recount::http::webhook({.url = url});
    for (auto const name : {recount::event_name_of<review_wanted>(),
                            recount::event_name_of<review_not_needed>()}) {
        app.effect(std::string{name.name}, webhook);
    }
}

// An effect's body; both have the same members.
struct review_body {
    std::string type;
    int schema_version = 1;
    review_wanted payload;
};
RECOUNT_DESCRIBE(review_body, type, schema_version, payload)

// As `--json` prints it.
struct review_told {
    recount::uuid key;
    review_wanted review;
    bool wanted = true;                             // else: not needed any more
    std::string status;
    std::optional<std::string> superseded_by{};     // the restructure that took its cause away
    std::optional<std::string> last_error{};
};
RECOUNT_DESCRIBE(review_told, key, review, wanted, status, superseded_by, last_error)

review_told told(outbox_message const& m) {
    auto const body = recount::describe::from_json<review_body>(m.body);
    review_told one{m.key, body.payload,
                    body.type == recount::event_name_of<review_wanted>().name,
                    std::string{to_string(m.status)}, m.superseded_by};
    if (m.status == message_status::done) one.status = "sent";
    if (!m.last_error.empty()) one.last_error = m.last_error;
    return one;
}

template <class Use>
void each_alert(recount::application& bank, recount::message_list wanted, Use const& use) {
    wanted.kind = recount::message_kind::effect;
    wanted.saga = std::string{recount::reactor_of<large_movements>().name};
    for (;;) {
        auto const page = bank.saga_tables().list_messages(wanted);
        for (auto const& m : page) use(m);
        if (page.size() < wanted.limit) return;
        wanted.after = page.back().number;
    }
}

struct waiting_alerts {
    std::int64_t untried = 0;    // and not behind one that was tried in vain
    std::int64_t in_vain = 0;    // or behind such a one
};
waiting_alerts waiting_in(recount::application& bank) {
    waiting_alerts found;
    std::set<std::string> held_up;
    each_alert(bank, {.status = message_status::waiting}, [&](outbox_message const& m) {
        if (m.attempts > 0) held_up.insert(m.order_key);
        ++(held_up.contains(m.order_key) ? found.in_vain : found.untried);
    });
    return found;
}

int list_reviews(recount::verb_call& call) {
    auto& bank = call.application();
    run_sagas(bank);
    recount::text_table table{{{"account"}, {"booked on"}, {"kind"}, {"amount", true},
                               {"reference"}, {"review"}, {"status"}, {"last error"}}};
    std::int64_t waiting = 0;
    each_alert(bank, {}, [&](outbox_message const& m) {
        auto const one = told(m);
        if (m.status == message_status::waiting) ++waiting;
        if (call.json()) call.line(recount::describe::to_json(one).str());
        auto const& r = one.review;
        table.add({recount::printable_utf8(r.account.value),
                   recount::to_string(recount::date_of(r.booked_at)),
                   std::string{recount::describe::to_text(r.kind)}, to_string(r.amount),
                   recount::printable_utf8(r.reference.value_or("")),
                   one.wanted ? "wanted" : "not needed",
                   one.status + (one.superseded_by ? ", superseded" : ""),
                   recount::printable_utf8(one.last_error.value_or(""))});
    });
    if (!call.json() && table.size() > 0) fmt::print("{}", table.text());
    if (waiting > 0) {
        call.note(fmt::format("{} not sent: {} of serve, or of reviews send, says where to",
                              grouped(waiting), url_option));
    }
    return recount::exit_code::ok;
}

// Each is tried once; what fails waits for the next run, or for `serve`.
int send_reviews(recount::verb_call& call) {
    auto& bank = call.application();
    run_sagas(bank);
    auto const before = waiting_in(bank);
    recount::effect_worker worker{bank.saga_tables(), bank.parts().effects};
    while (!recount::verb_call::stop_wanted() && worker.failure().empty() &&
           waiting_in(bank).untried > 0) {
        std::this_thread::sleep_for(look_again);
    }
    auto const failure = worker.failure();
    worker.stop();
    if (!failure.empty()) throw error{errc::database_unreachable, failure};
    auto const left = waiting_in(bank);
    auto const still = left.untried + left.in_vain;
    auto const sent = before.untried + before.in_vain - still;
    call.line(call.json() ? fmt::format(R"({{"sent":{},"waiting":{}}})", sent, still)
                          : fmt::format("{} sent, {} still waiting", grouped(sent),
                                        grouped(still)));
    if (still == 0) return recount::exit_code::ok;
    call.note("not all could be sent: 'outbox list' says why");
    return recount::exit_code::failed;
}

}  // namespace

std::vector<recount::verb> with_review_url(std::vector<recount::verb> verbs, recount::app& app) {
    for (auto& verb : verbs) {
        if (verb.name != "serve") continue;
        verb.options.push_back(recount::verb_option::value(
            url_option, "post alerts of large movements there; without, they wait (reviews list)"));
        verb.run = [serve = std::move(verb.run), &app](recount::verb_call& call) {
            if (auto const url = call.get(url_option)) post_reviews(app, *url);
            return serve(call);
        };
    }
    return verbs;
}

std::vector<recount::verb> review_verbs(recount::app& app) {
    using o = recount::verb_option;
    return {{"reviews list",
             "alerts of large movements, and what became of them",
             {},
             &list_reviews},
            {"reviews send",
             "post the alerts that wait, each once, and stop",
             {o::value(url_option, "where to: http://host[:port]/path")},
             [&app](recount::verb_call& call) {
                 post_reviews(app, call.require(url_option));
                 return send_reviews(call);
             }}};
}

}  // namespace bank
