"""The real data (RECOUNT_BERKA: the folder with trans.asc), compared with a computation in Python.

Figures that this project publishes are written out below; all else is computed from the file.
"""
# ctest: serial
import collections
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import ledger
from bank_cli import DIFFERENCE, OK, SOURCE, BankTest, main

FILE = pathlib.Path(os.environ.get("RECOUNT_BERKA", "")) / "trans.asc"


class Berka(BankTest):
    @classmethod
    def fill(cls):
        cls.movements = ledger.read_movements(FILE)
        cls.sums = ledger.balances_of(cls.movements)
        begun = time.monotonic()
        cls.first = cls.bank.lines("import", FILE)[0]
        took = time.monotonic() - begun
        print(f"\nimport: {len(cls.movements)} rows in {took:.2f} s, "
              f"{len(cls.movements) / took:,.0f} rows/s", flush=True)

    def dump(self):
        return ledger.tables_of_database(self.db)

    def test_1_every_movement_of_every_account_is_recorded(self):
        self.first.pop("seconds")
        self.assertEqual(self.first, {"batch": "berka", "movements": 28_205, "accounts": 1_139,
                                      "recorded": 28_205, "known": 0, "malformed": 0})
        self.assertEqual((len(self.movements), len(self.sums)), (28_205, 1_139))
        kinds = collections.Counter(e["type"] for e in self.bank.lines("events"))
        self.assertEqual(kinds.pop("account.opened"), 1_139)
        expected = collections.Counter(m.kind for m in self.movements)
        self.assertEqual({ledger.KINDS[name][0]: n for name, n in kinds.items()}, expected)

    def test_2_the_balances_are_those_of_the_file(self):
        found = self.bank.lines("balances")
        self.assertEqual(sum(row["balance"]["minor"] for row in found), 3_657_594_610)
        self.assertEqual({row["account"]: row["balance"]["minor"] for row in found}, self.sums)
        counts = collections.Counter(m.account for m in self.movements)
        self.assertEqual({row["account"]: row["movements"] for row in found}, counts)
        days = {}
        for m in self.movements:
            days[m.account] = max(days.get(m.account, m.day), m.day)
        self.assertEqual({row["account"]: row["last_movement_on"] for row in found}, days)

    def test_3_the_deposits_of_every_day_are_those_of_the_file(self):
        expected = ledger.deposits_of(self.movements)
        for day in ("1993-01-09", "1993-11-30"):
            found = self.bank.lines("deposits", "--day", day)
            self.assertEqual({row["account"]: [row["amount"]["minor"], row["deposits"]]
                              for row in found},
                             {account: cell for (on, account), cell in expected.items()
                              if on == day})
            self.assertGreater(len(found), 0)
            print(f"deposits on {day}: {sum(row['deposits'] for row in found)} of {len(found)} "
                  f"accounts, {sum(row['amount']['minor'] for row in found)} minor", flush=True)
        found = self.bank.lines("projections", "query", "deposits_by_day")
        self.assertEqual({(row["day"], row["account"]): [row["amount"]["minor"], row["deposits"]]
                          for row in found}, expected)

    def test_4_reconcile_counts_the_breaks_that_are_published(self):
        found = self.bank.lines("reconcile")[0]
        self.assertEqual(len(found["rows"]), 6_301)
        self.assertEqual({key: found[key] for key in ("accounts", "movements", "breaks", "left")},
                         {"accounts": 1_139, "movements": 28_205, "breaks": 6_301, "left": 0})
        self.assertEqual(found["breaks"], ledger.breaks_of(self.movements))
        self.assert_exit(DIFFERENCE, "reconcile", "--check")
        self.assert_exit(OK, "reconcile")

    def test_5_statements_are_those_of_the_file(self):
        busiest = [account for account, _ in
                   collections.Counter(m.account for m in self.movements).most_common(2)]
        for account in [*busiest, self.movements[0].account, self.movements[-1].account]:
            expected = ledger.statement_of(self.movements, account)
            found = self.bank.lines("statement", account)
            self.assertEqual([(row["line"], row["on"], row["kind"], row["amount"]["minor"],
                               row["balance"]["minor"], row["stated_balance"]["minor"],
                               row["reference"]) for row in found], expected)
            events = self.bank.lines("events", "--stream", f"account-{account}")
            half = events[len(events) // 2]["position"]
            lines = [e for e in events if e["commit_last"] <= half
                     and e["type"] != "account.opened"]
            self.assertEqual(self.bank.lines("statement", account, "--at", half),
                             found[:len(lines)])

    def test_6_the_tables_are_a_fold_of_the_log_and_are_rebuilt_identically(self):
        before = self.dump()
        print("rows: " + ", ".join(f"{table} {len(rows)}" for table, rows in before.items()),
              flush=True)
        self.assertEqual(len(before["statement_lines"]), 28_205)
        self.assertIsNone(ledger.first_difference(
            ledger.tables_of_events(self.bank.lines("events")), before))
        for dropped in (False, True):
            if dropped:
                for table in ledger.TABLES:
                    self.db.rows(f"DROP TABLE {table}__v1 CASCADE")
            begun = time.monotonic()
            self.assertEqual(len(self.bank.lines("projections", "rebuild", "all")),
                             len(ledger.ALL_TABLES))
            print(f"rebuild of all{' after a drop' if dropped else ''}: "
                  f"{time.monotonic() - begun:.2f} s", flush=True)
            self.assertIsNone(ledger.first_difference(before, self.dump()))

    def test_7_an_independent_program_verifies_the_hash_chain(self):
        script = SOURCE / "tests" / "support" / "verify_chain.py"
        done = subprocess.run([sys.executable, script, self.db.url("bank")], text=True,
                              capture_output=True, timeout=300, check=False)
        print(done.stdout[:400], flush=True)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])

    def test_8_the_same_batch_again_is_nothing_new_another_doubles(self):
        head = self.db.value("SELECT max(position) FROM log")
        begun = time.monotonic()
        text = self.bank.ok("import", FILE)
        print(f"import again: {time.monotonic() - begun:.2f} s", flush=True)
        self.assertIn("28,205 movements of 1,139 accounts: 0 new", text)
        self.assertIn("nothing was added", text)
        self.assertEqual(self.db.value("SELECT max(position) FROM log"), head)
        found = self.bank.lines("import", FILE, "--batch", "second")[0]
        self.assertEqual((found["recorded"], found["known"]), (28_205, 0))
        rows = self.bank.lines("balances")
        self.assertEqual({row["account"]: row["balance"]["minor"] for row in rows},
                         {account: 2 * minor for account, minor in self.sums.items()})
        self.assertIsNone(ledger.first_difference(
            ledger.tables_of_events(self.bank.lines("events")), self.dump()))


if __name__ == "__main__":
    if not FILE.is_file():
        sys.exit("set RECOUNT_BERKA to the folder with trans.asc")
    main()
