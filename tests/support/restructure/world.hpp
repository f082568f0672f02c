// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A log that grows by commits, kept as the rows that a store would hold. Restructures are resolved
// here with the help of the oracle, so that nothing that is tested takes part in making its tests.
//
//     world w;
//     auto const ids = w.events({{"account-a", R"({"amount":100})"}});
//     w.restructure({wish::exclude(ids[0])});
//     for (auto const& e : w.entries()) fold.advance(e);
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/restructure/oracle.hpp"

namespace recount::tests {

// An operation as a test wants it; streams, places and what is brought are filled in.
struct wish {
    enum class kind { replace, exclude, insert, move, reinstate };
    kind what = kind::exclude;
    uuid event{};
    std::string to{};
    history::anchor at{};
    std::optional<history::content> content{};
    history::registers which{};
    position as_at = 0;

    [[nodiscard]] static wish exclude(uuid const& x) { return {kind::exclude, x}; }
    [[nodiscard]] static wish replace(uuid const& x, history::content c) {
        return {kind::replace, x, {}, {}, std::move(c)};
    }
    [[nodiscard]] static wish insert(std::string to, history::anchor a, history::content c) {
        return {kind::insert, {}, std::move(to), a, std::move(c)};
    }
    [[nodiscard]] static wish move(uuid const& x, std::string to, history::anchor a) {
        return {kind::move, x, std::move(to), a};
    }
    [[nodiscard]] static wish reinstate(uuid const& x, history::registers which, position as_at) {
        return {kind::reinstate, x, {}, {}, {}, which, as_at};
    }
};

[[nodiscard]] inline history::anchor after(uuid const& z) {
    return {history::anchor::kind::after, z};
}
[[nodiscard]] inline history::anchor before(uuid const& z) {
    return {history::anchor::kind::before, z};
}
inline history::anchor const at_end{history::anchor::kind::end};
inline history::anchor const keep{history::anchor::kind::keep};

class world {
public:
    struct happening {
        std::string stream;
        std::string payload;
        std::optional<timestamp> effective_at{};
    };
    // One commit of events.
    std::vector<uuid> events(std::vector<happening> const& what);
    // One restructure; the ids of what it inserted. What the oracle finds no meaning for (an
    // unknown target, say) is written all the same.
    struct done {
        uuid restructure;
        std::vector<uuid> inserted;
    };
    done restructure(std::vector<wish> const& wishes, std::optional<uuid> undoes = {});
    // A restructure that is resolved elsewhere.
    void append(history::restructure_payload payload);

    [[nodiscard]] std::vector<recorded_event> const& rows() const { return rows_; }
    [[nodiscard]] std::vector<recorded_event>& rows() { return rows_; }
    [[nodiscard]] std::vector<recorded_event> rows_of(std::string const& stream) const;
    [[nodiscard]] std::vector<history::entry> const& entries() const { return entries_; }
    [[nodiscard]] oracle const& truth() const { return oracle_; }
    [[nodiscard]] position head() const { return static_cast<position>(rows_.size()); }
    [[nodiscard]] uuid next_id() const;
    [[nodiscard]] std::string told() const;  // the rows, for messages

private:
    std::vector<recorded_event> rows_;
    std::vector<history::entry> entries_;
    oracle oracle_;
    std::map<std::string, version> versions_;
    std::uint32_t commits_ = 0;

    history::operation resolved(wish const& w, int n, oracle_state const& state) const;
    void commit_rows(std::vector<recorded_event> rows);
    recorded_event row(std::string const& stream, std::string type, std::string payload) const;
};

[[nodiscard]] timestamp day(int of_january);
[[nodiscard]] history::content some_content(std::int64_t amount,
                                            timestamp when = day(1));
// The sum of the amounts in a view.
[[nodiscard]] std::int64_t total(std::vector<shown_slot> const& view);

}  // namespace recount::tests
