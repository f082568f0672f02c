// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// JSON Schema (draft 2020-12) of a described type: what describe::read_json accepts, but for the
// few rules that JSON Schema cannot say (docs/reference/json.md).
//
//     auto text = recount::describe::json_schema(descriptor_of<deposited>(), "urn:recount:…");
//
// Structures used inside become `$defs`; the text is deterministic, so it can be kept as a golden
// file. Cost: some ten microseconds; not meant for a hot path.
#pragma once

#include <string>
#include <string_view>

#include <recount/describe/descriptor.hpp>

namespace recount::describe {

// `indent` spaces a level; 0 writes one line. `id` becomes `$id` unless empty.
[[nodiscard]] std::string json_schema(type_descriptor const& type, std::string_view id,
                                      unsigned indent = 2);

}  // namespace recount::describe
