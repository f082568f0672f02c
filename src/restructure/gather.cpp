// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Which streams a plan speaks of: those that its slots are or were in, and, since a slot may have
// come from elsewhere, those that restructures of these streams have named.
#include <recount/restructure/append.hpp>

#include <algorithm>
#include <set>
#include <unordered_set>

#include <recount/restructure/payload.hpp>
#include <recount/restructure/read.hpp>

namespace recount::history {

namespace {

class gatherer {
public:
    explicit gatherer(log& from) : log_{from} {}

    void event(uuid const& id) {
        if (!id.is_nil()) events_.insert(id);
    }
    void commit(uuid const& id) {
        if (!id.is_nil()) commits_.insert(id);
    }
    // One that is no name is for whoever judges the plan to tell of.
    void stream(std::string const& name) {
        if (valid(name)) streams_.insert(name);
    }
    // Causes come before what they cause, so one pass finds all of it.
    void caused_by(uuid const& command) {
        auto const found = log_.find_commits(std::span{&command, 1});
        if (found.empty()) return;
        std::unordered_set<uuid> causes{command};
        auto after = found.begin()->second.result.first - 1;
        for (;;) {
            auto const page = log_.read_feed(after);
            for (auto const& row : page.events) {
                if (!causes.contains(command_id_of(row.id)) && !caused(row, causes)) continue;
                causes.insert(command_id_of(row.id));
                causes.insert(row.id);
                streams_.insert(row.stream);
            }
            if (page.caught_up) return;
            after = page.through;
        }
    }

    gathered all() {
        find_events();
        each_row(commits_, [&](recorded_event const& row) { streams_.insert(row.stream); });
        gathered found;
        std::vector<recorded_event> rows;
        while (found.rows.size() < streams_.size()) {
            std::vector<stream_name> wanted;
            for (auto const& name : streams_) {
                if (!found.rows.contains(name)) wanted.emplace_back(name);
            }
            position as_of = 0;
            auto read = log_.read_streams(wanted, &as_of);
            // All that is read shows the log as the first look at it did.
            if (found.rows.empty()) found.as_of = as_of;
            for (auto const& name : wanted) {
                auto& of_stream = found.rows[name.str()];
                if (auto const at = read.find(name.str()); at != read.end()) {
                    of_stream = std::move(at->second);
                }
                std::erase_if(of_stream, [&](auto const& row) {
                    return row.position > found.as_of;
                });
                for (auto const& row : of_stream) name_streams_of(row);
                rows.insert(rows.end(), of_stream.begin(), of_stream.end());
            }
        }
        if (found.rows.empty()) found.as_of = log_.head().position;
        for (auto const& e : entries_of(std::move(rows))) found.history.advance(e);
        return found;
    }

private:
    // A commit may be large, and a few events of it are sooner looked for one by one.
    static constexpr std::size_t looked_for_singly_max = 4;
    static constexpr std::size_t commits_at_once = 1'000;

    log& log_;
    std::set<uuid> events_;
    std::set<uuid> commits_;
    std::set<std::string> streams_;

    // Calls `take` with each row of those commits.
    template <class Take>
    void each_row(std::set<uuid> const& of_commits, Take const& take) const {
        std::vector<uuid> const all{of_commits.begin(), of_commits.end()};
        for (std::span<uuid const> left{all}; !left.empty();) {
            auto const some = left.first(std::min(left.size(), commits_at_once));
            left = left.subspan(some.size());
            for (auto const& [id, known] : log_.find_commits(some)) {
                for (auto const& row : known.rows) take(row);
            }
        }
    }
    // One that no row carries was inserted by a restructure, perhaps: by that of its commit.
    void find_events() {
        if (events_.size() <= looked_for_singly_max) {
            for (auto const& id : events_) {
                if (auto const row = log_.find_event(id)) {
                    streams_.insert(row->stream);
                } else {
                    commits_.insert(command_id_of(id));
                }
            }
            return;
        }
        std::set<uuid> of_commits;
        for (auto const& id : events_) of_commits.insert(command_id_of(id));
        auto unknown = events_;
        each_row(of_commits, [&](recorded_event const& row) {
            if (unknown.erase(row.id) > 0) streams_.insert(row.stream);
        });
        for (auto const& id : unknown) commits_.insert(command_id_of(id));
    }

    static bool caused(recorded_event const& row, std::unordered_set<uuid> const& causes) {
        if (row.meta.find("\"causation\"") == std::string::npos) return false;
        try {
            auto const causation = metadata_from_json(row.meta).causation;
            return causation && causes.contains(*causation);
        } catch (error const&) {
            return false;   // metadata of another make names no cause
        }
    }
    void name_streams_of(recorded_event const& row) {
        if (!is_restructure(row)) return;
        auto const payload = payload_from_log(row.payload, row.position);
        if (!payload) return;
        for (auto const& o : payload->ops) {
            if (auto const* const m = std::get_if<op::move>(&o.what)) both(m->from, m->to);
            if (auto const* const r = std::get_if<op::reinstate>(&o.what)) both(r->from, r->to);
        }
    }
    void both(std::string const& from, std::string const& to) {
        stream(from);
        stream(to);
    }
    static bool valid(std::string const& name) {
        try {
            static_cast<void>(stream_name{name});
            return true;
        } catch (error const&) {
            return false;
        }
    }
};

struct step_streams {
    gatherer& to;

    void anchor(planned_anchor const& a) const { to.event(a.event); }
    void operator()(step::exclude const& s) const { to.event(s.event); }
    void operator()(step::replace const& s) const { to.event(s.event); }
    void operator()(step::insert const& s) const {
        to.stream(s.to);
        anchor(s.at);
    }
    void operator()(step::move const& s) const {
        to.event(s.event);
        to.stream(s.to);
        anchor(s.at);
    }
    void operator()(step::reinstate const& s) const { to.event(s.event); }
    void operator()(step::undo const& s) const { to.commit(s.restructure); }
    void operator()(step::redate const& s) const { to.event(s.event); }
    void operator()(step::split const& s) const { to.event(s.event); }
    void operator()(step::merge const& s) const {
        for (auto const& e : s.events) to.event(e);
    }
    void operator()(step::dedupe const& s) const { to.stream(s.stream); }
    void operator()(step::revert_causation const& s) const { to.caused_by(s.command); }
    void operator()(step::exclude_all const& s) const {
        to.stream(s.stream);
        to.event(s.from);
        to.event(s.to);
    }
};

}  // namespace

gathered gather(log& from, recount::restructure const& plan) {
    gatherer streams{from};
    for (auto const& s : plan.steps()) std::visit(step_streams{streams}, s);
    return streams.all();
}

}  // namespace recount::history
