"""What became of the rows of a projection: GET /projections/{name}/changes in pages and as
server-sent events, and the same on the command line. The rows are those of the golden example."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import golden
from bank_cli import REFUSED, USAGE, BankTest, main
from served import Served

KEPT = ("account_balances", "statement_lines")


def key_of(name, said):
    fields = {"account_balances": ("account",), "statement_lines": ("account", "line")}[name]
    return tuple(said[field] for field in fields)


class Copy:
    """Who keeps a copy of a table by its changes alone."""

    def __init__(self, name):
        self.name, self.rows = name, {}

    def take(self, change):
        if change["change"] == "put":
            assert "key" not in change
            self.rows[key_of(self.name, change["row"])] = change["row"]
        else:
            assert "row" not in change
            self.rows.pop(key_of(self.name, change["key"]), None)


class RowChanges(BankTest):
    @classmethod
    def fill(cls):
        for name in KEPT:
            said = cls.bank.lines("projections", "keep-changes", name)[0]
            assert said == {"projection": name, "since": 0}, said
        cls.site = Served(cls.bank)
        cls.addClassCleanup(cls.site.stop)

        def correct(*ops):
            plan = {"title": "a correction", "because": "it was wrong", "by": "ada",
                    "ops": list(ops)}
            status, _, done = cls.site.ask("POST", "/restructures", json.dumps(plan),
                                           {"Content-Type": "application/json"})
            assert status == 200, done
            return done["restructure"]

        golden.tell(lambda name, payload: cls.site.send(name, payload)["events"][0], correct)
        for name in KEPT:
            cls.rows_of(name)

    @classmethod
    def rows_of(cls, name, at_least=12):
        """By key, when the table has come so far."""
        while True:
            status, page = cls.site.get(f"/projections/{name}?$at_least={at_least}&$limit=1000")
            if status != 425:
                assert status == 200, page
                return {key_of(name, row): row for row in page["rows"]}

    def page(self, name, query=""):
        status, page = self.site.get(f"/projections/{name}/changes{query}")
        self.assertEqual(status, 200, page)
        return page

    def refused(self, path, status, code, **headers):
        found, _, problem = self.site.ask("GET", f"/projections/{path}", headers=headers)
        self.assertEqual((found, problem["code"]), (status, code), path)
        return problem

    def test_pages_give_the_rows_as_they_are(self):
        for name in KEPT:
            for limit in (1, 2, 100):
                told, start, ids = Copy(name), 1, []
                while True:
                    page = self.page(name, f"?from={start}&limit={limit}")
                    for change in page["changes"]:
                        told.take(change)
                        ids.append((change["k"], change["ordinal"]))
                    if page["next"] > page["position"]:
                        break
                    self.assertGreater(page["next"], start)
                    start = page["next"]
                self.assertEqual(told.rows, self.rows_of(name), (name, limit))
                self.assertEqual(ids, sorted(set(ids)))

    def test_a_correction_of_two_accounts_changes_a_row_of_each(self):
        # However the projection was told: the last change of each row is that of entry 11 and 10.
        last = {}
        for change in self.page("account_balances")["changes"]:
            last[change["row"]["account"]] = (change["k"], change["row"]["balance"]["minor"])
        self.assertEqual(last, {"A": (12, 200), "B": (8, 30)})

    def test_live_changes_go_on_right_behind_the_last_one(self):
        everything = self.page("statement_lines")["changes"]
        marks = len({change["k"] for change in everything})
        with self.site.follow("/projections/statement_lines/changes") as live:
            told = [next(live) for _ in range(len(everything) + marks)]
        self.assertEqual([item for _, item in told if "mark" not in item], everything)
        self.assertEqual([id for id, item in told if "mark" not in item],
                         [f"{c['k']}.{c['ordinal']}" for c in everything])
        self.assertEqual([id for id, item in told if "mark" in item],
                         sorted({c["k"] for c in everything}))
        for at, (id, _) in enumerate(told[:-1]):  # whichever was seen last
            with self.site.follow("/projections/statement_lines/changes", id) as live:
                self.assertEqual(next(live), told[at + 1])

    def test_who_follows_is_told_of_what_comes(self):
        position = self.page("account_balances")["position"]
        with self.site.follow(f"/projections/account_balances/changes?from={position + 1}") as live:
            for amount in (5, 7):
                self.site.send("account.open", {"account": "live"})
                self.site.send("account.deposit",
                               {"account": "live", "amount": golden.eur(amount)})
                balance = 0
                while balance != (5 if amount == 5 else 12):
                    _, item = next(live)
                    if "mark" not in item:
                        self.assertEqual(item["row"]["account"], "live")
                        balance = item["row"]["balance"]["minor"]

    def test_what_is_not_kept_is_said(self):
        problem = self.refused("deposits_by_day/changes", 409, "not_kept")
        self.assertIn("projections keep-changes deposits_by_day", problem["detail"])
        self.refused("deposits_by_day/changes", 409, "not_kept", Accept="text/event-stream")
        self.refused("nothing/changes", 404, "not_found")
        self.refused("account_balances/changes?at=1", 400, "invalid_argument")
        self.refused("account_balances/changes?from=0", 400, "invalid_argument")
        self.refused("account_balances/changes?from=999999", 400, "invalid_argument")
        events = {"Accept": "text/event-stream"}
        self.refused("account_balances/changes?limit=1", 400, "invalid_argument", **events)
        for last in ("8.x", "999999.0"):
            self.refused("account_balances/changes", 400, "invalid_argument", **events,
                         **{"Last-Event-ID": last})

    def test_the_same_on_the_command_line(self):
        over_http = self.page("statement_lines")["changes"]
        told = self.bank.lines("projections", "watch", "statement_lines")
        self.assertEqual(told[:len(over_http)], over_http)
        later = self.bank.lines("projections", "watch", "statement_lines", "--from", "9")
        self.assertEqual(later, [c for c in told if c["k"] >= 9])
        text = self.bank.ok("projections", "watch", "account_balances").splitlines()
        self.assertRegex(text[-1], r'^\+ +\d+\.\d+  \{"account":')
        done = self.assert_exit(REFUSED, "projections", "watch", "deposits_by_day")
        self.assertIn("keep-changes", done.stderr)


class Forgotten(BankTest):
    def test_what_was_forgotten_or_rebuilt_is_gone(self):
        self.send("account.open", {"account": "A"})
        self.send("account.deposit", {"account": "A", "amount": golden.eur(5)})
        name = "account_balances"
        keep = ["projections", "keep-changes", name]
        self.bank.ok("projections", "catch-up")
        self.assertEqual(self.bank.ok(*keep),
                         "the changes of account_balances are kept behind position 2\n")
        for _ in range(3):
            self.send("account.deposit", {"account": "A", "amount": golden.eur(1)})
            self.bank.ok("projections", "catch-up")
        self.assertEqual([c["k"] for c in self.bank.lines("projections", "watch", name)], [3, 4, 5])
        self.assertEqual(self.bank.lines(*keep, "--forget", "4")[0]["since"], 4)
        self.assert_exit(USAGE, *keep, "--forget", "6")
        self.assertEqual([c["k"] for c in self.bank.lines("projections", "watch", name)], [5])
        self.assert_exit(REFUSED, "projections", "watch", name, "--from", "4")
        with Served(self.bank) as site:
            path = f"/projections/{name}/changes"
            for query in ("", "?from=4"):
                status, problem = site.get(path + query)
                self.assertEqual((status, problem["code"], problem["since"]),
                                 (410, "changes_gone", 4))
            status, problem = site.get(path, Accept="text/event-stream", Last_Event_ID="3.0")
            self.assertEqual((status, problem["code"]), (410, "changes_gone"))
            self.assertEqual([c["k"] for c in site.get(path + "?from=5")[1]["changes"]], [5])
        self.bank.ok("projections", "rebuild", name)
        self.assert_exit(REFUSED, "projections", "watch", name, "--from", "5")
        self.assertEqual(self.bank.lines("projections", "watch", name, "--from", "6"), [])
        self.bank.ok(*keep, "--stop")
        self.assert_exit(REFUSED, "projections", "watch", name)


if __name__ == "__main__":
    main()
