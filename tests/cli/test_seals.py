"""Sealed periods on the command line: closed, refused to be written to, forced, opened again."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import HEADER, OK, REFUSED, USAGE, BankTest, main

FAR = "2999-12-31"    # what happens now lies in that


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Seals(BankTest):
    """One bank and one list of seals: each test leaves all open."""

    BY = ("--by", "ada", "--because", "audited")

    def setUp(self):
        self.addCleanup(self.bank.ok, "seals", "open", "account", *self.BY)
        self.addCleanup(self.bank.ok, "seals", "open", "--positions", *self.BY)

    def account(self, name):
        self.send("account.open", {"account": name})
        self.send("account.deposit", {"account": name, "amount": eur(5000)})
        return self.bank.lines("events", "--stream", f"account-{name}")

    def plan(self, name, *ops, **members):
        path = self.bank.folder / f"{name}.json"
        path.write_text(json.dumps({"title": f"plan {name}", "because": "it was so", "by": "eva",
                                    "ops": list(ops), **members}))
        return path

    def test_a_period_is_closed_and_listed_and_opened_again(self):
        before = len(self.bank.lines("seals", "list"))
        made = self.bank.lines("seals", "close", "account", "--until", "2025-12-31", *self.BY)[0]
        self.assertEqual((made["category"], made["until"], made["by"], made["because"]),
                         ("account", "2025-12-31T23:59:59.999999Z", "ada", "audited"))
        text = self.bank.ok("seals", "close", "account", "--until", "2025-11-30T12:00:00Z",
                            *self.BY)
        self.assertEqual(text, "sealed: account until 2025-11-30T12:00:00.000000Z\n")
        opened = self.bank.lines("seals", "open", "account", *self.BY)[0]
        self.assertNotIn("until", opened)
        listed = self.bank.lines("seals", "list")
        self.assertEqual(len(listed), before + 3)
        self.assertEqual((listed[-3], listed[-1]), (made, opened))
        self.assertRegex(self.bank.ok("seals", "list"), r"ada +nothing of account +audited\n$")

    def test_a_category_without_streams_is_noted(self):
        self.account("noted")
        self.addCleanup(self.bank.ok, "seals", "open", "acount", *self.BY)
        for category, noted in (("acount", True), ("account", False)):
            done = self.assert_exit(OK, "seals", "close", category, "--until", "2025-01-31",
                                    *self.BY)
            self.assertEqual("no stream of category" in done.stderr, noted, done.stderr)

    def test_an_export_says_that_it_has_no_seals(self):
        self.account("exported")
        self.bank.ok("seals", "close", "account", "--until", "2025-12-31", *self.BY)
        file = self.bank.folder / "sealed.ndjson"
        done = self.assert_exit(OK, "events", "export", file)
        self.assertIn("seals of the log are no events", done.stderr)

    def test_what_happens_in_it_is_refused_with_exit_3(self):
        self.account("closed")
        self.bank.ok("seals", "close", "account", "--until", FAR, *self.BY)
        deposit = json.dumps({"account": "closed", "amount": eur(100)})
        done = self.assert_exit(REFUSED, "commands", "send", "account.deposit", deposit, "--json")
        said = json.loads(done.stderr.splitlines()[-1])
        self.assertEqual(said["error"], "refused")
        self.assertRegex(said["text"], r"^unable to append to account-closed: it happened at .*, "
                                       r"and account is sealed until 2999-12-31T23:59:59\.999999Z$")
        done = self.assert_exit(REFUSED, "commands", "send", "account.deposit", deposit)
        self.assertRegex(done.stderr, r"\Abank: unable to append to account-closed: .*\n\Z")
        self.assertEqual(len(self.bank.lines("events", "--stream", "account-closed")), 2)
        self.bank.ok("seals", "open", "account", *self.BY)
        self.bank.ok("commands", "send", "account.deposit", deposit)

    def test_a_correction_of_it_is_refused_unless_it_is_acknowledged(self):
        deposited = self.account("forced")[1]["id"]
        self.bank.ok("seals", "close", "account", "--until", FAR, *self.BY)
        step = {"op": "exclude", "event": deposited}
        plan = self.plan("forced", step)
        for verb in (["preview", plan], ["apply", plan, "--yes"],
                     ["propose", plan]):
            done = self.assert_exit(REFUSED, "restructure", *verb, "--json")
            problem, = json.loads(done.stderr.splitlines()[-1])["problems"]
            self.assertEqual((problem["code"], problem["step"]), ("sealed_period", 0))
            self.assertIn('acknowledges "sealed:account"', problem["detail"])
        forced = self.plan("forced", step, acknowledged=["sealed:account"])
        done = self.bank.lines("restructure", "apply", forced, "--yes")[0]
        shown = self.bank.lines("restructure", "show", done["restructure"])[0]
        self.assertEqual((shown["acknowledged"], shown["actor"]), (["sealed:account"], "eva"))
        # Its undo lies in the same period: it is judged as any other, and forced as any other.
        undo = ["restructure", "undo", done["restructure"], "--because", "no"]
        for wrong in ([], ["--dry-run"], ["--acknowledge", "sealed:card"]):
            self.assert_exit(REFUSED, *undo, *wrong)
        seen = self.bank.lines(*undo, "--acknowledge", "sealed:account", "--dry-run")[0]
        undone = self.bank.lines(*undo, "--acknowledge", "sealed:account", "--preview",
                                 seen["hash"])[0]
        shown = self.bank.lines("restructure", "show", undone["restructure"])[0]
        self.assertEqual((shown["acknowledged"], shown["undoes"]),
                         (["sealed:account"], done["restructure"]))
        # Undone again, and closed in two ways by now.
        self.bank.ok("seals", "close", "--through", undone["position"], *self.BY)
        redo = ["restructure", "undo", undone["restructure"], "--because", "yes"]
        self.assert_exit(REFUSED, *redo, "--acknowledge", "sealed:account")
        redone = self.bank.lines(*redo, "--acknowledge", "sealed:account", "--acknowledge",
                                 "sealed_position")[0]
        shown = self.bank.lines("restructure", "show", redone["restructure"])[0]
        self.assertEqual(shown["acknowledged"], ["sealed:account", "sealed_position"])
        state = self.bank.lines("state", "account-forced")[0]["state"]
        self.assertEqual(state["balance"]["minor"], 0)

    def test_a_position_is_sealed(self):
        events = self.account("position")
        head = events[-1]["position"]
        made = self.bank.lines("seals", "close", "--through", head, *self.BY)[0]
        self.assertEqual((made["through"], made["head"] >= head), (head, True))
        self.assertNotIn("category", made)
        plan = self.plan("position", {"op": "exclude", "event": events[1]["id"]})
        done = self.assert_exit(REFUSED, "restructure", "apply", plan, "--yes")
        self.assertIn('step 0: sealed_period: the log is sealed up to position', done.stderr)
        self.assertIn('acknowledges "sealed_position"', done.stderr)
        # Appends come after it anyway.
        self.send("account.deposit", {"account": "position", "amount": eur(1)})
        self.bank.ok("seals", "open", "--positions", *self.BY)
        self.bank.ok("restructure", "apply", plan, "--yes")

    def test_an_account_of_a_closed_year_is_put_in_order_only_if_that_is_acknowledged(self):
        file = self.bank.folder / "swapped.asc"
        file.write_text(HEADER + "".join(
            f'{number};7;930109;"PRIJEM";"VKLAD";{amount}.00;{balance}.00;"";;\n'
            for number, amount, balance in ((1, 100, 100), (2, 25, 175), (3, 50, 150))))
        self.bank.ok("import", file)
        self.bank.ok("seals", "close", "account", "--until", "1993-12-31", *self.BY)
        for words in (["--dry-run"], []):
            done = self.assert_exit(REFUSED, "reconcile", "--fix", "--json", *words)
            fix = json.loads(done.stdout)["fix"]
            self.assertEqual((fix["refused"], fix["accounts"]), (1, 0))
            self.assertIn("sealed:account", fix["changes"][0]["refused"])
        fix = self.bank.lines("reconcile", "--fix", "--acknowledge", "sealed:account")[0]["fix"]
        self.assertEqual((fix["refused"], fix["accounts"], fix["moves"]), (0, 1, 1))
        restructure, = fix["changes"][0]["restructures"]
        shown = self.bank.lines("restructure", "show", restructure)[0]
        self.assertEqual(shown["acknowledged"], ["sealed:account"])

    def test_what_is_no_seal_is_exit_2(self):
        for wrong in (["close", "account"], ["close", "--until", FAR], ["close"],
                      ["close", "account", "--until", FAR, "--through", 1],
                      ["close", "account", "--until", "yesterday"],
                      ["close", "no category", "--until", FAR], ["close", "--through", 0],
                      ["close", "--through", 999_999], ["open"],
                      ["open", "account", "--positions"]):
            self.assert_exit(USAGE, "seals", *wrong, *self.BY)
        self.assert_exit(USAGE, "seals", "close", "account", "--until", FAR, "--by", "ada")
        self.assert_exit(USAGE, "seals", "close", "account", "--until", FAR, "--because", "x")


if __name__ == "__main__":
    main()
