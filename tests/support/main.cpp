// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#define CATCH_CONFIG_RUNNER  // Catch2 2: its implementation is compiled here
#include "catch.hpp"

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
