// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "server.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <recount/core/error.hpp>

namespace recount::postgres::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds process_poll{10};
constexpr int start_attempts_max = 10;  // while a crashed server's last processes still end
constexpr std::chrono::milliseconds start_again_after{200};
constexpr std::uintmax_t log_bytes_max = 16U << 20U;  // then the log is turned over, one is kept
constexpr std::size_t log_tail_bytes = 4'096;
constexpr std::string_view making_prefix = "data.making-";

// postmaster.pid, line by line: process, data folder, start time, port, socket folder, listen
// address, shared memory, state.
struct pid_file {
    pid_t process = 0;
    fs::path sockets;
    std::string state;  // "starting", "ready", "stopping", "standby"
};

std::optional<pid_file> read_pid_file(fs::path const& data) {
    std::ifstream file{data / "postmaster.pid"};
    if (!file) return std::nullopt;
    std::array<std::string, 8> lines;
    for (auto& line : lines) {
        if (!std::getline(file, line)) break;
    }
    pid_file found;
    auto const& number = lines[0];
    std::from_chars(number.data(), number.data() + number.size(), found.process);
    found.sockets = lines[4];
    found.state = lines[7].substr(0, lines[7].find(' '));
    return found;
}

// A postmaster's working folder is its data folder: that tells it from any other program that was
// given the same number, and from another cluster's. Who is not recognised is never signalled.
bool serves(pid_t process, fs::path const& data) {
    if (!running(process)) return false;
    struct stat folder {
    }, working{};
    if (::stat(data.c_str(), &folder) != 0) return false;
    if (::stat(fmt::format("/proc/{}/cwd", process).c_str(), &working) == 0) {
        return folder.st_dev == working.st_dev && folder.st_ino == working.st_ino;
    }
    // Some containers hide the folder even from root. The program's name is all there is then.
    std::ifstream file{fmt::format("/proc/{}/comm", process)};
    std::string name;
    return std::getline(file, name) && name == "postgres" && ::kill(process, 0) == 0;
}

void remove_socket_files(fs::path const& sockets) {
    ::unlink((sockets / ".s.PGSQL.5432").c_str());
    ::unlink((sockets / ".s.PGSQL.5432.lock").c_str());
}

std::string settings_text(layout const& files, std::vector<std::string> const& callers) {
    std::string text =
        "# Written by Recount at each start of the server: changes are lost.\n"
        "shared_buffers = 128MB\n"
        "max_connections = 100\n"
        "max_wal_size = 2GB\n"
        "jit = off\n"  // short statements: compiling costs more than it saves
        "log_line_prefix = '%m [%p] %q%u@%d %a '\n"
        "lc_messages = 'C'\n"
        "timezone = 'UTC'\n"
        "log_timezone = 'UTC'\n"
        "cluster_name = 'recount'\n";
    for (auto const& line : callers) text += line + '\n';
    std::string sockets = files.sockets.string();
    for (auto at = sockets.find('\''); at != std::string::npos; at = sockets.find('\'', at + 2)) {
        sockets.insert(at, 1, '\'');
    }
    // Last, so that nothing before changes them: what makes the cluster private.
    text += fmt::format(
        "listen_addresses = ''\n"
        "port = 5432\n"
        "unix_socket_directories = '{}'\n"
        "unix_socket_permissions = 0700\n"
        "logging_collector = off\n"
        "log_destination = 'stderr'\n",
        sockets);
    return text;
}

descriptor open_log(fs::path const& log) {
    std::error_code ignored;
    if (fs::file_size(log, ignored) > log_bytes_max && !ignored) {
        fs::rename(log, fs::path{log}.concat(".1"), ignored);
    }
    descriptor file{::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                           S_IRUSR | S_IWUSR)};
    if (!file) refuse_file(log, fmt::format("cannot be written: {}", std::strerror(errno)));
    return file;
}

std::uintmax_t size_of(fs::path const& file) {
    std::error_code failure;
    auto const size = fs::file_size(file, failure);
    return failure ? 0 : size;
}

bool answers(fs::path const& sockets) {
    return PQping(url_of(sockets, "postgres").append("&connect_timeout=2").c_str()) == PQPING_OK;
}

[[noreturn]] void not_started(layout const& files, std::uintmax_t log_from, std::string_view why) {
    throw error{errc::database_unreachable,
                fmt::format("the private PostgreSQL server in {} {}; its log is {}",
                            files.folder.string(), why, files.log.string()),
                server_details{{}, "start", log_tail(files.log, log_from)}, true};
}

// A killed initdb left these.
void remove_unfinished(layout const& files) {
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator{files.folder, ignored}) {
        if (!entry.path().filename().string().starts_with(making_prefix)) continue;
        fs::remove_all(entry.path(), ignored);
    }
}

void make_folder_for_server(fs::path const& path, identity const& as) {
    bool const made = ::mkdir(path.c_str(), 0700) == 0 &&
                      (!as.change || ::lchown(path.c_str(), as.user, as.group) == 0);
    if (!made) refuse_file(path, fmt::format("cannot be made: {}", std::strerror(errno)));
}

void include_our_settings(fs::path const& data) {
    auto const file = data / "postgresql.conf";
    descriptor const to{::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW)};
    constexpr std::string_view line = "\ninclude = '../recount.conf'\n";
    if (!to || ::write(to.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
        ::fsync(to.get()) != 0) {
        refuse_file(file, fmt::format("cannot be written: {}", std::strerror(errno)));
    }
}

}  // namespace

std::optional<int> data_major(layout const& files) {
    std::error_code ignored;
    if (!fs::exists(files.data, ignored)) return std::nullopt;
    std::ifstream file{files.data / "PG_VERSION"};
    int major = 0;
    if (!(file >> major)) refuse_file(files.data, "is not a data folder of PostgreSQL");
    return major;
}

void create_data(layout const& files, binaries const& programs, identity const& as,
                 deadline_time deadline) {
    remove_unfinished(files);
    // A name of its own: an initdb of a killed program may still be writing to the one before.
    auto const making =
        files.folder / fmt::format("{}{:08x}", making_prefix, std::random_device{}());
    make_folder_for_server(making, as);
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    auto const result = run({(programs.folder / "initdb").string(), "-D", making.string(),
                             "--username=recount", "--encoding=UTF8", "--locale=C",
                             "--auth-local=trust", "--auth-host=reject", "--data-checksums"},
                            as, left);
    if (result.exit_code != 0) {
        std::error_code ignored;
        fs::remove_all(making, ignored);
        throw error{errc::database_unreachable,
                    fmt::format("initdb could not make a database in {}", files.folder.string()),
                    server_details{{}, "initdb", result.output}};
    }
    include_our_settings(making);
    if (::rename(making.c_str(), files.data.c_str()) != 0) {
        refuse_file(files.data, fmt::format("cannot be made: {}", std::strerror(errno)));
    }
    sync_folder(files.folder);
}

bool is_running(layout const& files) {
    auto const found = read_pid_file(files.data);
    return found && serves(found->process, files.data);
}

std::optional<server> find_server(layout const& files) {
    auto const found = read_pid_file(files.data);
    if (!found) return std::nullopt;
    if (serves(found->process, files.data)) {
        return server{found->process, found->sockets.empty() ? files.sockets : found->sockets};
    }
    // If the number is free PostgreSQL sees so itself. But a stranger that has it now, a zombie
    // that nobody reaps (in a container), or a file without a number would keep it from starting.
    // Survivors of the crash it still finds, by the shared memory that belongs to the data folder.
    bool const obstacle = found->process <= 0 || ::kill(found->process, 0) == 0 || errno == EPERM;
    if (obstacle) ::unlink((files.data / "postmaster.pid").c_str());
    return std::nullopt;
}

bool is_in_state(layout const& files, std::string_view state) {
    auto const found = read_pid_file(files.data);
    return found && found->state == state;
}

bool has_socket(server const& which) {
    struct stat found {};
    return ::lstat((which.sockets / ".s.PGSQL.5432").c_str(), &found) == 0 &&
           S_ISSOCK(found.st_mode);
}

bool wait_until_ready(layout const& files, server const& which, deadline_time deadline) {
    while (running(which.process)) {
        // Asked only when it says so: a ping before that is an error in its log.
        auto const state = read_pid_file(files.data);
        if (state && state->process == which.process && state->state == "ready" &&
            answers(which.sockets)) {
            return true;
        }
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(process_poll);
    }
    return false;
}

server start_server(layout const& files, binaries const& programs, identity const& as,
                    std::vector<std::string> const& settings, deadline_time deadline) {
    prepare_sockets(files.sockets, as);
    write_file(files.settings, settings_text(files, settings), as);
    auto const log = open_log(files.log);
    for (int attempt = 1;; ++attempt) {
        remove_socket_files(files.sockets);
        auto const log_from = size_of(files.log);
        server const started{
            launch({(programs.folder / "postgres").string(), "-D", files.data.string()}, as,
                   log.get()),
            files.sockets};
        if (wait_until_ready(files, started, deadline)) return started;
        // Left running: it may be replaying a long log, and would begin anew each time.
        if (running(started.process)) not_started(files, log_from, "is still starting");
        // After a crash its last processes may still hold the shared memory, but not for long.
        bool const again =
            log_tail(files.log, log_from).find("still in use") != std::string::npos &&
            attempt < start_attempts_max;
        if (!again || std::chrono::steady_clock::now() >= deadline) {
            not_started(files, log_from, "stopped while starting");
        }
        std::this_thread::sleep_for(start_again_after * attempt);
    }
}

bool stop_server(server const& which, deadline_time deadline) noexcept {
    // SIGINT is "fast": sessions are ended, transactions rolled back, a checkpoint is made.
    if (running(which.process)) ::kill(which.process, SIGINT);
    while (running(which.process)) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(process_poll);
    }
    return true;
}

std::string url_of(fs::path const& sockets, std::string_view database) {
    std::string host;
    for (char const c : sockets.string()) {
        bool const plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == '/';
        if (plain) {
            host += c;
        } else {
            host += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    // With the port, since $PGPORT would otherwise name the socket.
    return fmt::format("postgresql:///{}?host={}&port=5432&user=recount", database, host);
}

std::string log_tail(fs::path const& log, std::uintmax_t from) {
    auto const size = size_of(log);
    auto const begin = std::max(from, size > log_tail_bytes ? size - log_tail_bytes : 0);
    std::ifstream file{log, std::ios::binary};
    file.seekg(static_cast<std::streamoff>(begin));
    std::string text(static_cast<std::size_t>(size > begin ? size - begin : 0), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

}  // namespace recount::postgres::detail
