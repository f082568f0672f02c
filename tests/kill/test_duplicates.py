"""One command from several programs at once is one commit, and everybody has the same answer."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import OK, BankTest, main

PROGRAMS = 4
ROUNDS = 5


class Duplicates(BankTest):
    def all_at_once(self, *arguments):
        programs = [self.bank.start(*arguments, "--json", stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE) for _ in range(PROGRAMS)]
        return [(*one.communicate(timeout=300), one.returncode) for one in programs]

    def test_one_command_from_several_programs_is_one_commit(self):
        self.send("account.open", {"account": "one"})
        for number in range(1, ROUNDS + 1):
            payload = json.dumps({"account": "one", "amount": {"minor": 5, "currency": "EUR"}})
            answers = self.all_at_once("commands", "send", "account.deposit", payload,
                                       "--id", f"deposit {number}")
            for stdout, stderr, code in answers:
                self.assertEqual(code, OK, stderr)
            found = [json.loads(stdout) for stdout, _, _ in answers]
            for member in ("stream", "version", "position", "events"):
                self.assertEqual(len({json.dumps(one[member]) for one in found}), 1, found)
            self.assertEqual(found[0]["version"], number + 1)
            self.assertEqual([one["repeated"] for one in found].count(False), 1, found)
        self.assertEqual(len(self.bank.lines("events", "--stream", "account-one")), ROUNDS + 1)

    def test_two_imports_of_one_file_at_once_import_it_once(self):
        lines = "".join(json.dumps({
            "stream": f"account-{n % 7}", "key": f"line {n}", "type": "account.opened",
            "payload": {"account": str(n % 7)}}, separators=(",", ":")) + "\n" for n in range(700))
        (self.bank.folder / "twice.ndjson").write_text(lines)
        before = len(self.bank.lines("events"))
        for stdout, stderr, code in self.all_at_once("events", "import", "twice.ndjson"):
            self.assertEqual(code, OK, stdout + stderr)
        events = self.bank.lines("events")
        self.assertEqual(len(events), before + 700)
        self.assertEqual([e["position"] for e in events], list(range(1, len(events) + 1)))


if __name__ == "__main__":
    main()
