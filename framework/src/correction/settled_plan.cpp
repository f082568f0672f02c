// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/settled_plan.hpp"

#include <algorithm>
#include <variant>

#include <recount/restructure/append.hpp>

#include "correction/examination.hpp"

namespace recount::detail {

namespace {

namespace step = history::step;

bool is_rule(history::plan_step const& one) {
    return std::holds_alternative<step::dedupe>(one) ||
           std::holds_alternative<step::exclude_all>(one) ||
           std::holds_alternative<step::revert_causation>(one);
}

struct added_to {
    restructure& to;

    void operator()(step::exclude const& s) const { to.exclude(s.event); }
    void operator()(step::replace const& s) const { to.replace(s.event, s.content); }
    void operator()(step::insert const& s) const { to.insert(s.to, s.at, s.contents); }
    void operator()(step::move const& s) const { to.move(s.event, s.to, s.at); }
    void operator()(step::reinstate const& s) const { to.reinstate(s.event, s.which, s.as_at); }
    void operator()(step::undo const& s) const { to.undo(s.restructure); }
    void operator()(step::redate const& s) const { to.redate(s.event, s.when); }
    void operator()(step::split const& s) const { to.split(s.event, s.into); }
    void operator()(step::merge const& s) const { to.merge(s.events, s.into); }
    void operator()(step::dedupe const& s) const { to.dedupe(s.stream); }
    void operator()(step::revert_causation const& s) const { to.revert_causation(s.command); }
    void operator()(step::exclude_all const& s) const {
        to.exclude_all(s.stream, s.type, s.from, s.to);
    }
};

restructure without_steps(restructure const& plan) {
    restructure made{plan.title()};
    made.because(plan.reason()).by(plan.actor());
    for (auto const& where : plan.all_evidence()) made.evidence(where);
    for (auto const& name : plan.acknowledged()) made.acknowledge(name);
    return made;
}

std::vector<history::operation> operations_of(restructure const& plan,
                                              history::fold const& history) {
    if (plan.steps().empty()) return {};
    return history::resolve(plan, history, uuid{}).payload.ops;
}

}  // namespace

std::optional<restructure> settled_plan(application& app, restructure const& plan,
                                        std::string const& hash) {
    if (std::none_of(plan.steps().begin(), plan.steps().end(), is_rule)) return {};
    auto const rules = rules_of(app.parts());
    auto const seen = history::gather(app.log(), plan);
    auto as_given = without_steps(plan);
    auto made = as_given;
    for (auto const& one : plan.steps()) {
        if (!is_rule(one)) {
            std::visit(added_to{as_given}, one);
            std::visit(added_to{made}, one);
            continue;
        }
        auto const before = operations_of(as_given, seen.history).size();
        std::visit(added_to{as_given}, one);
        auto const through = operations_of(as_given, seen.history);
        for (auto i = before; i < through.size(); ++i) {
            made.exclude(history::target_of(through[i]));
        }
    }
    if (history::judge(app.log(), made, rules).hash != hash) return {};
    return made;
}

}  // namespace recount::detail
