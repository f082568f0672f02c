// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/unit_of_work.hpp>

#include <recount/core/error.hpp>

namespace recount {

unit_of_work::unit_of_work(row_descriptor const& rows, row_source& source)
    : rows_{rows}, source_{source}, entries_{key_order{&rows}}, wanted_{key_order{&rows}} {}

unit_of_work::~unit_of_work() = default;

erased_object unit_of_work::copy_of(void const* object) const {
    auto copy = rows_.create();
    rows_.shape().assign(copy.get(), object);
    return copy;
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
        for (auto& row : source_.load(keys)) static_cast<void>(adopt(std::move(row)));
        for (auto const* key : keys) {
            if (!entries_.contains(key)) insert_absent(key);
        }
    }
    wanted_.clear();
    wanted_groups_.clear();
    scratch_.clear();
}

void unit_of_work::event(info const& about, std::string group) {
    about_ = about;
    group_ = std::move(group);
}

// A row to write into while collecting; nothing of it is kept but its key.
void* unit_of_work::collect(void const* key) {
    scratch_.push_back(copy_of(key));
    auto* const row = scratch_.back().get();
    if (!wanted_.contains(row)) {
        scratch_.push_back(copy_of(key));  // the handler may change key fields of the other one
        wanted_.insert(scratch_.back().get());
    }
    return row;
}

unit_of_work::entry& unit_of_work::insert_absent(void const* key) {
    entry fresh{{copy_of(key), 0, {}}};
    auto const* const object = fresh.row.object.get();
    return entries_.emplace(object, std::move(fresh)).first->second;
}

void const* unit_of_work::adopt(stored_row row) {
    auto const* const object = row.object.get();
    auto const known = entries_.find(object);
    if (known != entries_.end()) return known->first;
    auto& group = group_state_of(row.group);
    entry loaded{std::move(row)};
    loaded.present = true;
    loaded.stored = true;
    entries_.emplace(object, std::move(loaded));
    group.present.insert(object);
    return object;
}

unit_of_work::group_state& unit_of_work::group_state_of(std::string const& group) {
    return groups_.try_emplace(group, key_order{&rows_}).first->second;
}

void unit_of_work::load_groups(std::vector<std::string> const& groups) {
    if (groups.empty()) return;
    for (auto& row : source_.load_last(groups, nullptr)) {
        auto const group = row.group;
        auto const* const key = adopt(std::move(row));
        group_state_of(group).stored_last = key;
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
        for (auto& row : source_.load({key})) {
            return entries_.find(adopt(std::move(row)))->second;
        }
    }
    return insert_absent(key);
}

void unit_of_work::touch(entry& e) {
    e.touched = true;
    e.row.last_position = about_.position;
}

void unit_of_work::create(entry& e) {
    e.present = true;
    e.row.group = group_;
    group_state_of(group_).present.insert(e.row.object.get());
}

void* unit_of_work::get_or_create(void const* key) {
    if (collecting_) return collect(key);
    auto& e = entry_of(key);
    if (!e.present) {
        rows_.shape().assign(e.row.object.get(), key);
        create(e);
    }
    touch(e);
    return e.row.object.get();
}

void* unit_of_work::find(void const* key) {
    if (collecting_) {
        static_cast<void>(collect(key));
        return nullptr;
    }
    auto& e = entry_of(key);
    if (!e.present) return nullptr;
    touch(e);
    return e.row.object.get();
}

void unit_of_work::erase(void const* key) {
    if (collecting_) {
        static_cast<void>(collect(key));
        return;
    }
    auto& e = entry_of(key);
    if (!e.present) return;
    group_state_of(e.row.group).present.erase(e.row.object.get());
    e.present = false;
    touch(e);
}

void const* unit_of_work::last() {
    if (collecting_) {
        wanted_groups_.insert(group_);
        return nullptr;
    }
    if (auto const& state = group_state_of(group_); !state.loaded) load_groups({group_});
    auto& state = group_state_of(group_);
    // The last stored row may have been erased here: then the one before it counts.
    while (state.stored_last != nullptr &&
           !entries_.find(state.stored_last)->second.present &&
           (state.present.empty() ||
            rows_.key_less(*state.present.rbegin(), state.stored_last))) {
        auto before = source_.load_last({group_}, state.stored_last);
        state.stored_last = before.empty() ? nullptr : adopt(std::move(before.front()));
    }
    return state.present.empty() ? nullptr : *state.present.rbegin();
}

std::vector<unit_of_work::change> unit_of_work::changes() const {
    std::vector<change> list;
    for (auto const& [key, e] : entries_) {
        if (!e.touched || (!e.present && !e.stored)) continue;
        list.push_back({e.row.object.get(), e.row.last_position, &e.row.group, !e.present});
    }
    return list;
}

}  // namespace recount
