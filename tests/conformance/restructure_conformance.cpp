// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "conformance/restructure_conformance.hpp"

#include <chrono>

#include <fmt/format.h>

using namespace recount;

namespace conformance {

timestamp day(int of_january) {
    return timestamp_from_string("2026-01-01T12:00:00Z") + std::chrono::days{of_january - 1};
}

json_text moved(std::int64_t amount) {
    return json_text::checked(fmt::format(R"({{"amount":{}}})", amount));
}

history::planned_content content(std::int64_t amount, std::optional<timestamp> when) {
    return {"account.moved", 1, moved(amount), when};
}

uuid tell(recount::log& log, std::string const& stream, std::int64_t amount, timestamp when) {
    commit one;
    one.events.push_back({stream_name{stream}, "account.moved", 1, moved(amount), when});
    return log.append(one).events.front().id;
}

restructure correction(std::string title) {
    restructure plan{std::move(title)};
    plan.because("it was wrong").by("ada");
    return plan;
}

uuid apply(recount::log& log, restructure const& plan) {
    return command_id_of(history::append_plan(log, plan).events.front().id);
}

std::int64_t total(std::vector<recorded_event> const& events) {
    std::int64_t sum = 0;
    for (auto const& e : events) sum += std::stoll(e.payload.substr(e.payload.find(':') + 1));
    return sum;
}

std::vector<uuid> ids(std::vector<recorded_event> const& events) {
    std::vector<uuid> all;
    for (auto const& e : events) all.push_back(e.id);
    return all;
}

std::vector<uuid> corrected_ids(recount::log& log, std::string const& stream) {
    return ids(history::read_corrected(log, stream_name{stream}).events);
}

std::optional<history::refusal> refused(recount::log& log, restructure const& plan) {
    auto const before = log.head();
    std::optional<history::refusal> why;
    try {
        static_cast<void>(history::append_plan(log, plan));
    } catch (history::plan_refused const& no) {
        why = no.problems().front().what;
    }
    CHECK(log.head().position == before.position);
    return why;
}

// --- the golden example --------------------------------------------------------------------------

golden::golden(recount::log& on) : log{on} {
    auto const december = day(-10);
    auto const january = day(2);
    event("e1", a, 0, december);
    event("e2", a, 100, december);
    event("e3", a, 100, december);
    event("e4", a, -50, january);
    event("e5", b, 0, december);
    event("e6", a, 30, december);
    entry_seven = corrected(
        correction().exclude(events.at("e3")).move(events.at("e6"), b.str()));
    entry_eight = corrected(correction().replace(events.at("e4"), content(-5, january)));
    auto const nine = corrected(correction().insert(
        a.str(), history::planned_anchor::after(events.at("e2")), {content(20, december)}));
    events["x1"] = history::inserted_id(nine, 0);
    corrected(correction().reinstate(events.at("e3"), {history::registers::presence}, 6));
    event("e7", a, -15, january);
}

void golden::redate() { corrected(correction().redate(events.at("e4"), day(0))); }

void golden::event(std::string const& name, stream_name const& in, std::int64_t amount,
                   timestamp when) {
    events[name] = tell(log, in.str(), amount, when);
    last[static_cast<int>(last.size()) + 1] = log.head().position;
}

uuid golden::corrected(restructure const& plan) {
    auto const id = apply(log, plan);
    last[static_cast<int>(last.size()) + 1] = log.head().position;
    return id;
}

std::string golden::names(std::vector<recorded_event> const& of) const {
    std::string text;
    for (auto const& e : of) {
        for (auto const& [name, id] : events) {
            if (id == e.id) text += (text.empty() ? "" : " ") + name;
        }
    }
    return text;
}

std::int64_t golden::balance(stream_name const& of, position k) const {
    return total(history::read_corrected(log, of, {.known_at = k}).events);
}

std::int64_t golden::balance_until(position k, timestamp t) const {
    return total(history::read_corrected(log, a, {.known_at = k, .effective_until = t}).events);
}

}  // namespace conformance
