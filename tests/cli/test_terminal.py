"""What is asked on a terminal before history is corrected, and what is not asked elsewhere."""

import json
import os
import pathlib
import pty
import select
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CALL_SECONDS_MAX, CONFLICT, OK, REFUSED, USAGE, BankTest, main

CTRL_D = "\x04"


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Terminal:
    """A program whose stdin, stdout and stderr are a terminal."""

    def __init__(self, bank, *arguments):
        self.master, slave = pty.openpty()
        self.process = bank.start(*arguments, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self.text = ""

    def read_until(self, end):
        """Until `end` was written, or, without one, until the program is gone."""
        deadline = time.monotonic() + CALL_SECONDS_MAX
        while end is None or end not in self.text:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                raise AssertionError(f"not within {CALL_SECONDS_MAX} s: {end}\n{self.text}")
            try:
                piece = os.read(self.master, 4096)
            except OSError:         # Linux says so when nobody holds the other side any more
                piece = b""
            if not piece:
                if end is not None:
                    raise AssertionError(f"it ended without: {end}\n{self.text}")
                break
            self.text += piece.decode().replace("\r\n", "\n")
        return self.text

    def answer(self, keys):
        os.write(self.master, keys.encode())
        return self.end()

    def end(self):
        self.read_until(None)
        os.close(self.master)
        return self.process.wait(timeout=CALL_SECONDS_MAX)


class Asked(BankTest):
    def account(self, name):
        self.send("account.open", {"account": name})
        self.send("account.deposit", {"account": name, "amount": eur(5000)})
        return [e["id"] for e in self.bank.lines("events", "--stream", f"account-{name}")]

    def plan(self, name):
        event = self.account(name)[1]
        path = self.bank.folder / f"{name}.json"
        path.write_text(json.dumps({"title": f"plan {name}", "because": "it was not so",
                                    "by": "ada", "ops": [{"op": "exclude", "event": event}]}))
        return path

    def head(self):
        return int(self.db.value("SELECT max(position) FROM log"))

    def asked(self, question, *arguments):
        """A terminal on which the preview was shown and the question stands."""
        terminal = Terminal(self.bank, *arguments)
        terminal.read_until(f"{question} [y/N] ")
        self.assertIn("struck", terminal.text)
        self.assertNotIn("at position", terminal.text)
        return terminal

    def test_yes_applies_what_was_shown(self):
        for answer in ("y", "yes"):
            plan = self.plan(answer)
            before = self.head()
            terminal = self.asked("apply it?", "restructure", "apply", plan)
            self.assertEqual(self.head(), before)
            self.assertEqual(terminal.answer(answer + "\n"), OK)
            self.assertRegex(terminal.text, rf"at position {before + 1}, in account-{answer}\n$")
            self.assertEqual(self.head(), before + 1)

    def test_anything_else_writes_nothing(self):
        plan = self.plan("no")
        before = self.head()
        for keys in ("n\n", "\n", "Y es\n", CTRL_D):
            terminal = self.asked("apply it?", "restructure", "apply", plan)
            self.assertEqual(terminal.answer(keys), REFUSED, repr(keys))
            self.assertRegex(terminal.text, r"\nnothing was written\n$")
            self.assertEqual(self.head(), before)

    def test_what_came_between_the_question_and_the_answer_is_a_conflict(self):
        plan = self.plan("between")
        event = json.loads(plan.read_text())["ops"][0]["event"]
        for name, days in (("first", 1), ("second", 2)):
            (self.bank.folder / f"{name}.json").write_text(json.dumps({
                "title": name, "because": "its slip says so", "by": "eva",
                "ops": [{"op": "redate", "event": event,
                         "effective_at": f"2026-01-0{days}T00:00:00Z"}]}))
        terminal = Terminal(self.bank, "restructure", "apply", self.bank.folder / "first.json")
        terminal.read_until("apply it? [y/N] ")
        self.bank.ok("restructure", "apply", self.bank.folder / "second.json", "--yes")
        before = self.head()
        self.assertEqual(terminal.answer("y\n"), CONFLICT)
        self.assertIn("preview it again", terminal.text)
        self.assertEqual(self.head(), before)

    def test_with_yes_or_a_hash_nothing_is_asked(self):
        plan = self.plan("unasked")
        hash = self.bank.lines("restructure", "preview", plan)[0]["hash"]
        terminal = Terminal(self.bank, "restructure", "apply", plan, "--preview", hash)
        self.assertEqual(terminal.end(), OK)
        self.assertNotIn("[y/N]", terminal.text)
        terminal = Terminal(self.bank, "restructure", "apply", self.plan("yes2"), "--yes")
        self.assertEqual(terminal.end(), OK)
        self.assertNotIn("[y/N]", terminal.text)

    def test_an_undo_is_shown_and_asked_about_too(self):
        plan = self.plan("undone")
        id = self.bank.lines("restructure", "apply", plan, "--yes")[0]["restructure"]
        before = self.head()
        undo = ("restructure", "undo", id, "--because", "it was so")
        for keys, code in (("n\n", REFUSED), ("y\n", OK)):
            terminal = Terminal(self.bank, *undo)
            terminal.read_until("undo it? [y/N] ")
            self.assertEqual(self.head(), before)
            self.assertEqual(terminal.answer(keys), code, terminal.text)
        self.assertEqual(self.head(), before + 1)
        again = self.bank.lines("restructure", "apply", self.plan("undone2"), "--yes")[0]
        terminal = Terminal(self.bank, "restructure", "undo", again["restructure"],
                            "--because", "it was so", "--yes")
        self.assertEqual(terminal.end(), OK)
        self.assertNotIn("[y/N]", terminal.text)
        # Nobody is asked about what is done.
        third = self.bank.lines("restructure", "apply", self.plan("undone3"), "--yes")[0]
        undo = ("restructure", "undo", third["restructure"], "--because", "it was so",
                "--id", "third")
        self.bank.ok(*undo, "--yes")
        before = self.head()
        terminal = Terminal(self.bank, *undo)
        self.assertEqual(terminal.end(), OK, terminal.text)
        self.assertEqual(self.head(), before)
        # A script says what it wants by calling it.
        fourth = self.bank.lines("restructure", "apply", self.plan("undone4"), "--yes")[0]
        self.bank.ok("restructure", "undo", fourth["restructure"], "--because", "it was so")

    def test_where_nobody_can_be_asked_it_is_exit_2(self):
        plan = self.plan("nobody")
        before = self.head()
        said = self.assert_exit(USAGE, "restructure", "apply", plan).stderr
        self.assertIn("expected --preview HASH, of what was previewed, or --yes", said)
        # An answer that is piped in is nobody's.
        done = self.bank.run("restructure", "apply", plan, text="y\n")
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertEqual(self.head(), before)

    def test_an_approval_is_asked_for_in_the_same_way(self):
        id = self.bank.lines("restructure", "propose", self.plan("approve"))[0]["proposal"]
        before = self.head()
        approve = ("restructure", "approve", id, "--by", "ben")
        terminal = self.asked("approve it?", *approve)
        self.assertEqual(terminal.answer(CTRL_D), REFUSED)
        self.assertEqual(self.head(), before)
        terminal = self.asked("approve it?", *approve)
        self.assertEqual(terminal.answer("y\n"), OK)
        self.assertEqual(self.head(), before + 2)
        # It is decided: there is nothing to ask.
        terminal = Terminal(self.bank, *approve)
        self.assertEqual(terminal.end(), OK)
        self.assertIn("the first result", terminal.text)


if __name__ == "__main__":
    main()
