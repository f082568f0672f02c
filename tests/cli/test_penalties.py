"""`penalties` on the real data (RECOUNT_BERKA: the folder with trans.asc), before and after
`reconcile --fix`, held against a computation in Python from the file.
"""
# ctest: serial
import collections
import datetime
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import ledger
from bank_cli import SOURCE, USAGE, BankTest, main

FILE = pathlib.Path(os.environ.get("RECOUNT_BERKA", "")) / "trans.asc"
PAGE = SOURCE / "docs" / "guides" / "bank-transfers.md"
FIRST, DAYS = datetime.date(1993, 1, 1), 365


def lowest_by_day(movements):
    """For each day of 1993 the lowest balance, of movements in the order that they are in."""
    of_day = collections.defaultdict(list)
    for m in movements:
        of_day[m.day].append(m.amount)
    balance, lowest = 0, {}
    for number in range(DAYS):
        day = (FIRST + datetime.timedelta(days=number)).isoformat()
        low = balance
        for amount in of_day[day]:
            balance += amount
            low = min(low, balance)
        lowest[day] = low
    return lowest


def penalty(lowest):
    """20 % a year for one day, rounded to the minor unit."""
    return 0 if lowest >= 0 else (-lowest * 20 + 18_250) // 36_500


class Penalties(BankTest):
    @classmethod
    def fill(cls):
        movements = ledger.read_movements(FILE)
        cls.by_number = {m.number: m for m in movements}
        recorded = collections.defaultdict(list)
        for m in movements:
            recorded[m.account].append(m)
        cls.before = {account: lowest_by_day(of) for account, of in recorded.items()}
        cls.after = {account: lowest_by_day([cls.by_number[n] for n in numbers])
                     for account, numbers in ledger.proven_statements(movements).items()}
        cls.bank.ok("import", FILE)
        cls.k = int(cls.db.value("SELECT max(position) FROM log"))

    def found(self, *arguments):
        return self.bank.lines("penalties", "--year", 1993, *arguments)[0]

    def assert_is(self, report, expected):
        """The report has just the accounts, days and amounts of the computation."""
        rows = {}
        for account, lowest in expected.items():
            below = [low for low in lowest.values() if low < 0]
            if below:
                rows[account] = (len(below), min(below), sum(penalty(low) for low in below))
        self.assertEqual({row["account"]: (row["days"], row["lowest"]["minor"],
                                           row["amount"]["minor"]) for row in report["rows"]},
                         rows)
        self.assertEqual(report["accounts"], len(expected))
        self.assertEqual(report["days"], sum(row[0] for row in rows.values()))
        self.assertEqual([a["minor"] for a in report["amounts"]],
                         [sum(row[2] for row in rows.values())])

    def assert_page_shows(self, text):
        self.assertIn(text, PAGE.read_text(encoding="utf-8"))

    def test_1_as_recorded(self):
        self.assert_is(self.found(), self.before)
        self.assert_page_shows(self.bank.ok("penalties", "--year", 1993).splitlines()[-1])

    def test_2_a_corrected_order_changes_no_end_of_a_day_and_some_penalties(self):
        self.bank.ok("reconcile", "--fix")
        self.assert_is(self.found(), self.after)
        self.assert_is(self.found("--at", self.k), self.before)
        self.assertNotEqual(self.found(), self.found("--at", self.k))

    def test_3_the_difference_is_explained_row_by_row(self):
        told = self.found("--since", self.k)
        self.assert_is(told["before"], self.before)
        self.assert_is(told["after"], self.after)
        expected = {}
        for account, lowest in self.before.items():
            for day, low in lowest.items():
                now = self.after[account][day]
                if penalty(low) != penalty(now):
                    expected[account, day] = (low, now, penalty(low), penalty(now))
        self.assertEqual({(c["account"], c["on"]):
                          (c["lowest_before"]["minor"], c["lowest_after"]["minor"],
                           c["penalty_before"]["minor"], c["penalty_after"]["minor"])
                          for c in told["changes"]}, expected)
        total = sum(c["penalty_after"]["minor"] - c["penalty_before"]["minor"]
                    for c in told["changes"])
        self.assertEqual(total, told["after"]["amounts"][0]["minor"] -
                         told["before"]["amounts"][0]["minor"])
        for c in told["changes"]:
            moved = [m for m in c["movements"] if m["line_before"] != m["line_after"]]
            self.assertGreaterEqual(len(moved), 2, c)
            for m in c["movements"]:
                self.assertEqual(self.by_number[m["reference"]].day, c["on"])
            # The day ends as it did, whatever the order.
            for side in ("before", "after"):
                last = max(c["movements"], key=lambda m, s=side: m[f"line_{s}"])
                self.assertEqual(last[f"balance_{side}"]["minor"], sum(
                    m.amount for m in self.by_number.values()
                    if m.account == c["account"] and m.day <= c["on"]))
        text = self.bank.ok("penalties", "--year", 1993, "--since", self.k)
        self.assert_page_shows("".join(text.splitlines(keepends=True)[-3:]))
        self.assert_page_shows("".join(text.splitlines(keepends=True)[:4]))
        print("\n" + text, flush=True)

    def test_4_the_bank_charged_none_whom_only_the_wrong_order_puts_below_zero(self):
        with open(FILE, encoding="latin-1") as file:
            charged = {line.split(";")[1] for line in file if "SANKC. UROK" in line}
        before, after = ({account for account, lowest in of.items() if min(lowest.values()) < 0}
                         for of in (self.before, self.after))
        self.assertEqual(len(charged & after), 4)
        self.assertEqual(len(before - after), 8)
        self.assertEqual(charged & (before - after), set())

    def test_5_words_that_are_no_year_or_position(self):
        self.assert_exit(USAGE, "penalties")
        self.assert_exit(USAGE, "penalties", "--year", "0")
        self.assert_exit(USAGE, "penalties", "--year", "1993", "--at", "-1")
        self.assertEqual(self.bank.lines("penalties", "--year", 1992)[0]["rows"], [])


if __name__ == "__main__":
    if not FILE.is_file():
        sys.exit("set RECOUNT_BERKA to the folder with trans.asc")
    main()
