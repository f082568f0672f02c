"""`charges` on the real data (RECOUNT_BERKA: the folder with trans.asc): what the months of 1993
cost, before and after `reconcile --fix`, held against a computation in Python from the file; and
the page docs/guides/bank-charges.md, which is followed from top to bottom.
"""
# ctest: serial
import collections
import datetime
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
import ledger
from bank_cli import REFUSED, USAGE, BankTest, main

FILE = pathlib.Path(os.environ.get("RECOUNT_BERKA", "")) / "trans.asc"
FEE = 1460


def costs(movements):
    """{(month, kind): minor} of movements of 1993 in the order that they are in."""
    of_day = collections.defaultdict(list)
    for m in movements:
        of_day[m.day].append(m.amount)
    found = collections.Counter()
    balance, day = 0, datetime.date(1993, 1, 1)
    while day.year == 1993:
        low = balance
        for amount in of_day[day.isoformat()]:
            balance += amount
            low = min(low, balance)
        if low < 0:
            found[day.isoformat()[:8] + "01", "penalty"] += (-low * 20 + 18_250) // 36_500
        day += datetime.timedelta(days=1)
    first = min(m.day for m in movements)[:8] + "01"
    for month in range(1, 13):
        name = f"1993-{month:02}-01"
        if name >= first:
            found[name, "fee"] = FEE
    return {key: amount for key, amount in found.items() if amount}


class Charges(BankTest):
    @classmethod
    def fill(cls):
        movements = ledger.read_movements(FILE)
        by_number = {m.number: m for m in movements}
        recorded = collections.defaultdict(list)
        for m in movements:
            recorded[m.account].append(m)
        cls.sums = {account: sum(m.amount for m in of) for account, of in recorded.items()}
        before = {account: costs(of) for account, of in recorded.items()}
        after = {account: costs([by_number[n] for n in numbers])
                 for account, numbers in ledger.proven_statements(movements).items()}

        def penalties(of):
            return {key: amount for key, amount in of.items() if key[1] == "penalty"}

        # All that were below zero, and some that never were.
        cls.below = sorted(a for a in before if penalties(before[a]) or penalties(after[a]))
        cls.differ = [a for a in cls.below if before[a] != after[a]]
        others = sorted(set(before) - set(cls.below))[:6]
        cls.db.value("SELECT 1")
        cls.before = {a: before[a] for a in cls.below + others}
        cls.after = {a: after[a] for a in cls.before}

    def costs_now(self):
        """What each month has cost by now, and what of it came back."""
        net, returned = collections.defaultdict(dict), collections.defaultdict(dict)
        for row in self.bank.lines("charges", "list"):
            key = row["month"], row["kind"]
            back = row["returned"]["minor"]
            if row["charged"]["minor"] != back:
                net[row["account"]][key] = row["charged"]["minor"] - back
            if back:
                returned[row["account"]][key] = back
        return net, returned

    def assert_balances(self, costs):
        self.assertEqual({row["account"]: row["balance"]["minor"]
                          for row in self.bank.lines("balances")},
                         {account: total - sum(costs.get(account, {}).values())
                          for account, total in self.sums.items()})

    def events(self):
        return int(self.db.value("SELECT max(position) FROM log"))

    def test_1_every_month_of_1993_costs_what_the_file_says(self):
        self.assertIn("--open", self.bank.ok("charges", "agree", "--help"))
        self.assert_exit(REFUSED, "charges", "agree", "--fee", "14.60 CZK", "nobody")
        agree = ["charges", "agree", "--fee", "14.60 CZK", "--from", "1993-01", "--open"]
        self.assertEqual(self.bank.lines(*agree, *self.before), [{"agreed": len(self.before)}])
        self.assertEqual(self.bank.lines(*agree, *self.before), [{"agreed": 0}])
        self.bank.ok("import", FILE)
        self.assertEqual(self.bank.lines("charges", "run", "--through", "1993-12"),
                         [{"accounts": len(self.before), "months": 12 * len(self.before)}])
        net, returned = self.costs_now()
        self.assertEqual(net, self.before)
        self.assertEqual(returned, {})
        self.assert_balances(self.before)

    def test_2_a_second_run_charges_nothing(self):
        at = self.events()
        self.assertEqual(self.bank.lines("charges", "run", "--through", "1993-12")[0]["months"], 0)
        self.assertEqual(self.events(), at)
        self.assertEqual(self.costs_now()[0], self.before)

    def test_3_after_the_correction_the_difference_is_returned_and_explained(self):
        k = self.events()
        self.bank.ok("reconcile", "--fix")
        self.bank.ok("sagas", "run")
        net, returned = self.costs_now()
        self.assertEqual(net, self.after)
        self.assert_balances(self.after)
        self.assertEqual(sorted(returned), sorted(self.differ))
        self.assertGreater(len(self.differ), 7)
        # Row by row: what came back of a month is what its days were charged too much.
        told = collections.Counter()
        for c in self.bank.lines("penalties", "--year", 1993, "--since", k)[0]["changes"]:
            told[c["account"], c["on"][:8] + "01"] += (c["penalty_before"]["minor"] -
                                                       c["penalty_after"]["minor"])
        self.assertEqual({(account, month): amount for account, of in returned.items()
                          for (month, kind), amount in of.items()},
                         {key: amount for key, amount in told.items() if amount > 0})
        self.assertEqual(self.bank.lines("sagas", "divergences"), [])
        at = self.events()
        self.bank.ok("sagas", "run")
        self.assertEqual(self.events(), at)

    def test_4_words_that_are_no_month_or_account(self):
        self.assert_exit(USAGE, "charges", "run")
        self.assert_exit(USAGE, "charges", "run", "--through", "June")
        self.assert_exit(USAGE, "charges", "agree", "--fee", "1.00 CZK")
        self.assert_exit(USAGE, "charges", "agree", "1")
        self.assert_exit(REFUSED, "charges", "run", "--through", "2999-01")


class Page(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        page = guide.page("bank-charges")
        guide.write_files(self, page, ["order.json"])
        guide.follow(self, page, [guide.IDS, guide.DAYS], more_than=8,
                     words={" trans.asc": f" {FILE}"})


if __name__ == "__main__":
    if not FILE.is_file():
        sys.exit("set RECOUNT_BERKA to the folder with trans.asc")
    main()
