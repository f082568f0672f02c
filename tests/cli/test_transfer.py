"""events export and import: whole, resumed, piped, refused."""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import DIFFERENCE, HEADER, REFUSED, SOURCE, USAGE, BankTest, main

ROWS = [f'{n};{n % 5};930109;"PRIJEM";"VKLAD";700.00;700.00;"";;' for n in range(1, 41)]
ODD_DEPOSIT = ', "amount" :{"minor": 5,"currency":"EUR"}'


def same(event):
    return {key: value for key, value in event.items() if key not in ("recorded_at", "hash")}


class Transfer(BankTest):
    STORES = ("copy", "piped", "bad", "spoilt", "mixed")

    @classmethod
    def fill(cls):
        file = cls.bank.folder / "rows.asc"
        file.write_text(HEADER + "\n".join(ROWS) + "\n")
        cls.bank.ok("import", file)

    def test_an_export_imported_elsewhere_is_the_same_bank(self):
        file = self.bank.folder / "all.ndjson"
        done = json.loads(self.bank.ok("events", "export", file, "--json"))
        self.assertEqual((done["events"], done["after"], done["position"]), (45, 0, 45))
        self.assertIn("45 new, 0 known", self.bank.ok("events", "import", file, "--store", "copy"))
        self.assertIn("0 new, 45 known", self.bank.ok("events", "import", file, "--store", "copy"))
        events = self.bank.lines("events")
        self.assertEqual(list(map(same, self.bank.lines("events", "--store", "copy"))),
                         list(map(same, events)))
        self.assertEqual(self.bank.lines("balances", "--store", "copy"),
                         self.bank.lines("balances"))
        # Exported from there, the lines differ in nothing but when and how they were recorded.
        again = self.bank.ok("events", "export", "--store", "copy").splitlines()
        self.assertEqual([same(json.loads(line)) for line in again],
                         [same(json.loads(line)) for line in file.read_text().splitlines()])

    def test_an_export_that_was_cut_goes_on_where_it_stopped(self):
        whole = self.bank.folder / "whole.ndjson"
        self.bank.ok("events", "export", whole)
        text = whole.read_bytes()
        for cut in (0, 10, len(text) // 3, len(text) - 1, len(text)):
            part = self.bank.folder / f"part-{cut}.ndjson"
            part.write_bytes(text[:cut])
            self.bank.ok("events", "export", part)
            self.assertEqual(part.read_bytes(), text)

    def test_a_file_that_is_no_export_is_left_as_it_is(self):
        for number, text in enumerate(("my only copy", "line one\nline two", '{"a":1}\n{"b":2')):
            file = self.bank.folder / f"mine-{number}.txt"
            file.write_text(text)
            done = self.bank.run("events", "export", file)
            self.assertEqual(done.returncode, REFUSED, text)
            self.assertEqual(file.read_text(), text)

    def test_a_file_of_another_log_is_not_continued(self):
        file = self.bank.folder / "other.ndjson"
        file.write_text('{"position":3,"hash":"' + "0" * 64 + '"}\n')
        done = self.bank.run("events", "export", file)
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("not of this log", done.stderr)

    def test_export_and_import_make_a_pipe(self):
        text = self.bank.ok("events", "export", "--quiet")
        done = self.bank.run("events", "import", "-", "--store", "piped", text=text)
        self.assertIn("45 new", done.stdout)

    def test_a_wrong_line_is_named_and_the_file_is_not_taken(self):
        file = self.bank.folder / "bad.ndjson"
        file.write_text('{"stream":"account-x","type":"account.opened",'
                        '"payload":{"account":"x"},"colour":1}\n')
        done = self.bank.run("events", "import", file, "--store", "bad")
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("line 1: $.colour: unknown field", done.stderr)
        self.assertEqual(self.bank.lines("events", "--store", "bad"), [])

    def test_an_event_that_was_tampered_with_stops_an_export(self):
        file = self.bank.folder / "before.ndjson"
        self.bank.ok("events", "export", file)
        self.bank.ok("events", "import", file, "--store", "spoilt")
        with self.bank.psql() as db:
            db.rows("ALTER TABLE recount_spoilt.log DISABLE TRIGGER ALL")
            db.rows("UPDATE recount_spoilt.log SET payload = '{\"account\":\"1\"}' "
                    "WHERE position = 3")
            done = self.bank.run("events", "export", "--store", "spoilt")
        self.assertEqual(done.returncode, DIFFERENCE)
        self.assertIn("position 3", done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 2)

    def test_the_program_of_the_reference_verifies_an_export(self):
        page = (SOURCE / "docs" / "reference" / "ndjson.md").read_text(encoding="utf-8")
        program = re.search(r"```python\n(.*?)```", page, re.S)[1]
        # Beside commands of the bank: lines of one's own, with white space and without a time.
        file = self.bank.folder / "mixed.ndjson"
        odd = "".join(f'{{"stream":"account-z","type":"account.{kind}",'
                      f'"payload":{{ "account" : "z"{more} }}}}\n'
                      for kind, more in (("opened", ""), ("deposited", ODD_DEPOSIT),
                                         ("deposited", ODD_DEPOSIT)))
        file.write_text(self.bank.ok("events", "export", "--quiet") + odd)
        self.bank.ok("events", "import", file, "--store", "mixed")
        store = self.bank.ok("psql", "--json", "--store", "mixed", "SELECT id FROM store").strip()
        text = self.bank.ok("events", "export", "--store", "mixed", "--quiet")

        def verify(lines):
            return subprocess.run([sys.executable, "-c", program, store], input=lines,
                                  capture_output=True, text=True, timeout=60, check=False)

        whole = verify(text)
        self.assertEqual((whole.returncode, whole.stdout),
                         (0, "48 events are as their hashes say\n"), whole.stderr)
        # A part begins within a stream: its second event is the first that can be checked.
        part = verify("".join(text.splitlines(keepends=True)[-2:]))
        self.assertEqual((part.returncode, part.stdout),
                         (0, "1 events are as their hashes say\n"), part.stderr)
        for old, new in (('"minor":70000', '"minor":70001'), ('{"account":"z"', '{ "account":"z"'),
                         ('"app":"bank', '"app":"bonk'),
                         ('"effective_at":"1993', '"effective_at":"1994'),
                         ('"command":{"name":"account.record',
                          '"command":{"name":"account.recall')):
            self.assertIn(old, text)
            changed = verify(text.replace(old, new, 1))
            self.assertEqual(changed.returncode, 1, f"{old} -> {new}")
            self.assertIn("is not what was recorded", changed.stderr)


if __name__ == "__main__":
    main()
