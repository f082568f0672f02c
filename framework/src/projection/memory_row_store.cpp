// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/memory_row_store.hpp>

#include <map>
#include <mutex>
#include <optional>

#include <recount/core/error.hpp>
#include <recount/describe/columns.hpp>

namespace recount {

namespace {

struct key_order {
    row_descriptor const* rows;
    bool operator()(void const* a, void const* b) const { return rows->key_less(a, b); }
};
using table = std::map<void const*, stored_row, key_order>;

stored_row copy_of(row_descriptor const& rows, stored_row const& row) {
    stored_row copy{rows.create(), row.last_position, row.group};
    rows.shape().assign(copy.object.get(), row.object.get());
    return copy;
}

struct built {
    explicit built(row_descriptor const& of) : rows{key_order{&of}} {}
    table rows;
    checkpoint at;
};

}  // namespace

struct memory_row_store::implementation {
    std::mutex mutex;
    std::map<std::pair<std::string, table_build>, built> tables;

    built& of(projection_descriptor const& p, table_build build) {
        auto const found = tables.find({p.table(), build});
        if (found == tables.end()) {
            throw error{errc::not_found, "projection " + std::string{p.name} + " was not prepared"};
        }
        return found->second;
    }
};

namespace {

class memory_source final : public row_source {
public:
    memory_source(std::mutex& mutex, row_descriptor const& rows, table const& stored)
        : mutex_{mutex}, rows_{rows}, stored_{stored} {}

    std::vector<stored_row> load(std::vector<void const*> const& keys) override {
        std::lock_guard const hold{mutex_};
        std::vector<stored_row> found;
        for (auto const* key : keys) {
            auto const at = stored_.find(key);
            if (at != stored_.end()) found.push_back(copy_of(rows_, at->second));
        }
        return found;
    }

    std::vector<stored_row> load_last(std::vector<std::string> const& groups,
                                      void const* below) override {
        std::lock_guard const hold{mutex_};
        std::vector<stored_row> found;
        for (auto const& group : groups) {
            stored_row const* last = nullptr;
            for (auto const& [key, row] : stored_) {
                if (row.group != group) continue;
                if (below == nullptr || rows_.key_less(key, below)) last = &row;
            }
            if (last != nullptr) found.push_back(copy_of(rows_, *last));
        }
        return found;
    }

private:
    std::mutex& mutex_;
    row_descriptor const& rows_;
    table const& stored_;
};

}  // namespace

memory_row_store::memory_row_store() : self_{std::make_unique<implementation>()} {}
memory_row_store::~memory_row_store() = default;

void memory_row_store::prepare(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    self_->tables.try_emplace({p.table(), table_build::live}, *p.rows);
}

void memory_row_store::publish(projection_descriptor const& /*p*/) {}

checkpoint memory_row_store::read_checkpoint(projection_descriptor const& p, table_build build) {
    std::lock_guard const hold{self_->mutex};
    return self_->of(p, build).at;
}

std::unique_ptr<row_source> memory_row_store::source(projection_descriptor const& p,
                                                     table_build build) {
    std::lock_guard const hold{self_->mutex};
    return std::make_unique<memory_source>(self_->mutex, *p.rows, self_->of(p, build).rows);
}

bool memory_row_store::write(projection_descriptor const& p, table_build build,
                             checkpoint const& from, checkpoint const& to,
                             std::vector<unit_of_work::change> const& changes) {
    std::lock_guard const hold{self_->mutex};
    auto& target = self_->of(p, build);
    if (!(target.at == from)) return false;
    for (auto const& change : changes) {
        target.rows.erase(change.object);
        if (change.removed) continue;
        stored_row row{p.rows->create(), change.last_position, *change.group};
        p.rows->shape().assign(row.object.get(), change.object);
        auto const* const key = row.object.get();
        target.rows.emplace(key, std::move(row));
    }
    target.at = to;
    return true;
}

void memory_row_store::begin_rebuild(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    std::pair const name{p.table(), table_build::rebuild};
    self_->tables.erase(name);
    self_->tables.try_emplace(name, *p.rows);
}

bool memory_row_store::swap(projection_descriptor const& p) {
    std::lock_guard const hold{self_->mutex};
    auto& live = self_->of(p, table_build::live);
    auto& fresh = self_->of(p, table_build::rebuild);
    if (fresh.at.position < live.at.position) return false;
    auto const epoch = live.at.epoch + 1;
    live = std::move(fresh);
    live.at.epoch = epoch;
    self_->tables.erase({p.table(), table_build::rebuild});
    return true;
}

std::vector<stored_row> memory_row_store::query(projection_descriptor const& p,
                                                row_query const& wanted) {
    std::lock_guard const hold{self_->mutex};
    auto const& shape = p.rows->shape();
    auto const columns = describe::columns_of(shape);
    std::vector<std::pair<describe::column const*, std::string>> filters;
    for (auto const& filter : wanted.equals) {
        describe::column const* found = nullptr;
        for (auto const& column : columns) {
            if (column.name == filter.column) found = &column;
        }
        if (found == nullptr) {
            throw error{errc::invalid_argument, "projection " + std::string{p.name} +
                                                    " has no column '" + filter.column + "'"};
        }
        filters.emplace_back(found, filter.value);
    }
    std::vector<stored_row> found;
    for (auto const& [key, row] : self_->of(p, table_build::live).rows) {
        bool passes = true;
        for (auto const& [column, value] : filters) {
            passes = passes && describe::column_text(shape, *column, key) == value;
        }
        if (passes) found.push_back(copy_of(*p.rows, row));
        if (wanted.limit != 0 && found.size() == wanted.limit) break;
    }
    return found;
}

}  // namespace recount
