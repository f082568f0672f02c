// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The events of a proposal's stream, written and read back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recount/correction/proposals.hpp>

namespace recount::detail {

[[nodiscard]] stream_name stream_of_proposal(uuid const& id);

[[nodiscard]] new_event made_event(uuid const& id, restructure const& plan,
                                   std::string const& preview,
                                   std::optional<restructure> const& resolved = {});
[[nodiscard]] new_event approved_event(uuid const& id, uuid const& restructure, bool own);
[[nodiscard]] new_event rejected_event(uuid const& id, std::string const& because);

// Nothing for a stream that is none, or that begins in another way: a log holds what it was given.
[[nodiscard]] std::optional<proposal> proposal_in(std::vector<recorded_event> const& rows);

}  // namespace recount::detail
