// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#define CATCH_CONFIG_RUNNER                    // asked for by version 2 of Catch2, no harm in 3
#include <recount/testing/catch.hpp>

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
