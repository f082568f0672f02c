// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A restructure while it is being made: its operations so far, and the slots as they stand after
// them, laid over a history that does not change. Each operation is judged when it is added.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <recount/restructure/resolve.hpp>

namespace recount::history {

// Thrown while a step is resolved; becomes a problem of that step.
struct refused_step {
    refusal what;
    std::string sentence;
    std::vector<uuid> concerning{};
};

class draft {
public:
    draft(fold const& base, uuid const& id, plan_rules const& rules)
        : base_{base}, id_{id}, rules_{rules} {}

    [[nodiscard]] fold const& base() const noexcept { return base_; }
    [[nodiscard]] std::vector<operation>& operations() noexcept { return ops_; }
    [[nodiscard]] std::optional<slot_state> find(uuid const& event) const;
    [[nodiscard]] slot_state need(uuid const& event) const;

    void exclude(uuid const& event);
    void replace(uuid const& event, planned_content const& planned);
    void redate(uuid const& event, timestamp when);
    void insert(std::string const& to, planned_anchor const& at, planned_content const& planned);
    void move(uuid const& event, std::string const& to, planned_anchor const& at);
    void reinstate(uuid const& event, registers which, position as_at);
    // "first" as the slot that is first now.
    [[nodiscard]] planned_anchor settled(planned_anchor const& at, std::string const& stream,
                                         uuid const& event);

private:
    struct target {
        anchor at;
        place made;
    };
    fold const& base_;
    uuid id_;
    plan_rules const& rules_;
    std::vector<operation> ops_;
    std::unordered_map<uuid, slot_state> written_;
    std::unordered_map<std::string, std::vector<uuid>> written_to_;   // by stream
    using slot_places = std::set<std::pair<place, uuid>>;
    std::unordered_map<std::string, slot_places> places_;  // of the streams that were asked for

    [[nodiscard]] int next_n() const;
    [[nodiscard]] target place_for(planned_anchor const& at, std::string const& stream,
                                   uuid const& event, place const& now);
    [[nodiscard]] slot_places const& places_of(std::string const& stream);
    [[nodiscard]] bool nothing_between(std::string const& stream, place const& a, place const& b);
    void replace_content(uuid const& event, content c);
    void check(content const& c, std::string const& stream) const;
    void check_open(slot_state const& s) const;
    void write(uuid const& event, slot_state after);
    void add(int n, std::set<std::string> streams,
             std::variant<op::replace, op::exclude, op::insert, op::move, op::reinstate> what);
    [[nodiscard]] static brought_slot brought(slot_state const& s, bool with_place);
};

// The operations that undo an earlier restructure; its slots' later neighbours.
[[nodiscard]] std::vector<uuid> undo(draft& d, uuid const& earlier);

}  // namespace recount::history
