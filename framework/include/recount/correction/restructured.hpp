// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Restructures that were appended: the result of applying one, and those that the log holds.
//
//     auto const done = bank.apply(plan, preview.hash);
//     bank.row<account_balances>(a1, recount::at_least{done.position});
//     for (auto const& r : recount::list_restructures(log)) fmt::print("{}\n", r.what.title);
//
// Thread safety: values; the functions from any thread. Errors: those of the log. Cost: of a list,
// its page; on PostgreSQL no other row of the log is read. What undoes one is looked for in the
// streams where its slots are or were, from there on.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/restructure/entry.hpp>

namespace recount {

struct restructure_options {
    // One of these makes it idempotent; without, a fresh id is made.
    std::optional<uuid> id{};
    std::string key{};                       // any text: an HTTP Idempotency-Key
    std::string actor{};                     // empty: the plan's `by`
    std::optional<uuid> correlation{};       // default: the restructure's id
    std::optional<uuid> causation{};

    // Takes a key as command_options::identify_by does.
    void identify_by(std::string text);
};

struct restructured {
    uuid id;                           // to undo it by
    std::string title;
    recount::position position = 0;    // the knowledge position that shows it
    std::vector<std::string> streams;  // that it touches, in byte order
    std::vector<uuid> inserted;        // events that it made
    bool repeated = false;             // known before: this is its first result
    // Hand it to a reader to see at least this: the position as text.
    [[nodiscard]] std::string token() const { return std::to_string(position); }
};
// {"restructure":…,"title":…,"position":…,"token":…,"streams":[…],"inserted":[…],"repeated":…}
[[nodiscard]] std::string to_json(restructured const& done);

// An application refuses a plan that newly breaks what its aggregates say is to be true, unless the
// plan acknowledges it: errc::refused.
class invariants_broken : public error {
public:
    explicit invariants_broken(std::vector<std::string> names);
    [[nodiscard]] std::vector<std::string> const& names() const noexcept { return names_; }

private:
    std::vector<std::string> names_;
};

// A restructure as the log holds it.
struct recorded_restructure {
    history::restructure_payload what;
    position first = 0;                // of its rows
    position last = 0;                 // the knowledge position that shows it
    timestamp recorded_at;
    std::string actor;
    std::vector<std::string> streams;
    std::optional<uuid> undone_by{};   // nothing if that was undone itself
};
// Without its operations: {"restructure":…,"title":…,"because":…,"position":…,"recorded_at":…,
// "actor":…,"streams":[…],"operations":n,"undoes":…,"undone_by":…}
[[nodiscard]] std::string summary_json(recorded_restructure const& r);
[[nodiscard]] std::string to_json(recorded_restructure const& r);   // with "evidence" and "ops"

struct restructure_page {
    std::vector<recorded_restructure> restructures;   // oldest first
    std::optional<position> next{};                   // `after` of the next page
};
// A page has one restructure or more, if there are any.
[[nodiscard]] restructure_page list_restructures(log& of, position after = 0,
                                                 std::size_t limit = limits::page_events_default);
[[nodiscard]] std::optional<recorded_restructure> find_restructure(log& of, uuid const& id);

}  // namespace recount
