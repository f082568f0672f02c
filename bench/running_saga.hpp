// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A saga at work on a thread of its own, with its tables in PostgreSQL, and what it spends its time
// on.
//
//     auto const app = saga_application(here, store, parts);
//     running_saga saga{*app, saga_of<transfer_process>()};
//     …
//     saga.stop();                         // throws what ended it before
//     saga.stages()[saga_stage::tables];   // seconds
//
// Thread safety: one thread; check() from any.
#pragma once

#include <atomic>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <nlohmann/json_fwd.hpp>
#include <recount/app/application.hpp>

#include "measure.hpp"
#include "place.hpp"
#include "report.hpp"

namespace recount::bench {

[[nodiscard]] std::unique_ptr<application> saga_application(place const& here,
                                                            std::string const& store,
                                                            application_parts parts);

class running_saga {
public:
    running_saga(application& app, saga_descriptor const& saga);
    ~running_saga();
    running_saga(running_saga const&) = delete;
    running_saga& operator=(running_saga const&) = delete;

    // Throws what ended it.
    void check() const;
    void stop();
    // After stop():
    [[nodiscard]] std::map<saga_stage, double> const& stages() const noexcept { return stages_; }
    [[nodiscard]] saga_run const& told() const noexcept { return told_; }
    [[nodiscard]] double processor_s() const noexcept { return processor_s_; }   // of its thread
    [[nodiscard]] double length_s() const noexcept { return length_s_; }

private:
    std::map<saga_stage, double> stages_;
    saga_run told_;
    double processor_s_ = 0;
    double length_s_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> ended_{false};
    std::exception_ptr failure_;
    std::thread thread_;
};

// Adds seconds by stage, and prints them as shares of the whole.
void add(std::map<saga_stage, double>& to, std::map<saga_stage, double> const& more);
[[nodiscard]] nlohmann::ordered_json json_of(std::map<saga_stage, double> const& stages);
[[nodiscard]] std::vector<line> lines_of(std::map<saga_stage, double> const& stages);

}  // namespace recount::bench
