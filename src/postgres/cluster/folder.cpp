// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fmt/format.h>
#include <recount/core/error.hpp>
#include <recount/core/sha256.hpp>

namespace recount::postgres::detail {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds lock_poll{10};
constexpr std::size_t socket_hash_digits = 10;
constexpr std::string_view socket_file = "/.s.PGSQL.5432";
constexpr mode_t private_mode = 0700;
constexpr mode_t entered_by_server_mode = 0710;  // ours, and the server's group may pass through

fs::path socket_folder(fs::path const& folder) {
    auto const name = "recount-" + to_hex(sha256(folder.string())).substr(0, socket_hash_digits);
    // Root's own runtime folder is closed to the server's user.
    char const* const own = ::geteuid() == 0 ? nullptr : std::getenv("XDG_RUNTIME_DIR");
    std::error_code ignored;
    if (own != nullptr && *own == '/' && fs::is_directory(own, ignored)) {
        auto const path = fs::path{own} / name;
        if (path.string().size() + socket_file.size() < sizeof sockaddr_un{}.sun_path) return path;
    }
    return fs::path{"/tmp"} / name;
}

void give_to(fs::path const& path, identity const& server, uid_t owner, mode_t mode) {
    if (server.change && ::lchown(path.c_str(), owner, server.group) != 0) {
        refuse_file(
            path, fmt::format("cannot be given to user {}: {}", server.name, std::strerror(errno)));
    }
    if (::chmod(path.c_str(), mode) != 0) {
        refuse_file(path, fmt::format("cannot be closed to others: {}", std::strerror(errno)));
    }
}

// Makes a folder; one that exists must be a true folder of `owner`, or of ours.
void make_or_check(fs::path const& path, uid_t owner) {
    if (::mkdir(path.c_str(), private_mode) == 0) return;
    if (errno != EEXIST) {
        refuse_file(path, fmt::format("cannot be made: {}", std::strerror(errno)));
    }
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
        refuse_file(path, "is in the way: it is not a folder");
    }
    if (found.st_uid != owner && found.st_uid != ::geteuid()) {
        refuse_file(path, fmt::format("belongs to another user ({})", found.st_uid));
    }
    if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse_file(path, "may be written by other users");
    }
}

bool can_enter(struct stat const& folder, identity const& who) {
    if (folder.st_uid == who.user) return (folder.st_mode & S_IXUSR) != 0;
    if (folder.st_gid == who.group ||
        std::ranges::find(who.groups, folder.st_gid) != who.groups.end()) {
        return (folder.st_mode & S_IXGRP) != 0;
    }
    return (folder.st_mode & S_IXOTH) != 0;
}

void check_server_can_reach(fs::path const& folder, identity const& server) {
    if (!server.change) return;
    for (auto each = folder.parent_path();; each = each.parent_path()) {
        struct stat found {};
        if (::stat(each.c_str(), &found) == 0 && !can_enter(found, server)) {
            refuse_file(folder, fmt::format("cannot hold the database: as root the server runs as "
                                            "user {}, who may not enter {}",
                                            server.name, each.string()));
        }
        if (each == each.root_path()) return;
    }
}

}  // namespace

void refuse_file(fs::path const& file, std::string_view what) {
    throw error{errc::refused, fmt::format("{} {}", file.string(), what)};
}

file_lock::file_lock(fs::path const& file)
    : file_{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)} {
    if (!file_) refuse_file(file, fmt::format("cannot be opened: {}", std::strerror(errno)));
}

bool file_lock::lock_exclusive(std::chrono::steady_clock::time_point deadline) {
    while (!try_exclusive()) {
        // flock has no time limit of its own.
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(lock_poll);
    }
    return true;
}

bool file_lock::try_exclusive() noexcept { return ::flock(file_.get(), LOCK_EX | LOCK_NB) == 0; }
bool file_lock::try_shared() noexcept { return ::flock(file_.get(), LOCK_SH | LOCK_NB) == 0; }
void file_lock::unlock() noexcept { ::flock(file_.get(), LOCK_UN); }

layout layout_of(fs::path const& folder) {
    std::error_code failure;
    auto const whole = fs::weakly_canonical(fs::absolute(folder), failure);
    if (failure) refuse_file(folder, "is no usable path: " + failure.message());
    // "x/" has an empty file name, and would be another folder than "x" to the hash below.
    auto const path = whole.has_filename() ? whole : whole.parent_path();
    layout files{path,
                 path / "data",
                 path / "recount.conf",
                 path / "server.log",
                 path / "start.lock",
                 path / "use.lock",
                 socket_folder(path)};
    return files;
}

void prepare_folder(layout const& files, identity const& server) {
    std::error_code failure;
    fs::create_directories(files.folder.parent_path(), failure);
    if (failure) refuse_file(files.folder.parent_path(), "cannot be made: " + failure.message());
    check_server_can_reach(files.folder, server);
    make_or_check(files.folder, ::geteuid());
    std::error_code ignored;
    // A folder that was made by two starters at once, or half-made by a killed one, is empty.
    bool const ours = fs::exists(files.start_lock, ignored) || fs::is_empty(files.folder, ignored);
    if (!ours && !fs::exists(files.start_lock, ignored)) {
        refuse_file(files.folder,
                    "holds other things than a Recount database: give an empty or a "
                    "new folder");
    }
    give_to(files.folder, server, ::geteuid(),
            server.change ? entered_by_server_mode : private_mode);
}

void prepare_sockets(fs::path const& sockets, identity const& server) {
    make_or_check(sockets, server.user);
    give_to(sockets, server, server.user, private_mode);
}

void write_file(fs::path const& file, std::string_view text, identity const& server) {
    auto const fresh = fs::path{file}.concat(".new");
    ::unlink(fresh.c_str());
    descriptor const to{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                               S_IRUSR | S_IWUSR)};
    bool written = static_cast<bool>(to);
    while (written && !text.empty()) {
        auto const bytes = ::write(to.get(), text.data(), text.size());
        if (bytes < 0 && errno == EINTR) continue;
        written = bytes >= 0;
        if (written) text.remove_prefix(static_cast<std::size_t>(bytes));
    }
    if (written) give_to(fresh, server, ::geteuid(), S_IRUSR | S_IWUSR | S_IRGRP);
    if (!written || ::fsync(to.get()) != 0 || ::rename(fresh.c_str(), file.c_str()) != 0) {
        refuse_file(file, fmt::format("cannot be written: {}", std::strerror(errno)));
    }
}

void sync_folder(fs::path const& folder) {
    descriptor const opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!opened || ::fsync(opened.get()) != 0) {
        refuse_file(folder, fmt::format("cannot be written to disk: {}", std::strerror(errno)));
    }
}

}  // namespace recount::postgres::detail
