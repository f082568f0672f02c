// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <recount/core/error.hpp>

#include "descriptor.hpp"

extern char** environ;

namespace recount::postgres::detail {
namespace {

constexpr std::size_t output_bytes_max = 64U * 1024U;
constexpr int groups_max = 256;
constexpr int open_files_max = 65'536;        // closed one by one where close_range is missing
constexpr int first_private_descriptor = 10;  // ours stay clear of those that the child sets up
constexpr int status_descriptor = 3;          // in the child: reports to the parent until exec

struct report {
    pid_t process = 0;
    int failure = 0;  // errno of what kept the program from running
};

// A private environment: settings of a client (PGDATA, PGPORT …) or of a language must not reach
// the server, whose messages are read by programs.
std::vector<std::string> server_environment() {
    std::vector<std::string> kept;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view const text{*entry};
        if (text.starts_with("PG") || text.starts_with("LC_") || text.starts_with("LANG")) continue;
        kept.emplace_back(text);
    }
    kept.emplace_back("LC_ALL=C");
    return kept;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

struct pipe_ends {
    descriptor read, write;
};

pipe_ends make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw error{errc::refused, fmt::format("no pipe could be made: {}", std::strerror(errno))};
    }
    pipe_ends made{descriptor{ends[0]}, descriptor{ends[1]}};
    made.write = descriptor{::fcntl(made.write.get(), F_DUPFD_CLOEXEC, first_private_descriptor)};
    return made;
}

// All that the child needs, made before the fork: afterwards nothing may be allocated.
struct plan {
    std::vector<std::string> arguments;
    std::vector<std::string> environment = server_environment();
    std::vector<char*> argument_pointers, environment_pointers;
    identity const* as = nullptr;
    int output = -1;
    int status = -1;
    bool detached = false;
    pid_t parent = ::getpid();

    plan(std::vector<std::string> given, identity const& who)
        : arguments{std::move(given)}, argument_pointers{pointers(arguments)},
          environment_pointers{pointers(environment)}, as{&who} {}
};

[[noreturn]] void fail_in_child(int status) {
    report const failed{::getpid(), errno};
    [[maybe_unused]] auto const written = ::write(status, &failed, sizeof failed);
    ::_exit(127);
}

void close_all_from(unsigned first) {
#if defined(SYS_close_range)
    if (::syscall(SYS_close_range, first, ~0U, 0U) == 0) return;
#endif
    for (int each = static_cast<int>(first); each < open_files_max; ++each) ::close(each);
}

void reset_signals() {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Runs in the child. Only async-signal-safe calls from here to exec.
[[noreturn]] void become(plan const& next) {
    int const nothing = ::open("/dev/null", O_RDWR);
    if (nothing < 0 || ::dup2(nothing, STDIN_FILENO) < 0) fail_in_child(next.status);
    if (::dup2(next.output, STDOUT_FILENO) < 0) fail_in_child(next.status);
    if (::dup2(next.output, STDERR_FILENO) < 0) fail_in_child(next.status);
    if (::dup2(next.status, status_descriptor) < 0) fail_in_child(next.status);
    ::fcntl(status_descriptor, F_SETFD, FD_CLOEXEC);
    // A pipe of our caller that the server kept open would make whoever reads it wait for ever.
    close_all_from(status_descriptor + 1);
    reset_signals();
    ::umask(S_IRWXG | S_IRWXO);
    if (next.as->change) {
        if (::setgroups(next.as->groups.size(), next.as->groups.data()) != 0 ||
            ::setgid(next.as->group) != 0 || ::setuid(next.as->user) != 0) {
            fail_in_child(status_descriptor);
        }
    }
    if (::chdir("/") != 0) fail_in_child(status_descriptor);
    if (next.detached) {
        report const started{::getpid(), 0};
        if (::write(status_descriptor, &started, sizeof started) < 0) ::_exit(127);
    } else {
        // After setuid, which would take it back. Then look whether the parent died before it.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != next.parent) ::_exit(127);
    }
    ::execve(next.argument_pointers.front(), next.argument_pointers.data(),
             next.environment_pointers.data());
    fail_in_child(status_descriptor);
}

// Forks with all signals blocked, so that no handler of this program runs in the child.
pid_t fork_child(plan const& next) {
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t const child = ::fork();
    if (child == 0) {
        if (!next.detached) become(next);
        // Twice, and the one between ends: the server is nobody's child, least of all our zombie.
        ::setsid();
        pid_t const grandchild = ::fork();
        if (grandchild == 0) become(next);
        if (grandchild < 0) fail_in_child(next.status);
        ::_exit(0);
    }
    int const reason = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (child < 0) {
        throw error{errc::refused, fmt::format("{} could not be started: {}",
                                               next.arguments.front(), std::strerror(reason))};
    }
    return child;
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        // ECHILD: the program ignores SIGCHLD, and the kernel has reaped the child.
        if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Returns at the latest when the program is executed, since that closes the pipe.
report read_reports(int from) {
    report last;
    report next;
    for (;;) {
        auto const got = ::read(from, &next, sizeof next);
        if (got < 0 && errno == EINTR) continue;
        if (got != static_cast<ssize_t>(sizeof next)) return last;
        last = next;
    }
}

[[noreturn]] void not_executed(plan const& next, int reason) {
    throw error{errc::refused,
                fmt::format("{} cannot be run{}: {}", next.arguments.front(),
                            next.as->change ? fmt::format(" as user {}", next.as->name) : "",
                            std::strerror(reason))};
}

// Reads to the end, or to the deadline, when the child is killed.
std::string read_output(int from, pid_t child, std::chrono::milliseconds time_limit) {
    auto const deadline = std::chrono::steady_clock::now() + time_limit;
    std::string output;
    char block[4096];
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd ready{from, POLLIN, 0};
        int const events = left.count() > 0 ? ::poll(&ready, 1, static_cast<int>(left.count())) : 0;
        if (events < 0 && errno == EINTR) continue;
        if (events <= 0) {
            ::kill(child, SIGKILL);
            return output;
        }
        auto const got = ::read(from, block, sizeof block);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return output;
        output.append(block, static_cast<std::size_t>(got));
        if (output.size() > output_bytes_max) output.erase(0, output.size() - output_bytes_max);
    }
}

}  // namespace

identity server_identity() {
    identity who;
    who.user = ::geteuid();
    who.group = ::getegid();
    if (who.user != 0) return who;
    for (char const* name : {"postgres", "nobody"}) {
        passwd entry{};
        passwd* found = nullptr;
        char buffer[16'384];
        if (::getpwnam_r(name, &entry, buffer, sizeof buffer, &found) != 0 || found == nullptr) {
            continue;
        }
        who.user = entry.pw_uid;
        who.group = entry.pw_gid;
        who.name = name;
        who.change = true;
        int count = groups_max;
        who.groups.resize(groups_max);
        if (::getgrouplist(name, entry.pw_gid, who.groups.data(), &count) < 0) count = groups_max;
        who.groups.resize(static_cast<std::size_t>(count));
        return who;
    }
    throw error{errc::refused,
                "PostgreSQL does not run as root, and there is neither a user postgres nor nobody"};
}

finished run(std::vector<std::string> const& arguments, identity const& as,
             std::chrono::milliseconds time_limit) {
    plan next{arguments, as};
    auto output = make_pipe();
    auto status = make_pipe();
    next.output = output.write.get();
    next.status = status.write.get();
    pid_t const child = fork_child(next);
    output.write.reset();
    status.write.reset();
    report const seen = read_reports(status.read.get());
    finished result;
    if (seen.failure == 0) result.output = read_output(output.read.get(), child, time_limit);
    result.exit_code = wait_for(child);
    if (seen.failure != 0) not_executed(next, seen.failure);
    return result;
}

pid_t launch(std::vector<std::string> const& arguments, identity const& as, int log) {
    plan next{arguments, as};
    auto status = make_pipe();
    descriptor const output{::fcntl(log, F_DUPFD_CLOEXEC, first_private_descriptor)};
    next.output = output.get();
    next.status = status.write.get();
    next.detached = true;
    pid_t const between = fork_child(next);
    status.write.reset();
    report const seen = read_reports(status.read.get());
    wait_for(between);
    if (seen.failure != 0) not_executed(next, seen.failure);
    return seen.process;
}

bool running(pid_t process) {
    if (process <= 0 || (::kill(process, 0) != 0 && errno == ESRCH)) return false;
    // "42 (name) S …": the name may hold anything, so the state is looked for from the end.
    std::ifstream file{fmt::format("/proc/{}/stat", process)};
    std::string line;
    if (!std::getline(file, line)) return !file.is_open() && ::kill(process, 0) == 0;
    auto const name_end = line.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= line.size()) return true;
    char const state = line[name_end + 2];
    return state != 'Z' && state != 'X';
}

}  // namespace recount::postgres::detail
