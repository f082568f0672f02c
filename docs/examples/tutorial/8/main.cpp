// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/serve.hpp>

#include "tables.hpp"

int main(int argc, char** argv) {
    return recount::app{"bikes"}
        .add<bike, bikes_now>()
        .verbs(recount::http::verbs())
        .run(argc, argv);
}
