// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "binaries.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <recount/core/error.hpp>

#include "process.hpp"

namespace recount::postgres::detail {
namespace {

namespace fs = std::filesystem;

constexpr int major_min = 15;
constexpr std::chrono::seconds question_time_limit{20};  // --version, --bindir

bool executable(fs::path const& file) {
    std::error_code ignored;
    return ::access(file.c_str(), X_OK) == 0 && !fs::is_directory(file, ignored);
}

// Asked as ourselves: only the server needs another user.
std::string answer_of(std::vector<std::string> const& command) {
    auto result = run(command, identity{}, question_time_limit);
    if (result.exit_code != 0) return {};
    while (!result.output.empty() && result.output.back() == '\n') result.output.pop_back();
    return std::move(result.output);
}

std::vector<fs::path> search_path() {
    std::vector<fs::path> folders;
    char const* const variable = std::getenv("PATH");
    std::string_view rest = variable == nullptr ? "" : variable;
    while (!rest.empty()) {
        auto const end = std::min(rest.find(':'), rest.size());
        if (fs::path each{rest.substr(0, end)}; each.is_absolute()) folders.push_back(each);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return folders;
}

int leading_number(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// Debian keeps one folder a major version, Red Hat's packages too.
std::vector<fs::path> distribution_folders() {
    std::vector<std::pair<int, fs::path>> found;
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator{"/usr/lib/postgresql", ignored}) {
        found.emplace_back(leading_number(entry.path().filename().string()), entry.path() / "bin");
    }
    for (auto const& entry : fs::directory_iterator{"/usr", ignored}) {
        auto const name = entry.path().filename().string();
        if (!name.starts_with("pgsql-")) continue;
        found.emplace_back(leading_number(std::string_view{name}.substr(6)), entry.path() / "bin");
    }
    std::ranges::sort(found, std::greater{}, &std::pair<int, fs::path>::first);
    std::vector<fs::path> folders;
    for (auto& each : found) folders.push_back(std::move(each.second));
    return folders;
}

std::vector<fs::path> places() {
    if (char const* own = std::getenv("RECOUNT_PG_BIN"); own != nullptr && *own != '\0') {
        return {fs::path{own}};
    }
    std::vector<fs::path> all;
    auto const path = search_path();
    for (auto const& folder : path) {
        if (!executable(folder / "pg_config")) continue;
        auto named = answer_of({(folder / "pg_config").string(), "--bindir"});
        if (!named.empty()) all.emplace_back(std::move(named));
        break;
    }
    for (auto& each : distribution_folders()) all.push_back(std::move(each));
    all.emplace_back("/usr/local/pgsql/bin");
    all.insert(all.end(), path.begin(), path.end());
    return all;
}

// 15 from "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"; 0 if it says anything else.
int major_of(fs::path const& folder) {
    auto const text = answer_of({(folder / "postgres").string(), "--version"});
    constexpr std::string_view before = "(PostgreSQL) ";
    auto const at = text.find(before);
    if (at == std::string::npos) return 0;
    return leading_number(std::string_view{text}.substr(at + before.size()));
}

[[noreturn]] void refuse(std::vector<binaries> const& others, std::optional<int> major,
                         fs::path const& data_folder, std::vector<fs::path> const& looked_at) {
    if (others.empty()) {
        std::vector<std::string> texts;
        for (auto const& each : looked_at) texts.push_back(each.string());
        throw error{errc::refused,
                    fmt::format("no PostgreSQL server programs (postgres, initdb) were found in "
                                "{}: install PostgreSQL, set RECOUNT_PG_BIN, or give the URL of a "
                                "server",
                                fmt::join(texts, ", "))};
    }
    if (major) {
        throw error{errc::refused,
                    fmt::format("{} was made by PostgreSQL {}, but only PostgreSQL {} was found "
                                "(in {}): install version {}, or set RECOUNT_PG_BIN to it",
                                data_folder.string(), *major, others.front().major,
                                others.front().folder.string(), *major)};
    }
    throw error{errc::refused,
                fmt::format("PostgreSQL {} in {} is too old: version {} or later is needed",
                            others.front().major, others.front().folder.string(), major_min)};
}

}  // namespace

binaries find_binaries(std::optional<int> major, fs::path const& data_folder) {
    auto const looked_at = places();
    std::vector<binaries> others;
    for (auto const& folder : looked_at) {
        if (!executable(folder / "postgres") || !executable(folder / "initdb")) continue;
        binaries const found{folder, major_of(folder)};
        if (found.major == 0) continue;
        if (major ? found.major == *major : found.major >= major_min) return found;
        others.push_back(found);
    }
    refuse(others, major, data_folder, looked_at);
}

}  // namespace recount::postgres::detail
