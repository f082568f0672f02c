// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/unit_of_work.hpp>

#include <algorithm>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

namespace recount {

unit_of_work::unit_of_work(projection_descriptor const& projection, row_source& source)
    : projection_{projection}, rows_{*projection.rows}, source_{source},
      entries_{key_order{&rows_}}, wanted_{key_order{&rows_}} {}

unit_of_work::~unit_of_work() = default;

erased_object unit_of_work::copy_of(void const* object) const {
    auto copy = rows_.create();
    rows_.shape().assign(copy.get(), object);
    return copy;
}

void unit_of_work::refuse(std::string const& what) const {
    throw error{errc::refused, fmt::format("projection {}: {}", projection_.name, what)};
}

void unit_of_work::begin_collecting() { collecting_ = true; }

void unit_of_work::begin_applying() {
    collecting_ = false;
    load_groups({wanted_groups_.begin(), wanted_groups_.end()});
    std::vector<void const*> keys;
    for (auto const* key : wanted_) {
        if (!entries_.contains(key)) keys.push_back(key);
    }
    if (!keys.empty()) {
        for (auto& row : source_.load(keys)) adopt(std::move(row));
        for (auto const* key : keys) {
            if (!entries_.contains(key)) insert_absent(key);
        }
    }
    wanted_.clear();
    wanted_keys_.clear();
    wanted_groups_.clear();
    scratch_.clear();
}

void unit_of_work::event(info const& about, std::string group, position told_for) {
    settle_weights();
    about_ = about;
    group_ = std::move(group);
    told_for_ = std::max(about.position, told_for);
    weight_ = 1;
    scratch_.clear();
}

void unit_of_work::forget(std::vector<std::string> const& groups) {
    if (groups.empty()) return;
    for (auto& row : source_.load_groups(groups)) {
        auto& e = adopt(std::move(row));
        e.present = false;
        e.touched = true;
    }
    for (auto const& group : groups) {
        auto& state = group_state_of(group);
        state.loaded = true;
        state.stored_last = nullptr;   // from here on only what is told makes rows
        state.present.clear();
    }
}

// A row to write into while collecting; nothing of it is kept but its key.
void* unit_of_work::collect(void const* key) {
    if (!wanted_.contains(key)) {
        wanted_keys_.push_back(copy_of(key));
        wanted_.insert(wanted_keys_.back().get());
    }
    scratch_.push_back(copy_of(key));
    return scratch_.back().get();
}

unit_of_work::entry& unit_of_work::insert(entry made) {
    auto const* const key = made.key.get();
    return entries_.emplace(key, std::move(made)).first->second;
}

unit_of_work::entry& unit_of_work::insert_absent(void const* key) {
    return insert({copy_of(key), {copy_of(key)}});
}

unit_of_work::entry& unit_of_work::adopt(stored_row row) {
    auto const known = entries_.find(row.object.get());
    if (known != entries_.end()) return known->second;
    auto key = copy_of(row.object.get());
    auto group = row.group;
    auto& loaded = insert({std::move(key), std::move(row), true, true, std::move(group)});
    group_state_of(loaded.row.group).present.insert(loaded.key.get());
    return loaded;
}

unit_of_work::group_state& unit_of_work::group_state_of(std::string const& group) {
    return groups_.try_emplace(group, key_order{&rows_}).first->second;
}

void unit_of_work::load_groups(std::vector<std::string> const& groups) {
    if (groups.empty()) return;
    for (auto& row : source_.load_last(groups, nullptr)) {
        auto const group = row.group;
        group_state_of(group).stored_last = adopt(std::move(row)).key.get();
    }
    for (auto const& group : groups) group_state_of(group).loaded = true;
}

// Rows behind the last stored row of their group cannot be in the store.
bool unit_of_work::beyond_last(void const* key) {
    auto const known = groups_.find(group_);
    if (known == groups_.end() || !known->second.loaded) return false;
    auto const* const last = known->second.stored_last;
    return last == nullptr || rows_.key_less(last, key);
}

unit_of_work::entry& unit_of_work::entry_of(void const* key) {
    auto const known = entries_.find(key);
    if (known != entries_.end()) return known->second;
    if (!beyond_last(key)) {
        auto found = source_.load({key});
        if (!found.empty()) return adopt(std::move(found.front()));
    }
    return insert_absent(key);
}

// A row that depended on two groups could not be told again from the events of either.
unit_of_work::entry& unit_of_work::reach(void const* key) {
    auto& e = entry_of(key);
    if (e.present && !projection_.invertible && e.row.group != group_) {
        refuse(fmt::format("an event of the group '{}' reaches for a row of the group '{}'; "
                           "declare 'group', or let the handlers take a weight",
                           excerpt(group_), excerpt(e.row.group)));
    }
    return e;
}

void unit_of_work::touch(entry& e) {
    e.touched = true;
    e.row.last_position = told_for_;
}

void unit_of_work::take_away(entry& e) {
    group_state_of(e.row.group).present.erase(e.key.get());
    e.present = false;
    e.row.weight = 0;
}

// At once and not at the end of the batch: what comes to the row next finds none, however the log
// is cut into batches.
void unit_of_work::settle_weights() {
    for (auto* const e : weighed_) {
        e->weighed = false;
        if (e->present && e->row.weight == 0) take_away(*e);
    }
    weighed_.clear();
}

void* unit_of_work::get_or_create(void const* key) {
    if (collecting_) return collect(key);
    auto& e = reach(key);
    if (!e.present) {
        rows_.shape().assign(e.row.object.get(), key);
        e.present = true;
        e.row.group = group_;
        group_state_of(group_).present.insert(e.key.get());
    }
    touch(e);
    if (projection_.invertible && !e.weighed) {
        e.weighed = true;
        e.row.weight += weight_;
        weighed_.push_back(&e);
    }
    return e.row.object.get();
}

void* unit_of_work::find(void const* key) {
    if (collecting_) return collect(key);
    auto& e = reach(key);
    if (!e.present) return nullptr;
    touch(e);
    return e.row.object.get();
}

void unit_of_work::erase(void const* key) {
    if (collecting_) {
        collect(key);
        return;
    }
    auto& e = reach(key);
    if (!e.present) return;
    take_away(e);
    touch(e);
}

void const* unit_of_work::last() {
    if (projection_.invertible) {
        refuse("the last row of a group is known to keyed projections only (handlers without a "
               "weight)");
    }
    if (collecting_) {
        wanted_groups_.insert(group_);
        return nullptr;
    }
    auto& state = group_state_of(group_);
    if (!state.loaded) load_groups({group_});
    // The last stored row may have been erased here: then the one before it counts.
    while (state.stored_last != nullptr && !entries_.find(state.stored_last)->second.present &&
           (state.present.empty() ||
            rows_.key_less(*state.present.rbegin(), state.stored_last))) {
        auto before = source_.load_last({group_}, state.stored_last);
        state.stored_last =
            before.empty() ? nullptr : adopt(std::move(before.front())).key.get();
    }
    if (state.present.empty()) return nullptr;
    return entries_.find(*state.present.rbegin())->second.row.object.get();
}

std::vector<unit_of_work::change> unit_of_work::changes() {
    settle_weights();
    std::vector<change> list;
    for (auto const& [key, e] : entries_) {
        if (!e.touched || (!e.present && !e.stored)) continue;
        auto const* const row = e.row.object.get();
        if (e.present && (rows_.key_less(key, row) || rows_.key_less(row, key))) {
            refuse("a handler changed the key of a row; erase the row, and make another");
        }
        bool const elsewhere =
            !projection_.invertible && e.stored && e.stored_group != e.row.group;
        if (e.present && elsewhere) {
            list.push_back({key, e.row.last_position, &e.stored_group, true});
        }
        list.push_back({e.present ? row : key, e.row.last_position, &e.row.group, !e.present,
                        e.row.weight});
    }
    return list;
}

}  // namespace recount
