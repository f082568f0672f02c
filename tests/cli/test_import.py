"""The bank's own verbs on a small file: import, balances, statement, deposits, reconcile."""

import json
import os
import pathlib
import pty
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import ledger
from bank_cli import DIFFERENCE, FAILED, HEADER, OK, USAGE, BankTest, main

ROWS = ['1;7;930109;"PRIJEM";"VKLAD";700.00;700.00;"";;',
        '2;8;930109;"PRIJEM";"PREVOD Z UCTU";10.00;10.00;"";"YZ";"62457513"',
        '3;7;930110;"VYDAJ";"VYBER";100.00;585.40;"";;',      # the wrong way round:
        '4;7;930110;"VYDAJ";"VYBER";14.60;685.40;"SLUZBY";;',  # this one was first
        '5;7;930131;"PRIJEM";"";2.10;587.50;"UROK";;',
        '6;8;930131;"VYBER";"VYBER";500.00;-490.00;"";;']


def czk(minor):
    return {"minor": minor, "currency": "CZK"}


class Small(BankTest):
    STORES = ("empty", "second")

    @classmethod
    def fill(cls):
        cls.file = cls.bank.folder / "small.asc"
        cls.file.write_text(HEADER + "\n".join(ROWS) + "\n")
        cls.first = cls.bank.run("import", cls.file)
        cls.head = cls.bank.lines("events")[-1]["position"]

    def test_the_first_import_says_what_is_new(self):
        self.assertEqual(self.first.returncode, OK, self.first.stderr)
        self.assertEqual(self.first.stdout,
                         "berka: 6 movements of 2 accounts: 6 new, 0 known before\n")
        self.assertRegex(self.first.stderr, r"^\d+\.\d s, tables up to date\n$")

    def test_the_same_again_adds_nothing_and_says_so(self):
        text = self.bank.ok("import", self.file)
        self.assertEqual(text, "berka: 6 movements of 2 accounts: 0 new, 6 known before\n"
                               "nothing was added: this batch had been imported already\n")
        found = self.bank.lines("import", self.file)[0]
        self.assertGreaterEqual(found.pop("seconds"), 0)
        self.assertEqual(found, {"batch": "berka", "movements": 6, "accounts": 2, "recorded": 0,
                                 "known": 6, "malformed": 0})
        self.assertEqual(self.bank.lines("events")[-1]["position"], self.head)

    def test_balances(self):
        self.assertEqual(self.bank.lines("balances"), [
            {"account": "7", "balance": czk(58750), "movements": 4,
             "last_movement_on": "1993-01-31"},
            {"account": "8", "balance": czk(-49000), "movements": 2,
             "last_movement_on": "1993-01-31"}])
        self.assert_approved("balances.txt", self.bank.ok("balances"))

    def test_a_statement(self):
        found = self.bank.lines("statement", "7")
        self.assertEqual([row["line"] for row in found], [1, 2, 3, 4])
        self.assertEqual(found[1], {"account": "7", "line": 2, "on": "1993-01-10",
                                    "kind": "withdrawal", "amount": czk(-10000),
                                    "balance": czk(60000), "stated_balance": czk(58540),
                                    "reference": "3"})
        self.assert_approved("statement.txt", self.bank.ok("statement", "7"))

    def test_a_statement_as_it_was_at_a_position(self):
        events = self.bank.lines("events", "--stream", "account-7")
        for count, event in enumerate(events):
            found = self.bank.lines("statement", "7", "--at", event["position"])
            expected = 0 if event["position"] < event["commit_last"] else count
            self.assertEqual(found, self.bank.lines("statement", "7")[:expected])
        self.assertEqual(self.bank.lines("statement", "7", "--at", "0"), [])
        self.assertEqual(len(self.bank.lines("statement", "7", "--at", "1000000")), 4)
        self.assert_exit(USAGE, "statement", "7", "--at", "now")

    def test_a_statement_of_nobody(self):
        self.assertIn("nobody", self.assert_exit(FAILED, "statement", "nobody").stderr)

    def test_the_deposits_of_a_day(self):
        self.assertEqual(self.bank.lines("deposits", "--day", "1993-01-09"), [
            {"day": "1993-01-09", "account": "7", "amount": czk(70000), "deposits": 1},
            {"day": "1993-01-09", "account": "8", "amount": czk(1000), "deposits": 1}])
        self.assertEqual(self.bank.lines("deposits", "--day", "1993-01-31"), [])  # interest is none
        self.assert_approved("deposits.txt", self.bank.ok("deposits", "--day", "1993-01-09"))

    def test_reconcile_finds_the_two_that_were_exchanged(self):
        found = self.bank.lines("reconcile")
        self.assertEqual(len(found), 1)
        rows = found[0].pop("rows")
        self.assertEqual(found[0], {"accounts": 2, "movements": 6, "breaks": 3, "left": 0})
        self.assertEqual([row["line"] for row in rows], [2, 3, 4])
        self.assertEqual(rows[0], {"account": "7", "line": 2, "on": "1993-01-10",
                                   "amount": czk(-10000), "expected_balance": czk(60000),
                                   "stated_balance": czk(58540)})
        self.assert_approved("reconcile.txt", self.bank.ok("reconcile"))
        done = self.assert_exit(DIFFERENCE, "reconcile", "--check", "--json")
        self.assertEqual(json.loads(done.stdout)["breaks"], 3)
        self.assert_exit(OK, "reconcile", "--check", "--store", "empty")

    def test_another_batch_is_another_import(self):
        store = ["--store", "second"]
        self.bank.ok("import", self.file, *store)
        self.assertIn("6 new", self.bank.ok("import", self.file, "--batch", "more", *store))
        self.assertIn("0 new", self.bank.ok("import", self.file, "--batch", "more", *store))
        self.assertEqual([row["balance"]["minor"] for row in self.bank.lines("balances", *store)],
                         [2 * 58750, -2 * 49000])


class Malformed(BankTest):
    STORES = ("none", "pipe")

    def write(self, name, text):
        file = self.bank.folder / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def test_malformed_rows_are_reported_and_the_rest_goes_on(self):
        file = self.write("some.asc", HEADER.encode() + b"\n".join([
            ROWS[0].encode(), b"nonsense", b"\x00\xff;\xe9",
            b'9;9;930230;"PRIJEM";"VKLAD";1.00;1.00;"";;', ROWS[1].encode(),
            b'1;7;930109;"PRIJEM";"VKLAD";701.00;700.00;"";;', b"", ROWS[2].encode()]) + b"\n")
        for new, known in ((3, 0), (0, 3)):
            done = self.assert_exit(FAILED, "import", file, "--json")
            found = json.loads(done.stdout)
            self.assertEqual((found["recorded"], found["known"], found["malformed"]),
                             (new, known, 4))
            complaints = [line for line in done.stderr.splitlines() if str(file) in line]
            self.assertEqual(sorted(int(line.split(":")[1]) for line in complaints), [3, 4, 5, 7])
            self.assertTrue(any("date" in line for line in complaints))
            self.assertTrue(any("recorded before with other content" in line
                                for line in complaints))
        done = self.assert_exit(FAILED, "import", file)
        self.assertIn("4 rows could not be taken", done.stdout)
        self.assertNotIn("nothing was added", done.stdout)

    def test_what_is_no_file_of_the_format_is_refused(self):
        self.assert_exit(FAILED, "import", self.bank.folder / "missing.asc")
        for name, text in (("empty.asc", ""), ("other.asc", "a;b;c\n1;2;3\n"),
                           ("binary.asc", bytes(range(256)) * 100)):
            done = self.assert_exit(USAGE, "import", self.write(name, text), "--store", "none")
            self.assertIn(f"{name}:1: expected the header trans_id;account_id;", done.stderr)
            self.assertIn(", found '", done.stderr)
        self.assertNotEqual(self.bank.run("import", self.bank.folder).returncode, OK)
        self.assertEqual(self.bank.lines("events", "--store", "none"), [])

    def test_a_file_with_only_a_header_is_no_movement(self):
        text = self.bank.ok("import", self.write("header.asc", HEADER), "--store", "none")
        self.assertIn("0 movements of 0 accounts", text)

    def test_a_pipe_is_read_as_well(self):
        done = self.bank.run("import", "/dev/stdin", "--store", "pipe", "--json",
                             text=HEADER + "\n".join(ROWS) + "\n")
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual(json.loads(done.stdout)["recorded"], 6)


class Progress(BankTest):
    STORES = ("ticks", "piped", "terminal", "stopped")

    @classmethod
    def fill(cls):
        cls.file = cls.bank.folder / "rows.asc"
        ledger.write_generated(cls.file, 4_000, 50, seed=3)

    def test_with_json_progress_is_ticks_on_stderr(self):
        done = self.bank.run("import", self.file, "--json", "--store", "ticks")
        self.assertEqual(len(done.stdout.splitlines()), 1)
        ticks = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        last = {tick["progress"]: tick for tick in ticks}
        self.assertEqual(list(last), ["import", *ledger.ALL_TABLES])
        self.assertEqual((last["import"]["done"], last["import"]["total"]), (4_000, 4_000))
        for tick in last.values():
            self.assertEqual(tick["done"], tick["total"])
            self.assertGreaterEqual(tick["per_second"], 0)
            self.assertEqual(tick["seconds_left"], 0)

    def test_piped_there_is_no_progress(self):
        done = self.bank.run("import", self.file, "--store", "piped")
        self.assertNotIn("/s", done.stderr)
        self.assertNotIn("\r", done.stderr)
        quiet = self.bank.run("import", self.file, "--store", "piped", "--quiet")
        self.assertEqual(quiet.stderr, "")

    def test_on_a_terminal_progress_has_rate_and_time_left(self):
        terminal, end = pty.openpty()
        process = self.bank.start("import", self.file, "--store", "terminal", stderr=end, stdout=-1)
        os.close(end)
        shown = b""
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:  # the other end was closed
                break
            if not part:
                break
            shown += part
        os.close(terminal)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, OK)
        text = shown.decode()
        self.assertRegex(text, r"import +\d+ %  [\d,]+ of 4,000  [\d,]+/s  \d+ s left")
        self.assertRegex(text, r"\r\x1b\[K\d+\.\d s, tables up to date")  # wiped in the end

    def test_an_import_that_is_asked_to_stop_says_how_to_go_on(self):
        process = self.bank.start("import", self.file, "--store", "stopped", "--json", stdout=-1,
                                  stderr=-1)
        process.stderr.readline()  # the first tick: it has begun
        process.terminate()
        text, errors = process.communicate(timeout=120)
        found = json.loads(text)
        if process.returncode != OK:  # else it was through already
            self.assertEqual(process.returncode, FAILED, errors)
            self.assertIn("run the same command again", errors)
            self.assertLess(found["movements"], 4_000)
        again = self.bank.lines("import", self.file, "--store", "stopped")[0]
        self.assertEqual(again["known"], found["movements"])
        self.assertEqual(again["movements"], 4_000)


if __name__ == "__main__":
    main()
