// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The lines that are logged while it lives, to be looked at.
//
//     captured_lines lines{logging::level::trace};
//     bank.dispatch(command);
//     CHECK(lines.only("command.accepted").fields.at("version") == "1");
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <recount/core/logging_events.hpp>

#include "support/catch.hpp"

namespace recount::tests {

struct captured_line {
    logging::level level = logging::level::off;
    std::string event;
    std::string text;
    std::string correlation;
    std::map<std::string, std::string> fields;
    std::vector<std::string> names;   // of the fields, in order

    [[nodiscard]] std::string declared_fields() const {
        std::string all;
        for (auto const& name : names) all += (all.empty() ? "" : " ") + name;
        return all;
    }
};

class captured_lines {
public:
    explicit captured_lines(logging::level least) {
        logging::set_sink([this](logging::line const& l) { keep(l); }, least);
    }
    ~captured_lines() { logging::set_sink({}); }
    captured_lines(captured_lines const&) = delete;
    captured_lines& operator=(captured_lines const&) = delete;

    [[nodiscard]] std::vector<captured_line> all() const {
        std::lock_guard const hold{mutex_};
        return lines_;
    }
    [[nodiscard]] std::vector<captured_line> of(std::string const& event) const {
        std::vector<captured_line> found;
        for (auto const& line : all()) {
            if (line.event == event) found.push_back(line);
        }
        return found;
    }
    // Each is of the table, at its level and with its fields.
    void check_declared() const {
        for (auto const& line : all()) {
            INFO(line.event);
            auto const* const known = logging::find_event(line.event);
            REQUIRE(known != nullptr);
            CHECK(line.level == known->level);
            CHECK(line.declared_fields() == known->fields);
        }
    }
    [[nodiscard]] captured_line only(std::string const& event) const {
        auto const found = of(event);
        INFO(event);
        REQUIRE(found.size() == 1);
        return found.front();
    }

private:
    mutable std::mutex mutex_;
    std::vector<captured_line> lines_;

    void keep(logging::line const& l) {
        captured_line copy{l.level, std::string{l.event}, std::string{l.text},
                           std::string{l.correlation}, {}, {}};
        for (auto const& f : l.fields) {
            copy.fields.emplace(f.name, f.value);
            copy.names.emplace_back(f.name);
        }
        std::lock_guard const hold{mutex_};
        lines_.push_back(std::move(copy));
    }
};

}  // namespace recount::tests
