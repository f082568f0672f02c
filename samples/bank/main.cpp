// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/serve.hpp>

#include "charge_process.hpp"
#include "charge_verbs.hpp"
#include "charges.hpp"
#include "import.hpp"
#include "penalties.hpp"
#include "projections.hpp"
#include "reconcile.hpp"
#include "review.hpp"
#include "review_verbs.hpp"
#include "standing_orders.hpp"
#include "transfer_process.hpp"
#include "transfer_verbs.hpp"
#include "transfers.hpp"
#include "verbs.hpp"

int main(int argc, char** argv) {
    recount::app app{"bank"};
    app.add<bank::account, bank::account_balances, bank::deposits_by_day, bank::statement_lines>()
        .add<bank::transfer, bank::transfers, bank::transfers_under_way, bank::transfer_process>()
        .add<bank::standing_order, bank::standing_orders, bank::standing_order_process>()
        .add<bank::charges, bank::charge_process>()
        .add<bank::large_movements>()
        .verbs(bank::with_review_url(recount::http::verbs(), app))
        .verb(bank::import_verb())
        .verb(bank::balances_verb())
        .verb(bank::statement_verb())
        .verb(bank::deposits_verb())
        .verb(bank::reconcile_verb())
        .verb(bank::penalties_verb())
        .verb(bank::transfer_verb())
        .verb(bank::transfers_verb())
        .verbs(bank::standing_order_verbs())
        .verbs(bank::charge_verbs())
        .verbs(bank::review_verbs(app))
        .by_default(&bank::show_demo);
    return app.run(argc, argv);
}
