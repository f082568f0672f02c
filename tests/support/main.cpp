// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#define CATCH_CONFIG_RUNNER  // Catch2 2: its implementation is compiled here
#include "catch.hpp"

// libpqxx 6.4 loses the server's last answer when a connection breaks: not our leak.
extern "C" char const* __lsan_default_suppressions();
extern "C" char const* __lsan_default_suppressions() { return "leak:libpqxx-6.4"; }

// An exception that goes from thread to thread is counted by code of libstdc++ that
// ThreadSanitizer has not seen compiled: it takes the last owner's `delete` for a race.
extern "C" char const* __tsan_default_suppressions();
extern "C" char const* __tsan_default_suppressions() {
    return "race:std::__exception_ptr::exception_ptr::_M_release";
}

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
