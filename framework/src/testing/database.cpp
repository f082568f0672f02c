// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/database.hpp>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include <recount/postgres/cluster.hpp>
#include <recount/postgres/session.hpp>

namespace recount::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view folder_prefix = "recount-tests-";  // then the process, then a number
constexpr int left_behind_max = 16;                           // cleaned up at one start

bool process_exists(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

// A test program that was killed leaves its folder, and a server that runs in it.
void remove_left_behind() {
    int removed = 0;
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator{"/tmp", ignored}) {
        auto const name = entry.path().filename().string();
        if (!name.starts_with(folder_prefix) || removed >= left_behind_max) continue;
        auto const digits = name.substr(folder_prefix.size());
        pid_t process = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), process);
        if (process <= 0 || process_exists(process)) continue;
        ++removed;
        try {
            postgres::cluster_options options;
            options.folder = entry.path();
            static_cast<void>(postgres::private_cluster::start(options));  // and stopped at once
        } catch (error const&) {
            // Not ours, or no longer whole: removing what can be removed is all there is to do.
        }
        fs::remove_all(entry.path(), ignored);
    }
}

struct test_server {
    std::optional<temporary_folder> folder;
    std::optional<postgres::private_cluster> cluster;
    std::string url;

    test_server() {
        if (char const* own = std::getenv("RECOUNT_TEST_DATABASE_URL");
            own != nullptr && *own != '\0') {
            url = own;
            return;
        }
        remove_left_behind();
        folder.emplace();
        postgres::cluster_options options;
        options.folder = folder->path();
        cluster.emplace(postgres::private_cluster::start(options));
        url = cluster->url();
    }
};

test_server const& the_server() {
    static test_server const server;
    return server;
}

// Later parameters win over earlier ones, in both forms that libpq knows.
std::string with(std::string const& url, std::string_view keyword, std::string_view value) {
    bool const uri = url.find("://") != std::string::npos;
    std::string_view const between = !uri ? " " : url.find('?') == std::string::npos ? "?" : "&";
    return fmt::format("{}{}{}={}", url, between, keyword, value);
}

postgres::session administrator() {
    postgres::session_options options;
    options.url = the_server().url;
    options.statement_timeout = std::chrono::seconds{60};
    return postgres::session{options};
}

}  // namespace

scratch_database::scratch_database() {
    static std::atomic<int> made{0};
    name_ = fmt::format("t{}_{}", ::getpid(), ++made);
    auto on = administrator();
    on.execute_script({"test", fmt::format("CREATE DATABASE {}", name_)});
    url_ = with(the_server().url, "dbname", name_);
}

scratch_database::~scratch_database() {
    try {
        auto on = administrator();
        on.execute_script({"test", fmt::format("DROP DATABASE {} WITH (FORCE)", name_)});
        // Roles belong to the server. Those of this database own nothing any more.
        auto const roles = on.execute(
            {"test_roles", "SELECT quote_ident(rolname) FROM pg_roles WHERE rolname LIKE $1"},
            {fmt::format("recount%\\_{}\\_%", name_)});
        for (std::size_t row = 0; row < roles.size(); ++row) {
            on.execute_script({"test", fmt::format("DROP ROLE {}", roles.text(row, 0))});
        }
    } catch (error const& e) {
        fmt::print(stderr, "test database {} is left behind: {} {}\n", name_, e.what(),
                   e.server_text());
    }
}

std::string scratch_database::url_of(std::string_view login) const {
    return with(url_, "user", login);
}

temporary_folder::temporary_folder() {
    static std::atomic<int> made{0};
    path_ = fs::path{"/tmp"} / fmt::format("{}{}-{}", folder_prefix, ::getpid(), ++made);
}

temporary_folder::~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace recount::testing
