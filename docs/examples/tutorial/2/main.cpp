// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "bike.hpp"

int main(int argc, char** argv) { return recount::app{"bikes"}.add<bike>().run(argc, argv); }
