// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Text compared with a file of tests/approved/, which is read in review like code.
//
//     check_approved("schema_deposited.json", text);
//
// A wanted change is accepted by running the test with RECOUNT_APPROVE=1.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "support/catch.hpp"

namespace approval {

inline std::filesystem::path folder() {
    if (auto const* const source = std::getenv("RECOUNT_SOURCE")) {
        return std::filesystem::path{source} / "tests" / "approved";
    }
    // By hand, without ctest: beside this file.
    return std::filesystem::path{__FILE__}.parent_path() / ".." / ".." / "approved";
}

inline void check_approved(std::string const& name, std::string text) {
    if (!text.ends_with('\n')) text += '\n';
    auto const path = folder() / name;
    if (std::getenv("RECOUNT_APPROVE") != nullptr) {
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
    }
    std::ifstream file{path, std::ios::binary};
    std::string const approved{std::istreambuf_iterator<char>{file}, {}};
    INFO("tests/approved/" << name << " says otherwise; to accept: RECOUNT_APPROVE=1 ./test");
    CHECK(text == approved);
}

}  // namespace approval
