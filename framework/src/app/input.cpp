// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/input.hpp>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include <recount/core/error.hpp>

namespace recount {

std::ifstream open_input(std::string const& path) {
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    auto reason = file ? std::error_code{} : std::error_code{errno, std::generic_category()};
    // A folder can be opened, and has no bytes.
    std::error_code unknown;
    if (file && std::filesystem::is_directory(path, unknown)) {
        reason = std::make_error_code(std::errc::is_a_directory);
    }
    if (!file || reason) {
        throw error{errc::not_found, fmt::format("unable to read {}: {}", path, reason.message())};
    }
    return file;
}

}  // namespace recount
