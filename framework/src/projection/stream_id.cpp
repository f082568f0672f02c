// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/error.hpp>
#include <recount/projection/descriptor.hpp>

#include <fmt/format.h>

namespace recount::detail {

void refuse_id(std::string_view text, std::string_view wanted) {
    throw error{errc::invalid_argument,
                fmt::format("the id of a stream should be {}, found '{}'", wanted, text)};
}

}  // namespace recount::detail
