// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Short forms for what every log must do with restructures, and the golden example on a log: the
// accounts, the eleven entries and the names of their events.
//
//     golden const g{*store.log};
//     CHECK(g.shown(read_corrected(*store.log, g.a)) == "e1 e2 x1 e3 e4 e7");
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <recount/restructure/append.hpp>
#include <recount/restructure/read.hpp>

#include "conformance/log_conformance.hpp"

namespace conformance {

[[nodiscard]] recount::timestamp day(int of_january);  // 0 and less: in December
[[nodiscard]] recount::json_text moved(std::int64_t amount);
[[nodiscard]] recount::history::planned_content content(std::int64_t amount,
                                                        std::optional<recount::timestamp> = {});

// One event; its id.
recount::uuid tell(recount::log& log, std::string const& stream, std::int64_t amount,
                   recount::timestamp when = day(0));
// With a title, a reason and an actor.
[[nodiscard]] recount::restructure correction(std::string title = "a correction");
recount::uuid apply(recount::log& log, recount::restructure const& plan);

[[nodiscard]] std::int64_t total(std::vector<recount::recorded_event> const& events);
[[nodiscard]] std::vector<recount::uuid> ids(std::vector<recount::recorded_event> const& events);
[[nodiscard]] std::vector<recount::uuid> corrected_ids(recount::log& log,
                                                       std::string const& stream);

// What a call that must be refused is refused for; fails if it writes anything.
[[nodiscard]] std::optional<recount::history::refusal> refused(recount::log& log,
                                                               recount::restructure const& plan);

struct golden {
    recount::log& log;
    recount::stream_name const a{"account-A"};
    recount::stream_name const b{"account-B"};
    std::map<std::string, recount::uuid> events{};  // e1 … e7, x1
    std::map<int, recount::position> last{};        // of entry n
    recount::uuid entry_seven, entry_eight;

    explicit golden(recount::log& on);
    void redate();  // entry 12

    [[nodiscard]] std::string names(std::vector<recount::recorded_event> const& of) const;
    [[nodiscard]] std::int64_t balance(recount::stream_name const& of, recount::position k) const;
    [[nodiscard]] std::int64_t balance_until(recount::position k, recount::timestamp t) const;

private:
    void event(std::string const& name, recount::stream_name const& in, std::int64_t amount,
               recount::timestamp when);
    recount::uuid corrected(recount::restructure const& plan);
};

}  // namespace conformance
