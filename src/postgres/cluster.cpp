// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/cluster.hpp>

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <recount/core/error.hpp>
#include <recount/core/logging_events.hpp>
#include <recount/postgres/session.hpp>

#include "cluster/server.hpp"
#include "core/elapsed.hpp"

namespace recount::postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t name_bytes_max = 32;
constexpr std::chrono::seconds stop_time_limit{60};
constexpr std::chrono::seconds create_database_time_limit{60};

void check_name(std::string const& name) {
    auto const letter = [](char c) { return c >= 'a' && c <= 'z'; };
    bool const well_formed = !name.empty() && name.size() <= name_bytes_max &&
                             letter(name.front()) && std::ranges::all_of(name, [&](char c) {
                                 return letter(c) || (c >= '0' && c <= '9') || c == '_';
                             });
    // The templates exist in every cluster, and what is put there appears in each new database.
    if (!well_formed || name == "template0" || name == "template1") {
        throw error{errc::invalid_argument,
                    fmt::format("'{}' cannot name a cluster: it takes 1 to {} of a-z, 0-9 and _, "
                                "beginning with a letter",
                                name, name_bytes_max)};
    }
}

void check_settings(std::vector<std::string> const& settings) {
    for (auto const& line : settings) {
        // One line each, or a value could bring in settings of its own after ours.
        if (line.find_first_of(std::string_view{"\n\r\0", 3}) == std::string::npos &&
            line.find('=') != std::string::npos) {
            continue;
        }
        throw error{errc::invalid_argument,
                    fmt::format("'{}' is not a setting of the form name = value", line)};
    }
}

std::string process_text(std::optional<detail::server> const& which) {
    return which ? std::to_string(which->process) : std::string{};
}

void ensure_database(fs::path const& sockets, std::string const& name) {
    session_options options;
    options.url = detail::url_of(sockets, "postgres");
    options.statement_timeout = create_database_time_limit;
    session to{options};
    constexpr query find{"find_database", "SELECT FROM pg_database WHERE datname = $1"};
    if (!to.execute(find, {name}).empty()) return;
    to.execute_script(owned_query{"create_database", "CREATE DATABASE " + quote_identifier(name)});
}

}  // namespace

struct private_cluster::implementation {
    detail::layout files;
    detail::file_lock starting, using_it;
    std::string url;
    pid_t owner = ::getpid();
    bool holds_start_lock = false;
    bool uses = false;

    explicit implementation(fs::path const& folder, detail::identity const& as)
        : files{detail::layout_of(folder)} {
        detail::prepare_folder(files, as);
        starting = detail::file_lock{files.start_lock};
        using_it = detail::file_lock{files.use_lock};
    }
    implementation(implementation const&) = delete;
    implementation& operator=(implementation const&) = delete;
    // A forked child has inherited both locks together with our memory: to it, it is not the last.
    ~implementation() {
        if (::getpid() == owner && uses) leave();
    }

    void enter(cluster_options const& options, detail::identity const& as,
               detail::deadline_time deadline);
    fs::path start(cluster_options const& options, detail::identity const& as,
                   detail::deadline_time deadline);
    void leave() noexcept;
};

// With the start lock held: finds the server or starts it. Returns the folder of its socket.
fs::path private_cluster::implementation::start(cluster_options const& options,
                                                detail::identity const& as,
                                                detail::deadline_time deadline) {
    if (auto const found = detail::find_server(files)) {
        // A server without its socket (somebody swept /tmp) can be reached by nobody any more.
        bool const going = detail::is_in_state(files, "stopping") ||
                           (detail::is_in_state(files, "ready") && !detail::has_socket(*found));
        if (!going && detail::wait_until_ready(files, *found, deadline)) {
            if (logging::wanted("cluster.found")) {
                logging::tell("cluster.found", "the private PostgreSQL server runs already",
                              {{"folder", files.folder.string()},
                               {"process", process_text(found)}});
            }
            return found->sockets;
        }
        if (going ? !detail::stop_server(*found, deadline) : detail::running(found->process)) {
            throw error{
                errc::database_unreachable,
                fmt::format("the private PostgreSQL server in {} (process {}) is still {}",
                            files.folder.string(), found->process, going ? "stopping" : "starting"),
                server_details{{}, "start", detail::log_tail(files.log, 0)}, true};
        }
    }
    auto const began = std::chrono::steady_clock::now();
    auto const major = detail::data_major(files);
    if (!major && !options.may_create) {
        throw error{errc::refused,
                    fmt::format("the data folder {} of the private PostgreSQL is gone: put it back "
                                "where it was, or start the program anew for an empty one",
                                files.data.string())};
    }
    auto const programs = detail::find_binaries(major, files.data);
    if (!major) detail::create_data(files, programs, as, deadline);
    auto const started = detail::start_server(files, programs, as, options.settings, deadline);
    if (logging::wanted("cluster.started")) {
        logging::tell("cluster.started", "started a private PostgreSQL server",
                      {{"folder", files.folder.string()},
                       {"process", process_text(started)},
                       {"elapsed_us", recount::detail::elapsed_us(began)}});
    }
    return started.sockets;
}

void private_cluster::implementation::enter(cluster_options const& options,
                                            detail::identity const& as,
                                            detail::deadline_time deadline) {
    holds_start_lock = starting.lock_exclusive(deadline);
    if (!holds_start_lock) {
        throw error{errc::timed_out,
                    fmt::format("another program is still starting or stopping the private "
                                "PostgreSQL server in {}",
                                files.folder.string()),
                    {},
                    true};
    }
    // Nobody holds it exclusively without the start lock.
    uses = using_it.try_shared();
    if (!uses) detail::refuse_file(files.use_lock, "is locked by another program");
    auto const sockets = start(options, as, deadline);
    ensure_database(sockets, options.name);
    url = detail::url_of(sockets, options.name);
    starting.unlock();
    holds_start_lock = false;
}

void private_cluster::implementation::leave() noexcept {
    try {
        auto const deadline = std::chrono::steady_clock::now() + stop_time_limit;
        if (!holds_start_lock && !starting.lock_exclusive(deadline)) return;
        // Fails while anybody else uses it. Closing the files gives up both locks in any case.
        if (!using_it.try_exclusive()) return;
        auto const found = detail::find_server(files);
        // One that replays its log would have to begin anew.
        if (detail::is_in_state(files, "starting")) return;
        auto const began = std::chrono::steady_clock::now();
        if (found && !detail::stop_server(*found, deadline)) return;
        if (found && logging::wanted("cluster.stopped")) {
            logging::tell("cluster.stopped", "stopped the private PostgreSQL server",
                          {{"folder", files.folder.string()},
                           {"process", process_text(found)},
                           {"elapsed_us", recount::detail::elapsed_us(began)}});
        }
        std::error_code ignored;
        fs::remove(found ? found->sockets : files.sockets, ignored);  // if it is empty
    } catch (...) {
        // Then the server runs on, and the next program finds it.
    }
}

private_cluster private_cluster::start(cluster_options const& options) {
    check_name(options.name);
    check_settings(options.settings);
    auto const deadline = std::chrono::steady_clock::now() + options.start_timeout;
    auto const as = detail::server_identity();
    auto self = std::make_unique<implementation>(
        options.folder.empty() ? default_folder(options.name) : options.folder, as);
    self->enter(options, as, deadline);
    return private_cluster{std::move(self)};
}

private_cluster::private_cluster(std::unique_ptr<implementation> self) noexcept
    : self_{std::move(self)} {}
private_cluster::~private_cluster() = default;
private_cluster::private_cluster(private_cluster&&) noexcept = default;
private_cluster& private_cluster::operator=(private_cluster&&) noexcept = default;

bool private_cluster::running() const { return detail::is_running(self_->files); }
std::string const& private_cluster::url() const noexcept { return self_->url; }
fs::path const& private_cluster::folder() const noexcept { return self_->files.folder; }
fs::path const& private_cluster::log_file() const noexcept { return self_->files.log; }

fs::path private_cluster::default_folder(std::string const& name) {
    check_name(name);
    auto const set = [](char const* variable) -> char const* {
        char const* const value = std::getenv(variable);
        return value != nullptr && *value != '\0' ? value : nullptr;
    };
    if (auto const* own = set("RECOUNT_DATA")) return fs::path{own} / name;
    if (::geteuid() == 0) return fs::path{"/var/lib/recount"} / name;
    if (auto const* state = set("XDG_STATE_HOME")) return fs::path{state} / "recount" / name;
    if (auto const* home = set("HOME")) return fs::path{home} / ".local/state/recount" / name;
    passwd entry{};
    passwd* found = nullptr;
    char buffer[16'384];
    if (::getpwuid_r(::geteuid(), &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr) {
        return fs::path{found->pw_dir} / ".local/state/recount" / name;
    }
    throw error{errc::refused, "there is no home folder to keep the database in: set RECOUNT_DATA"};
}

}  // namespace recount::postgres
