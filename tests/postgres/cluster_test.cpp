// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/cluster.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <recount/core/error.hpp>
#include <recount/postgres/session.hpp>

#include <postgres/cluster/server.hpp>
#include <support/catch.hpp>
#include <support/caught.hpp>
#include <support/postgres.hpp>

using namespace recount;
using recount::postgres::private_cluster;
using recount::tests::eventually;
using recount::tests::caught;
using recount::tests::run;
using recount::tests::temporary_folder;
using recount::tests::value;
namespace detail = recount::postgres::detail;
namespace fs = std::filesystem;

namespace {

postgres::cluster_options in(fs::path const& folder) {
    postgres::cluster_options options;
    options.name = "bank";
    options.folder = folder;
    return options;
}

postgres::session connect(std::string const& url) {
    postgres::session_options options;
    options.url = url;
    return postgres::session{options};
}

void start_and_stop(fs::path const& folder) {
    static_cast<void>(private_cluster::start(in(folder)));
}

// The server is told from the one before it by the time it came up.
std::string started_at(std::string const& url) {
    auto on = connect(url);
    return value(on, "SELECT pg_postmaster_start_time()");
}

std::optional<detail::server> server_of(fs::path const& folder) {
    return detail::find_server(detail::layout_of(folder));
}

constexpr int child_time_limit_ms = 60'000;

std::string next_line(int from) {
    std::string text;
    for (;;) {
        pollfd ready{from, POLLIN, 0};
        if (::poll(&ready, 1, child_time_limit_ms) != 1) FAIL("a child does not report");
        char c = 0;
        if (::read(from, &c, 1) != 1 || c == '\n') return text;
        text += c;
    }
}

// Another program: a fork that runs `body`, given a pipe to report to, and a word to wait for.
class child {
public:
    template <typename Body> explicit child(Body const& body) {
        int up[2], down[2];
        if (::pipe(up) != 0 || ::pipe(down) != 0) FAIL("no pipe");
        process_ = ::fork();
        if (process_ == 0) {
            ::close(up[0]);
            ::close(down[1]);
            ::setpgid(0, 0);
            ::signal(SIGINT, SIG_DFL);  // the test program's handler reports a failed test
            try {
                body(up[1], down[0]);
            } catch (std::exception const& e) {
                say(up[1], std::string{"error: "} + e.what());
            }
            ::_exit(0);  // no destructors: the test's own objects are copies in here
        }
        ::close(up[1]);
        ::close(down[0]);
        from_ = up[0];
        to_ = down[1];
    }
    ~child() {
        end(SIGKILL);
        ::close(from_);
        ::close(to_);
    }
    child(child const&) = delete;
    child& operator=(child const&) = delete;

    static void say(int to, std::string const& line) {
        auto const text = line + '\n';
        if (::write(to, text.data(), text.size()) < 0) ::_exit(1);
    }
    static void wait_for_word(int from) {
        char c = 0;
        static_cast<void>(!::read(from, &c, 1));
    }

    [[nodiscard]] std::string line() const { return next_line(from_); }
    [[nodiscard]] pid_t process() const { return process_; }
    [[nodiscard]] int reports() const { return from_; }
    // A word, not the end of the pipe: a child that was forked later holds that open too.
    void go_on() const { say(to_, ""); }
    void wait() {
        if (process_ > 0) ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }
    void end(int signal) {
        if (process_ > 0) ::kill(process_, signal);
        wait();
    }

private:
    pid_t process_ = -1;
    int from_ = -1, to_ = -1;
};

// Starts the cluster, reports its start time, and ends in good order when told to.
auto user_of(fs::path const& folder) {
    return [folder](int up, int down) {
        auto const cluster = private_cluster::start(in(folder));
        child::say(up, started_at(cluster.url()));
        child::wait_for_word(down);
    };
}

}  // namespace

TEST_CASE("a cluster that was started answers at its URL, where its database is") {
    temporary_folder const folder;
    auto const cluster = private_cluster::start(in(folder.path()));
    CHECK(cluster.folder() == folder.path());
    auto on = connect(cluster.url());
    CHECK(value(on, "SELECT current_database()") == "bank");
    CHECK(value(on, "SHOW server_encoding") == "UTF8");
    CHECK(value(on, "SHOW fsync") == "on");
    CHECK(value(on, "SHOW data_checksums") == "on");
    // Nobody but this user (and root) can reach it.
    CHECK(value(on, "SHOW listen_addresses").empty());
    struct stat sockets {};
    REQUIRE(::stat(value(on, "SHOW unix_socket_directories").c_str(), &sockets) == 0);
    CHECK((sockets.st_mode & 0777U) == 0700U);
}

TEST_CASE("the last user stops the server, and the next start has the data again") {
    temporary_folder const folder;
    fs::path sockets;
    {
        auto const cluster = private_cluster::start(in(folder.path()));
        auto on = connect(cluster.url());
        run(on, "CREATE TABLE t AS SELECT 42 AS n");
        sockets = value(on, "SHOW unix_socket_directories");
    }
    CHECK_FALSE(server_of(folder.path()).has_value());
    CHECK_FALSE(fs::exists(sockets));
    auto const cluster = private_cluster::start(in(folder.path()));
    auto on = connect(cluster.url());
    CHECK(value(on, "SELECT n FROM t") == "42");
}

TEST_CASE("data that are gone are not replaced by an empty server") {
    temporary_folder const folder;
    auto options = in(folder.path());
    { auto const cluster = private_cluster::start(options); }
    options.may_create = false;
    { auto const again = private_cluster::start(options); }
    fs::rename(folder.path() / "data", folder.path() / "elsewhere");
    auto const e = caught([&] { static_cast<void>(private_cluster::start(options)); });
    CHECK(e.code() == recount::errc::refused);
    CHECK(std::string{e.what()}.find((folder.path() / "data").string()) != std::string::npos);
    CHECK_FALSE(fs::exists(folder.path() / "data"));
    fs::rename(folder.path() / "elsewhere", folder.path() / "data");
    auto const back = private_cluster::start(options);
    auto on = connect(back.url());
    CHECK(value(on, "SELECT current_database()") == "bank");
}

TEST_CASE("two objects of one program share the server, and the second to go stops it") {
    temporary_folder const folder;
    std::optional<private_cluster> first{private_cluster::start(in(folder.path()))};
    std::optional<private_cluster> second{private_cluster::start(in(folder.path()))};
    auto const time = started_at(first->url());
    CHECK(started_at(second->url()) == time);
    first.reset();
    CHECK(started_at(second->url()) == time);
    second.reset();
    CHECK_FALSE(server_of(folder.path()).has_value());
}

TEST_CASE("a folder can hold the databases of several names") {
    temporary_folder const folder;
    auto const bank = private_cluster::start(in(folder.path()));
    auto options = in(folder.path());
    options.name = "notebook";
    auto const notebook = private_cluster::start(options);
    auto on = connect(notebook.url());
    CHECK(value(on, "SELECT current_database()") == "notebook");
    CHECK(started_at(bank.url()) == started_at(notebook.url()));
}

TEST_CASE("programs that start a cluster at once share one server") {
    temporary_folder const folder;
    std::vector<std::unique_ptr<child>> programs;
    for (int i = 0; i < 4; ++i) {
        programs.push_back(std::make_unique<child>(user_of(folder.path())));
    }
    auto const time = programs.front()->line();
    CHECK(time.starts_with("20"));
    for (std::size_t i = 1; i < programs.size(); ++i) CHECK(programs[i]->line() == time);
    // They end one after the other; the server lives until the last.
    for (auto& program : programs) {
        CHECK(server_of(folder.path()).has_value());
        program->go_on();
        program->wait();
    }
    CHECK_FALSE(server_of(folder.path()).has_value());
}

TEST_CASE("a killed program leaves the server running, and the next one uses and stops it") {
    temporary_folder const folder;
    child killed{user_of(folder.path())};
    auto const time = killed.line();
    REQUIRE(time.starts_with("20"));
    killed.end(SIGKILL);
    REQUIRE(server_of(folder.path()).has_value());
    {
        auto const cluster = private_cluster::start(in(folder.path()));
        CHECK(started_at(cluster.url()) == time);
    }
    CHECK_FALSE(server_of(folder.path()).has_value());
}

TEST_CASE("a server that was killed is known to have ended") {
    temporary_folder const folder;
    auto const cluster = private_cluster::start(in(folder.path()));
    CHECK(cluster.running());
    auto const server = server_of(folder.path());
    REQUIRE(server.has_value());
    REQUIRE(::kill(server->process, SIGKILL) == 0);
    CHECK(recount::tests::eventually([&] { return !cluster.running(); }));
    auto const again = private_cluster::start(in(folder.path()));
    CHECK(cluster.running());
}

TEST_CASE("an interrupt of a program's whole process group does not reach the server") {
    temporary_folder const folder;
    child interrupted{user_of(folder.path())};
    auto const time = interrupted.line();
    REQUIRE(time.starts_with("20"));
    ::kill(-interrupted.process(), SIGINT);
    interrupted.wait();
    auto const cluster = private_cluster::start(in(folder.path()));
    CHECK(started_at(cluster.url()) == time);
}

TEST_CASE("a server does not keep open the pipe that its program's output goes to") {
    temporary_folder const folder;
    child program{[&](int up, int) {
        ::dup2(up, STDOUT_FILENO);
        ::dup2(up, STDERR_FILENO);
        auto cluster = new private_cluster{private_cluster::start(in(folder.path()))};
        child::say(up, started_at(cluster->url()));
        ::_exit(0);  // and the server runs on
    }};
    REQUIRE(program.line().starts_with("20"));
    program.wait();
    pollfd end{program.reports(), POLLIN, 0};
    REQUIRE(::poll(&end, 1, 10'000) == 1);
    char c = 0;
    CHECK(::read(program.reports(), &c, 1) == 0);  // the end of the stream
    CHECK(server_of(folder.path()).has_value());
    start_and_stop(folder.path());
    CHECK_FALSE(server_of(folder.path()).has_value());
}

TEST_CASE("a forked child that ends in good order does not stop its parent's server") {
    temporary_folder const folder;
    std::optional<private_cluster> cluster{private_cluster::start(in(folder.path()))};
    auto const time = started_at(cluster->url());
    child forked{[&](int, int) { cluster.reset(); }};
    forked.wait();
    CHECK(started_at(cluster->url()) == time);
}

// --- after a crash ------------------------------------------------------------------------------

TEST_CASE("a server that crashed is started again, with all that was committed") {
    temporary_folder const folder;
    auto const cluster = private_cluster::start(in(folder.path()));
    auto const server = server_of(folder.path());
    REQUIRE(server.has_value());
    {
        auto on = connect(cluster.url());
        run(on, "CREATE TABLE t AS SELECT 42 AS n");
        ::kill(server->process, SIGKILL);
        // Its other processes notice by themselves; a new server waits for that.
    }
    REQUIRE(eventually([&] { return !detail::running(server->process); }));
    auto const again = private_cluster::start(in(folder.path()));
    auto on = connect(again.url());
    CHECK(value(on, "SELECT n FROM t") == "42");
    CHECK(again.url() == cluster.url());
}

TEST_CASE("a stale postmaster.pid does not stop a start, also if its number is another program's") {
    temporary_folder const folder;
    fs::path const file = folder.path() / "data" / "postmaster.pid";
    start_and_stop(folder.path());
    for (pid_t const process : {::getpid(), ::getppid(), pid_t{1}, pid_t{4'194'303}}) {
        CAPTURE(process);
        std::ofstream{file} << process << "\n"
                            << (folder.path() / "data").string()
                            << "\n1\n5432\n/tmp\n\n  1 2\nready   \n";
        auto const cluster = private_cluster::start(in(folder.path()));
        CHECK(started_at(cluster.url()).starts_with("20"));
    }
    std::ofstream{file} << "";
    auto const cluster = private_cluster::start(in(folder.path()));
    CHECK(started_at(cluster.url()).starts_with("20"));
}

TEST_CASE("after a reboot the folder of the socket is made again") {
    temporary_folder const folder;
    auto const first = std::make_unique<private_cluster>(private_cluster::start(in(folder.path())));
    auto const server = server_of(folder.path());
    REQUIRE(server.has_value());
    ::kill(server->process, SIGKILL);
    REQUIRE(eventually([&] { return !detail::running(server->process); }));
    fs::remove_all(server->sockets);
    auto const cluster = private_cluster::start(in(folder.path()));
    CHECK(started_at(cluster.url()).starts_with("20"));
}

TEST_CASE("a server whose socket was swept away is replaced by one that can be reached") {
    temporary_folder const folder;
    auto const first = private_cluster::start(in(folder.path()));
    auto const time = started_at(first.url());
    auto const server = server_of(folder.path());
    REQUIRE(server.has_value());
    fs::remove_all(server->sockets);
    auto const second = private_cluster::start(in(folder.path()));
    CHECK(started_at(second.url()) != time);
    CHECK_FALSE(detail::running(server->process));
}

TEST_CASE("a program killed while it makes the database leaves nothing half-made") {
    temporary_folder const folder;
    child killed{user_of(folder.path())};
    REQUIRE(eventually([&] {
        std::error_code ignored;
        for (auto const& entry : fs::directory_iterator{folder.path(), ignored}) {
            if (entry.path().filename().string().starts_with("data.making-")) return true;
        }
        return false;
    }));
    killed.end(SIGKILL);
    CHECK_FALSE(fs::exists(folder.path() / "data"));
    auto const cluster = private_cluster::start(in(folder.path()));
    CHECK(started_at(cluster.url()).starts_with("20"));
    for (auto const& entry : fs::directory_iterator{folder.path()}) {
        CHECK_FALSE(entry.path().filename().string().starts_with("data.making-"));
    }
}

// --- refusals -----------------------------------------------------------------------------------

TEST_CASE("data of another major version is refused, and both versions are named") {
    temporary_folder const folder;
    start_and_stop(folder.path());
    auto const file = folder.path() / "data" / "PG_VERSION";
    std::string actual;
    std::ifstream{file} >> actual;
    std::ofstream{file} << "9\n";
    auto const e = caught([&] { start_and_stop(folder.path()); });
    CHECK(e.code() == errc::refused);
    auto const sentence = std::string{e.what()};
    CHECK(sentence.find("PostgreSQL 9") != std::string::npos);
    CHECK(sentence.find("PostgreSQL " + actual) != std::string::npos);
}

TEST_CASE("a folder with other things in it is refused and left alone") {
    temporary_folder const folder;
    fs::create_directory(folder.path());
    std::ofstream{folder.path() / "thesis.txt"} << "text";
    auto const e = caught([&] { start_and_stop(folder.path()); });
    CHECK(e.code() == errc::refused);
    CHECK(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}) == 1);
}

TEST_CASE("a socket folder that others may write to is refused") {
    temporary_folder const folder;
    auto const files = detail::layout_of(folder.path());
    fs::create_directory(files.sockets);
    fs::permissions(files.sockets, fs::perms::all);
    auto const e = caught([&] { start_and_stop(folder.path()); });
    fs::remove(files.sockets);
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find(files.sockets.string()) != std::string::npos);
}

TEST_CASE("a socket folder that is a link is refused") {
    temporary_folder const folder, elsewhere;
    auto const files = detail::layout_of(folder.path());
    fs::create_directory(elsewhere.path());
    fs::create_symlink(elsewhere.path(), files.sockets);
    auto const e = caught([&] { start_and_stop(folder.path()); });
    fs::remove(files.sockets);
    CHECK(e.code() == errc::refused);
    CHECK(fs::is_empty(elsewhere.path()));
}

TEST_CASE("as root, a folder that the server's user cannot enter is refused, and says why") {
    if (::geteuid() != 0) return;
    temporary_folder const closed;
    fs::create_directory(closed.path());
    fs::permissions(closed.path(), fs::perms::owner_all);
    auto const e = caught([&] { start_and_stop(closed.path() / "bank"); });
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find("may not enter " + closed.path().string()) !=
          std::string::npos);
}

TEST_CASE("without server programs a start is refused, and says where it looked") {
    temporary_folder const folder;
    ::setenv("RECOUNT_PG_BIN", "/nowhere/bin", 1);
    auto const e = caught([&] { start_and_stop(folder.path()); });
    ::unsetenv("RECOUNT_PG_BIN");
    CHECK(e.code() == errc::refused);
    CHECK(std::string{e.what()}.find("/nowhere/bin") != std::string::npos);
}

TEST_CASE("names that are no folder and database name are refused") {
    for (auto const* bad : {"", "Bank", "1bank", "../bank", "a b", "template1",
                            "abcdefghijklmnopqrstuvwxyz_1234567"}) {
        CAPTURE(bad);
        postgres::cluster_options options;
        options.name = bad;
        CHECK(caught([&] { static_cast<void>(private_cluster::start(options)); }).code() ==
              errc::invalid_argument);
    }
}

TEST_CASE("a caller's settings are used, and one that the server refuses is in the error") {
    temporary_folder const folder;
    auto options = in(folder.path());
    options.settings = {"max_connections = 17", "listen_addresses = '*'"};
    {
        auto const cluster = private_cluster::start(options);
        auto on = connect(cluster.url());
        CHECK(value(on, "SHOW max_connections") == "17");
        CHECK(value(on, "SHOW listen_addresses").empty());
    }
    options.settings = {"no_such_setting = 1"};
    auto const e = caught([&] { static_cast<void>(private_cluster::start(options)); });
    CHECK(e.code() == errc::database_unreachable);
    CHECK(e.server_text().find("no_such_setting") != std::string::npos);
    CHECK_FALSE(server_of(folder.path()).has_value());

    options.settings = {"a = 1\nfsync = off"};
    CHECK(caught([&] { static_cast<void>(private_cluster::start(options)); }).code() ==
          errc::invalid_argument);
}

TEST_CASE("a start that must wait for another's start or stop gives up at its time limit") {
    temporary_folder const folder;
    start_and_stop(folder.path());
    detail::file_lock held{folder.path() / "start.lock"};
    REQUIRE(held.try_exclusive());
    auto options = in(folder.path());
    options.start_timeout = std::chrono::milliseconds{50};
    auto const e = caught([&] { static_cast<void>(private_cluster::start(options)); });
    CHECK(e.code() == errc::timed_out);
    CHECK(e.retryable());
}

TEST_CASE("the default folder is under RECOUNT_DATA if that is set") {
    ::setenv("RECOUNT_DATA", "/somewhere", 1);
    auto const folder = private_cluster::default_folder("bank");
    ::unsetenv("RECOUNT_DATA");
    CHECK(folder == "/somewhere/bank");
    if (::geteuid() == 0) CHECK(private_cluster::default_folder("bank") == "/var/lib/recount/bank");
}

TEST_CASE("what has a meaning in a URL is percent-encoded in the path of the socket") {
    CHECK(detail::url_of("/run/user/1000/a b&c=ž", "bank") ==
          "postgresql:///bank?host=/run/user/1000/a%20b%26c%3D%C5%BE&port=5432&user=recount");
}
