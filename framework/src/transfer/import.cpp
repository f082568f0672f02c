// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/transfer/import.hpp>

#include <algorithm>
#include <istream>
#include <utility>

#include <fmt/core.h>

#include <recount/restructure/entry.hpp>
#include <recount/restructure/standstill.hpp>

#include "transfer/import_line.hpp"

namespace recount {

namespace {

constexpr std::size_t commits_per_batch = 512;
constexpr std::size_t events_per_batch = 4'096;
constexpr int attempts_max = limits::append_attempts_max;

// A commit and the number of its first line.
struct numbered_commit {
    commit what;
    std::int64_t line = 0;
    bool whole = true;   // its last line says that no more follow
    position at = 0;     // where the export had it; 0: it does not say
};

// Stricter than what makes a command a repetition: a line that differs is told of, though its
// command is the same. A time that the line does not give, or that the log gave itself, is no
// difference.
bool same_events(commit const& lines, std::vector<recorded_event> const& rows) {
    if (lines.events.size() != rows.size()) return false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const& line = lines.events[i];
        auto const& row = rows[i];
        bool const same = line.stream.str() == row.stream && line.type == row.type &&
                          line.schema_version == row.schema_version &&
                          line.payload.str() == row.payload &&
                          line.effective_at.value_or(row.effective()) == row.effective();
        if (!same) return false;
    }
    return true;
}

bool same_lines(commit const& lines, std::vector<recorded_event> const& rows) {
    if (lines.command || rows.front().command) {
        return same_commit(lines, rows) && same_events(lines, rows);
    }
    return metadata_from_json(rows.front().meta).actor == lines.meta.actor &&
           same_events(lines, rows);
}

class importer {
public:
    importer(application& to, import_options const& options)
        : log_{to.log()}, parts_{to.parts()}, program_{to.program()}, options_{options} {}

    void add(std::int64_t number, std::string_view text) {
        ++report_.lines;
        try {
            take(number, detail::read_import_line(parts_, text));
        } catch (error const& failure) {
            throw named(number, failure);
        }
    }

    void finish() {
        auto cut = cut_commit();
        if (cut) waiting_.pop_back();
        flush();
        if (cut) throw *cut;
        report_.through = log_.head().position;
    }
    [[nodiscard]] import_report const& report() const noexcept { return report_; }

private:
    log& log_;
    application_parts const& parts_;
    std::string program_;
    import_options const& options_;
    std::vector<numbered_commit> waiting_;
    std::size_t waiting_events_ = 0;
    position next_ = 1;        // where the line comes to be, if the export is whole and all of it
    bool in_place_ = true;     // so far every line is where it was
    import_report report_;

    static error named(std::int64_t line, error const& failure) {
        return error{failure.code() == errc::conflict ? errc::refused : failure.code(),
                     fmt::format("line {}: {}", line, failure.what())};
    }

    [[nodiscard]] uuid commit_id(std::int64_t number, detail::import_line const& line) const {
        if (line.id) return command_id_of(*line.id);
        auto const own = line.key.empty() ? fmt::format("line {}", number) : line.key;
        return command_id_from_key(options_.batch + "/" + own);
    }

    void take(std::int64_t number, detail::import_line line) {
        auto const id = commit_id(number, line);
        in_place_ = in_place_ && line.at == next_++;
        bool const of_framework = line.event.type.starts_with('$') ||
                                  line.event.stream.category().starts_with('$');
        if (of_framework && !in_place_) throw out_of_place();
        bool const goes_on = !waiting_.empty() && waiting_.back().what.id == id;
        if (!goes_on) {
            if (auto cut = cut_commit()) throw *cut;
            bool const full =
                waiting_.size() >= commits_per_batch || waiting_events_ >= events_per_batch;
            if (full) flush();
            begin(number, id, line);
        }
        auto& one = waiting_.back().what;
        if (line.id && ordinal_of(*line.id) != one.events.size()) {
            throw error{errc::invalid_argument,
                        fmt::format("the id {} is that of event {} of its commit, found as event "
                                    "{}: a commit's lines stand together and in order",
                                    to_string(*line.id), ordinal_of(*line.id), one.events.size())};
        }
        if (line.at_version && !options_.ignore_versions) expect(one, line);
        one.of_framework = one.of_framework || of_framework;
        one.events.push_back(std::move(line.event));
        waiting_.back().whole = line.ends_commit;
        ++waiting_events_;
    }

    static error out_of_place() {
        return error{errc::refused,
                     "a restructure, or a proposal of one, names positions of the log that it was "
                     "made in, so its export can be imported only whole and into an empty store"};
    }

    // A part of a commit would be another commit, and the whole could never come in.
    [[nodiscard]] std::optional<error> cut_commit() const {
        if (waiting_.empty() || waiting_.back().whole) return std::nullopt;
        return error{errc::invalid_argument,
                     fmt::format("line {}: the commit that begins here is not whole: more lines of "
                                 "it stand in the export",
                                 waiting_.back().line)};
    }

    void begin(std::int64_t number, uuid const& id, detail::import_line& line) {
        numbered_commit fresh;
        fresh.line = number;
        fresh.at = line.at;
        fresh.what.id = id;
        fresh.what.command = std::move(line.command);
        if (line.meta) {
            fresh.what.meta = std::move(*line.meta);
        } else {
            fresh.what.meta.correlation = id;
            fresh.what.meta.app = program_;
        }
        waiting_.push_back(std::move(fresh));
    }

    // The first event of a stream in a commit says where the stream stands.
    static void expect(commit& one, detail::import_line const& line) {
        for (auto const& e : one.expectations) {
            if (e.stream == line.event.stream) return;
        }
        one.expectations.push_back(
            {line.event.stream, expectation::exactly(*line.at_version - 1)});
    }

    void flush() {
        // Another import of the same lines may settle some between our question and our append.
        for (int i = 0; i < attempts_max; ++i) {
            drop_known();
            if (append()) break;
            if (i + 1 == attempts_max) throw error{errc::timed_out, "the log kept moving"};
        }
        waiting_.clear();
        waiting_events_ = 0;
        if (options_.progress) options_.progress(report_.lines);
    }

    void drop_known() {
        std::vector<uuid> ids;
        for (auto const& one : waiting_) ids.push_back(one.what.id);
        auto const found = log_.find_commits(ids);
        std::erase_if(waiting_, [&](numbered_commit const& one) {
            auto const known = found.find(one.what.id);
            if (known == found.end()) return false;
            in_place_ = in_place_ && known->second.result.first == one.at;
            if (!same_lines(one.what, known->second.rows)) {
                throw named(one.line, error{errc::command_id_taken,
                                            "was imported before with other content, or its id is "
                                            "taken"});
            }
            report_.known += static_cast<std::int64_t>(one.what.events.size());
            return true;
        });
    }

    // What comes before a restructure is where it was in the log that it comes from.
    void check_places() const {
        auto const first = std::find_if(waiting_.begin(), waiting_.end(),
                                        [](auto const& one) { return one.what.of_framework; });
        if (first == waiting_.end()) return;
        bool const at_end = waiting_.front().at == log_.head().position + 1;
        if (!in_place_ || !at_end) throw named(first->line, out_of_place());
    }

    // False: some commits are known by now, and those behind them were not written.
    bool append() {
        check_places();
        while (!waiting_.empty()) {
            auto const own = std::find_if(waiting_.begin(), waiting_.end(), [](auto const& one) {
                return one.what.of_framework;
            });
            if (own == waiting_.begin()) {
                append_in_place(*own);
                waiting_.erase(own);
            } else if (!append_run(static_cast<std::size_t>(own - waiting_.begin()))) {
                return false;
            }
        }
        return true;
    }

    // Only where it was in the log that it comes from: nobody else can append from the look at the
    // end of the log until it is there.
    void append_in_place(numbered_commit const& one) {
        bool standstill = false;
        try {
            auto const done = log_.append_restructure([&] {
                if (!std::exchange(standstill, true)) throw wants_standstill{};
                auto const next = log_.head().position + 1;
                bool const known = !log_.find_commits(std::span{&one.what.id, 1}).empty();
                if (!known && (!in_place_ || next != one.at)) throw out_of_place();
                return one.what;
            });
            count(done, one);
        } catch (error const& failure) {
            throw named(one.line, failure);
        }
    }

    // The first of those that wait.
    bool append_run(std::size_t wanted) {
        std::vector<commit> commits;
        commits.reserve(wanted);
        for (std::size_t i = 0; i < wanted; ++i) {
            commits.push_back(waiting_[i].what);
            // In the order of the lines, and nothing behind one that fails.
            if (i > 0) commits.back().follows = commits[i - 1].id;
        }
        auto const results = log_.append_batch(commits);
        std::size_t done = 0;
        for (; done < results.size(); ++done) {
            auto const* yes = std::get_if<appended>(&results[done]);
            if (yes == nullptr) break;
            count(*yes, waiting_[done]);
        }
        bool const behind_known = done > 0 && done < results.size() &&
                                  std::get<appended>(results[done - 1]).repeated &&
                                  std::get<error>(results[done]).code() == errc::conflict;
        auto const line = done < results.size() ? waiting_[done].line : 0;
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(done));
        if (done == results.size()) return true;
        if (behind_known) return false;
        throw named(line, std::get<error>(results[done]));
    }

    void count(appended const& done, numbered_commit const& one) {
        in_place_ = in_place_ && done.first == one.at;
        (done.repeated ? report_.known : report_.recorded) +=
            static_cast<std::int64_t>(done.events.size());
    }
};

// False at the end. A line that is too long is not read to its end.
bool read_line(std::istream& from, std::string& text, std::int64_t number) {
    constexpr auto end = std::istream::traits_type::eof();
    text.clear();
    auto& bytes = *from.rdbuf();
    auto c = bytes.sbumpc();
    if (c == end) return false;
    for (; c != end && c != '\n'; c = bytes.sbumpc()) {
        if (text.size() == limits::json_bytes_max) {
            throw error{errc::limit_exceeded, fmt::format("line {}: a line has at most {} bytes",
                                                          number, limits::json_bytes_max)};
        }
        text += static_cast<char>(c);
    }
    return true;
}

}  // namespace

import_report import_events(application& to, std::istream& from, import_options const& options) {
    importer lines{to, options};
    std::string text;
    bool stopped = false;
    for (std::int64_t number = 1; !stopped && read_line(from, text, number); ++number) {
        if (!text.empty() && text != "\r") lines.add(number, text);
        stopped = options.stop_wanted && options.stop_wanted();
    }
    // A commit that was cut in two by the stop would be another commit: its lines are left for the
    // next run, as are those that wait with it.
    if (!stopped) lines.finish();
    return lines.report();
}

}  // namespace recount
