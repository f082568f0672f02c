// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/restructure/laws.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/random_history.hpp"

namespace recount::tests {

namespace {

using tape = std::vector<std::uint32_t>;

constexpr std::size_t tape_length = 400;
// RECOUNT_SHRINK=0: only whether a law fails is asked.
int const shrink_attempts_max = [] {
    auto const* const given = std::getenv("RECOUNT_SHRINK");
    return given != nullptr ? std::atoi(given) : 3'000;
}();

tape random_tape(std::mt19937_64& random) {
    tape t(tape_length);
    for (auto& value : t) value = static_cast<std::uint32_t>(random());
    return t;
}

std::string run(law const& holds, tape const& t) {
    choices c{t};
    return holds(c);
}

struct shrunk {
    tape smallest;
    std::string failure;
    int attempts = 0;

    bool attempt(law const& holds, tape const& t) {
        ++attempts;
        auto found = run(holds, t);
        if (found.empty()) return false;
        smallest = t;
        failure = std::move(found);
        return true;
    }
};

// Shorter tapes first, then lower choices, as long as the law still fails.
shrunk shrink(law const& holds, tape const& failing, std::string failure) {
    shrunk s{failing, std::move(failure)};
    for (bool better = true; better && s.attempts < shrink_attempts_max;) {
        better = false;
        for (std::size_t length = s.smallest.size() / 2; length > 0; length /= 2) {
            for (std::size_t at = 0; at + length <= s.smallest.size();) {
                auto t = s.smallest;
                t.erase(t.begin() + static_cast<std::ptrdiff_t>(at),
                        t.begin() + static_cast<std::ptrdiff_t>(at + length));
                if (s.attempts < shrink_attempts_max && s.attempt(holds, t)) {
                    better = true;
                } else {
                    at += length;
                }
            }
        }
        for (std::size_t at = 0; at < s.smallest.size(); ++at) {
            for (auto const lower : {std::uint32_t{0}, s.smallest[at] % 64U}) {
                if (lower >= s.smallest[at] || s.attempts >= shrink_attempts_max) continue;
                auto t = s.smallest;
                t[at] = lower;
                if (s.attempt(holds, t)) better = true;
            }
        }
    }
    return s;
}

}  // namespace

void check_law(std::string const& name, law const& holds, int cases) {
    auto const seed = seed_of_run();
    auto const begin = std::chrono::steady_clock::now();
    std::mt19937_64 random{seed};
    int failures = 0;
    for (int i = 0; i < cases && failures == 0; ++i) {
        auto const t = random_tape(random);
        auto failure = run(holds, t);
        if (failure.empty()) continue;
        ++failures;
        auto const s = shrink(holds, t, std::move(failure));
        FAIL_CHECK("law " << name << ", case " << i << ", RECOUNT_SEED=" << seed << ", shrunk to "
                          << s.smallest.size() << " choices:\n" << s.failure);
    }
    auto const took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    SUCCEED();
    if (cases >= cases_full) {  // the table of ./test --full
        fmt::print("law {:<44} {:>6} cases  {:>2} shrunk failures  {:>7} ms\n", name, cases,
                   failures, took.count());
        static_cast<void>(std::fflush(stdout));
    }
}

int count_failures(law const& holds, int cases) {
    std::mt19937_64 random{seed_of_run()};
    int failures = 0;
    for (int i = 0; i < cases; ++i) failures += run(holds, random_tape(random)).empty() ? 0 : 1;
    return failures;
}

// --- logs ----------------------------------------------------------------------------------------

void random_events(choices& c, world& log) {
    std::vector<world::happening> commit;
    for (auto left = c.below(3) + 1; left > 0; --left) {
        auto const& stream = c.of(streams_of_logs);
        commit.push_back({stream, some_content(std::int64_t(c.below(90)) + 1).payload});
        if (c.one_in(2)) commit.back().effective_at = day(static_cast<int>(c.below(25)) + 1);
    }
    log.events(commit);
}

uuid random_slot(choices& c, world const& log) {
    auto const& state = log.truth().state();
    return state.empty() ? uuid{} : c.of(state).event;
}

history::anchor random_anchor(choices& c, world const& log) {
    switch (c.below(4)) {
        case 0: return after(random_slot(c, log));
        case 1: return before(random_slot(c, log));
        // Often the same slot again, so that places lie beside each other and nest.
        case 2: return c.one_in(2) ? after(log.truth().state().back().event)
                                   : before(log.truth().state().front().event);
        default: return at_end;
    }
}

namespace {

uuid unknown_slot(choices& c) {
    uuid id;
    id.octets[0] = std::byte{0xEE};
    id.octets[7] = static_cast<std::byte>(c.below(5));
    return id;
}

history::content random_content(choices& c) {
    return some_content(std::int64_t(c.below(90)) + 1, day(static_cast<int>(c.below(25)) + 1));
}

bool too_deep(world const& log, history::anchor const& a) {
    auto const* const z = find_slot(log.truth().state(), a.event);
    return z != nullptr && order_tree::depth_of(z->place) >= 60;
}

}  // namespace

std::optional<wish> random_wish(choices& c, world const& log, bool hostile) {
    auto x = random_slot(c, log);
    if (hostile && c.one_in(6)) x = unknown_slot(c);
    auto const kind = c.below(8);
    auto a = random_anchor(c, log);
    if (hostile && c.one_in(6)) a = after(c.one_in(2) ? x : unknown_slot(c));
    if (!hostile && too_deep(log, a)) a = at_end;
    if (x.is_nil()) return wish::insert(c.of(streams_of_logs), at_end, random_content(c));
    switch (kind) {
        case 0: return wish::exclude(x);
        case 1: return wish::replace(x, random_content(c));
        case 2:
        case 3: return wish::insert(c.of(streams_of_logs), a, random_content(c));
        case 4: return wish::move(x, c.of(streams_of_logs), keep);
        case 5:
            if (!hostile && a.event == x) a = at_end;
            return wish::move(x, c.of(streams_of_logs), a);
        default: break;
    }
    history::registers const which{static_cast<std::uint8_t>(c.below(7) + 1)};
    auto const k = static_cast<position>(c.below(static_cast<std::size_t>(log.head()) +
                                                 (hostile ? 3 : 1)));
    if (!hostile && find_slot(log.truth().state_at(k), x) == nullptr) return wish::exclude(x);
    return wish::reinstate(x, which, k);
}

void random_restructure(choices& c, world& log, bool hostile) {
    std::vector<wish> wishes;
    auto const id = log.next_id();
    for (auto left = c.below(4) + 1; left > 0; --left) {
        auto w = random_wish(c, log, hostile);
        auto const n = static_cast<int>(wishes.size());
        if (n > 0 && c.one_in(4)) {  // something about what this very entry did
            auto const& earlier = c.of(wishes);
            auto const i = static_cast<int>(&earlier - wishes.data());
            bool const inserts = earlier.what == wish::kind::insert && earlier.event.is_nil();
            auto const x = inserts ? history::inserted_id(id, i) : earlier.event;
            bool const inserted = history::inserted_by(x, id);
            if (c.one_in(2) && w->what == wish::kind::insert) w->at = after(x);
            else if (w->what == wish::kind::replace || (hostile && inserted)) w->event = x;
            else if (!inserted && w->what == wish::kind::move && w->at.event != x) w->event = x;
        }
        wishes.push_back(*std::move(w));
    }
    if (hostile && c.one_in(5)) wishes.push_back(wishes.front());
    log.restructure(wishes);
}

world random_log(choices& c, log_shape const& shape) {
    world log;
    random_events(c, log);
    for (auto left = c.below(shape.commits); left > 0; --left) {
        if (!shape.restructures || c.below(2) == 0) {
            random_events(c, log);
        } else {
            random_restructure(c, log, shape.hostile);
        }
    }
    return log;
}

// --- rows that nobody would write ----------------------------------------------------------------

void spoil(choices& c, std::vector<recorded_event>& rows) {
    auto const replace_in = [&](std::string& text, std::string const& what,
                                std::string const& with) {
        if (auto const at = text.find(what); at != std::string::npos) {
            text.replace(at, what.size(), with);
        }
    };
    for (auto left = c.below(5) + 1; left > 0 && !rows.empty(); --left) {
        auto const at = c.below(rows.size());
        auto& row = rows[at];
        switch (c.below(14)) {
            case 0: rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at)); break;
            case 1: row.payload = "{"; break;
            case 2: row.payload = "[]"; break;
            case 3: row.schema_version = 2; break;
            case 4: row.type = std::string{history::restructured_type}; break;
            case 5: row.id = c.of(rows).id; break;
            case 6: replace_in(row.payload, R"("n":0)", R"("n":1)"); break;
            case 7: replace_in(row.payload, R"("place":")", R"("place":"7.7>9.1<)"); break;
            case 8: replace_in(row.payload, R"("because":"it was wrong",)", ""); break;
            case 9: replace_in(row.payload, R"("as_at":)", R"("as_at":9)"); break;
            case 10: replace_in(row.payload, R"("brought":)", R"("carried":)"); break;
            case 11: replace_in(row.payload, R"("op":"exclude")", R"("op":"erase")"); break;
            case 12: replace_in(row.payload, R"("place":)", R"("plaice":)"); break;
            default: row.payload = c.of(rows).payload; break;
        }
    }
}

// --- comparing -----------------------------------------------------------------------------------

std::string difference(std::string const& what, std::vector<shown_slot> const& found,
                       std::vector<shown_slot> const& expected) {
    if (found == expected) return {};
    return fmt::format("{}: found\n{} expected\n{}", what, told(found), told(expected));
}

history::fold folded(std::vector<history::entry> const& entries) {
    history::fold f;
    for (auto const& e : entries) f.advance(e);
    return f;
}

}  // namespace recount::tests
