// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Catch2 as the project's own tests include it.
#pragma once

#include <recount/testing/catch2.hpp>
