// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/restructure/projections.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include <recount/restructure/read.hpp>

namespace recount::tests {

// --- what is projected ---------------------------------------------------------------------------

struct moved {
    std::int64_t amount = 0;
};
RECOUNT_EVENT(moved, "account.moved", 1, amount)

// Invertible, rows that many streams share: by the last digit of the amount, and by day.
struct sum_row {
    std::string of;
    std::int64_t sum = 0;
};
RECOUNT_ROW(sum_row, 1, recount::key<&sum_row::of>, of, sum)

std::vector<std::string> sums_of(std::int64_t amount, timestamp when) {
    return {fmt::format("digit {}", amount % 10), "day " + to_string(date_of(when))};
}

struct sums {
    using row = sum_row;
    using events = types<moved>;
    static void on(rows<row>& r, moved const& e, info const& i, int weight) {
        for (auto const& of : sums_of(e.amount, i.effective_at)) r[of].sum += weight * e.amount;
    }
};
RECOUNT_PROJECTION(sums, "sums", 1)

// Keyed by the stream; the order of events shows in `trace`. Some amounts take the row away.
struct trace_row {
    std::string of;
    std::int64_t greatest = 0;
    std::string trace;
};
RECOUNT_ROW(trace_row, 1, recount::key<&trace_row::of>, of, greatest, trace)

bool takes_away(std::int64_t amount) { return amount % 7 == 0; }

void told_to(trace_row& row, std::int64_t amount) {
    row.greatest = std::max(row.greatest, amount);
    row.trace += std::to_string(amount) + " ";
}

struct traces {
    using row = trace_row;
    using events = types<moved>;
    static void on(rows<row>& r, moved const& e, info const& i) {
        std::string const of{i.stream};
        if (takes_away(e.amount)) {
            r.erase(of);
        } else {
            told_to(r[of], e.amount);
        }
    }
};
RECOUNT_PROJECTION(traces, "traces", 1)

// Keyed, with groups that have events of all streams: the amount says which. Two rows a group.
std::string group_of_amount(std::int64_t amount) { return std::to_string(amount % 3); }
std::string half_of(std::int64_t amount) {
    return group_of_amount(amount) + (amount % 2 == 0 ? " even" : " odd");
}

struct across {
    using row = trace_row;
    using events = types<moved>;
    static std::string group(moved const& e) { return group_of_amount(e.amount); }
    static void on(rows<row>& r, moved const& e) { told_to(r[half_of(e.amount)], e.amount); }
};
RECOUNT_PROJECTION(across, "across", 1)

// A row an event, which goes with it from stream to stream.
struct event_row {
    uuid event;
    std::string in;
    std::int64_t amount = 0;
};
RECOUNT_ROW(event_row, 1, recount::key<&event_row::event>, event, in, amount)

struct by_event {
    using row = event_row;
    using events = types<moved>;
    static void on(rows<row>& r, moved const& e, info const& i) {
        auto& row = r[i.id];
        row.in = i.stream;
        row.amount = e.amount;
    }
};
RECOUNT_PROJECTION(by_event, "by_event", 1)

// Lines that each continue the last one; some amounts take the last away.
struct numbered_row {
    std::string of;
    std::int64_t line = 0;
    std::int64_t running = 0;
};
RECOUNT_ROW(numbered_row, 1, (recount::key<&numbered_row::of, &numbered_row::line>), of, line,
            running)

struct numbered {
    using row = numbered_row;
    using events = types<moved>;
    static void on(rows<row>& r, moved const& e, info const& i) {
        std::string const of{i.stream};
        auto const* const last = r.last();
        if (takes_away(e.amount) && last != nullptr) {
            r.erase({of, last->line});
            return;
        }
        auto const running = (last == nullptr ? 0 : last->running) + e.amount;
        r[{of, last == nullptr ? 1 : last->line + 1}].running = running;
    }
};
RECOUNT_PROJECTION(numbered, "numbered", 1)

// --- what the rows must be -----------------------------------------------------------------------

namespace {

std::int64_t amount_of(history::content const& c) {
    return std::stoll(c.payload.substr(c.payload.find(':') + 1));
}

// Commits, and what each changed: of a restructure the slot versions before and after.
struct step {
    position last = 0;
    bool restructure = false;
    std::vector<shown_slot> told;   // or taken back
};

std::vector<step> steps_of(world const& log, bool order_counts) {
    std::vector<step> steps;
    auto const& rows = log.rows();
    for (std::size_t i = 0; i < rows.size();) {
        step s{rows[i].commit_last, history::is_restructure(rows[i]), {}};
        auto const before = rows[i].position - 1;
        for (; i < rows.size() && rows[i].commit_last == s.last; ++i) {
            if (s.restructure) continue;
            auto const& r = rows[i];
            s.told.push_back({r.id, r.stream, {},
                              {r.type, r.schema_version, r.payload, r.effective()}});
        }
        if (s.restructure) {
            auto was = log.truth().corrected(before);
            auto is = log.truth().corrected(s.last);
            for (auto* const view : {&was, &is}) {
                for (auto& slot : *view) {
                    if (!order_counts) slot.place.clear();
                }
            }
            auto const missing_from = [&](auto const& from, auto const& other) {
                for (auto const& slot : from) {
                    if (std::find(other.begin(), other.end(), slot) == other.end()) {
                        s.told.push_back(slot);
                    }
                }
            };
            missing_from(was, is);
            missing_from(is, was);
        }
        steps.push_back(std::move(s));
    }
    return steps;
}

position origin_of(world const& log, uuid const& event) {
    return find_slot(log.truth().state(), event)->origin->position;
}

template <class Row>
std::string text_of(Row const& row, position at, std::string const& group) {
    std::string text;
    describe::write_json(text, describe::descriptor_of<Row>(), &row);
    return text + fmt::format(" at {} in '{}'\n", at, group);
}

std::string sums_wanted(world const& log) {
    std::map<std::string, position> last;
    for (auto const& s : steps_of(log, false)) {
        for (auto const& slot : s.told) {
            auto const at = s.restructure ? s.last : origin_of(log, slot.event);
            for (auto const& of : sums_of(amount_of(slot.content), slot.content.effective_at)) {
                last[of] = std::max(last[of], at);
            }
        }
    }
    std::map<std::string, std::int64_t> wanted;
    for (auto const& slot : log.truth().corrected(log.head())) {
        auto const amount = amount_of(slot.content);
        for (auto const& of : sums_of(amount, slot.content.effective_at)) wanted[of] += amount;
    }
    std::string text;
    for (auto const& [of, sum] : wanted) text += text_of(sum_row{of, sum}, last.at(of), "");
    return text;
}

// Tells the corrected events in order, each with its group and the position its rows bear.
template <class Group, class Tell>
void tell_corrected(world const& log, Group const& group, Tell const& tell) {
    std::map<std::string, position> restructured;
    for (auto const& s : steps_of(log, true)) {
        if (!s.restructure) continue;
        for (auto const& slot : s.told) restructured[group(slot)] = s.last;
    }
    for (auto const& slot : log.truth().corrected(log.head())) {
        auto const of = group(slot);
        tell(slot, of, std::max(origin_of(log, slot.event), restructured[of]));
    }
}

std::string stream_of(shown_slot const& slot) { return slot.stream; }

std::string traces_wanted(world const& log) {
    std::map<std::string, std::pair<trace_row, position>> wanted;
    tell_corrected(log, stream_of, [&](auto const& slot, auto const& group, position at) {
        auto const amount = amount_of(slot.content);
        if (takes_away(amount)) {
            wanted.erase(group);
            return;
        }
        auto& [row, last] = wanted[group];
        row.of = group;
        told_to(row, amount);
        last = at;
    });
    std::string text;
    for (auto const& [of, row] : wanted) text += text_of(row.first, row.second, of);
    return text;
}

std::string across_wanted(world const& log) {
    std::map<std::string, std::tuple<trace_row, position, std::string>> wanted;
    auto const group_of = [](shown_slot const& slot) {
        return group_of_amount(amount_of(slot.content));
    };
    tell_corrected(log, group_of, [&](auto const& slot, auto const& group, position at) {
        auto const amount = amount_of(slot.content);
        auto& [row, last, in] = wanted[half_of(amount)];
        row.of = half_of(amount);
        told_to(row, amount);
        last = at;
        in = group;
    });
    std::string text;
    for (auto const& [of, row] : wanted) {
        text += text_of(std::get<0>(row), std::get<1>(row), std::get<2>(row));
    }
    return text;
}

std::string events_wanted(world const& log) {
    std::map<uuid, std::string> wanted;
    tell_corrected(log, stream_of, [&](auto const& slot, auto const& group, position at) {
        wanted[slot.event] =
            text_of(event_row{slot.event, group, amount_of(slot.content)}, at, group);
    });
    std::string text;
    for (auto const& [event, row] : wanted) text += row;
    return text;
}

std::string numbered_wanted(world const& log) {
    std::map<std::string, std::vector<std::pair<numbered_row, position>>> wanted;
    tell_corrected(log, stream_of, [&](auto const& slot, auto const& group, position at) {
        auto const amount = amount_of(slot.content);
        auto& lines = wanted[group];
        if (takes_away(amount) && !lines.empty()) {
            lines.pop_back();
            return;
        }
        auto const running = lines.empty() ? 0 : lines.back().first.running;
        lines.push_back({{group, std::int64_t(lines.size()) + 1, running + amount}, at});
    });
    std::string text;
    for (auto const& [of, lines] : wanted) {
        for (auto const& [row, at] : lines) text += text_of(row, at, of);
    }
    return text;
}

}  // namespace

std::vector<follower> const& followers() {
    static std::vector<follower> const all{{&projection_of<sums>(), &sums_wanted},
                                           {&projection_of<traces>(), &traces_wanted},
                                           {&projection_of<across>(), &across_wanted},
                                           {&projection_of<by_event>(), &events_wanted},
                                           {&projection_of<numbered>(), &numbered_wanted}};
    return all;
}

position append_commits(recount::log& to, world const& from, position first, position through) {
    auto const& rows = from.rows();
    auto i = static_cast<std::size_t>(first) - 1;
    while (i < rows.size() && rows[i].position <= through) {
        recount::commit c;
        c.id = command_id_of(rows[i].id);
        auto const last = rows[i].commit_last;
        bool const restructure = history::is_restructure(rows[i]);
        c.of_framework = true;
        for (; i < rows.size() && rows[i].commit_last == last; ++i) {
            auto const& r = rows[i];
            c.events.push_back({stream_name{r.stream}, r.type, r.schema_version,
                                json_text::checked(r.payload), {}});
            // The log has a clock of its own.
            if (!restructure) c.events.back().effective_at = r.effective();
        }
        auto const done =
            restructure ? to.append_restructure([&] { return c; }) : to.append(c);
        assert_that(done.last == last, "the commits of a world come to an empty log, in order");
    }
    return static_cast<position>(i) + 1;
}

}  // namespace recount::tests
