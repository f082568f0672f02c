// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/input.hpp>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include <recount/core/error.hpp>

namespace recount {

std::ifstream open_input(std::string const& path) {
    auto const refuse = [&](int reason) {
        throw error{errc::not_found, fmt::format("unable to read {}: {}", path,
                                                 std::generic_category().message(reason))};
    };
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    if (!file) refuse(errno);
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown)) refuse(EISDIR);  // it could be opened
    return file;
}

}  // namespace recount
