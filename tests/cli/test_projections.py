"""The tables: where they stand, what is in them, and building them anew."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import ledger
from bank_cli import FAILED, OK, USAGE, BankTest, main


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Projections(BankTest):
    ROWS, ACCOUNTS = 3_000, 60

    @classmethod
    def fill(cls):
        file = cls.bank.folder / "rows.asc"
        ledger.write_generated(file, cls.ROWS, cls.ACCOUNTS, seed=7)
        cls.movements = ledger.read_movements(file)
        cls.bank.ok("import", file)

    def where(self):
        return {p["projection"]: p for p in self.bank.lines("projections", "list")}

    def test_a_projection_says_how_far_it_is(self):
        found = self.where()
        self.assertEqual(sorted(found), sorted(ledger.ALL_TABLES))
        head = self.bank.lines("events")[-1]["position"]
        for p in found.values():
            self.assertEqual(p["version"], 1)
            self.assertEqual(p["position"] + p["behind"], head)
        self.assertEqual(found["deposits_by_day"]["kind"], "invertible")
        self.assertEqual(found["statement_lines"]["kind"], "keyed")

    def test_catch_up_brings_all_of_them_to_the_head(self):
        before = self.where()["account_balances"]["position"]
        self.send("account.open", {"account": "behind"})
        self.send("account.close", {"account": "behind"})  # told to no table: still counted
        self.assertEqual(self.where()["account_balances"]["position"], before)
        self.assertEqual(self.bank.ok("projections", "catch-up"), "")
        for p in self.where().values():
            self.assertEqual(p["behind"], 0)
            self.assertGreaterEqual(p["position"], before + 2)

    def test_rows_are_queried_by_their_fields(self):
        found = self.bank.lines("projections", "query", "statement_lines", "account=7")
        self.assertEqual([row["line"] for row in found], list(range(1, len(found) + 1)))
        self.assertEqual({row["account"] for row in found}, {"7"})
        kinds = {row["kind"] for row in found}
        for kind in kinds:
            some = self.bank.lines("projections", "query", "statement_lines",
                                   "account=7", f"kind={kind}")
            self.assertEqual(some, [row for row in found if row["kind"] == kind])
        limited = self.bank.lines("projections", "query", "statement_lines", "account=7",
                                  "--limit", "3")
        self.assertEqual(limited, found[:3])
        self.assertEqual(self.bank.lines("projections", "query", "--limit", "3",
                                         "statement_lines", "account=7", "line=2"), found[1:2])
        self.assertEqual(self.bank.lines("projections", "query", "account_balances",
                                         "account=nobody"), [])
        self.assertEqual(self.bank.lines("projections", "query", "account_balances",
                                         "account=a,b=c"), [])  # commas are the value's own
        self.assertEqual(len(self.bank.lines("projections", "query", "account_balances",
                                             "balance_currency=CZK")), self.ACCOUNTS)

    def test_a_query_that_cannot_be_is_refused(self):
        self.assert_exit(FAILED, "projections", "query", "nothing")
        self.assertIn("shoe_size", self.assert_exit(USAGE, "projections", "query",
                                                    "account_balances", "shoe_size=9").stderr)
        self.assert_exit(USAGE, "projections", "query", "account_balances", "account")
        self.assert_exit(USAGE, "projections", "query", "account_balances", "=7")
        self.assertEqual(self.bank.lines("projections", "query", "account_balances",
                                         "account=x' OR ''='"), [])
        done = self.bank.run("projections", "query", "statement_lines", "line=first")
        self.assertNotEqual(done.returncode, OK)

    def test_the_tables_are_a_fold_of_the_log(self):
        self.bank.ok("projections", "catch-up")
        found = ledger.tables_of_database(self.db)
        self.assertIsNone(ledger.first_difference(
            ledger.tables_of_events(self.bank.lines("events")), found))
        sums = ledger.balances_of(self.movements)
        self.assertEqual({row["account"]: row["balance_minor"]
                          for row in found["account_balances"] if row["account"] in sums}, sums)

    def test_a_rebuild_gives_the_same_rows(self):
        self.bank.ok("projections", "catch-up")
        before = ledger.tables_of_database(self.db)
        tables = self.db.rows("SELECT relname, oid FROM pg_class WHERE relname LIKE '%\\_\\_v1' "
                              "AND relkind = 'r' ORDER BY 1")
        self.assertEqual(len(tables), len(ledger.ALL_TABLES))
        head = self.where()["account_balances"]["position"]
        found = self.bank.lines("projections", "rebuild", "all")
        self.assertEqual([p["projection"] for p in found], list(self.where()))
        self.assertEqual({p["position"] for p in found}, {head})
        self.assertIsNone(ledger.first_difference(before, ledger.tables_of_database(self.db)))
        self.assertNotEqual(tables, self.db.rows(
            "SELECT relname, oid FROM pg_class WHERE relname LIKE '%\\_\\_v1' AND relkind = 'r' "
            "ORDER BY 1"))
        self.assertEqual(self.db.value("SELECT count(*) FROM pg_class WHERE relname LIKE "
                                       "'%rebuild%' AND relkind = 'r'"), "0")
        text = self.bank.ok("projections", "rebuild", "deposits_by_day")
        self.assertRegex(
            text, r"^deposits_by_day: rebuilt from [\d,]+ events, at position [\d,]+\n$")
        self.assert_exit(FAILED, "projections", "rebuild", "nothing")

    def test_a_table_that_was_dropped_is_filled_again(self):
        self.bank.ok("projections", "catch-up")
        before = ledger.tables_of_database(self.db)
        self.db.rows("DROP TABLE account_balances__v1, deposits_by_day__v1, statement_lines__v1 "
                     "CASCADE")
        self.bank.ok("projections", "catch-up")
        self.assertIsNone(ledger.first_difference(before, ledger.tables_of_database(self.db)))

    def test_rows_made_from_another_log_are_noticed(self):
        self.bank.ok("projections", "catch-up")
        self.db.rows("UPDATE checkpoints SET hash = decode(repeat('ab', 32), 'hex') "
                     "WHERE projection = 'deposits_by_day'")
        done = self.bank.run("deposits", "--day", "1993-01-09")
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertIn("rebuild", done.stderr)
        self.bank.ok("projections", "rebuild", "deposits_by_day")
        self.assert_exit(OK, "deposits", "--day", "1993-01-09")

    def test_the_tables_grow_with_later_commands(self):
        self.send("account.open", {"account": "grow"})
        for amount in (100, 20):
            self.send("account.deposit", {"account": "grow", "amount": eur(amount)})
            row = self.bank.lines("projections", "query", "account_balances", "account=grow")[0]
        self.assertEqual((row["balance"], row["movements"]), (eur(120), 2))


if __name__ == "__main__":
    main()
