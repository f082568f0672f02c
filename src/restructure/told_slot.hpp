// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A row as it is told to those who follow the log: as its slot will be told when it is corrected,
// so that what takes it back says the same.
#pragma once

#include <recount/log/event.hpp>

namespace recount::history::detail {

inline void make_told(recorded_event& row) {
    row.effective_at = row.effective();
    row.command.reset();
}

}  // namespace recount::history::detail
