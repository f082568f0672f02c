"""Corrections on the command line as subscribers are told of them: events --as changes, and
append_only. The golden example, number by number."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import golden
from bank_cli import USAGE, BankTest, main


class Changes(BankTest):
    STORES = ("followed", "redated")

    @classmethod
    def correct(cls, *ops, store="main"):
        plan = {"title": "a correction", "because": "it was wrong", "by": "ada", "ops": list(ops)}
        path = cls.bank.folder / "plan.json"
        path.write_text(json.dumps(plan))
        return cls.bank.lines("restructure", "apply", path, "--yes",
                              "--store", store)[0]["restructure"]

    @classmethod
    def golden(cls, store="main"):
        def send(command, payload):
            return json.loads(cls.bank.ok("commands", "send", command, json.dumps(payload),
                                          "--json", "--store", store))["events"][0]

        return golden.tell(send, lambda *ops: cls.correct(*ops, store=store))

    @classmethod
    def fill(cls):
        cls.names = cls.golden()

    def items(self, *options):
        return [i for i in self.bank.lines("events", *options) if "mark" not in i]

    def changes(self, *options):
        return [golden.change(self.names, i) for i in self.items("--as", "changes", *options)]

    def test_changes_of_the_golden_example(self):
        self.assertEqual(self.changes(), golden.CHANGES)
        self.assertEqual(self.changes("--at", "9"), [c for c in golden.CHANGES if c[0] <= 9])
        self.assertEqual(self.changes("--at", "7"), golden.CHANGES[:6])
        self.assertEqual(self.changes("--from", "9"), [c for c in golden.CHANGES if c[0] >= 9])
        # The commit of 7 and 8 is one.
        self.assertEqual(self.changes("--from", "8"), [c for c in golden.CHANGES if c[0] >= 8])
        self.assertEqual(self.changes("--stream", "account-B"),
                         [c for c in golden.CHANGES if c[4] == "B"])
        self.assertEqual(self.changes("--type", "account.withdrawn"),
                         [c for c in golden.CHANGES if c[5] < 0])
        self.assertEqual(self.changes("--limit", "3"), golden.CHANGES[:3])
        self.assertEqual(self.changes("--category", "card"), [])

    def test_states_have_every_balance_at_every_position(self):
        for k, balances in golden.BALANCES.items():
            for name, balance in zip("AB", balances):
                if name == "B" and k < 5:
                    continue  # not there yet
                state = self.bank.lines("state", f"account-{name}", "--at", k)[0]["state"]
                self.assertEqual(state["balance"]["minor"], balance, (k, name))

    def test_the_second_time_as_of_the_end_of_the_year(self):
        store = ["--store", "redated"]
        names = self.golden("redated")

        def balance(account, *options):
            return self.bank.lines("state", f"account-{account}", *store,
                                   *options)[0]["state"]["balance"]["minor"]

        def check(known):
            for k, balances in golden.BALANCES_AT_YEAR_END.items():
                for name, expected in zip("AB", balances):
                    if k > known or name == "B" and k < 5:
                        continue
                    self.assertEqual(balance(name, "--at", k, "--as-of", golden.YEAR_END),
                                     expected, (k, name))
            for k, expected in golden.EVENTS_AT_YEAR_END.items():
                if k > known:
                    continue
                found = self.bank.lines("events", "--stream", "account-A", *store, "--at", k,
                                        "--as-of", golden.YEAR_END)
                self.assertEqual(" ".join(names[e["id"]] for e in found), expected, k)

        check(golden.REDATED - 1)
        golden.redate(names, lambda *ops: self.correct(*ops, store="redated"))
        check(golden.REDATED)
        # Over all dates nothing has changed; in January only e7 is left of what was taken.
        for k in (golden.REDATED - 1, golden.REDATED):
            self.assertEqual(balance("A", "--at", k), 200)
        self.assertEqual(balance("A", "--as-of", golden.YEAR_END), 215)
        rows = self.bank.lines("projections", "query", "account_balances", *store)
        self.assertEqual({row["account"]: row["balance"]["minor"] for row in rows},
                         {"A": 200, "B": 30})

    def test_folding_them_gives_every_balance(self):
        known, found = golden.Folded(), {}
        for item in self.bank.lines("events", "--as", "changes"):
            if "mark" in item:
                found[item["mark"]] = known.balances()
            else:
                known.take(item)
        self.assertEqual({k: found[k] for k in golden.BALANCES}, golden.BALANCES)
        self.assertEqual(known.order("A", self.names), "e1 e2 x1 e3 e4 e7")
        self.assertEqual(known.order("B", self.names), "e5 e6")

    def test_the_end_is_marked_though_nothing_passes(self):
        lines = self.bank.lines("events", "--as", "changes", "--type", "account.closed")
        self.assertEqual(lines, [{"mark": 12}])

    def test_append_only(self):
        items = self.items("--as", "append_only")
        self.assertEqual([golden.corrected(self.names, i) for i in items if "event" not in i],
                         golden.CORRECTED)
        events = [self.names[i["event"]["id"]] for i in items if "event" in i]
        self.assertEqual(events, ["e1", "e2", "e3", "e4", "e5", "e6", "e7"])
        moved = items[7]["event_corrected"]
        self.assertEqual((moved["title"], moved["because"], moved["by"], moved["stream"]),
                         ("a correction", "it was wrong", "ada", "account-B"))
        # Told as it is to everyone, though only its after is of B.
        of_b = self.items("--as", "append_only", "--stream", "account-B")
        self.assertEqual([i for i in of_b if "event" not in i], [items[7]])

    def test_the_texts_are_for_people(self):
        lines = self.bank.ok("events", "--as", "changes", "--from", "8").splitlines()
        self.assertRegex(lines[0], r"^-        8\.0  \d{4}-\d\d-\d\d  account-A .*\.deposited")
        self.assertRegex(lines[2], r"^\+        8\.3  .*  account-B ")
        lines = self.bank.ok("events", "--as", "append_only", "--from", "9").splitlines()
        self.assertEqual(lines[0], "~        9.0  replaced: a correction; it was wrong (ada)")
        self.assertRegex(lines[1], r'^- .*account-A .*account\.withdrawn .*"minor": ?50,')
        self.assertRegex(lines[2], r'^\+ .*account-A .*account\.withdrawn .*"minor": ?5,')
        self.assertNotIn("\x1b", "".join(lines))

    def test_what_goes_with_what(self):
        for options in (["--as-of", "2026-01-01"], ["--follow", "--at", "5"],
                        ["--from", "15"]):
            done = self.assert_exit(USAGE, "events", "--as", "changes", *options)
            self.assertIn(options[0] if options[0] != "--from" else "position 12", done.stderr)

    def test_who_follows_is_told_of_what_comes(self):
        store = ["--store", "followed"]
        with self.bank.start("events", "--as", "changes", "--follow", "--json", *store,
                             "--stream", "account-C", stdout=subprocess.PIPE) as follower:
            self.addCleanup(follower.kill)
            for account in ("B", "C"):
                self.send("account.open", {"account": account}, *store)
            told = [json.loads(follower.stdout.readline())]
            while "mark" in told[-1]:  # of what was not asked for
                told.append(json.loads(follower.stdout.readline()))
            self.assertEqual((told[-1]["change"], told[-1]["event"]["stream"]),
                             ("assert", "account-C"))
            self.assertEqual(json.loads(follower.stdout.readline()), {"mark": told[-1]["k"]})
            follower.terminate()


if __name__ == "__main__":
    main()
