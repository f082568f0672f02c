// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/serve.hpp>

#include "notebook.hpp"

int main(int argc, char** argv) {
    return recount::app{"notebook"}
        .add<notebook::notebook, notebook::notes>()
        .verbs(recount::http::verbs())
        .run(argc, argv);
}
