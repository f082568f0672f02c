// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/undone.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <recount/restructure/payload.hpp>
#include <recount/restructure/read.hpp>

namespace recount::detail {

namespace {

// The later restructures in all streams where the slots of one are or were since.
class later_restructures {
public:
    later_restructures(log& of, std::vector<recorded_event> const& rows) : log_{of} {
        for (auto const& row : rows) {
            after_ = std::max(after_, row.commit_last);
            streams_.insert(row.stream);
            waiting_.emplace(row.stream, row.version + 1);
            if (auto const says = payload_of(row)) {
                for (auto const& o : says->ops) slots_.insert(history::target_of(o));
            }
        }
    }
    [[nodiscard]] std::vector<undo_line> all() && {
        while (!waiting_.empty()) read_some();
        std::vector<undo_line> list;
        for (auto const& [first, line] : found_) list.push_back(line);
        return list;
    }

private:
    static constexpr std::size_t streams_at_once = 100;
    static constexpr std::size_t rows_at_once = 1'000;   // of each
    log& log_;
    position after_ = 0;
    std::set<uuid> slots_;
    std::set<std::string> streams_;
    std::map<std::string, version> waiting_;   // from which version on
    std::map<position, undo_line> found_;      // by the restructure's first row

    static position first_of(recorded_event const& row) {
        return row.position - static_cast<position>(ordinal_of(row.id));
    }
    static std::optional<history::restructure_payload> payload_of(recorded_event const& row) {
        if (!history::is_restructure(row)) return {};
        return history::payload_from_log(row.payload, first_of(row));
    }
    void find_in(std::string const& stream) {
        if (streams_.insert(stream).second) waiting_.emplace(stream, 1);
    }
    void read_some() {
        std::vector<stream_name> names;
        streams_read wanted{.limit = rows_at_once};
        while (!waiting_.empty() && names.size() < streams_at_once) {
            names.emplace_back(waiting_.begin()->first);
            wanted.from.push_back(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
        }
        for (auto const& [stream, rows] : log_.read_streams(names, nullptr, wanted)) {
            if (rows.size() == rows_at_once) waiting_.emplace(stream, rows.back().version + 1);
            for (auto const& row : rows) look_at(row);
        }
    }
    void look_at(recorded_event const& row) {
        if (row.position <= after_) return;
        auto const says = payload_of(row);
        if (!says) return;
        found_.emplace(first_of(row), undo_line{command_id_of(row.id), says->undoes});
        for (auto const& o : says->ops) {
            if (!slots_.contains(history::target_of(o))) continue;
            if (auto const* const m = std::get_if<history::op::move>(&o.what)) find_in(m->to);
            if (auto const* const r = std::get_if<history::op::reinstate>(&o.what)) find_in(r->to);
        }
    }
};

}  // namespace

// From the newest back, since an undo that was undone itself undoes nothing.
undone_ids undone_in(std::vector<undo_line> const& all) {
    undone_ids undone;
    for (auto line = all.rbegin(); line != all.rend(); ++line) {
        if (!line->undoes || undone.contains(line->restructure)) continue;
        undone.try_emplace(*line->undoes, line->restructure);
    }
    return undone;
}

std::optional<uuid> found_in(undone_ids const& undone, uuid const& id) {
    auto const found = undone.find(id);
    return found == undone.end() ? std::nullopt : std::optional{found->second};
}

std::optional<uuid> undoer_of(log& of, uuid const& id) {
    auto const found = of.find_commits(std::span{&id, 1});
    if (found.empty()) return {};
    return found_in(undone_in(later_restructures{of, found.begin()->second.rows}.all()), id);
}

}  // namespace recount::detail
