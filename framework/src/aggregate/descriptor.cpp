// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/aggregate/descriptor.hpp>

namespace recount {

std::optional<std::size_t> index_of_version(std::span<event_version const> versions,
                                            std::string_view type, int version) noexcept {
    // Newest first: that is what most of a log holds.
    for (auto index = versions.size(); index-- > 0;) {
        auto const& stored = versions[index].event;
        if (stored.version == version && stored.name == type) return index;
    }
    return std::nullopt;
}

}  // namespace recount
