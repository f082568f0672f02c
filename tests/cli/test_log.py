"""Reading the log: categories, streams, events and one event."""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import FAILED, HEADER, OK, USAGE, Bank, BankTest, main

ROWS = ['1;7;930109;"PRIJEM";"VKLAD";700.00;700.00;"";;',
        '2;8;930109;"PRIJEM";"VKLAD";10.00;10.00;"";;',
        '3;9;930131;"PRIJEM";"";2.10;2.10;"UROK";;',
        '4;7;930110;"VYDAJ";"VYBER";100.00;600.00;"";;',
        '5;7;930131;"VYDAJ";"VYBER";14.60;585.40;"SLUZBY";;']


class Log(BankTest):
    STORES = ("followed",)

    @classmethod
    def fill(cls):
        file = cls.bank.folder / "rows.asc"
        file.write_text(HEADER + "\n".join(ROWS) + "\n")
        cls.bank.ok("import", file)

    def positions(self, *arguments):
        return [e["position"] for e in self.bank.lines("events", *arguments)]

    def test_categories_count_their_streams(self):
        self.assertEqual(self.bank.lines("categories"), [{"category": "account", "streams": 3}])
        self.assert_approved("categories.txt", self.bank.ok("categories"))

    def test_streams_come_in_order_of_names_and_in_pages(self):
        self.assertEqual(self.bank.lines("streams"), [
            {"stream": "account-7", "version": 4, "created_position": 1},
            {"stream": "account-8", "version": 2, "created_position": 3},
            {"stream": "account-9", "version": 2, "created_position": 5}])
        names = []
        while True:
            after = ["--after", names[-1]] if names else []
            page = self.bank.lines("streams", "account", "--limit", "2", *after)
            if not page:
                break
            self.assertLessEqual(len(page), 2)
            names += [stream["stream"] for stream in page]
        self.assertEqual(names, ["account-7", "account-8", "account-9"])
        self.assertEqual(self.bank.lines("streams", "planet"), [])
        self.assert_approved("streams.txt", self.bank.ok("streams"))

    def test_events_come_in_order_of_position(self):
        found = self.bank.lines("events")
        self.assertEqual([e["position"] for e in found], list(range(1, 9)))
        self.assertEqual(list(found[0]), ["position", "stream", "version", "id", "type",
                                          "schema_version", "recorded_at", "effective_at",
                                          "commit_last", "meta", "payload", "hash"])
        self.assertEqual(found[1]["payload"],
                         {"account": "7", "amount": {"minor": 70000, "currency": "CZK"},
                          "stated_balance": {"minor": 70000, "currency": "CZK"},
                          "reference": "1"})
        self.assertEqual(found[1]["effective_at"], "1993-01-09T00:00:00.000000Z")
        self.assertEqual([e["commit_last"] for e in found], [2, 2, 4, 4, 6, 6, 7, 8])
        self.assertTrue(found[0]["meta"]["app"].startswith("bank "))
        self.assert_approved("events.txt", self.bank.ok("events"))

    def test_events_are_filtered(self):
        self.assertEqual(self.positions("--stream", "account-7"), [1, 2, 7, 8])
        self.assertEqual(self.positions("--type", "account.opened"), [1, 3, 5])
        self.assertEqual(self.positions("--category", "account"), list(range(1, 9)))
        self.assertEqual(self.positions("--category", "planet"), [])
        self.assertEqual(self.positions("--type", "account.robbed"), [])
        # What cannot be found is said, and not on stdout.
        for wrong in (["--type", "account.robbed"], ["--category", "planet"],
                      ["--stream", "account-none"]):
            done = self.bank.run("events", *wrong)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn(f"'{wrong[1]}'", done.stderr)
        self.assertEqual(self.bank.run("events", "--type", "account.opened").stderr, "")
        self.assertEqual(self.positions("--stream", "account-7", "--type", "account.withdrawn"),
                         [7])
        self.assertEqual(self.positions("--from", "7"), [7, 8])
        self.assertEqual(self.positions("--from", "0", "--limit", "2"), [1, 2])
        self.assertEqual(self.positions("--from", "3", "--limit", "2", "--stream", "account-7"),
                         [7, 8])
        self.assertEqual(self.positions("--from", "100"), [])
        self.assert_exit(USAGE, "events", "--from", "first")
        self.assert_exit(USAGE, "events", "--from", "-1")
        self.assert_exit(USAGE, "events", "--stream", "nodash")

    def test_one_event_is_found_by_its_id(self):
        wanted = self.bank.lines("events")[1]
        (found,) = self.bank.lines("event", wanted["id"])
        command = found.pop("command")
        self.assertEqual(found, wanted)
        # It is the second event of its commit; the command stands with the first.
        self.assertEqual((command["name"], command["payload"]["movement"]),
                         ("account.record_movement", "1"))
        text = self.bank.ok("event", wanted["id"])
        for part in (wanted["id"], "account-7 version 2", "account.deposited version 1",
                     wanted["hash"], "1993-01-09"):
            self.assertIn(part, text)
        first = self.bank.ok("event", self.bank.lines("events")[0]["id"])
        self.assertIn('{"name":"account.record_movement","version":1,"payload":', first)
        self.assert_exit(FAILED, "event", "00000000-0000-0000-0000-000000000000")
        self.assertEqual(self.bank.ok("event", wanted["position"]), text)
        self.assert_exit(FAILED, "event", "17")
        self.assert_exit(FAILED, "event", "0")
        self.assert_exit(USAGE, "event", "17x")

    def test_followed_events_arrive_as_they_are_recorded(self):
        store = ["--store", "followed"]
        self.send("account.open", {"account": "a"}, *store)
        with self.bank.start("events", "--follow", "--json", *store, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE) as reader:
            self.assertEqual(json.loads(reader.stdout.readline())["type"], "account.opened")
            done = self.send("account.close", {"account": "a"}, *store)
            self.assertEqual(json.loads(reader.stdout.readline())["id"], done["events"][0])
            reader.terminate()
            reader.communicate(timeout=60)
            self.assertEqual(reader.returncode, OK)


class EndOfPipe(unittest.TestCase):
    def test_a_reader_that_goes_away_ends_the_program_and_its_server(self):
        bank = Bank()
        self.addCleanup(bank.remove)
        file = bank.folder / "rows.asc"
        file.write_text(HEADER + "".join(f'{n};1;930109;"PRIJEM";"VKLAD";1.00;1.00;"";;\n'
                                         for n in range(2_000)))
        bank.ok("import", file)
        writer = bank.start("events", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        writer.stdout.readline()
        writer.stdout.close()
        self.assertEqual(writer.stderr.read(), "")
        self.assertEqual(writer.wait(timeout=60), FAILED)
        writer.stderr.close()
        self.assertFalse((bank.folder / "data" / "bank" / "data" / "postmaster.pid").exists(),
                         "the server was left running")


if __name__ == "__main__":
    main()
