// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The corpus of the fuzzer (tests/fuzz), replayed by any compiler, and its bytes changed at random.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/restructure/laws.hpp"
#include "support/restructure/raw_rows.hpp"

using namespace recount::tests;

namespace {

struct corpus_file {
    std::string name;
    std::string bytes;
};

std::vector<corpus_file> const& corpus() {
    static auto const files = [] {
        auto const* const source = std::getenv("RECOUNT_SOURCE");
        std::filesystem::path const root = source != nullptr ? source : ".";
        std::vector<corpus_file> all;
        auto const folder = root / "tests/fuzz/corpus/restructure";
        for (auto const& f : std::filesystem::directory_iterator{folder}) {
            std::ifstream in{f.path(), std::ios::binary};
            all.push_back({f.path().filename().string(),
                           {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}}});
        }
        std::sort(all.begin(), all.end(),
                  [](auto const& a, auto const& b) { return a.name < b.name; });
        return all;
    }();
    return files;
}

// Bytes changed, left out, doubled and taken from another file.
std::string changed_bytes(choices& c) {
    auto bytes = c.of(corpus()).bytes;
    for (auto left = c.below(6) + 1; left > 0 && !bytes.empty(); --left) {
        auto const at = c.below(bytes.size());
        auto const length = std::min(c.below(40) + 1, bytes.size() - at);
        auto const& other = c.of(corpus()).bytes;
        switch (c.below(5)) {
            case 0: bytes[at] = static_cast<char>(c.below(256)); break;
            case 1: bytes.erase(at, length); break;
            case 2: bytes.insert(at, bytes.substr(at, length)); break;
            case 3: bytes.replace(at, length, other.substr(c.below(other.size()), length)); break;
            default:  // a number by another
                if (bytes[at] < '0' || bytes[at] > '9') break;
                bytes[at] = static_cast<char>('0' + c.below(10));
        }
    }
    auto defect = defect_of_bytes(bytes);
    return defect.empty() ? defect : defect + "\nof the rows\n" + bytes;
}

std::vector<named_law> const laws{{"3 totality, of changed bytes", changed_bytes}};

}  // namespace

TEST_CASE("what the fuzzer kept is read as the oracle reads it", "[restructure]") {
    REQUIRE(corpus().size() >= 10);
    for (auto const& f : corpus()) {
        INFO(f.name);
        auto const begin = std::chrono::steady_clock::now();
        CHECK(defect_of_bytes(f.bytes) == "");
        // Milliseconds, most of them the oracle's; what is not linear takes minutes.
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{20});
    }
}

TEST_CASE("rows are written as they are read", "[restructure]") {
    for (auto const& f : corpus()) {
        INFO(f.name);
        auto const rows = rows_of_bytes(f.bytes);
        CHECK(rows_of_bytes(bytes_of_rows(rows)) == rows);
    }
}

TEST_CASE("changed bytes of a log are read as the oracle reads them", "[restructure][laws]") {
    check_laws(laws);
}

TEST_CASE("many changed bytes of a log are read alike", "[restructure][laws][full]") {
    check_laws(laws, cases_full);
}
