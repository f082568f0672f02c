// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/restructure/subscribers.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "support/restructure/projections.hpp"

namespace recount::tests {

// --- logs and filters ----------------------------------------------------------------------------

namespace {

history::content other_type(choices& c) {
    auto made = some_content(static_cast<std::int64_t>(c.below(90)) + 1, day(3));
    made.type = c.one_in(2) ? "account.closed" : "account.renamed";
    return made;
}

void random_step_of_kinds(choices& c, world& log) {
    auto const& stream = c.of(streams_of_kinds);
    switch (c.below(4)) {
        case 0: log.events({{stream, some_content(7).payload}}); break;
        case 1:
            log.restructure({wish::replace(random_slot(c, log), other_type(c))});
            break;
        case 2: log.restructure({wish::move(random_slot(c, log), stream, keep)}); break;
        default:
            log.restructure({wish::insert(stream, at_end, other_type(c)),
                             wish::move(random_slot(c, log), stream, at_end)});
            break;
    }
}

// What the filter means, said a second time.
bool asked_for(feed_filter const& filter, std::string const& stream, std::string const& type) {
    auto const category = stream.substr(0, stream.find('-'));
    auto const one_of = [](auto const& list, auto const& x) {
        return std::count(list.begin(), list.end(), x) > 0;
    };
    bool const named = filter.stream || !filter.categories.empty();
    if (!named && category.front() == '$') return false;
    if (filter.stream && filter.stream->str() != stream) return false;
    if (!filter.categories.empty() && !one_of(filter.categories, category)) return false;
    return filter.types.empty() || one_of(filter.types, type);
}

}  // namespace

world random_log_of_kinds(choices& c) {
    world log;
    random_events(c, log);
    for (auto left = c.below(16); left > 0; --left) {
        switch (c.below(3)) {
            case 0: random_events(c, log); break;
            case 1: random_restructure(c, log); break;
            default: random_step_of_kinds(c, log); break;
        }
    }
    return log;
}

feed_filter random_filter(choices& c) {
    feed_filter filter;
    switch (c.below(4)) {
        case 0: break;
        case 1: filter.stream = stream_name{c.of(streams_of_kinds)}; break;
        case 2: filter.categories = {"account"}; break;
        default: filter.categories = {"card", "$saga.cards"}; break;
    }
    if (c.one_in(3)) filter.types = {"account.renamed"};
    if (c.one_in(4)) filter.types.emplace_back("account.moved");
    return filter;
}

// --- subscribers ---------------------------------------------------------------------------------

namespace {

shown_slot shown_of(recorded_event const& e, history::place const& at) {
    return {e.id, e.stream, at.text(),
            {e.type, e.schema_version, e.payload, e.effective()}};
}

// What was delivered, by how often it holds.
struct held_slot {
    shown_slot slot;
    std::string order;
    position recorded_at = 0;
    int times = 0;
};

class kept_slots {
public:
    void add(recorded_event const& e, history::place const& at, int weight) {
        auto const slot = shown_of(e, at);
        auto& held = slots_[fmt::format("{} {} {} {} {} {}", to_string(slot.event), slot.stream,
                                        slot.place, slot.content.type, slot.content.payload,
                                        to_string(slot.content.effective_at))];
        held.slot = slot;
        held.order = history::order_text(at);
        held.recorded_at = e.position;
        held.times += weight;
    }
    [[nodiscard]] std::string defect(world const& log, feed_filter const& filter, position k,
                                     bool by_position) const {
        std::map<std::string, std::vector<held_slot const*>> by_stream;
        for (auto const& [key, held] : slots_) {
            if (held.times == 0) continue;
            if (held.times != 1) return fmt::format("{} holds {} times", key, held.times);
            by_stream[held.slot.stream].push_back(&held);
        }
        for (auto const& stream : streams_of_kinds) {
            auto& found = by_stream[stream];
            std::sort(found.begin(), found.end(), [&](auto const* a, auto const* b) {
                return by_position ? a->recorded_at < b->recorded_at : a->order < b->order;
            });
            std::vector<shown_slot> view;
            for (auto const* const held : found) view.push_back(held->slot);
            auto expected = log.truth().corrected(stream, k);
            std::erase_if(expected, [&](auto const& slot) {
                return !asked_for(filter, slot.stream, slot.content.type);
            });
            auto const found_out = difference(fmt::format("{} at {}", stream, k), view, expected);
            if (!found_out.empty()) return found_out;
        }
        return {};
    }

private:
    std::map<std::string, held_slot> slots_;
};

struct changes_form {
    using reader = history::change_reader;
    static auto const& items(history::changes_page const& page) { return page.changes; }
    static void take(kept_slots& slots, history::change const& c, feed_filter const&, flaw how) {
        if (how == flaw::forgets_nothing && c.weight < 0) return;
        slots.add(c.event, c.at, c.weight);
    }
};

struct append_only_form {
    using reader = history::append_only_reader;
    static auto const& items(history::append_only_page const& page) { return page.events; }
    // Both sides of a correction are told, though one be of what was not asked for.
    static void take(kept_slots& slots, history::append_only_event const& e,
                     feed_filter const& filter, flaw) {
        auto const* const corrected = std::get_if<history::event_corrected>(&e.what);
        if (corrected == nullptr) {
            auto const& event = std::get<recorded_event>(e.what);
            slots.add(event, history::place::root(event.position), 1);
            return;
        }
        auto const add = [&](auto const& said, int weight) {
            if (!said || !asked_for(filter, said->event.stream, said->event.type)) return;
            slots.add(said->event, said->at, weight);
        };
        add(corrected->before, -1);
        add(corrected->after, 1);
    }
};

// Reads in random pages while the log grows, stops in the middle of some, and begins again where it
// was or at an earlier mark.
template <class Form> class follower_of {
public:
    follower_of(choices& c, recount::log& store, world const& log, feed_filter filter, flaw how)
        : c_{c}, store_{store}, log_{log}, filter_{std::move(filter)}, how_{how} {}

    std::string run() {
        grow();
        begin_at({});
        for (;;) {
            auto const page = reader_->next(c_.below(4) == 0 ? limits::page_events_default
                                                             : c_.below(5) + 1);
            auto const& items = Form::items(page);
            auto const taken = c_.one_in(4) ? c_.below(items.size() + 1) : items.size();
            for (std::size_t i = 0; i < taken && defect_.empty(); ++i) take(items[i]);
            if (!items.empty() && !items.back().last) defect_ = "a page that cuts a commit";
            if (taken == items.size()) at_mark({page.through});
            if (!defect_.empty()) return defect_ + log_.told();
            bool const over = page.caught_up && taken == items.size();
            if (taken < items.size() || c_.one_in(6)) {
                begin_at(c_.one_in(2) ? c_.of(marks_) : seen_);
            } else if (over && appended_ < log_.head()) {
                grow();
            } else if (over) {
                return {};
            }
        }
    }

private:
    choices& c_;
    recount::log& store_;
    world const& log_;
    feed_filter filter_;
    flaw how_;
    position appended_ = 0;
    std::optional<typename Form::reader> reader_;
    kept_slots slots_;
    history::change_mark seen_;
    history::change_mark read_;     // of this reader, in order
    std::vector<history::change_mark> marks_{{}};
    std::string defect_;

    void grow() {
        auto const left = static_cast<std::size_t>(log_.head() - appended_);
        auto const more = c_.one_in(2) ? c_.below(left) + 1 : left;
        appended_ = append_commits(store_, log_, appended_ + 1,
                                   appended_ + static_cast<position>(more)) - 1;
    }
    void begin_at(history::change_mark const& mark) {
        history::change_options options;
        options.after = mark;
        options.filter = filter_;
        reader_.emplace(store_, options);
        read_ = mark;
    }
    template <class Item> void take(Item const& item) {
        if (read_.covers(item.k, item.ordinal)) {
            defect_ = fmt::format("{}.{} after {}", item.k, item.ordinal, read_.text());
        }
        read_ = item.mark();
        if (seen_.covers(item.k, item.ordinal) && how_ != flaw::takes_twice) return;
        Form::take(slots_, item, filter_, how_);
        if (!seen_.covers(item.k, item.ordinal)) seen_ = item.mark();
        marks_.push_back(item.mark());
        if (item.last) at_mark({item.k});
    }
    void at_mark(history::change_mark const& mark) {
        if (mark.k < seen_.k) return;   // it was there before
        seen_ = mark;
        marks_.push_back(mark);
        if (!defect_.empty()) return;
        defect_ = slots_.defect(log_, filter_, mark.k, how_ == flaw::sorts_by_position);
    }
};

}  // namespace

std::string follow_changes(choices& c, recount::log& store, world const& log,
                           feed_filter const& filter, flaw how) {
    return follower_of<changes_form>{c, store, log, filter, how}.run();
}

std::string follow_append_only(choices& c, recount::log& store, world const& log,
                               feed_filter const& filter) {
    return follower_of<append_only_form>{c, store, log, filter, flaw::none}.run();
}

namespace {

template <class Form, class Item>
std::vector<Item> all_of(recount::log& from, history::change_options options, std::size_t limit) {
    typename Form::reader reader{from, std::move(options)};
    std::vector<Item> all;
    for (;;) {
        auto const page = reader.next(limit);
        auto const& items = Form::items(page);
        all.insert(all.end(), items.begin(), items.end());
        if (page.caught_up) return all;
    }
}

}  // namespace

std::vector<history::change> all_changes(recount::log& from, history::change_options options,
                                         std::size_t limit) {
    return all_of<changes_form, history::change>(from, std::move(options), limit);
}

std::vector<history::append_only_event> all_append_only(recount::log& from,
                                                        history::change_options options,
                                                        std::size_t limit) {
    return all_of<append_only_form, history::append_only_event>(from, std::move(options), limit);
}

}  // namespace recount::tests
