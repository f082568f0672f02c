"""`reconcile --fix` on the real data (RECOUNT_BERKA: the folder with trans.asc).

The figures are those that are published with the data; what the order must be is computed here a
second time, from the file.
"""
# ctest: serial
import collections
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import ledger
from bank_cli import DIFFERENCE, OK, SOURCE, BankTest, main

FILE = pathlib.Path(os.environ.get("RECOUNT_BERKA", "")) / "trans.asc"
FIGURES = {"accounts": 538, "rows": 4_590, "moves": 2_332, "breaks_before": 6_301,
           "breaks_after": 0, "left": 0, "refused": 0}


def figures_of(fix):
    return {key: fix[key] for key in FIGURES}


class Reconcile(BankTest):
    """One bank that is put in order step by step: the tests build on each other."""

    @classmethod
    def fill(cls):
        cls.movements = ledger.read_movements(FILE)
        cls.bank.ok("import", FILE)
        cls.recorded = int(cls.db.value("SELECT max(position) FROM log"))
        cls.before = ledger.tables_of_database(cls.db)
        cls.proven = ledger.proven_statements(cls.movements)
        in_file = collections.defaultdict(list)
        for m in cls.movements:
            in_file[m.account].append(m.number)
        wrong = [account for account, numbers in in_file.items() if numbers != cls.proven[account]]
        cls.statements = {account: cls.bank.ok("statement", account)
                          for account in (wrong[0], wrong[-1], max(wrong, key=lambda a:
                                                                   len(in_file[a])))}

    def assert_page_shows(self, text):
        """docs/guides/corrections.md has these lines, one below the other."""
        page = (SOURCE / "docs" / "guides" / "corrections.md").read_text(encoding="utf-8")
        self.assertIn(text, page)
        self.assertIn("4,590 rows of 538 accounts", text)

    def head(self):
        return int(self.db.value("SELECT max(position) FROM log"))

    def test_1_a_dry_run_says_what_it_would_do_and_writes_nothing(self):
        found = self.bank.lines("reconcile", "--fix", "--dry-run")[0]
        fix = found.pop("fix")
        self.assertEqual((found["breaks"], found["left"], len(found["rows"])), (6_301, 0, 6_301))
        self.assertTrue(fix["dry_run"])
        self.assertEqual(figures_of(fix), FIGURES)
        self.assertEqual(sum(one["moves"] for one in fix["changes"]), 2_332)
        self.assertEqual(sum(one["rows"] for one in fix["changes"]), 4_590)
        self.assertEqual([one for one in fix["changes"] if one["restructures"]], [])
        text = self.bank.ok("reconcile", "--fix", "--dry-run")
        self.assert_page_shows("".join(text.splitlines(keepends=True)[-2:]))
        self.assertEqual(self.head(), self.recorded)
        self.assert_exit(DIFFERENCE, "reconcile", "--fix", "--dry-run", "--check")

    def test_2_each_account_is_put_in_order_by_one_restructure(self):
        begun = time.monotonic()
        text = self.bank.ok("reconcile", "--fix")
        print(f"\nreconcile --fix: {time.monotonic() - begun:.2f} s", flush=True)
        self.assert_page_shows(text.splitlines(keepends=True)[-1])
        self.assertEqual(self.head(), self.recorded + 538)
        self.assertEqual(self.db.value("SELECT count(DISTINCT stream_id) FROM log "
                                       "WHERE type = '$restructured'"), "538")
        found = self.bank.lines("reconcile")[0]
        self.assertEqual((found["breaks"], found["left"], found["rows"]), (0, 0, []))
        self.assert_exit(OK, "reconcile", "--check")

    def test_3_the_statements_are_in_the_order_that_the_balances_prove(self):
        lines = self.db.objects("SELECT * FROM statement_lines ORDER BY account, line")
        found = collections.defaultdict(list)
        for row in lines:
            found[row["account"]].append(row["reference"])
        self.assertEqual(found, self.proven)
        stated = collections.Counter()
        for row in lines:
            off = stated[row["account"]] + row["amount_minor"] - row["stated_balance_minor"]
            self.assertLessEqual(abs(off), 10, row)
            stated[row["account"]] = row["stated_balance_minor"]

    def test_4_no_balance_and_no_day_changed_by_a_cent(self):
        after = ledger.tables_of_database(self.db)
        for table in ("account_balances", "deposits_by_day"):
            for rows in (self.before[table], after[table]):
                for row in rows:
                    del row["_position"]      # which says what it was told last
            self.assertEqual(after[table], self.before[table])

    def test_5_the_tables_are_what_a_rebuild_makes_of_the_log(self):
        before = ledger.tables_of_database(self.db)
        self.bank.ok("projections", "rebuild", "all")
        self.assertIsNone(ledger.first_difference(before, ledger.tables_of_database(self.db)))

    def test_6_as_believed_before_the_statements_are_the_old_ones(self):
        for account, text in self.statements.items():
            self.assertEqual(self.bank.ok("statement", account, "--at", self.recorded), text)
            self.assertNotEqual(self.bank.ok("statement", account), text)

    def test_7_the_log_verifies(self):
        self.assertIn("nothing differs", self.bank.ok("verify"))

    def test_8_a_second_time_there_is_nothing_to_do(self):
        head = self.head()
        self.assertIn("nothing to do", self.bank.ok("reconcile", "--fix"))
        fix = self.bank.lines("reconcile", "--fix")[0]["fix"]
        self.assertEqual((fix["accounts"], fix["moves"], fix["changes"]), (0, 0, []))
        self.assertEqual(self.head(), head)


class Interrupted(BankTest):
    @classmethod
    def fill(cls):
        cls.bank.ok("import", FILE)

    def test_killed_in_the_middle_and_run_again_it_goes_on(self):
        recorded = int(self.db.value("SELECT max(position) FROM log"))
        running = self.bank.start("reconcile", "--fix", "--quiet")
        while running.poll() is None:
            written = int(self.db.value("SELECT max(position) FROM log")) - recorded
            if written > 20:
                running.kill()
                break
        running.wait()
        written = int(self.db.value("SELECT max(position) FROM log")) - recorded
        print(f"\nkilled after {written} of 538 accounts", flush=True)
        found = self.bank.lines("reconcile", "--fix")[0]
        self.assertEqual(found["fix"]["accounts"], 538 - written)
        self.assertEqual(found["fix"]["breaks_after"], 0)
        self.assertEqual(int(self.db.value("SELECT max(position) FROM log")), recorded + 538)
        self.assertEqual(found["breaks"], 0)


if __name__ == "__main__":
    if not FILE.is_file():
        sys.exit("set RECOUNT_BERKA to the folder with trans.asc")
    main()
