// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Whether an application's tables are what its log says, for workloads that are killed.
//
//     return recount::tests::check_tables(call);       // of a verb; says what differs
#pragma once

#include <fmt/format.h>

#include <recount/app/application.hpp>
#include <recount/app/verb.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "support/row_dump.hpp"

namespace recount::tests {

// The tables that followed, the same told anew in memory, and rebuilt: three times the same.
inline int check_tables(verb_call& call) {
    auto& app = call.application();
    int code = exit_code::ok;
    for (auto const* p : app.parts().projections) {
        static_cast<void>(app.catch_up(*p));
        auto const followed = dump(*p, app.row_tables());
        memory_row_store memory;
        memory.prepare(*p);
        static_cast<void>(run_projection(app.log(), memory, *p, table_build::live,
                                         {.until = app.log().head().position}));
        auto const told = dump(*p, memory);
        static_cast<void>(app.rebuild(*p));
        auto const rebuilt = dump(*p, app.row_tables());
        if (followed != told || followed != rebuilt || followed.empty()) {
            code = exit_code::difference;
            call.line(fmt::format("{} followed:\n{}told anew:\n{}rebuilt:\n{}", p->name, followed,
                                  told, rebuilt));
        }
    }
    return code;
}

}  // namespace recount::tests
