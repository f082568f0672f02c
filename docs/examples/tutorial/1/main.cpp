// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/recount.hpp>

int main(int argc, char** argv) { return recount::app{"bikes"}.run(argc, argv); }
