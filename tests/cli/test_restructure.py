"""Corrections on the command line: a plan from a file is checked, previewed, applied and undone."""

import json
import pathlib
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CONFLICT, FAILED, OK, REFUSED, USAGE, BankTest, main


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Restructure(BankTest):
    def account(self, name):
        """An account with two deposits; the ids of its three events."""
        self.send("account.open", {"account": name})
        for _ in range(2):
            self.send("account.deposit", {"account": name, "amount": eur(5000)})
        return [e["id"] for e in self.bank.lines("events", "--stream", f"account-{name}")]

    def plan(self, name, *ops, **members):
        path = self.bank.folder / f"{name}.json"
        path.write_text(json.dumps({"title": f"plan {name}", "because": "it ran twice",
                                    "by": "ada", "ops": list(ops), **members}))
        return path

    def head(self):
        return self.bank.lines("events", "--from", "1")[-1]["position"]

    def preview(self, plan):
        return self.bank.lines("restructure", "preview", plan)[0]

    def apply(self, plan, *options):
        return self.bank.lines("restructure", "apply", plan, *options)[0]

    def test_from_the_plan_to_the_corrected_rows_and_back(self):
        ids = self.account("tour")
        plan = self.plan("tour", {"op": "exclude", "event": ids[2]})
        checked = self.bank.lines("restructure", "plan", plan)[0]
        self.assertEqual([o["op"] for o in checked["ops"]], ["exclude"])
        before = self.head()
        seen = self.preview(plan)
        self.assertEqual(self.head(), before)
        self.assertEqual(seen["hash"], checked["hash"])
        stream = seen["streams"][0]
        self.assertEqual([line["mark"] for line in stream["before"]], ["kept", "kept", "struck"])
        self.assertEqual([d["field"] for d in stream["state"]["differences"]][0], "balance")
        done = self.apply(plan, "--preview", seen["hash"])
        self.assertEqual(done["streams"], ["account-tour"])
        self.assertEqual(done["token"], str(done["position"]))

        shown = self.bank.lines("restructure", "show", done["restructure"])[0]
        self.assertEqual((shown["actor"], shown["preview"]), ("ada", seen["hash"]))
        undone = self.bank.lines("restructure", "undo", done["restructure"], "--because",
                                 "there were two")[0]
        listed = {r["restructure"]: r for r in self.bank.lines("restructure", "list")}
        self.assertEqual(listed[done["restructure"]]["undone_by"], undone["restructure"])
        self.assertEqual(listed[undone["restructure"]]["undoes"], done["restructure"])

    def test_the_texts_are_for_people(self):
        ids = self.account("text")
        plan = self.plan("text", {"op": "exclude", "event": ids[2]})
        self.assertRegex(self.bank.ok("restructure", "plan", plan),
                         rf"n  operation .*\n0  exclude    {ids[2]}  account-text\n")
        text = self.bank.ok("restructure", "preview", plan)
        self.assertRegex(text, r"(?m)^plan text\n  because it ran twice\n")
        self.assertRegex(text, r"(?m)^  -  account\.deposited +\d{4}-\d\d-\d\d +struck ")
        self.assertRegex(text, r"(?m)^    balance +\S+ +-> +\S+$")
        hash = text.splitlines()[-1].split()[1]
        self.assertIn("in account-text", self.bank.ok("restructure", "apply", plan,
                                                      "--preview", hash))
        self.assertRegex(self.bank.ok("restructure", "list"), r"\bplan text\n")

    def test_a_plan_from_stdin(self):
        ids = self.account("stdin")
        text = self.plan("stdin", {"op": "exclude", "event": ids[2]}).read_text()
        done = self.bank.run("restructure", "preview", "-", "--json", text=text)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual(json.loads(done.stdout)["streams"][0]["stream"], "account-stdin")

    def test_a_refused_plan_is_exit_3_and_says_why_step_by_step(self):
        ids = self.account("refused")
        nobody = str(uuid.UUID(int=7 << 64))
        plan = self.plan("refused", {"op": "exclude", "event": ids[1]},
                         {"op": "exclude", "event": nobody}, {"op": "exclude", "event": ids[1]})
        before = self.head()
        for verb in (["plan"], ["preview"], ["apply", "--yes"]):
            done = self.assert_exit(REFUSED, "restructure", verb[0], plan, *verb[1:], "--json")
            self.assertEqual(done.stdout, "")
            problems = json.loads(done.stderr.splitlines()[-1])["problems"]
            self.assertEqual([(p["step"], p["code"]) for p in problems],
                             [(1, "unknown_target"), (2, "no_effect")])
            text = self.assert_exit(REFUSED, "restructure", verb[0], plan, *verb[1:]).stderr
            self.assertIn("step 1: unknown_target", text)
        self.assertEqual(self.head(), before)

    def test_what_is_not_a_plan_is_exit_2(self):
        self.account("malformed")
        path = self.bank.folder / "malformed.json"
        path.write_text('{"title":"x","because":"y","ops":[],"more":1}')
        self.assertIn("more", self.assert_exit(USAGE, "restructure", "preview", path).stderr)
        ids = self.account("unasked")
        plan = self.plan("unasked", {"op": "exclude", "event": ids[2]})
        self.assertIn("--preview", self.assert_exit(USAGE, "restructure", "apply", plan).stderr)
        for words in (["restructure", "apply", plan], ["restructure", "propose", plan]):
            self.assertIn("--preview: expected the hash of a preview, 64 hexadecimal digits, "
                          "found '00'",
                          self.assert_exit(USAGE, *words, "--preview", "00").stderr)
        missing = self.assert_exit(FAILED, "restructure", "apply", self.bank.folder / "none.json",
                                   "--yes")
        self.assertIn("none.json: No such file", missing.stderr)
        self.assert_exit(FAILED, "restructure", "show", str(uuid.UUID(int=9 << 64)))

    def test_a_withdrawal_that_would_not_be_covered_is_a_broken_invariant(self):
        ids = self.account("covered")
        self.send("account.withdraw", {"account": "covered", "amount": eur(8000)})
        step = {"op": "exclude", "event": ids[2]}
        plan = self.plan("covered", step)
        stream, = self.preview(plan)["streams"]
        shown = {d["field"]: (d["before"], d["after"]) for d in stream["state"]["differences"]}
        self.assertEqual(shown["not_covered"], (None, eur(3000)))
        broken, = stream["invariants"]
        self.assertEqual((broken["name"], broken["acknowledged"]), ("withdrawals_covered", False))
        self.assertEqual([c["name"] for c in stream["refused_commands"]], ["account.withdraw"])
        text = self.bank.ok("restructure", "preview", plan)
        self.assertIn("withdrawals_covered", text)
        before = self.head()
        done = self.assert_exit(REFUSED, "restructure", "apply", plan, "--yes")
        self.assertIn("withdrawals_covered", done.stderr)
        self.assertEqual(self.head(), before)
        known = self.plan("known", step, acknowledged=["withdrawals_covered"])
        self.assertTrue(self.preview(known)["streams"][0]["invariants"][0]["acknowledged"])
        made = self.apply(known, "--yes")
        state = self.bank.lines("state", "account-covered")[0]["state"]
        self.assertEqual((state["balance"], state["not_covered"]), (eur(-3000), eur(3000)))
        # An undo breaks nothing; that undone breaks it again, and says so.
        undone = self.bank.lines("restructure", "undo", made["restructure"], "--because", "no")[0]
        state = self.bank.lines("state", "account-covered")[0]["state"]
        self.assertNotIn("not_covered", state)
        redo = ["restructure", "undo", undone["restructure"], "--because", "yes"]
        self.assert_exit(REFUSED, *redo)
        self.bank.ok(*redo, "--acknowledge", "withdrawals_covered")

    def test_what_another_bank_has_decided_may_be_below_zero(self):
        for number, kind, amount in ((1, "deposit", 5000), (2, "withdrawal", 4000)):
            self.send("account.record_movement",
                      {"movement": str(number), "account": "imported", "kind": kind,
                       "amount": eur(amount), "on": "1993-01-09"})
        deposited = self.bank.lines("events", "--stream", "account-imported")[1]["id"]
        plan = self.plan("imported", {"op": "exclude", "event": deposited})
        self.assertEqual(self.preview(plan)["streams"][0]["invariants"], [])
        self.apply(plan, "--yes")
        state = self.bank.lines("state", "account-imported")[0]["state"]
        self.assertEqual(state["balance"], eur(-4000))

    def test_a_preview_that_holds_no_more_is_exit_4(self):
        ids = self.account("conflict")
        plan = self.plan("conflict", {"op": "redate", "event": ids[1],
                                      "effective_at": "2026-01-02T00:00:00Z"})
        other = self.plan("other", {"op": "redate", "event": ids[1],
                                    "effective_at": "2026-01-03T00:00:00Z"})
        hash = self.preview(plan)["hash"]
        self.apply(other, "--yes")
        self.assert_exit(CONFLICT, "restructure", "apply", plan, "--preview", hash)
        self.apply(plan, "--preview", self.preview(plan)["hash"])

    def test_the_same_key_again_has_the_first_result(self):
        ids = self.account("key")
        plan = self.plan("key", {"op": "exclude", "event": ids[2]})
        first = self.apply(plan, "--yes", "--id", "correction 7", "--by", "eva")
        again = self.apply(plan, "--yes", "--id", "correction 7", "--by", "eva")
        self.assertTrue(again.pop("repeated"))
        self.assertFalse(first.pop("repeated"))
        self.assertEqual(again, first)
        shown = self.bank.lines("restructure", "show", first["restructure"])[0]
        self.assertEqual(shown["actor"], "eva")

    def test_an_undo_can_be_looked_at_first(self):
        ids = self.account("dry")
        done = self.apply(self.plan("dry", {"op": "exclude", "event": ids[2]}), "--yes")
        undo = ["restructure", "undo", done["restructure"]]
        before = self.head()
        seen = self.bank.lines(*undo, "--because", "it was right", "--dry-run")[0]
        self.assertEqual(self.head(), before)
        self.assertEqual([line["mark"] for line in seen["streams"][0]["after"]],
                         ["kept", "kept", "inserted"])
        self.assertIn("expected --because", self.assert_exit(USAGE, *undo).stderr)
        self.bank.ok(*undo, "--because", "it was right", "--preview", seen["hash"])
        self.assert_exit(REFUSED, *undo, "--because", "again")


if __name__ == "__main__":
    main()
