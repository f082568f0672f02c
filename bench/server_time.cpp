// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "server_time.hpp"

#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>

#include <fmt/core.h>

namespace recount::bench {

namespace {

struct process {
    pid_t parent = 0;
    double own_ticks = 0, childrens_ticks = 0;
};

// From /proc/<pid>/stat; nothing if there is no such PostgreSQL process here.
std::optional<process> look_at(std::string const& pid) {
    std::ifstream file{"/proc/" + pid + "/stat"};
    std::string text;
    if (!std::getline(file, text)) return std::nullopt;
    auto const end_of_name = text.rfind(')');   // the name may hold anything
    if (end_of_name == std::string::npos || text.find("(postgres)") == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream fields{text.substr(end_of_name + 1)};
    std::string skipped;
    process found;
    fields >> skipped >> found.parent;
    constexpr int between_parent_and_times = 9;
    for (int i = 0; i < between_parent_and_times; ++i) fields >> skipped;
    double user = 0, system = 0, childrens_user = 0, childrens_system = 0;
    fields >> user >> system >> childrens_user >> childrens_system;
    found.own_ticks = user + system;
    found.childrens_ticks = childrens_user + childrens_system;
    if (!fields) return std::nullopt;
    return found;
}

}  // namespace

server_time::server_time(place const& here) {
    constexpr postgres::query pid{"backend_pid", "SELECT pg_backend_pid()"};
    auto session = here.connect();
    auto const backend = look_at(std::string{session.execute(pid).text(0, 0)});
    if (backend) postmaster_ = backend->parent;
}

double server_time::used_s() const {
    if (postmaster_ == 0) return 0;
    auto const name = std::to_string(postmaster_);
    double ticks = 0;
    std::error_code ignored;
    for (auto const& entry : std::filesystem::directory_iterator{"/proc", ignored}) {
        auto const pid = entry.path().filename().string();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        auto const one = look_at(pid);
        if (!one) continue;
        if (one->parent == postmaster_) ticks += one->own_ticks;
        if (pid == name) ticks += one->own_ticks + one->childrens_ticks;
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace recount::bench
