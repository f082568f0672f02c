// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "import.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include <fmt/core.h>

#include <recount/app/input.hpp>
#include <recount/app/output.hpp>

#include "berka.hpp"
#include "verb_parts.hpp"

namespace bank {

namespace {

constexpr std::size_t rows_per_batch = 512;

class importer {
public:
    importer(recount::application& bank, import_options const& options)
        : bank_{bank}, options_{options}, batch_{bank.batch()} {}

    void add(std::int64_t line, std::string_view text) {
        ++report_.rows;
        auto parsed = parse_berka(text);
        if (auto const* wrong = std::get_if<malformed>(&parsed)) {
            complain(line, wrong->sentence);
            return;
        }
        waiting_.push_back({line, std::get<record_movement>(std::move(parsed))});
        if (waiting_.size() == rows_per_batch) flush();
    }

    void flush() {
        if (waiting_.empty()) return;
        std::vector<recount::command_call> calls;
        calls.reserve(waiting_.size());
        for (auto const& one : waiting_) {
            recount::command_options options;
            options.key = options_.batch + "/" + one.movement.movement;
            calls.push_back(bank_.call(one.movement, std::move(options)));
        }
        auto const results = batch_.run(calls);
        for (std::size_t i = 0; i < results.size(); ++i) count(waiting_[i], results[i]);
        waiting_.clear();
        if (options_.progress) options_.progress(report_.rows);
    }

    import_report report() {
        report_.accounts = static_cast<std::int64_t>(accounts_.size());
        return report_;
    }

private:
    struct row {
        std::int64_t line;
        record_movement movement;
    };
    recount::application& bank_;
    import_options const& options_;
    recount::dispatcher::batch batch_;
    std::vector<row> waiting_;
    std::unordered_set<std::string> accounts_;
    import_report report_;

    void complain(std::int64_t line, std::string const& sentence) {
        ++report_.malformed;
        if (options_.complain) options_.complain(line, sentence);
    }

    // Throws what is not the row's own fault: it would fail the next rows as well.
    static std::string own_fault(row const& r, recount::error const& failed) {
        using recount::errc;
        switch (failed.code()) {
            case errc::command_id_taken:
                return fmt::format("movement {} was recorded before with other content",
                                   r.movement.movement);
            case errc::out_of_range:  // another currency than the account's, or a sum too large
            case errc::limit_exceeded: return fmt::format("refused: {}", failed.what());
            default: throw failed;
        }
    }

    void count(row const& r, recount::dispatch_result const& result) {
        if (auto const* failed = std::get_if<recount::error>(&result)) {
            complain(r.line, own_fault(r, *failed));
            return;
        }
        auto const& outcome = std::get<recount::outcome>(result);
        if (!outcome) {
            complain(r.line, fmt::format("refused: {}", outcome.rejected().text));
            return;
        }
        accounts_.insert(r.movement.account.value);
        ++(outcome.value().repeated ? report_.known : report_.recorded);
    }
};

}  // namespace

import_report import_berka(recount::application& bank, std::istream& file,
                           import_options const& options) {
    std::string line;
    std::getline(file, line);
    if (auto const fault = fault_of_berka_header(line)) {
        throw recount::error{recount::errc::invalid_argument,
                             fmt::format("{}:1: {}", options.file_name, fault->sentence)};
    }
    importer rows{bank, options};
    for (std::int64_t number = 2; std::getline(file, line); ++number) {
        if (options.stop_wanted && options.stop_wanted()) break;
        if (!line.empty() && line != "\r") rows.add(number, line);
    }
    rows.flush();
    return rows.report();
}

namespace {

void print_report(recount::verb_call const& call, std::string const& batch, import_report const& r,
                  double seconds) {
    using recount::grouped;
    if (call.json()) {
        std::string name;
        recount::describe::append_quoted(name, batch);
        call.line(fmt::format(R"({{"batch":{},"movements":{},"accounts":{},"recorded":{},)"
                              R"("known":{},"malformed":{},"seconds":{:.2f}}})",
                              name, r.recorded + r.known, r.accounts, r.recorded, r.known,
                              r.malformed, seconds));
        return;
    }
    call.line(fmt::format("{}: {} movements of {} accounts: {} new, {} known before", batch,
                          grouped(r.recorded + r.known), grouped(r.accounts), grouped(r.recorded),
                          grouped(r.known)));
    if (r.recorded == 0 && r.known > 0 && r.malformed == 0) {
        call.line("nothing was added: this batch had been imported already");
    }
    if (r.malformed > 0) {
        call.line(fmt::format("{} row{} could not be taken, see above", grouped(r.malformed),
                              r.malformed == 1 ? "" : "s"));
    }
    if (!recount::verb_call::stop_wanted()) {
        call.note(fmt::format("{:.1f} s, tables up to date", seconds));
    }
}

int run_import(recount::verb_call& call) {
    auto const begun = std::chrono::steady_clock::now();
    auto const path = call.require("FILE");
    auto file = recount::open_input(path);
    import_options options;
    options.batch = call.get("--batch").value_or(options.batch);
    options.file_name = path;
    options.complain = [&](std::int64_t line, std::string const& sentence) {
        fmt::print(stderr, "{}:{}: {}\n", path, line, sentence);
    };
    options.stop_wanted = &recount::verb_call::stop_wanted;
    auto& bank = call.application();
    import_report report;
    {
        auto const lines = recount::lines_in(path);   // of which the first is the header
        recount::progress bar{"import", lines - std::min<std::uint64_t>(lines, 1),
                              call.progress_style()};
        options.progress = [&](std::int64_t rows) { bar.update(static_cast<std::uint64_t>(rows)); };
        report = import_berka(bank, file, options);
    }
    call.catch_up();
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begun;
    print_report(call, options.batch, report, took.count());
    return unless_stopped(call, report.malformed == 0 ? recount::exit_code::ok
                                                      : recount::exit_code::failed);
}

}  // namespace

recount::verb import_verb() {
    using o = recount::verb_option;
    return {"import",
            "read a file of movements (Berka format); a second time adds nothing",
            {o::place("FILE", "the file, such as trans.asc"),
             o::value("--batch", "name of the import (berka); another name is another import")},
            &run_import};
}

}  // namespace bank
