// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "charges.hpp"

namespace bank {

void charges::on(recount::rows<row>& r, charged const& e, int weight) {
    r[{e.account, e.month, e.kind}].charged += weight * e.amount;
}
void charges::on(recount::rows<row>& r, charge_returned const& e, int weight) {
    r[{e.account, e.month, e.kind}].returned += weight * e.amount;
}

}  // namespace bank
