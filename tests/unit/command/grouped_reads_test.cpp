// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "command/grouped_reads.hpp"

#include <array>
#include <atomic>
#include <thread>

#include "support/catch.hpp"
#include "support/gate.hpp"

namespace {

using recount::errc;
using recount::error;
using recount::stream_name;
using recount::detail::grouped_reads;
using recount::detail::stream_found;
using recount::detail::stream_wanted;

// Finds one event in each stream, whose payload is the stream's name.
std::vector<stream_found> found(std::span<stream_wanted const> wanted) {
    std::vector<stream_found> all(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        all[i].events.emplace_back();
        all[i].events.back().payload = wanted[i].stream->str();
    }
    return all;
}

std::string read_one(grouped_reads& reads, std::string const& name) {
    stream_name const stream{name};
    std::array const wanted{stream_wanted{&stream}};
    return reads.read(wanted).at(0).events.at(0).payload;
}

// As many reads as may be on their way at once, held up.
struct busy_reads {
    std::array<recount::tests::gate, grouped_reads::reads_max> gates;
    std::atomic<int> begun = 0;
    std::mutex mutex;
    std::vector<std::size_t> sizes;                    // of the reads after these
    std::function<void(std::span<stream_wanted const>)> check = [](auto) {};

    grouped_reads reads{[this](std::span<stream_wanted const> wanted) {
        auto const n = static_cast<std::size_t>(begun++);
        if (n < gates.size()) {
            gates[n].pass();
        } else {
            std::lock_guard const hold{mutex};
            sizes.push_back(wanted.size());
            check(wanted);
        }
        return found(wanted);
    }};
    std::vector<std::thread> threads;

    busy_reads() {
        for (auto& gate : gates) {
            threads.emplace_back([this] { static_cast<void>(read_one(reads, "busy-1")); });
            gate.until_somebody_waits();
        }
    }
    template <class Call>
    void in_thread(Call call) {
        auto const before = reads.waiting();
        threads.emplace_back(std::move(call));
        while (reads.waiting() == before) std::this_thread::yield();
    }
    void finish() {
        for (auto& gate : gates) gate.open();
        for (auto& one : threads) one.join();
    }
};

}  // namespace

TEST_CASE("a lone read is made at once", "[grouped_reads]") {
    std::vector<std::size_t> sizes;
    grouped_reads reads{[&](std::span<stream_wanted const> wanted) {
        sizes.push_back(wanted.size());
        return found(wanted);
    }};
    CHECK(read_one(reads, "a-1") == "a-1");
    CHECK(read_one(reads, "a-2") == "a-2");
    CHECK(reads.read({}).empty());
    CHECK(sizes == std::vector<std::size_t>{1, 1});
}

TEST_CASE("what is wanted while others are read is read together", "[grouped_reads]") {
    busy_reads busy;
    std::array<std::string, 5> results;
    for (std::size_t i = 0; i < results.size(); ++i) {
        busy.in_thread([&, i] { results[i] = read_one(busy.reads, "a-" + std::to_string(i)); });
    }
    busy.finish();
    for (std::size_t i = 0; i < results.size(); ++i) CHECK(results[i] == "a-" + std::to_string(i));
    REQUIRE(busy.sizes.size() == 1);
    CHECK(busy.sizes.front() == results.size());
}

TEST_CASE("a failure of one stream fails those alone that wait for it", "[grouped_reads]") {
    busy_reads busy;
    busy.check = [](std::span<stream_wanted const> wanted) {
        for (auto const& one : wanted) {
            if (one.stream->str() == "a-1") throw error{errc::corrupted, "a stored hash"};
        }
    };
    std::array<std::string, 3> results;
    for (std::size_t i = 0; i < results.size(); ++i) {
        busy.in_thread([&, i] {
            try {
                results[i] = read_one(busy.reads, "a-" + std::to_string(i));
            } catch (error const& failure) {
                results[i] = failure.what();
            }
        });
    }
    busy.finish();
    CHECK(results == std::array<std::string, 3>{"a-0", "a stored hash", "a-2"});
}

TEST_CASE("without a database a group is not read once more by each of its callers",
          "[grouped_reads]") {
    busy_reads busy;
    busy.check = [](auto) { throw error{errc::database_unreachable, "gone"}; };
    std::atomic<int> failures = 0;
    for (int i = 0; i < 3; ++i) {
        busy.in_thread([&] {
            try {
                static_cast<void>(read_one(busy.reads, "a-1"));
            } catch (error const&) {
                ++failures;
            }
        });
    }
    busy.finish();
    CHECK(failures == 3);
    CHECK(busy.sizes == std::vector<std::size_t>{3});
}
