"""Corrections with a second pair of eyes: one proposes a plan, another approves or rejects it."""

import json
import pathlib
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CONFLICT, FAILED, OK, REFUSED, USAGE, Bank, BankTest, main


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Proposals(BankTest):
    def account(self, name):
        """An account with two deposits; the ids of its three events."""
        self.send("account.open", {"account": name})
        for _ in range(2):
            self.send("account.deposit", {"account": name, "amount": eur(5000)})
        return [e["id"] for e in self.bank.lines("events", "--stream", f"account-{name}")]

    def plan(self, name, *ops, **members):
        path = self.bank.folder / f"{name}.json"
        path.write_text(json.dumps({"title": f"plan {name}", "because": "it ran twice",
                                    "ops": list(ops), **members}))
        return path

    def propose(self, plan, *options, by="ada"):
        return self.bank.lines("restructure", "propose", plan, "--by", by, *options)[0]

    def approve(self, id, *options, by="ben"):
        return self.bank.lines("restructure", "approve", id, "--by", by, "--yes", *options)[0]

    def shown(self, id):
        return self.bank.lines("restructure", "proposals", id)[0]

    def balance(self, name):
        return self.bank.lines("state", f"account-{name}")[0]["state"]["balance"]["minor"]

    def error(self, code, *arguments):
        done = self.assert_exit(code, *arguments, "--json")
        self.assertEqual(done.stdout, "")
        return json.loads(done.stderr.splitlines()[-1])

    def test_from_the_proposal_to_the_corrected_state(self):
        ids = self.account("tour")
        plan = self.plan("tour", {"op": "exclude", "event": ids[2]})
        seen = self.bank.lines("restructure", "preview", plan)[0]
        made = self.propose(plan, "--preview", seen["hash"])
        self.assertEqual((made["state"], made["preview"], made["proposed_by"]),
                         ("open", seen["hash"], "ada"))
        self.assertEqual(made["plan"]["by"], "ada")
        self.assertEqual(self.balance("tour"), 10_000)
        done = self.approve(made["proposal"])
        self.assertEqual(done["streams"], ["account-tour"])
        self.assertEqual(self.balance("tour"), 5_000)
        shown = self.shown(made["proposal"])
        self.assertEqual((shown["state"], shown["decided_by"], shown["restructure"]),
                         ("approved", "ben", done["restructure"]))
        again = self.approve(made["proposal"], by="eva")
        self.assertTrue(again.pop("repeated"))
        self.assertFalse(done.pop("repeated"))
        self.assertEqual(again, done)
        self.assertEqual(self.bank.lines("restructure", "show", done["restructure"])[0]["actor"],
                         "ben")
        self.bank.ok("verify")

    def test_the_texts_are_for_people(self):
        ids = self.account("text")
        plan = self.plan("text", {"op": "exclude", "event": ids[2]}, evidence=["ticket 4711"])
        text = self.bank.ok("restructure", "propose", plan, "--by", "ada")
        self.assertRegex(text, r"^proposal [0-9a-f-]{36} by ada, previewed as [0-9a-f]{16}\n$")
        id = text.split()[1]
        self.assertRegex(self.bank.ok("restructure", "proposals"),
                         rf"{id}  .* ada +open .*plan text")
        shown = self.bank.ok("restructure", "proposals", id)
        self.assertRegex(shown, r"(?m)^evidence +ticket 4711$")
        self.assertRegex(shown, r"(?m)^state +open$")
        self.assertRegex(shown, r"(?m)^  -  account\.deposited +\d{4}-\d\d-\d\d +struck ")
        self.assertIn("in account-text", self.bank.ok("restructure", "approve", id, "--by", "ben",
                                                      "--yes"))
        self.assertRegex(self.bank.ok("restructure", "proposals", id), r"(?m)^by +ben$")

    def test_four_eyes_unless_it_is_said_and_recorded(self):
        ids = self.account("own")
        made = self.propose(self.plan("own", {"op": "exclude", "event": ids[2]}))
        no = self.error(REFUSED, "restructure", "approve", made["proposal"], "--by", "ada", "--yes")
        self.assertEqual(no["error"], "refused")
        self.assertIn("ada has proposed it", no["text"])
        self.assertEqual(self.shown(made["proposal"])["state"], "open")
        self.approve(made["proposal"], "--own", by="ada")
        self.assertIs(self.shown(made["proposal"])["own"], True)

    def test_nobody_decides_nothing(self):
        ids = self.account("nobody")
        plan = self.plan("nobody", {"op": "exclude", "event": ids[2]})
        self.error(USAGE, "restructure", "propose", plan)
        id = self.propose(plan)["proposal"]
        self.error(USAGE, "restructure", "approve", id, "--yes")
        self.error(USAGE, "restructure", "approve", id, "--by", "ben")   # nobody to be asked
        self.error(USAGE, "restructure", "reject", id, "--because", "no")
        self.error(USAGE, "restructure", "reject", id, "--by", "ben")
        self.assertEqual(self.shown(id)["state"], "open")
        none = str(uuid.UUID(int=9 << 64))
        self.error(FAILED, "restructure", "approve", none, "--by", "ben", "--yes")
        self.error(FAILED, "restructure", "proposals", none)
        self.error(USAGE, "restructure", "proposals", "7")

    def test_what_is_decided_stays_so(self):
        ids = self.account("decided")
        plan = self.plan("decided", {"op": "exclude", "event": ids[2]})
        no = self.propose(plan)["proposal"]
        said = self.bank.lines("restructure", "reject", no, "--by", "ben", "--because", "it was")[0]
        self.assertEqual((said["state"], said["reason"]), ("rejected", "it was"))
        self.error(CONFLICT, "restructure", "approve", no, "--by", "eva", "--yes")
        yes = self.propose(plan)["proposal"]
        self.approve(yes)
        self.error(CONFLICT, "restructure", "reject", yes, "--by", "eva", "--because", "no")
        self.assertEqual(self.shown(yes)["state"], "approved")

    def test_a_proposal_that_holds_no_more_is_exit_4(self):
        ids = self.account("stale")
        redate = {"op": "redate", "event": ids[1], "effective_at": "2026-01-02T00:00:00Z"}
        plan = self.plan("stale", redate)
        hash = self.bank.lines("restructure", "preview", plan)[0]["hash"]
        made = self.propose(plan)
        other = self.plan("other", {**redate, "effective_at": "2026-01-03T00:00:00Z"}, by="eva")
        self.bank.ok("restructure", "apply", other, "--yes")
        no = self.error(CONFLICT, "restructure", "approve", made["proposal"], "--by", "ben",
                        "--yes")
        self.assertIn("propose it anew", no["text"])
        self.error(CONFLICT, "restructure", "propose", plan, "--by", "ada", "--preview", hash)
        shown = self.assert_exit(OK, "restructure", "proposals", made["proposal"])
        self.assertIn("not what was previewed", shown.stderr)
        self.approve(self.propose(plan)["proposal"])

    def test_a_plan_that_cannot_be_cannot_be_proposed(self):
        nobody = str(uuid.UUID(int=7 << 64))
        plan = self.plan("refused", {"op": "exclude", "event": nobody})
        no = self.error(REFUSED, "restructure", "propose", plan, "--by", "ada")
        self.assertEqual([p["code"] for p in no["problems"]], ["unknown_target"])

    def test_the_same_key_again_has_the_first_result(self):
        ids = self.account("key")
        plan = self.plan("key", {"op": "exclude", "event": ids[2]})
        first = self.propose(plan, "--id", "correction 7")
        self.assertEqual(self.propose(plan, "--id", "correction 7"), first)
        other = self.plan("another", {"op": "exclude", "event": ids[1]})
        self.error(REFUSED, "restructure", "propose", other, "--by", "ada", "--id", "correction 7")

    def test_an_export_brings_proposals_with_it(self):
        ids = self.account("moved")
        made = self.propose(self.plan("moved", {"op": "exclude", "event": ids[2]}))
        self.approve(made["proposal"])
        file = self.bank.folder / "events.ndjson"
        self.bank.ok("events", "export", file)
        other = Bank()
        try:
            other.ok("events", "import", file)
            shown = other.lines("restructure", "proposals", made["proposal"])[0]
            mine = self.shown(made["proposal"])
            for one in (shown, mine):
                del one["proposed_at"], one["decided_at"]   # when that log recorded it
            self.assertEqual(shown, mine)
            again = other.lines("restructure", "approve", made["proposal"], "--by", "eva",
                                "--yes")[0]
            self.assertTrue(again["repeated"])
        finally:
            other.remove()


class Listed(BankTest):
    def test_the_open_ones_page_by_page(self):
        self.send("account.open", {"account": "a"})
        opened = self.bank.lines("events", "--stream", "account-a")[0]["id"]
        path = self.bank.folder / "plan.json"
        path.write_text(json.dumps({"title": "x", "because": "y", "by": "ada",
                                    "ops": [{"op": "exclude", "event": opened}]}))
        self.assertEqual(self.bank.lines("restructure", "proposals"), [])
        made = [self.bank.lines("restructure", "propose", path)[0]["proposal"] for _ in range(3)]
        self.bank.ok("restructure", "reject", made[1], "--by", "ben", "--because", "no")

        def listed(*options):
            return [p["proposal"] for p in self.bank.lines("restructure", "proposals", *options)]

        self.assertEqual(listed(), made)
        self.assertEqual(listed("--open"), [made[0], made[2]])
        self.assertEqual(listed("--limit", 1, "--after", made[0]), [made[1]])
        page = self.assert_exit(OK, "restructure", "proposals", "--open", "--limit", 1)
        self.assertIn(f"--after {made[0]}", page.stderr)
        no = self.assert_exit(USAGE, "restructure", "proposals", "--limit", "0")
        self.assertIn("--limit is 1 or more", no.stderr)
        self.assertEqual(listed("--limit", 2**63 - 1), made)


if __name__ == "__main__":
    main()
