// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A disk without room: the tables of a store stand on a small file system, which is filled up and
// emptied again. Needs the right to mount one, and a server on this machine.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include <recount/postgres/log.hpp>

#include "conformance/log_conformance.hpp"
#include "support/caught.hpp"
#include "support/postgres.hpp"
#include "support/verified.hpp"

using namespace conformance;
using recount::errc;
using recount::error;
using recount::tests::caught;
using recount::tests::run;
using recount::tests::test_database;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

// A file system in memory that belongs to the server's user.
class small_disk {
public:
    // Nothing, and why is said, if this process may not mount one, or the server is elsewhere.
    static std::optional<std::string> obstacle(test_database const& database) {
        small_disk const tried{database};
        if (tried.mounted_) return std::nullopt;
        if (tried.why_ == 0) return "the folder of the server is not to be seen from here";
        return fmt::format("no file system may be mounted here: {}", std::strerror(tried.why_));
    }

    explicit small_disk(test_database const& database) {
        auto on = database.connect();
        auto const data = value(on, "SELECT coalesce((SELECT setting FROM pg_settings WHERE "
                                    "name = 'data_directory'), '')");
        struct stat server{};
        if (::stat(data.c_str(), &server) != 0) return;
        auto const options = fmt::format("size={},mode=0700,uid={},gid={}", bytes, server.st_uid,
                                         server.st_gid);
        std::filesystem::create_directories(folder_.path());
        mounted_ = ::mount("tmpfs", path().c_str(), "tmpfs", 0, options.c_str()) == 0;
        if (!mounted_) why_ = errno;
    }
    ~small_disk() {
        if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
    }
    small_disk(small_disk const&) = delete;
    small_disk& operator=(small_disk const&) = delete;

    [[nodiscard]] std::string path() const { return folder_.path().string(); }

    void fill() {
        auto const file = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        REQUIRE(file >= 0);
        std::array<char, 4'096> const block{};
        while (::write(file, block.data(), block.size()) > 0) continue;
        auto const why = errno;
        ::close(file);
        REQUIRE(why == ENOSPC);
    }
    void make_room() { REQUIRE(::unlink(ballast().c_str()) == 0); }

private:
    static constexpr int bytes = 32 << 20;

    recount::tests::temporary_folder folder_;
    bool mounted_ = false;
    int why_ = 0;

    [[nodiscard]] std::string ballast() const { return path() + "/ballast"; }
};

// Dropped after the database that uses it, which is declared behind it.
class tablespace {
public:
    explicit tablespace(test_database const& administrator)
        : disk{administrator}, name{administrator.name() + "_small"},
          administrator_{administrator} {
        auto on = administrator_.connect();
        run(on, fmt::format("CREATE TABLESPACE {} LOCATION '{}'", name, disk.path()));
        run(on, fmt::format("GRANT CREATE ON TABLESPACE {} TO PUBLIC", name));
    }
    ~tablespace() {
        try {
            auto on = administrator_.connect();
            run(on, "DROP TABLESPACE " + name);
        } catch (error const& e) {
            UNSCOPED_INFO(e.what());
        }
    }
    tablespace(tablespace const&) = delete;
    tablespace& operator=(tablespace const&) = delete;

    small_disk disk;
    std::string name;

private:
    test_database const& administrator_;
};

struct store_on_small_disk {
    tablespace space;
    test_database database;

    explicit store_on_small_disk(test_database const& administrator) : space{administrator} {
        auto on = database.connect();
        run(on, fmt::format("ALTER DATABASE {} SET default_tablespace = {}", database.name(),
                            space.name));
        postgres::migrate({.url = database.url()});
        // What failed appends leave behind keeps its room until the test is over.
        auto again = database.connect();
        for (auto const* table : {"log", "links", "streams", "types"}) {
            run(again, fmt::format("ALTER TABLE recount.{} SET (autovacuum_enabled = false)",
                                   table));
        }
    }
};

recount::commit large_commit() {
    return commit_of({event("a-1", fmt::format("\"{}\"", std::string(1'500, 'x'))),
                      event("b-1", fmt::format("\"{}\"", std::string(1'500, 'y')))});
}

void check_no_room(error const& found) {
    INFO(found.what() << " / " << found.server_text());
    CHECK(found.sqlstate() == "53100");
    CHECK(found.code() == errc::database_failed);
    CHECK(found.retryable());
}

}  // namespace

TEST_CASE("a full disk fails appends cleanly, and they go on when there is room",
          "[postgres][disk]") {
    test_database const administrator;
    if (auto const why = small_disk::obstacle(administrator)) {
        WARN("left out: " << *why);
        return;
    }
    store_on_small_disk store{administrator};
    auto const log = postgres::log::open({.url = store.database.url()});
    log->append(large_commit());
    auto on = store.database.connect();
    auto const everything_written = [&] {
        return value(on, "SELECT format('%s rows, %s links, %s streams, %s types', "
                         "(SELECT count(*) FROM recount.log), "
                         "(SELECT count(*) FROM recount.links), "
                         "(SELECT count(*) FROM recount.streams), "
                         "(SELECT count(*) FROM recount.types))");
    };
    for (int filled = 0; filled < 2; ++filled) {
        CAPTURE(filled);
        store.space.disk.fill();
        // What is left of the pages that the tables have is used up first.
        constexpr int many = 1'000;
        auto refused = large_commit();
        std::optional<error> no_room;
        for (int i = 0; i < many && !no_room; ++i) {
            refused = large_commit();
            no_room = error_of([&] { return log->append(refused); });
        }
        REQUIRE(no_room.has_value());
        check_no_room(*no_room);
        auto const head = log->head();
        auto const written = everything_written();

        // So it stays, for every way to append, and nothing of it is written.
        check_no_room(caught([&] { log->append(refused); }));
        check_no_room(caught([&] { log->append_with(large_commit(), {}); }));
        std::vector<recount::commit> const several{large_commit(), large_commit()};
        for (auto const& one : log->append_batch(several)) {
            REQUIRE(std::holds_alternative<error>(one));
            check_no_room(std::get<error>(one));
        }
        CHECK(caught([&] {
                  run(on, "SELECT recount.append_event('a-1', NULL, 'x', "
                          "(SELECT to_json(string_agg(md5(n::text), '')) "
                          "FROM generate_series(1, 3000) n))");
              }).sqlstate() == "53100");
        CHECK(log->head().hash == head.hash);
        CHECK(everything_written() == written);
        CHECK(log->read_stream(stream("a-1")).events.size() ==
              static_cast<std::size_t>(head.position) / 2);

        store.space.disk.make_room();
        auto const done = log->append(refused);
        CHECK_FALSE(done.repeated);
        CHECK(done.first == head.position + 1);
        for (auto const& one : several) CHECK_FALSE(log->append(one).repeated);
        check_whole(*log);
    }
    recount::tests::check_verified(store.database);
}
