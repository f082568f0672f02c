// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/serve.hpp>

#include "import.hpp"
#include "penalties.hpp"
#include "projections.hpp"
#include "reconcile.hpp"
#include "verbs.hpp"

int main(int argc, char** argv) {
    return recount::app{"bank"}
        .add<bank::account, bank::account_balances, bank::deposits_by_day, bank::statement_lines>()
        .verbs(recount::http::verbs())
        .verb(bank::import_verb())
        .verb(bank::balances_verb())
        .verb(bank::statement_verb())
        .verb(bank::deposits_verb())
        .verb(bank::reconcile_verb())
        .verb(bank::penalties_verb())
        .by_default(&bank::show_demo)
        .run(argc, argv);
}
