// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/transfer/export.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <unordered_map>

#include <fmt/core.h>

#include <recount/describe/raw_json.hpp>
#include <recount/log/feed_reader.hpp>
#include <recount/log/hash.hpp>

namespace recount {

namespace {

// Follows the chain of every stream that it is shown an event of.
class chain_check {
public:
    explicit chain_check(log& of) : log_{of}, store_{of.store_id()} {}

    void check(recorded_event const& e) {
        auto const known = last_.find(e.stream);
        auto const previous = known != last_.end() ? known->second : before(e);
        auto const expected = event_hash(previous, e);
        if (expected != e.hash) {
            throw error{errc::corrupted,
                        fmt::format("the event at position {} ({} version {}) is not what was "
                                    "recorded: expected hash {}, found {}",
                                    e.position, e.stream, e.version, to_hex(expected),
                                    to_hex(e.hash))};
        }
        last_[e.stream] = e.hash;
    }

private:
    log& log_;
    uuid store_;
    std::unordered_map<std::string, digest> last_;

    digest before(recorded_event const& e) {
        if (e.version == 1) return stream_genesis(store_, e.stream);
        stream_read one;
        one.from = e.version - 1;
        one.limit = 1;
        auto const page = log_.read_stream(stream_name{e.stream}, one);
        if (page.events.empty() || page.events.front().version != e.version - 1) {
            throw error{errc::corrupted, fmt::format("stream {} has version {} and none before it",
                                                     e.stream, e.version)};
        }
        return page.events.front().hash;
    }
};

void write_line(std::ostream& to, recorded_event const& e) {
    auto line = to_json(e);
    if (e.command) {
        line.pop_back();
        line += R"(,"command":)" + *e.command + "}";
    }
    line += '\n';
    to.write(line.data(), static_cast<std::streamsize>(line.size()));
}

void check_written(std::ostream& to) {
    to.flush();
    if (to) return;
    throw error{errc::refused, fmt::format("unable to write the export: {}",
                                           errno == 0 ? "the output failed"
                                                      : std::strerror(errno))};
}

}  // namespace

export_report export_events(log& from, std::ostream& to, export_options const& options) {
    chain_check chain{from};
    export_report report{0, options.after};
    feed_reader reader{from, options.after, options.filter};
    for (;;) {
        if (options.stop_wanted && options.stop_wanted()) return report;
        auto const page = reader.next();
        errno = 0;
        for (auto const& e : page.events) {
            chain.check(e);
            write_line(to, e);
        }
        check_written(to);
        report.events += static_cast<std::int64_t>(page.events.size());
        report.through = page.through;
        if (options.progress) options.progress(page.through);
        if (page.caught_up) return report;
    }
}

namespace {

// The last whole line of a file, and where it ends; lines are bounded, so is what is read.
struct last_line {
    std::string text;
    std::uintmax_t end = 0;
};

last_line last_line_of(std::string const& path, std::uintmax_t size) {
    constexpr std::uintmax_t longest = 8U << 20U;
    auto const from = size > longest ? size - longest : 0;
    std::ifstream file{path, std::ios::binary};
    file.seekg(static_cast<std::streamoff>(from));
    std::string tail(static_cast<std::size_t>(size - from), '\0');
    file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    if (!file) throw error{errc::refused, fmt::format("unable to read {}", path)};
    auto const end = tail.rfind('\n');
    if (end == std::string::npos) return {};  // not even the first line is whole
    auto const begin = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
    auto const first = begin == std::string::npos ? 0 : begin + 1;
    return {tail.substr(first, end - first), from + end + 1};
}

// How every line of an export begins.
constexpr std::string_view line_start = R"({"position":)";

error not_ours(std::string const& path, std::string const& why) {
    return error{errc::refused, fmt::format("{} {}: give another file, or remove this one", path,
                                            why)};
}

std::string start_of(std::string const& path) {
    std::ifstream file{path, std::ios::binary};
    std::string start(line_start.size(), '\0');
    file.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(file.gcount()));
    return start;
}

position position_of(log& from, std::string const& path, std::string const& line) {
    position at = 0;
    std::string hash;
    try {
        describe::raw_object o{describe::raw_json::of(line), true};
        at = o.need("position").integer(1, std::numeric_limits<position>::max());
        hash = o.need("hash").string();
    } catch (error const&) {
        throw not_ours(path, "does not end with a line of an export");
    }
    auto const found = from.hash_at(at);
    if (!found || to_hex(*found) != hash) {
        throw not_ours(path, fmt::format("ends with an event that is not of this log (position {})",
                                         at));
    }
    return at;
}

}  // namespace

// Nothing is cut before it is known whose file this is.
position resume_export(log& from, std::string const& path) {
    std::error_code missing;
    auto const size = std::filesystem::file_size(path, missing);
    if (missing || size == 0) return 0;
    auto const last = last_line_of(path, size);
    position at = 0;
    if (last.end > 0) {
        at = position_of(from, path, last.text);
    } else if (!line_start.starts_with(start_of(path).substr(0, size))) {
        throw not_ours(path, "is no export");
    }
    if (last.end < size) std::filesystem::resize_file(path, last.end);
    return at;
}

}  // namespace recount
