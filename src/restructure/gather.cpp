// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Which streams a plan speaks of: those that it names, and those that its slots are or were in.
// Slots that it does not speak of may have come to these streams from anywhere: what they brought
// is in the rows there.
#include <recount/restructure/append.hpp>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <recount/restructure/payload.hpp>
#include <recount/restructure/read.hpp>

namespace recount::history {

namespace {

// So many events are looked for one by one; more by their commits, which may be larger.
constexpr std::size_t looked_for_singly_max = 32;
constexpr std::size_t commits_at_once = 256;

class gatherer {
public:
    explicit gatherer(log& from) : log_{from} {}

    void event(uuid const& id) {
        if (!id.is_nil() && followed_.insert(id).second) wanted_.push_back(id);
    }
    // With all that it wrote.
    void restructure(uuid const& id) {
        if (id.is_nil()) return;
        for (auto const& [known, remembered] : log_.find_commits(std::span{&id, 1})) {
            for (auto const& row : remembered.rows) {
                streams_.insert(row.stream);
                for (auto const& target : targets_of(row)) followed_.insert(target);
            }
        }
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
                followed_.insert(row.id);
                for (auto const& target : targets_of(row)) {
                    if (!inserted_by(target, command_id_of(row.id))) continue;
                    causes.insert(target);
                    followed_.insert(target);
                }
            }
            if (page.caught_up) return;
            after = page.through;
        }
    }

    gathered all() {
        look_for_events();
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
        found.history = fold::of_streams(streams_);
        for (auto const& e : entries_of(std::move(rows))) found.history.advance(e);
        found.history.known_to(found.as_of);   // others may have grown since their last row
        return found;
    }

private:
    log& log_;
    std::set<std::string> streams_;
    std::unordered_set<uuid> followed_;   // slots that are looked for in all streams
    std::vector<uuid> wanted_;            // of which it is not known yet where they were recorded

    void look_for_events() {
        std::unordered_map<uuid, std::unordered_set<uuid>> by_commit;
        bool const few = wanted_.size() <= looked_for_singly_max;
        for (auto const& id : wanted_) {
            auto const row = few ? log_.find_event(id) : std::nullopt;
            if (row) {
                streams_.insert(row->stream);
            } else {   // one of many, or inserted by a restructure
                by_commit[command_id_of(id)].insert(id);
            }
        }
        std::vector<uuid> commits;
        for (auto const& [command, ids] : by_commit) commits.push_back(command);
        for (std::size_t i = 0; i < commits.size(); i += commits_at_once) {
            auto const count = std::min(commits_at_once, commits.size() - i);
            for (auto const& [command, known] :
                 log_.find_commits(std::span{commits}.subspan(i, count))) {
                for (auto const& row : known.rows) look_at(row, by_commit.at(command));
            }
        }
    }
    void look_at(recorded_event const& row, std::unordered_set<uuid> const& ids) {
        bool there = ids.contains(row.id);
        for (auto const& target : targets_of(row)) there = there || ids.contains(target);
        if (there) streams_.insert(row.stream);
    }

    static std::vector<uuid> targets_of(recorded_event const& row) {
        std::vector<uuid> targets;
        if (!is_restructure(row)) return targets;
        auto const payload = payload_from_log(row.payload, row.position);
        if (!payload) return targets;
        for (auto const& o : payload->ops) targets.push_back(target_of(o));
        return targets;
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
            if (!followed_.contains(target_of(o))) continue;
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
    void operator()(step::undo const& s) const { to.restructure(s.restructure); }
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
