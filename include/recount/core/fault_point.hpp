// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Named places at which a test kills this process, to look at what is left of its work.
//
//     upsert_rows(…);
//     fault_point<"projection.rows_written">();
//     work.commit();
//
//     RECOUNT_FAULT_POINT=projection.rows_written:3 program …   # SIGKILL at the third pass
//
// They are there in builds with the CMake option RECOUNT_FAULT_POINTS, which is on in debug builds
// with tests; elsewhere a point is no code. Only the library's own sources have points.
// Thread safety: from any thread; a program's list is complete before main(). Errors: none; a name
// that there is not kills nobody. Cost: one relaxed load of an atomic.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>
#include <vector>

namespace recount {

namespace detail {

// One for each name, however many places have it. Enters itself into the list at the start.
class named_fault_point {
public:
    explicit named_fault_point(char const* name) noexcept;
    void pass() noexcept {
        if (passes_left_.load(std::memory_order_relaxed) > 0) count_down();
    }

private:
    friend std::vector<std::string_view> fault_points_of_program();
    char const* name_;
    named_fault_point const* next_;
    std::atomic<int> passes_left_{0};
    void count_down() noexcept;
};
std::vector<std::string_view> fault_points_of_program();

// "module.what_is_done", as an argument of a template.
template <std::size_t Size>
struct fault_name {
    char text[Size]{};
    consteval fault_name(char const (&name)[Size]) {
        for (std::size_t i = 0; i < Size; ++i) text[i] = name[i];
    }
};
template <fault_name Name>
inline named_fault_point fault_point_named{Name.text};

}  // namespace detail

template <detail::fault_name Name>
void fault_point() noexcept {
#if defined(RECOUNT_FAULT_POINTS)
    detail::fault_point_named<Name>.pass();
#endif
}

// The names of all points that this program may pass, in byte order; none in a release.
[[nodiscard]] inline std::vector<std::string_view> fault_points() {
    return detail::fault_points_of_program();
}

}  // namespace recount
