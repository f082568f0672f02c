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
    STORES = ("followed",)

    @classmethod
    def fill(cls):
        def correct(*ops):
            plan = {"title": "a correction", "because": "it was wrong", "by": "ada",
                    "ops": list(ops)}
            path = cls.bank.folder / "plan.json"
            path.write_text(json.dumps(plan))
            return cls.bank.lines("restructure", "apply", path, "--yes")[0]["restructure"]

        def send(command, payload):
            return json.loads(cls.bank.ok("commands", "send", command, json.dumps(payload),
                                          "--json"))["events"][0]

        cls.names = golden.tell(send, correct)

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
