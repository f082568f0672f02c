// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/memory_row_store.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <set>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/describe/columns.hpp>

#include "projection/made_changes.hpp"
#include "projection/row_filters.hpp"

namespace recount {

namespace {

using detail::key_order;
using table = std::map<void const*, stored_row, key_order>;

stored_row copy_of(row_descriptor const& rows, stored_row const& row) {
    stored_row copy{rows.create(), row.last_position, row.group, row.weight};
    rows.shape().assign(copy.object.get(), row.object.get());
    return copy;
}

std::vector<std::string> definition_of(row_descriptor const& rows) {
    auto lines = describe::column_definitions(describe::columns_of(rows.shape()));
    for (auto const field : rows.key_fields) lines.push_back(std::to_string(field));
    return lines;
}

struct built {
    explicit built(row_descriptor const& of)
        : definition{definition_of(of)}, rows{key_order{&of}} {}
    std::vector<std::string> definition;
    table rows;
    std::set<group_stream> noted;
    checkpoint at;
    std::optional<position> kept_since{};
    std::vector<row_change> kept{};
};

}  // namespace

struct memory_row_store::implementation {
    std::mutex mutex;
    std::map<std::pair<std::string, table_build>, built> tables;

    built& of(projection_descriptor const& p, table_build build) {
        auto const found = tables.find({p.table(), build});
        if (found == tables.end()) {
            throw error{errc::not_found,
                        fmt::format("projection {} version {} has no {} table", p.name, p.version,
                                    build == table_build::live ? "live" : "rebuild")};
        }
        return found->second;
    }

    // Looks the table up each time: it may be swapped away between two calls.
    class source;
};

class memory_row_store::implementation::source final : public row_source {
public:
    source(implementation& self, projection_descriptor const& p, table_build build)
        : self_{self}, projection_{p}, build_{build} {}

    std::vector<stored_row> load(std::vector<void const*> const& keys) override {
        std::lock_guard const hold{self_.mutex};
        auto const& stored = self_.of(projection_, build_).rows;
        std::vector<stored_row> found;
        for (auto const* key : keys) {
            auto const at = stored.find(key);
            if (at != stored.end()) found.push_back(copy_of(*projection_.rows, at->second));
        }
        return found;
    }

    std::vector<stored_row> load_last(std::vector<std::string> const& groups,
                                      void const* below) override {
        std::lock_guard const hold{self_.mutex};
        auto const& stored = self_.of(projection_, build_).rows;
        auto const end = below == nullptr ? stored.end() : stored.lower_bound(below);
        std::map<std::string_view, stored_row const*> last;
        for (auto const& group : groups) last.emplace(group, nullptr);
        for (auto at = stored.begin(); at != end; ++at) {
            auto const wanted = last.find(at->second.group);
            if (wanted != last.end()) wanted->second = &at->second;
        }
        std::vector<stored_row> found;
        for (auto const& [group, row] : last) {
            if (row != nullptr) found.push_back(copy_of(*projection_.rows, *row));
        }
        return found;
    }

    std::vector<stored_row> load_groups(std::vector<std::string> const& groups) override {
        std::lock_guard const hold{self_.mutex};
        std::set<std::string_view> const wanted{groups.begin(), groups.end()};
        std::vector<stored_row> found;
        for (auto const& [key, row] : self_.of(projection_, build_).rows) {
            if (wanted.contains(row.group)) found.push_back(copy_of(*projection_.rows, row));
        }
        return found;
    }

    std::vector<group_stream> streams_of(std::vector<std::string> const& groups) override {
        std::lock_guard const hold{self_.mutex};
        auto const& noted = self_.of(projection_, build_).noted;
        std::vector<group_stream> found;
        for (auto const& group : groups) {
            for (auto at = noted.lower_bound({group, {}}); at != noted.end() && at->group == group;
                 ++at) {
                found.push_back(*at);
            }
        }
        return found;
    }

private:
    implementation& self_;
    projection_descriptor const& projection_;
    table_build build_;
};

memory_row_store::memory_row_store() : self_{std::make_unique<implementation>()} {}
memory_row_store::~memory_row_store() = default;

void memory_row_store::prepare(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    auto const [at, fresh] = self_->tables.try_emplace({p.table(), table_build::live}, *p.rows);
    if (!fresh && at->second.definition != definition_of(*p.rows)) throw other_columns(p);
}

void memory_row_store::publish(projection_descriptor const& /*p*/) {}

checkpoint memory_row_store::read_checkpoint(projection_descriptor const& p, table_build build) {
    std::lock_guard const hold{self_->mutex};
    return self_->of(p, build).at;
}

std::unique_ptr<row_source> memory_row_store::source(projection_descriptor const& p,
                                                     table_build build) {
    return std::make_unique<implementation::source>(*self_, p, build);
}

namespace {

// Before anything is changed: all of a write happens, or nothing.
void refuse_others(projection_descriptor const& p, table const& stored,
                   std::vector<unit_of_work::change> const& changes) {
    if (p.invertible) return;
    void const* removed = nullptr;   // a removal stands right before what takes its place
    for (auto const& change : changes) {
        auto const at = stored.find(change.object);
        bool const free = at == stored.end() || at->second.group == *change.group ||
                          (removed != nullptr && !p.rows->key_less(removed, change.object));
        if (!change.removed && !free) {
            throw row_of_another_group(p, at->second.group, *change.group);
        }
        removed = change.removed ? change.object : nullptr;
    }
}

}  // namespace

bool memory_row_store::write(projection_descriptor const& p, table_build build,
                             checkpoint const& from, checkpoint const& to,
                             std::vector<unit_of_work::change> const& changes,
                             std::vector<group_stream> const& noted) {
    std::lock_guard const hold{self_->mutex};
    auto const known = self_->tables.find({p.table(), build});
    if (known == self_->tables.end()) return false;  // swapped away
    auto& target = known->second;
    if (target.at.position != from.position || target.at.epoch != from.epoch) return false;
    refuse_others(p, target.rows, changes);
    if (target.kept_since) {
        auto made = detail::made_changes(p, from.position, to.position, changes);
        std::move(made.begin(), made.end(), std::back_inserter(target.kept));
    }
    target.noted.insert(noted.begin(), noted.end());
    for (auto const& change : changes) {
        target.rows.erase(change.object);
        if (change.removed) continue;
        stored_row row{p.rows->create(), change.last_position,
                       p.invertible ? std::string{} : *change.group, change.weight};
        p.rows->shape().assign(row.object.get(), change.object);
        auto const* const key = row.object.get();
        target.rows.emplace(key, std::move(row));
    }
    target.at.position = to.position;
    target.at.hash = to.hash;
    return true;
}

void memory_row_store::begin_rebuild(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    std::pair const name{p.table(), table_build::rebuild};
    auto const before = self_->tables.find(name);
    auto const epoch = before == self_->tables.end() ? 1 : before->second.at.epoch + 1;
    self_->tables.erase(name);
    self_->tables.try_emplace(name, *p.rows).first->second.at.epoch = epoch;
}

bool memory_row_store::swap(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    auto& live = self_->of(p, table_build::live);
    auto& fresh = self_->of(p, table_build::rebuild);
    if (fresh.at.position < live.at.position) return false;
    live.rows = std::move(fresh.rows);
    live.noted = std::move(fresh.noted);
    live.at = {fresh.at.position, fresh.at.hash, live.at.epoch + 1};
    live.kept.clear();
    if (live.kept_since) live.kept_since = live.at.position;
    self_->tables.erase({p.table(), table_build::rebuild});
    return true;
}

std::vector<stored_row> memory_row_store::query(projection_descriptor const& p,
                                                row_query const& wanted) {
    auto const columns = describe::columns_of(p.rows->shape());
    auto const filters = checked_filters(p, columns, wanted.equals);
    std::lock_guard const hold{self_->mutex};
    auto const& stored = self_->of(p, table_build::live).rows;
    std::vector<stored_row> found;
    auto const take = [&](auto at, auto const end) {
        for (; at != end && (wanted.limit == 0 || found.size() < wanted.limit); ++at) {
            bool const passes =
                std::all_of(filters.begin(), filters.end(), [&](auto const& filter) {
                    return filter.passes(*p.rows, at->first);
                });
            if (passes) found.push_back(copy_of(*p.rows, at->second));
        }
    };
    if (wanted.order == row_order::ascending) {
        take(wanted.after == nullptr ? stored.begin() : stored.upper_bound(wanted.after),
             stored.end());
    } else {
        auto const below =
            wanted.after == nullptr ? stored.end() : stored.lower_bound(wanted.after);
        take(std::make_reverse_iterator(below), stored.rend());
    }
    return found;
}

position memory_row_store::keep_changes(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    auto& live = self_->of(p, table_build::live);
    if (!live.kept_since) live.kept_since = live.at.position;
    return *live.kept_since;
}

void memory_row_store::stop_keeping_changes(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    auto& live = self_->of(p, table_build::live);
    live.kept_since.reset();
    live.kept.clear();
}

void memory_row_store::forget_changes(projection_descriptor const& p, position through) {
    std::lock_guard const hold{self_->mutex};
    auto& live = self_->of(p, table_build::live);
    if (!live.kept_since || through <= *live.kept_since) return;
    if (through > live.at.position) throw detail::no_changes_yet(p, live.at.position, through);
    live.kept_since = through;
    std::erase_if(live.kept, [&](auto const& one) { return one.k <= through; });
}

row_changes_page memory_row_store::read_changes(projection_descriptor const& p,
                                                history::change_mark const& after,
                                                std::size_t limit) {
    auto const wanted = std::clamp<std::size_t>(limit, 1, limits::page_events_max);
    std::lock_guard const hold{self_->mutex};
    auto const& live = self_->of(p, table_build::live);
    row_changes_page page;
    page.at = live.at.position;
    page.since = live.kept_since;
    for (auto const& one : live.kept) {
        if (after.covers(one.k, one.ordinal)) continue;
        bool const full = page.changes.size() >= wanted;
        if (full && one.k != page.changes.back().k) break;
        page.changes.push_back(one);
    }
    detail::finish(page, after, page.changes.size() < wanted);
    return page;
}

}  // namespace recount
