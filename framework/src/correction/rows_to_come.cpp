// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/rows_to_come.hpp"

#include <algorithm>
#include <map>

#include <recount/restructure/read.hpp>
#include <recount/restructure/stream_folds.hpp>

#include "correction/log_to_come.hpp"
#include "projection/telling.hpp"

namespace recount::detail {

namespace {

constexpr int looks_max = 8;   // at a table that goes on all the time

class rows_of {
public:
    explicit rows_of(projection_descriptor const& p) : p_{p}, rows_{key_order{p.rows}} {}

    void was(stored_row row) { at(row.object.get()).before = json_of(row.object.get()); }
    void is(unit_of_work::change const& change) {
        auto& one = at(change.object);
        one.after = change.removed ? std::string{} : json_of(change.object);
    }
    // Those that change, in order of keys.
    [[nodiscard]] std::vector<preview_row> changed() && {
        std::vector<preview_row> list;
        for (auto& [key, row] : rows_) {
            if (row.before != row.after) list.push_back(std::move(row));
        }
        return list;
    }

private:
    struct key_order {
        row_descriptor const* rows;
        bool operator()(void const* a, void const* b) const { return rows->key_less(a, b); }
    };
    projection_descriptor const& p_;
    std::vector<erased_object> keys_;
    std::map<void const*, preview_row, key_order> rows_;

    preview_row& at(void const* object) {
        if (auto const known = rows_.find(object); known != rows_.end()) return known->second;
        auto& key = keys_.emplace_back(p_.rows->create());
        p_.rows->shape().assign(key.get(), object);
        return rows_[key.get()];
    }
    [[nodiscard]] std::string json_of(void const* object) const {
        std::string text;
        describe::write_json(text, p_.rows->shape(), object);
        return text;
    }
};

// The rows of a projection that is at the end of the base of `to_come`.
std::vector<preview_row> rows_after(projection_descriptor const& p, row_store& rows,
                                    log_to_come& to_come) {
    auto const source = rows.source(p, table_build::live);
    history::stream_folds folds{to_come};
    telling one{p, *source, &folds};
    one.tell(to_come.rows_to_come(), to_come.end());
    auto const changes = one.changes();
    rows_of both{p};
    std::vector<void const*> keys;
    for (auto const& change : changes) {
        both.is(change);
        keys.push_back(change.object);
    }
    if (!keys.empty()) {
        for (auto& row : source->load(keys)) both.was(std::move(row));
    }
    return std::move(both).changed();
}

// Whether somebody has restructured the streams since the plan was judged.
bool restructured_since(log& of, imagined const& history) {
    std::vector<stream_name> streams;
    streams_read behind{.limit = limits::page_events_default};
    for (auto const& row : history.rows) {
        streams.emplace_back(row.stream);
        behind.from.push_back(row.version);
    }
    for (auto const& [stream, rows] : of.read_streams(streams, nullptr, behind)) {
        if (rows.size() == behind.limit) return true;   // perhaps
        if (std::any_of(rows.begin(), rows.end(), history::is_restructure)) return true;
    }
    return false;
}

// Told as it will be told of the table as it is, which goes on meanwhile.
preview_projection after(application& app, projection_descriptor const& p,
                         imagined const& history) {
    preview_projection made{std::string{p.name}, p.version, 0, {}};
    auto const position_now = [&] {
        return app.row_tables().read_checkpoint(p, table_build::live).position;
    };
    auto at = position_now();
    for (int looks = 0; looks < looks_max; ++looks) {
        if (at < history.stands_from) {
            made.behind = history.was_at - at;
            return made;
        }
        if (at > history.was_at && restructured_since(app.log(), history)) break;
        try {
            log_to_come to_come{app.log(), history, at};
            made.rows = rows_after(p, app.row_tables(), to_come);
        } catch (error const& failure) {
            if (may_pass(failure)) throw;   // of the store: no word on the plan
            made.problem = failure.what();
            return made;
        } catch (std::exception const& failure) {   // of a handler
            made.problem = failure.what();
            return made;
        }
        auto const still_at = position_now();
        if (still_at == at) return made;
        at = still_at;
    }
    made.rows.clear();
    made.problem = "events came in meanwhile; preview it again";
    return made;
}

}  // namespace

std::vector<preview_projection> projections_after(application& app, imagined const& history) {
    std::vector<preview_projection> all;
    for (auto const* p : app.parts().projections) all.push_back(after(app, *p, history));
    return all;
}

}  // namespace recount::detail
