// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The random logs of laws.hpp. No test framework here: the fuzzer links this too.
#include <algorithm>

#include <fmt/format.h>

#include "support/restructure/laws.hpp"

namespace recount::tests {

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
