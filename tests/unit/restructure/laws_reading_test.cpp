// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The laws of reading, on random logs, against the oracle: 1 to 3, 5, 12, 13, 15, 16, 22.
#include <algorithm>
#include <set>

#include "support/catch.hpp"
#include "support/restructure/laws.hpp"

using namespace recount;
using namespace recount::tests;

namespace {

std::string with_log(std::string failure, world const& log) {
    return failure.empty() ? failure : failure + "\nin the log\n" + log.told();
}

std::string identity(choices& c) {
    auto const log = random_log(c, {.restructures = false});
    std::vector<shown_slot> recorded;
    for (auto const& r : log.rows()) {
        recorded.push_back({r.id, r.stream, std::to_string(r.position) + ".0",
                            {r.type, r.schema_version, r.payload, r.effective()}});
    }
    return with_log(difference("view", shown(folded(log.entries()).corrected()), recorded), log);
}

// What was believed at k stays what was believed at k, however the log goes on.
std::string knowledge_stability(choices& c) {
    auto const log = random_log(c);
    auto const whole = folded(log.entries());
    history::fold growing;
    for (auto const& e : log.entries()) {
        growing.advance(e);
        if (e.rows.back()->position != e.visible_at) continue;
        auto const k = e.visible_at;
        auto failure = difference("at " + std::to_string(k), shown(whole.corrected(k)),
                                  shown(growing.corrected()));
        if (!failure.empty()) return with_log(failure, log);
    }
    return {};
}

std::string totality(choices& c) {
    auto const log = random_log(c, {.hostile = true});
    auto rows = log.rows();
    spoil(c, rows);
    auto const entries = history::entries_of(rows);
    auto const found = folded(entries);
    oracle expected;
    for (auto const& e : entries) expected.advance(e);
    for (position k = 0; k <= log.head(); ++k) {
        auto failure = difference("spoilt, at " + std::to_string(k), shown(found.corrected(k)),
                                  expected.corrected(k));
        if (!failure.empty()) return with_log(failure, log);
    }
    for (auto const& stream : streams_of_logs) {
        auto alone = rows;
        std::erase_if(alone, [&](auto const& r) { return r.stream != stream; });
        history::fold local{stream};
        for (auto const& e : history::entries_of(alone)) local.advance(e);
        static_cast<void>(local.corrected(stream));
        static_cast<void>(local.annotated(stream));
    }
    auto shuffled = rows;
    for (auto i = shuffled.size(); i > 1; --i) std::swap(shuffled[i - 1], shuffled[c.below(i)]);
    auto const again = folded(history::entries_of(shuffled));
    return with_log(difference("shuffled", shown(again.corrected()), shown(found.corrected())),
                    log);
}

std::string ids_once(choices& c) {
    auto const log = random_log(c, {.hostile = true});
    std::set<uuid> possible;
    for (auto const& e : log.entries()) {
        if (auto const* const event = std::get_if<history::event_entry>(&e.what)) {
            possible.insert(event->event);
            continue;
        }
        for (auto const& o : std::get<history::restructure_payload>(e.what).ops) {
            if (std::get_if<history::op::insert>(&o.what)) possible.insert(history::target_of(o));
        }
    }
    std::set<uuid> seen;
    for (auto const& v : folded(log.entries()).corrected()) {
        if (!seen.insert(v.event).second) return with_log("an id twice", log);
        if (!possible.contains(v.event)) return with_log("an id from nowhere", log);
    }
    return {};
}

std::string grouping(choices& c) {
    auto const log = random_log(c);
    auto const f = folded(log.entries());
    for (auto const& r : log.rows()) {
        for (auto k = r.position; k < r.commit_last; ++k) {
            auto const& first = *std::find_if(
                log.rows().begin(), log.rows().end(),
                [&](auto const& other) { return other.commit_last == r.commit_last; });
            if (f.round_down(k) != first.position - 1) return with_log("rounding", log);
            auto failure = difference("inside a commit", shown(f.corrected(k)),
                                      shown(f.corrected(first.position - 1)));
            if (!failure.empty()) return with_log(failure, log);
        }
    }
    return {};
}

// Views as weighted sets, written down to be compared.
using weighted_set = std::map<std::string, int>;

void add(weighted_set& to, history::slot_version const& v, int weight) {
    auto const key = told(shown({v}));
    if ((to[key] += weight) == 0) to.erase(key);
}

std::string deltas(choices& c) {
    auto const log = random_log(c);
    auto const f = folded(log.entries());
    auto const end = static_cast<std::size_t>(log.head()) + 1;
    position const k[] = {position(c.below(end)), position(c.below(end)), position(c.below(end))};
    auto const sum = [&](auto const&... changes) {
        weighted_set all;
        ([&] { for (auto const& v : changes) add(all, v.version, v.weight); }(), ...);
        return all;
    };
    if (sum(f.delta(k[0], k[2])) != sum(f.delta(k[0], k[1]), f.delta(k[1], k[2]))) {
        return with_log("deltas do not add up", log);
    }
    weighted_set reached = sum(f.delta(k[0], k[1]));
    for (auto const& v : f.corrected(k[0])) add(reached, v, 1);
    for (auto const& v : f.corrected(k[1])) add(reached, v, -1);
    return with_log(reached.empty() ? "" : "view and delta do not give the view", log);
}

// A state that is sensitive to every event and to their order.
std::string replayed(std::string state, std::vector<shown_slot> const& view,
                     history::place const* after_place) {
    for (auto const& s : view) {
        if (after_place && *history::place::from_text(s.place, 0) <= *after_place) continue;
        state = to_hex(sha256(state + s.content.payload + to_string(s.content.effective_at)));
    }
    return state;
}

std::string snapshots(choices& c) {
    auto const log = random_log(c);
    auto const f = folded(log.entries());
    auto const& stream = c.of(streams_of_logs);
    auto const end = static_cast<std::size_t>(log.head()) + 1;
    for (int i = 0; i < 6; ++i) {
        auto const k = static_cast<position>(c.below(end));
        auto const later = static_cast<position>(c.below(end));
        auto const then = shown(f.corrected(stream, k));
        history::snapshot_mark mark{0, k, {}};
        if (!then.empty()) mark.last = history::place::from_text(then.back().place, 0);
        auto const now = shown(f.corrected(stream, later));
        auto const snapshot = replayed("", then, nullptr);
        auto const tail = replayed(snapshot, now, mark.last ? &*mark.last : nullptr);
        bool const same = tail == replayed("", now, nullptr);
        bool const valid = history::snapshot_valid(f, stream, mark, later);
        if (valid && !same) return with_log("a valid snapshot gives another state", log);
        // The rule, in the oracle's words.
        auto const until = [&](position known_at) {
            auto view = log.truth().corrected(stream, known_at);
            std::erase_if(view, [&](shown_slot const& s) {
                return !mark.last || *history::place::from_text(s.place, 0) > *mark.last;
            });
            return view;
        };
        if (valid != (until(k) == until(later))) return with_log("usable or not", log);
    }
    return {};
}

std::string incremental(choices& c) {
    auto const log = random_log(c);
    history::fold f;
    for (auto const& e : log.entries()) {
        f.advance(e);
        if (e.rows.back()->position != e.visible_at) continue;
        auto const k = static_cast<position>(c.below(static_cast<std::size_t>(e.visible_at) + 1));
        auto failure = difference("at " + std::to_string(k) + " when known up to " +
                                      std::to_string(e.visible_at),
                                  shown(f.corrected(k)), log.truth().corrected(k));
        if (!failure.empty()) return with_log(failure, log);
        for (auto const& stream : streams_of_logs) {
            failure = difference(stream, shown(f.corrected(stream, k)),
                                 log.truth().corrected(stream, k));
            if (!failure.empty()) return with_log(failure, log);
        }
        for (auto const& x : log.truth().state_at(k)) {
            auto const s = f.find(x.event, k);
            if (!s || s->present != x.present || s->stream != x.stream ||
                s->at.text() != order_tree::path_of(x.place) || *s->content != x.content) {
                return with_log("a slot's registers at " + std::to_string(k), log);
            }
        }
    }
    return {};
}

std::string locality_of_storage(choices& c) {
    auto const log = random_log(c);
    for (auto const& stream : streams_of_logs) {
        history::fold alone{stream};
        for (auto const& e : history::entries_of(log.rows_of(stream))) alone.advance(e);
        for (position k = 0; k <= log.head(); ++k) {
            auto failure = difference("rows of " + stream + " at " + std::to_string(k),
                                      shown(alone.corrected(stream, k)),
                                      log.truth().corrected(stream, k));
            if (!failure.empty()) return with_log(failure, log);
            for (auto const& v : alone.corrected(stream, k)) {
                auto const* const x = find_slot(log.truth().state_at(k), v.event);
                if (!v.origin || *v.origin != *x->origin) return with_log("origin", log);
            }
        }
        auto const notes = history::annotated(log.entries(), stream, log.head());
        auto const notes_alone = alone.annotated(stream);
        if (notes.size() != notes_alone.size()) return with_log("annotated", log);
        std::vector<uuid> here;
        for (std::size_t i = 0; i < notes.size(); ++i) {
            auto const& n = notes[i];
            if (n.event != notes_alone[i].event || n.notes != notes_alone[i].notes ||
                *n.content != *notes_alone[i].content || n.left_to != notes_alone[i].left_to) {
                return with_log("annotated", log);
            }
            if (n.present && !n.left_to) here.push_back(n.event);
        }
        std::vector<uuid> expected;
        for (auto const& s : log.truth().corrected(stream, log.head())) expected.push_back(s.event);
        if (here != expected) return with_log("annotated less what is gone is the view", log);
    }
    return {};
}

std::vector<named_law> const laws{
    {"1 identity", identity},
    {"2 knowledge stability", knowledge_stability},
    {"3 totality and purity", totality},
    {"5 ids at most once", ids_once},
    {"12 grouping", grouping},
    {"13 deltas", deltas},
    {"15 snapshot and tail", snapshots},
    {"16 incremental state = fold", incremental},
    {"22 locality of storage", locality_of_storage},
};

}  // namespace

TEST_CASE("the laws of reading hold on random logs", "[restructure][laws]") { check_laws(laws); }

TEST_CASE("the laws of reading hold on many random logs", "[restructure][laws][full]") {
    check_laws(laws, cases_full);
}
