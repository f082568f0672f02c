// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/fault_point.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace recount::detail {

namespace {

// Points enter themselves before main(), in one thread.
constinit named_fault_point const* newest = nullptr;

// How many passes of this point the environment asks for; 0: it asks for another, or none.
int passes_wanted(std::string_view name) noexcept {
    char const* const given = std::getenv("RECOUNT_FAULT_POINT");
    if (given == nullptr) return 0;
    std::string_view wanted{given};
    if (!wanted.starts_with(name)) return 0;
    wanted.remove_prefix(name.size());
    if (wanted.empty()) return 1;
    if (wanted.front() != ':') return 0;
    int passes = 0;
    std::from_chars(wanted.data() + 1, wanted.data() + wanted.size(), passes);
    return passes;
}

}  // namespace

named_fault_point::named_fault_point(char const* name) noexcept
    : name_{name}, next_{newest}, passes_left_{passes_wanted(name)} {
    newest = this;
}

void named_fault_point::count_down() noexcept {
    if (passes_left_.fetch_sub(1) != 1) return;
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

std::vector<std::string_view> fault_points_of_program() {
    std::vector<std::string_view> names;
    for (auto const* p = newest; p != nullptr; p = p->next_) names.emplace_back(p->name_);
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace recount::detail
