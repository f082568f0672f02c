// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/fold.hpp>

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

namespace recount::history {

namespace {

bool anchored_on_itself(anchor const& a, uuid const& target) {
    auto const named = a.what == anchor::kind::after || a.what == anchor::kind::before;
    return named && a.event == target;
}

// The place that the n-th operation of the entry at `p` makes; nothing where none can be made.
std::optional<place> made_by(anchor const& a, position p, int n) {
    auto const operation = static_cast<std::uint16_t>(n);
    switch (a.what) {
        case anchor::kind::keep: return {};
        case anchor::kind::end: return place::root(p, static_cast<std::uint16_t>(operation + 1));
        default: break;
    }
    if (a.at.nowhere() || a.at.steps() >= limits::place_steps_max) return {};
    return a.at.child(a.what == anchor::kind::after ? side::after : side::before, p, operation);
}

std::uint64_t mixed(std::uint64_t h) noexcept {  // one to one, each bit depends on all
    h = (h ^ (h >> 30U)) * 0xBF58476D1CE4E5B9U;
    h = (h ^ (h >> 27U)) * 0x94D049BB133111EBU;
    return h ^ (h >> 31U);
}

std::uint64_t const hash_seed = [] {
    std::random_device random;
    return (std::uint64_t{random()} << 32U) | random();
}();

}  // namespace

std::size_t fold::seeded_hash::operator()(uuid const& id) const noexcept {
    std::uint64_t half[2];
    static_assert(sizeof half == sizeof id.octets);
    std::memcpy(half, id.octets.data(), sizeof half);
    return mixed(mixed(half[0] ^ hash_seed) + half[1]);
}

fold::fold(std::string stream) : only_{std::set{std::move(stream)}} {}

fold fold::of_streams(std::set<std::string> names) {
    fold some;
    some.only_ = std::move(names);
    return some;
}

// --- slots ---------------------------------------------------------------------------------------

fold::record const* fold::slot::at(position k) const {
    if (born.visible_at > k) return nullptr;
    if (later.empty() || later.back().visible_at <= k) return &last();
    auto const after = std::upper_bound(
        later.begin(), later.end(), k,
        [](position known, record const& r) { return known < r.visible_at; });
    return after == later.begin() ? &born : &*(after - 1);
}

fold::index fold::stream_index(std::string const& name) {
    auto const [found, fresh] = by_stream_.try_emplace(name, static_cast<index>(streams_.size()));
    if (fresh) streams_.push_back({name, {}, {}});
    return found->second;
}

fold::slot* fold::known(uuid const& event) {
    auto const found = by_event_.find(event);
    return found == by_event_.end() ? nullptr : &slots_[found->second];
}

void fold::create(uuid const& event, history::origin_ptr origin, record born, bool recorded) {
    auto const at = static_cast<index>(slots_.size());
    by_event_.emplace(event, at);
    auto& stream = streams_[born.stream];
    (recorded ? stream.recorded : stream.others).push_back(at);
    journal_.push_back({born.visible_at, born.first, at, 0});
    slots_.push_back({event, recorded, std::move(origin), std::move(born), {}});
}

void fold::write(slot& s, record r) {
    auto const at = static_cast<index>(&s - slots_.data());
    if (r.stream != s.last().stream) streams_[r.stream].others.push_back(at);
    s.later.push_back(std::move(r));
    auto const& last = s.later.back();
    journal_.push_back({last.visible_at, last.first, at, static_cast<index>(s.later.size())});
}

fold::record fold::next_of(slot const& s, applying const& a, registers which) const {
    auto r = s.last();
    r.visible_at = a.visible_at;
    r.first = a.e.first;
    r.n = a.n;
    r.which = which;
    return r;
}

// --- the fold ------------------------------------------------------------------------------------

void fold::advance(entry const& e) {
    if (e.first <= last_first_ || e.first == own_position) return;  // the latter no log reaches
    last_first_ = e.first;
    auto const visible_at = std::max({e.visible_at, e.first, known_at()});
    if (visible_at != known_at()) ends_.push_back(visible_at);

    if (auto const* const event = std::get_if<event_entry>(&e.what)) {
        if (known(event->event) != nullptr || e.rows.empty()) return;
        auto const stream = stream_index(e.rows.front()->stream);
        create(event->event, e.rows.front(),
               {visible_at, e.first, -1, registers::all(), true, stream, place::root(e.first),
                event->content},
               true);
        return;
    }
    auto const& restructure = std::get<restructure_payload>(e.what);
    told_.push_back({restructure.restructure, e.first, visible_at, restructure.undoes});
    std::unordered_map<std::string_view, index> row_of;
    for (index i = 0; i < e.rows.size(); ++i) row_of.emplace(e.rows[i]->stream, i);
    int last_n = -1;
    for (auto const& o : restructure.ops) {
        if (o.n <= last_n || o.n >= static_cast<int>(limits::restructure_operations_max)) continue;
        last_n = o.n;
        applying const in_hand{e, restructure, row_of, visible_at, o.n};
        std::visit([&](auto const& what) { apply(in_hand, what); }, o.what);
    }
}

void fold::known_to(position k) {
    if (k > known_at()) ends_.push_back(k);
}

void fold::apply(applying const& a, op::replace const& o) {
    auto* const s = known(o.event);
    if (s == nullptr || !o.content) return;
    auto r = next_of(*s, a, registers::contents);
    r.content = o.content;
    write(*s, std::move(r));
}

void fold::apply(applying const& a, op::exclude const& o) {
    auto* const s = known(o.event);
    if (s == nullptr || inserted_by(o.event, a.told.restructure)) return;
    auto r = next_of(*s, a, registers::presence);
    r.present = false;
    write(*s, std::move(r));
}

void fold::apply(applying const& a, op::insert const& o) {
    if (known(o.event) != nullptr || o.event != inserted_id(a.told.restructure, a.n)) return;
    if (!o.content || anchored_on_itself(o.anchor, o.event)) return;
    auto const at = made_by(o.anchor, a.e.first, a.n);
    if (!at) return;
    auto const row = a.row_of.find(o.to);  // no append leaves it out
    auto const& rows = a.e.rows;
    create(o.event, row != a.row_of.end() ? rows[row->second] : rows.empty() ? nullptr : rows[0],
           {a.visible_at, a.e.first, a.n, registers::all(), true, stream_index(o.to), *at,
            o.content},
           false);
}

void fold::apply(applying const& a, op::move const& o) {
    if (anchored_on_itself(o.anchor, o.event)) return;
    bool const keep = o.anchor.what == anchor::kind::keep;
    auto const made = made_by(o.anchor, a.e.first, a.n);
    if (!keep && !made) return;
    if (elsewhere(o.from) && !elsewhere(o.to)) {
        if (!o.brought || (keep && !o.brought->at)) return;
        arrive(a, o.event, o.to, *o.brought, keep ? *o.brought->at : *made, registers::place);
        return;
    }
    auto* const s = known(o.event);
    if (s == nullptr) return;
    auto r = next_of(*s, a, registers::place);
    r.stream = stream_index(o.to);
    if (!keep) r.at = *made;
    write(*s, std::move(r));
}

void fold::apply(applying const& a, op::reinstate const& o) {
    if (o.as_at >= a.e.first) return;
    if (only_ && !elsewhere(o.to)) {
        if (!o.brought || !o.brought->at) return;
        arrive(a, o.event, o.to, *o.brought, *o.brought->at, o.which);
        return;
    }
    auto* const s = known(o.event);
    if (s == nullptr) return;
    auto r = next_of(*s, a, o.which);
    if (only_) {  // it leaves: where it stands then is the other stream's to tell
        r.stream = stream_index(o.to);
        write(*s, std::move(r));
        return;
    }
    auto const* const then = s->at(o.as_at);
    if (then == nullptr) return;
    if (o.which.has(registers::presence)) r.present = then->present;
    if (o.which.has(registers::contents)) r.content = then->content;
    if (o.which.has(registers::place)) {
        r.stream = then->stream;
        r.at = then->at;
    }
    write(*s, std::move(r));
}

// A slot comes to a stream that is read without the one it leaves, or is told anew in it: what it
// brings holds.
void fold::arrive(applying const& a, uuid const& event, std::string const& to,
                  brought_slot const& brought, place at, registers which) {
    if (!brought.content) return;
    record r{a.visible_at, a.e.first, a.n, which, brought.present, stream_index(to),
             std::move(at), brought.content};
    if (auto* const s = known(event)) {
        write(*s, std::move(r));
    } else {
        create(event, brought.origin, std::move(r), false);
    }
}

// --- what it shows -------------------------------------------------------------------------------

position fold::round_down(position k) const noexcept {
    auto const after = std::upper_bound(ends_.begin(), ends_.end(), k);
    return after == ends_.begin() ? 0 : *(after - 1);
}

slot_version fold::version_of(slot const& s, record const& r) const {
    return {s.event, streams_[r.stream].name, r.at, r.content, s.origin};
}

namespace {

// Ties are for logs that nobody validated: there two slots may claim one place.
bool before(slot_version const& a, slot_version const& b) {
    auto const order = a.at <=> b.at;
    return order != 0 ? order < 0 : a.event < b.event;
}

}  // namespace

std::vector<slot_version> fold::in_order(std::vector<slot_version> at_home,
                                         std::vector<slot_version> displaced) const {
    if (displaced.empty()) return at_home;
    std::sort(displaced.begin(), displaced.end(), before);
    std::vector<slot_version> all;
    all.reserve(at_home.size() + displaced.size());
    std::merge(std::make_move_iterator(at_home.begin()), std::make_move_iterator(at_home.end()),
               std::make_move_iterator(displaced.begin()),
               std::make_move_iterator(displaced.end()), std::back_inserter(all), before);
    return all;
}

std::vector<slot_version> fold::corrected(position k) const {
    std::vector<slot_version> at_home;
    std::vector<slot_version> displaced;
    at_home.reserve(slots_.size());
    for (auto const& s : slots_) {
        auto const* const r = s.at(k);
        if (r == nullptr || !r->present) continue;
        bool const home = s.recorded && (r == &s.born || r->at == s.born.at);
        (home ? at_home : displaced).push_back(version_of(s, *r));
    }
    return in_order(std::move(at_home), std::move(displaced));
}

// Every slot that ever was in the stream, once: those recorded in it, then the others.
std::vector<fold::slot const*> fold::ever_in(stream_slots const& stream) const {
    std::vector<slot const*> all;
    all.reserve(stream.recorded.size());
    for (auto const i : stream.recorded) all.push_back(&slots_[i]);
    auto others = stream.others;
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    for (auto const i : others) {
        auto const& s = slots_[i];
        if (!s.recorded || streams_[s.born.stream].name != stream.name) all.push_back(&s);
    }
    return all;
}

std::vector<slot_version> fold::corrected(std::string_view stream, position k) const {
    auto const found = by_stream_.find(std::string{stream});
    if (found == by_stream_.end()) return {};
    auto const& of_stream = streams_[found->second];
    std::vector<slot_version> at_home;
    std::vector<slot_version> displaced;
    at_home.reserve(of_stream.recorded.size());
    for (auto const* const s : ever_in(of_stream)) {
        auto const* const r = s->at(k);
        if (r == nullptr || !r->present || r->stream != found->second) continue;
        bool const home = s->recorded && s->born.stream == found->second &&
                          (r == &s->born || r->at == s->born.at);
        (home ? at_home : displaced).push_back(version_of(*s, *r));
    }
    return in_order(std::move(at_home), std::move(displaced));
}

std::vector<weighted_version> fold::delta(position from, position to) const {
    auto const [low, high] = std::minmax({from, to});
    auto const at = [](position k, journal_line const& line) { return k < line.visible_at; };
    auto const begin = std::upper_bound(journal_.begin(), journal_.end(), low, at);
    auto const end = std::upper_bound(begin, journal_.end(), high, at);
    std::vector<index> touched;
    for (auto line = begin; line != end; ++line) touched.push_back(line->slot);
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());

    std::vector<weighted_version> changes;
    for (auto const i : touched) {
        auto const& s = slots_[i];
        auto const version_at = [&](position k) -> std::optional<slot_version> {
            auto const* const r = s.at(k);
            if (r == nullptr || !r->present) return {};
            return version_of(s, *r);
        };
        auto was = version_at(from);
        auto is = version_at(to);
        if (was == is) continue;
        if (was) changes.push_back({*std::move(was), -1});
        if (is) changes.push_back({*std::move(is), 1});
    }
    std::sort(changes.begin(), changes.end(), [](auto const& a, auto const& b) {
        return a.weight != b.weight ? a.weight < b.weight : before(a.version, b.version);
    });
    return changes;
}

std::optional<slot_state> fold::find(uuid const& event, position k) const {
    auto const found = by_event_.find(event);
    if (found == by_event_.end()) return {};
    auto const& s = slots_[found->second];
    auto const* const r = s.at(k);
    if (r == nullptr) return {};
    return slot_state{r->present, streams_[r->stream].name, r->at, r->content, s.origin};
}

std::vector<fold::placed> fold::places(std::string_view stream, position k) const {
    std::vector<placed> all;
    auto const found = by_stream_.find(std::string{stream});
    if (found == by_stream_.end()) return all;
    for (auto const* const s : ever_in(streams_[found->second])) {
        auto const* const r = s->at(k);
        if (r != nullptr && r->stream == found->second) all.push_back({s->event, r->at});
    }
    return all;
}

// --- who wrote what ------------------------------------------------------------------------------

std::vector<slot_write> fold::writes(journal_place begin, journal_place end) const {
    std::vector<slot_write> all;
    for (; begin != end; ++begin) {
        auto const& s = slots_[begin->slot];
        auto const& r = s.write(begin->write);
        all.push_back({s.event, r.first, r.visible_at, r.n, r.which, r.at});
    }
    return all;
}

std::vector<slot_write> fold::written_at(position first) const {
    auto const begin =
        std::lower_bound(journal_.begin(), journal_.end(), first,
                         [](journal_line const& line, position p) { return line.first < p; });
    auto const end =
        std::upper_bound(begin, journal_.end(), first,
                         [](position p, journal_line const& line) { return p < line.first; });
    return writes(begin, end);
}

std::vector<slot_write> fold::written_after(position first) const {
    return writes(std::upper_bound(
                      journal_.begin(), journal_.end(), first,
                      [](position p, journal_line const& line) { return p < line.first; }),
                  journal_.end());
}

}  // namespace recount::history
