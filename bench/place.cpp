// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "place.hpp"

#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/core.h>

#include "measure.hpp"

namespace recount::bench {

namespace fs = std::filesystem;

namespace {

// The server may run as another user, who must be able to enter.
fs::path make_folder() {
    auto name = (fs::temp_directory_path() / "recount-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw error{errc::refused, fmt::format("no folder can be made in {}",
                                               fs::temp_directory_path().string())};
    }
    fs::path folder{name};
    fs::permissions(folder, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                fs::perms::others_read | fs::perms::others_exec);
    return folder;
}

// The value of a line "name<blank>: value" of a file of /proc.
std::string line_of(char const* file, std::string_view name) {
    std::ifstream lines{file};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(name)) continue;
        auto const value = line.find_first_not_of(" \t:", name.size());
        return value == std::string::npos ? "" : line.substr(value);
    }
    return "unknown";
}

std::string kernel() {
    utsname names{};
    return ::uname(&names) == 0 ? names.release : "unknown";
}

std::string memory() {
    auto const kib = std::atoll(line_of("/proc/meminfo", "MemTotal").c_str());
    return fmt::format("{:.1f} GiB", static_cast<double>(kib) / (1024 * 1024));
}

// What one commit waits for at least: the median of a few writes of a page and their fdatasync.
double flush_ms_in(fs::path const& folder) {
    constexpr int flushes = 64;
    auto const file = folder / "flush";
    std::array<char, 8'192> const page{};
    int const handle = ::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (handle < 0) return 0;
    std::vector<double> times_ms;
    for (int i = 0; i < flushes; ++i) {
        auto const begun = steady::now();
        if (::pwrite(handle, page.data(), page.size(), 0) < 0 || ::fdatasync(handle) != 0) break;
        times_ms.push_back(seconds_since(begun) * 1e3);
    }
    ::close(handle);
    std::error_code ignored;
    fs::remove(file, ignored);
    return median(std::move(times_ms));
}

std::string load() {
    std::ifstream file{"/proc/loadavg"};
    std::string one;
    file >> one;
    return one;
}

}  // namespace

place::place(options const& wanted) : url_{wanted.url} {
    try {
        if (url_.empty()) start_private(wanted);
        postgres::check_durability(url_, false);
    } catch (...) {
        leave();
        throw;
    }
}

place::~place() { leave(); }

void place::start_private(options const& wanted) {
    folder_ = make_folder();
    postgres::cluster_options how;
    how.name = "bench";
    how.folder = folder_ / "bench";
    flush_ms_ = flush_ms_in(folder_);
    if (wanted.commit_delay_us > 0) {
        how.settings = {fmt::format("commit_delay = {}", wanted.commit_delay_us),
                        "commit_siblings = 0"};
    }
    how.settings.insert(how.settings.end(), wanted.server_settings.begin(),
                        wanted.server_settings.end());
    cluster_ = postgres::private_cluster::start(how);
    url_ = cluster_->url();
}

void place::leave() noexcept {
    cluster_.reset();
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

std::unique_ptr<postgres::log> place::open(std::string const& store,
                                           std::string const& setting) const {
    postgres::migrate({.url = url_, .store = store});
    auto url = url_;
    if (!setting.empty()) {
        auto value = setting;
        value.replace(value.find('='), 1, "%3D");
        url += fmt::format("{}options=-c%20{}", url.find('?') == std::string::npos ? '?' : '&',
                           value);
    }
    return postgres::log::open({.url = url, .store = store, .program = "recount-bench"});
}

postgres::session place::connect() const {
    postgres::session_options how;
    how.url = url_;
    how.statement_timeout = how.lock_timeout = how.idle_in_transaction_timeout = {};
    how.application_name = "recount-bench";
    return postgres::session{how};
}

std::vector<std::pair<std::string, std::string>> place::settings() const {
    std::vector<std::pair<std::string, std::string>> list{
        {"cpu", line_of("/proc/cpuinfo", "model name")},
        {"cores", std::to_string(std::thread::hardware_concurrency())},
        {"memory", memory()},
        {"kernel", kernel()},
        {"load", load()},
#ifdef NDEBUG
        {"build", "release"},
#else
        {"build", "debug"},
#endif
    };
    if (flush_ms_ > 0) list.emplace_back("flush_ms", fmt::format("{:.2f}", flush_ms_));
    constexpr postgres::query read{"setting", "SELECT current_setting($1)"};
    auto session = connect();
    for (auto const* name :
         {"server_version", "fsync", "full_page_writes", "synchronous_commit", "wal_sync_method",
          "wal_level", "shared_buffers", "max_wal_size", "commit_delay", "commit_siblings"}) {
        list.emplace_back(name, session.execute(read, {name}).text(0, 0));
    }
    return list;
}

void place::checkpoint() const {
    constexpr postgres::query write{"checkpoint", "CHECKPOINT"};
    try {
        connect().execute(write);
    } catch (error const& refused) {
        if (refused.sqlstate() != "42501") throw;  // a login that may not: then without
    }
}

void let_malloc_keep_little() noexcept {
#ifdef __GLIBC__
    constexpr int kept_bytes_max = 128 << 10;   // as malloc begins with
    ::mallopt(M_TRIM_THRESHOLD, kept_bytes_max);
#endif
}

std::int64_t resident_bytes() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
    return std::atoll(line_of("/proc/self/status", "VmRSS").c_str()) * 1024;
}

}  // namespace recount::bench
