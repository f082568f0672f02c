"""The command line itself: help, wrong words, exit codes, the tour without arguments."""

import json
import os
import pathlib
import re
import stat
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import (FAILED, OK, REFUSED, UNREACHABLE, USAGE, Bank, BankTest, assert_approved,
                      main)


class Usage(unittest.TestCase):
    """Calls that need no database, and start none."""

    def setUp(self):
        self.bank = Bank()
        self.addCleanup(self.bank.remove)

    def tearDown(self):
        self.assertFalse((self.bank.folder / "data").exists(), "a database was started")

    def usage_error(self, *arguments):
        done = self.bank.run(*arguments)
        self.assertEqual(done.returncode, USAGE, f"{arguments}: {done.stdout}{done.stderr}")
        self.assertEqual(done.stdout, "", arguments)
        self.assertTrue(done.stderr.strip(), arguments)
        return done.stderr

    def test_help_names_every_verb(self):
        text = self.bank.ok("--help")
        for verb in ("migrate", "commands", "categories", "streams", "events", "event", "state",
                     "projections", "stores", "schema", "psql", "version", "serve", "health",
                     "import",
                     "balances", "statement", "deposits", "reconcile"):
            self.assertRegex(text, rf"(?m)^  {verb} ")
        for option in ("--database", "--store", "--json", "--quiet", "--unsafe-settings"):
            self.assertIn(option, text)

    def test_help_of_a_verb_and_of_all_verbs(self):
        self.assertIn("--batch", self.bank.ok("import", "--help"))
        self.assertIn("rebuild", self.bank.ok("projections", "--help"))
        self.assertIn("--follow", self.bank.ok("--help-all"))

    def test_unknown_words_are_usage_errors(self):
        self.assertRegex(self.usage_error("frobnicate"),
                         "expected a verb, found 'frobnicate': there are balances, .*, version")
        self.assertIn("expected a verb after 'stores', found nothing: there are create, list",
                      self.usage_error("stores"))
        self.assertIn("expected a verb after 'stores', found 'crate': there are create, list",
                      self.usage_error("stores", "crate", "x"))
        self.usage_error("balances", "--frobnicate")
        self.usage_error("balances", "extra")
        self.usage_error("import")
        self.usage_error("statement", "1", "2")
        self.usage_error("--store")

    def test_wrong_words_are_objects_with_json(self):
        for words in (("frobnicate",), ("stores", "crate", "x"), ("balances", "--frobnicate"),
                      ("import",)):
            for line in (("--json", *words), (*words, "--json")):
                found = json.loads(self.usage_error(*line))
                self.assertEqual(found["error"], "invalid_argument", line)
                self.assertTrue(found["text"], line)

    def test_a_missing_or_malformed_value_is_a_usage_error(self):
        self.assertIn("--day", self.usage_error("deposits"))
        self.assertIn("1993-13-01", self.usage_error("deposits", "--day", "1993-13-01"))
        self.usage_error("deposits", "--day", "yesterday")

    def test_what_speaks_of_the_log_is_not_asked_of_a_corrected_stream(self):
        stream = ["events", "--stream", "account-7"]
        self.assertIn("--stream", self.usage_error("events", "--as", "corrected"))
        for words in (stream, ["events"]):
            said = self.usage_error(*words, "--as", "all")
            self.assertIn("expected recorded, corrected, annotated, changes or append_only, "
                          "found 'all'", said)
        self.assertIn("expected an event's id, a UUID, or its position, found 'abc'",
                      self.usage_error("event", "abc"))
        for view in ("corrected", "annotated"):
            for words in (["--from", "1"], ["--category", "account"], ["--follow"]):
                self.assertIn("recorded", self.usage_error(*stream, "--as", view, *words))
        self.usage_error("events", "--follow", "--at", "3")
        self.usage_error(*stream, "--as", "annotated", "--as-of", "2026-01-31")
        for words in (["--at", "x"], ["--at", "-1"], ["--as-of", "yesterday"],
                      ["--as-of", "2026-02-30"]):
            self.usage_error(*stream, *words)
            self.usage_error("state", "account-7", *words)

    def test_the_version_says_program_framework_and_format(self):
        self.assertRegex(self.bank.ok("version"),
                         r"^bank \d+\.\d+\.\d+ \(recount \S+, store format 1\)\n$")
        found = json.loads(self.bank.ok("version", "--json"))
        self.assertEqual(found["format"], 1)
        self.assertTrue(found["program"].startswith("bank "))

    def test_the_commands_are_listed_without_a_database(self):
        assert_approved(self, "commands.txt", self.bank.ok("commands", "list"))
        found = self.bank.lines("commands", "list")
        self.assertEqual(len(found), 21)
        self.assertIn({"command": "account.record_movement", "aggregate": "account"}, found)

    def test_the_tables_are_described_without_a_database(self):
        assert_approved(self, "projections_ddl.sql", self.bank.ok("projections", "ddl"))
        one = self.bank.ok("projections", "ddl", "deposits_by_day")
        self.assertIn("CREATE TABLE", one)
        self.assertIn("deposits_by_day__v1", one)
        self.assertNotIn("statement_lines", one)

    def test_an_argument_may_have_the_name_of_a_verb(self):
        found = self.bank.lines("schema", "rows", "transfers")
        self.assertEqual([schema["$id"] for schema in found], ["urn:recount:rows:transfers:1"])
        failed = self.bank.run("schema", "rows", "serve")
        self.assertIn("no rows named 'serve'", failed.stderr)

    def test_schemas_are_json_schema(self):
        for what, count in (("events", 17), ("commands", 21), ("rows", 7), ("timers", 2),
                            ("effects", 2)):
            found = self.bank.lines("schema", what)
            self.assertEqual(len(found), count, what)
            for schema in found:
                self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
                self.assertEqual(schema["type"], "object")
                self.assertFalse(schema["additionalProperties"])
        one = json.loads(self.bank.ok("schema", "events", "account.deposited"))
        self.assertEqual(list(one["properties"]),
                         ["account", "amount", "stated_balance", "reference", "transfer"])
        self.assertEqual(sorted(one["required"]), ["account", "amount"])
        self.assertEqual(one, self.bank.lines("schema", "events", "account.deposited")[0])

    def test_what_is_not_there_is_an_error(self):
        done = self.bank.run("schema", "events", "account.robbed")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("account.robbed", done.stderr)
        done = self.bank.run("projections", "ddl", "nothing")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("nothing", done.stderr)


class WithoutServer(unittest.TestCase):
    def setUp(self):
        self.bank = Bank()
        self.addCleanup(self.bank.remove)

    def test_a_database_that_is_not_reachable_is_exit_5(self):
        for url in ("postgresql://127.0.0.1:1/bank?connect_timeout=2",
                    f"postgresql:///bank?host={self.bank.folder}"):
            for verb in (["balances"], ["migrate"], ["migrate", "--status"], ["psql", "SELECT 1"]):
                done = self.bank.run("--database", url, *verb)
                self.assertEqual(done.returncode, UNREACHABLE, f"{verb}: {done.stderr}")
                self.assertEqual(done.stdout, "")
        self.bank.environment["RECOUNT_DATABASE_URL"] = (
            f"postgresql:///bank?host={self.bank.folder}")
        done = self.bank.run("balances", "--json")
        self.assertEqual(done.returncode, UNREACHABLE)
        self.assertEqual(json.loads(done.stderr)["error"], "database_unreachable")
        self.assertFalse((self.bank.folder / "data").exists())

    def test_a_url_that_is_none_is_refused_in_a_sentence(self):
        done = self.bank.run("--database", "nonsense://", "balances")
        self.assertNotEqual(done.returncode, OK)
        self.assertTrue(done.stderr.startswith("bank: "), done.stderr)

    def test_no_postgresql_on_the_machine_is_said(self):
        self.bank.environment["RECOUNT_PG_BIN"] = str(self.bank.folder)
        done = self.bank.run("balances")
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn(str(self.bank.folder), done.stderr)


class Tour(unittest.TestCase):
    """The program without arguments; each call starts and stops a PostgreSQL."""

    def test_the_tour_is_the_same_twice(self):
        bank = Bank()
        self.addCleanup(bank.remove)
        first = bank.run()
        self.assertEqual(first.returncode, OK, first.stderr)
        second = bank.run()
        self.assertEqual(second.returncode, OK, second.stderr)
        self.assertEqual(first.stdout, second.stdout)
        today = r"20\d\d-\d\d-\d\d"
        self.assertRegex(first.stdout, today)
        assert_approved(self, "tour.txt", re.sub(today + " *", "<today>  ", first.stdout))
        self.assertFalse((bank.folder / "data" / "bank" / "data" / "postmaster.pid").exists(),
                         "the server was left running")
        self.assertEqual(stat.S_IMODE(os.stat(bank.folder / "data" / "bank" / "data").st_mode),
                         0o700)

    def test_the_tour_has_a_store_of_its_own(self):
        bank = Bank()
        self.addCleanup(bank.remove)
        with bank.psql():
            bank.ok()
            self.assertEqual(bank.lines("events"), [])
            self.assertEqual(len(bank.lines("events", "--store", "demo")), 9)
            self.assertEqual({row["account"]: row["balance"]["minor"]
                              for row in bank.lines("balances", "--store", "demo")},
                             {"ada": 7562, "ben": -5750})


class Options(BankTest):
    STORES = ("other",)

    def test_global_options_stand_before_or_after_the_verb(self):
        self.assert_exit(OK, "--json", "--store", "other", "balances")
        self.assert_exit(OK, "balances", "--store", "other", "--json")
        self.assert_exit(OK, "projections", "--json", "list", "--store", "other")

    def test_an_empty_value_is_not_as_if_it_were_not_given(self):
        for words in (("commands", "send", "account.open", '{"account":"q"}', "--id", ""),
                      ("import", "nothing.asc", "--batch", ""),
                      ("restructure", "undo", "01890000-0000-7000-8000-000000000000",
                       "--because", "")):
            done = self.assert_exit(USAGE, *words)
            self.assertIn(f"{words[-2]}: expected a value, found nothing", done.stderr)

    def test_a_limit_is_one_or_more(self):
        for words in (("events",), ("streams", "account"), ("projections", "query",
                      "account_balances"), ("restructure", "list"), ("outbox", "list"),
                      ("sagas", "list")):
            done = self.assert_exit(USAGE, *words, "--limit", "0")
            self.assertIn("--limit is 1 or more, found 0", done.stderr)

    def test_a_file_that_cannot_be_written_is_named_with_the_reason(self):
        done = self.assert_exit(FAILED, "events", "export", "/nonexistent/x")
        self.assertIn("unable to write /nonexistent/x: No such file", done.stderr)

    def test_a_file_that_cannot_be_read_is_named_with_the_reason(self):
        verbs = (("import",), ("events", "import"), ("standing-orders", "import"),
                 ("restructure", "plan"), ("verify", "--key", "none.pem", "--head"))
        for path, reason in (("none.asc", "No such file or directory"),
                             (str(self.bank.folder), "Is a directory")):
            for verb in verbs:
                done = self.assert_exit(1, *verb, path)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, f"unable to read .*: {reason}")

    def test_a_store_has_a_name_of_a_known_form(self):
        for name in ("Other", "a-b", "1a", "a" * 32, "x; DROP SCHEMA recount", "a\"b"):
            done = self.assert_exit(USAGE, "balances", "--store", name)
            self.assertEqual(done.stdout, "")

    def test_an_error_with_json_is_an_object_on_stderr(self):
        done = self.assert_exit(1, "statement", "nobody", "--json")
        self.assertEqual(done.stdout, "")
        found = json.loads(done.stderr)
        self.assertEqual(found["error"], "not_found")
        self.assertIn("nobody", found["text"])

    def test_two_programs_at_once_share_the_server(self):
        two = [self.bank.start("balances", "--json", stdout=-1, stderr=-1) for _ in range(4)]
        for one in two:
            _, errors = one.communicate(timeout=120)
            self.assertEqual(one.returncode, OK, errors)


if __name__ == "__main__":
    main()
