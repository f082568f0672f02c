// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Whether the tests are built with a sanitizer: instrumented code is several times slower than the
// server beside it.
//
//     constexpr double late_max_ms = recount::tests::sanitized ? 250 : 50;
#pragma once

namespace recount::tests {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace recount::tests
