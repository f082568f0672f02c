// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a person wants corrected, and why. Nothing happens until the plan is resolved against a
// history (resolve.hpp) and appended.
//
//     auto plan = recount::restructure{"import ran twice"}
//                     .because("file 0117 was loaded again").by("ada")
//                     .exclude(twice)
//                     .redate(late, recount::timestamp_from_string("2025-12-31T12:00:00Z"));
//     auto same = recount::restructure::from_json(text);
//
// As JSON: {"title":…,"because":…,"by":…,"evidence":[…],"acknowledged":[…],"ops":[…]}; an operation
// is {"op":"exclude","event":id} and so on, with the names and arguments below (docs/reference).
//
// Errors: from_json throws errc::invalid_json with the path. Thread safety: a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <recount/restructure/operation.hpp>

namespace recount {

namespace history {

// A content as a person gives it. Without an effective time, that of the slot which is replaced.
struct planned_content {
    std::string type;
    int schema_version = 1;
    json_text payload;
    std::optional<timestamp> effective_at;
};

// Beside what: places are found when the plan is resolved.
struct planned_anchor {
    enum class kind : std::uint8_t { after, before, end, keep, first };
    kind what = kind::end;
    uuid event{};  // of after and before

    [[nodiscard]] static planned_anchor after(uuid const& z) { return {kind::after, z}; }
    [[nodiscard]] static planned_anchor before(uuid const& z) { return {kind::before, z}; }
    [[nodiscard]] static planned_anchor end() { return {kind::end}; }
    [[nodiscard]] static planned_anchor keep() { return {kind::keep}; }
    [[nodiscard]] static planned_anchor first() { return {kind::first}; }  // of the stream
};

namespace step {

struct exclude { uuid event; };
struct replace { uuid event; planned_content content; };
// Several are one run: they stand there in this order.
struct insert { std::string to; planned_anchor at; std::vector<planned_content> contents; };
struct move { uuid event; std::string to; planned_anchor at; };  // empty `to`: where it is
struct reinstate { uuid event; registers which; position as_at = 0; };

struct undo { uuid restructure; };                           // alone in its plan
struct redate { uuid event; timestamp when; };
struct split { uuid event; std::vector<planned_content> into; };  // they take its place
struct merge { std::vector<uuid> events; planned_content into; };  // the first becomes it
// Of slots of the stream with one content and effective time the first is kept.
struct dedupe { std::string stream; };
// What a command wrote, and what was caused by that, and so on.
struct revert_causation { uuid command; };
// Those of a type from one slot to another, both included, in the order of the stream.
struct exclude_all { std::string stream; std::string type; uuid from; uuid to; };

}  // namespace step

using plan_step =
    std::variant<step::exclude, step::replace, step::insert, step::move, step::reinstate,
                 step::undo, step::redate, step::split, step::merge, step::dedupe,
                 step::revert_causation, step::exclude_all>;

}  // namespace history

class restructure {
public:
    explicit restructure(std::string title) : title_{std::move(title)} {}
    [[nodiscard]] static restructure from_json(std::string_view text);
    [[nodiscard]] json_text to_json() const;          // which from_json reads

    restructure& because(std::string reason);
    restructure& by(std::string actor);
    restructure& evidence(std::string where);
    restructure& acknowledge(std::string invariant);  // that it is known to break

    restructure& exclude(uuid const& event);
    restructure& replace(uuid const& event, history::planned_content content);
    restructure& insert(std::string to, history::planned_anchor at,
                        std::vector<history::planned_content> contents);
    restructure& move(uuid const& event, history::planned_anchor at);
    restructure& move(uuid const& event, std::string to,
                      history::planned_anchor at = history::planned_anchor::keep());
    restructure& reinstate(uuid const& event, history::registers which, position as_at);
    restructure& undo(uuid const& earlier);
    restructure& redate(uuid const& event, timestamp when);
    restructure& split(uuid const& event, std::vector<history::planned_content> into);
    restructure& merge(std::vector<uuid> events, history::planned_content into);
    restructure& dedupe(std::string stream);
    restructure& revert_causation(uuid const& command);
    restructure& exclude_all(std::string stream, std::string type, uuid const& from,
                             uuid const& to);

    [[nodiscard]] std::string const& title() const noexcept { return title_; }
    [[nodiscard]] std::string const& reason() const noexcept { return because_; }
    [[nodiscard]] std::string const& actor() const noexcept { return by_; }
    [[nodiscard]] std::vector<std::string> const& all_evidence() const noexcept {
        return evidence_;
    }
    [[nodiscard]] std::vector<std::string> const& acknowledged() const noexcept {
        return acknowledged_;
    }
    [[nodiscard]] std::vector<history::plan_step> const& steps() const noexcept { return steps_; }

private:
    std::string title_;
    std::string because_;
    std::string by_;
    std::vector<std::string> evidence_;
    std::vector<std::string> acknowledged_;
    std::vector<history::plan_step> steps_;
};

}  // namespace recount
