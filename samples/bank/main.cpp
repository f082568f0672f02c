// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/serve.hpp>

#include "import.hpp"
#include "penalties.hpp"
#include "projections.hpp"
#include "reconcile.hpp"
#include "review.hpp"
#include "standing_orders.hpp"
#include "transfer_process.hpp"
#include "transfer_verbs.hpp"
#include "transfers.hpp"
#include "verbs.hpp"

int main(int argc, char** argv) {
    return recount::app{"bank"}
        .add<bank::account, bank::account_balances, bank::deposits_by_day, bank::statement_lines>()
        .add<bank::transfer, bank::transfers, bank::transfers_under_way, bank::transfer_process>()
        .add<bank::standing_order, bank::standing_orders, bank::standing_order_process>()
        .add<bank::large_movements>()
        .verbs(recount::http::verbs())
        .verb(bank::import_verb())
        .verb(bank::balances_verb())
        .verb(bank::statement_verb())
        .verb(bank::deposits_verb())
        .verb(bank::reconcile_verb())
        .verb(bank::penalties_verb())
        .verb(bank::transfer_verb())
        .verb(bank::transfers_verb())
        .verbs(bank::standing_order_verbs())
        .by_default(&bank::show_demo)
        .run(argc, argv);
}
