"""The database under the program: migrations, a server of one's own, unsafe settings, psql."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import FAILED, OK, REFUSED, SOURCE, USAGE, Bank, BankTest, Psql, main, wait_until

STEPS = sorted(file.stem for file in (SOURCE / "migrations").glob("*.sql"))


class OnAServer(BankTest):
    """Programs that are given a URL. The server is the private one of another bank."""

    def database(self, name):
        self.db.rows(f"CREATE DATABASE {name}")
        bank = Bank(self.db.url(name))
        self.addCleanup(bank.remove)
        self.addCleanup(lambda: self.assertFalse((bank.folder / "data").exists(),
                                                 "a private database was started"))
        return bank

    def test_migrations_are_applied_once(self):
        bank = self.database("once")
        self.assertEqual([(s["name"], s["applied"]) for s in bank.lines("migrate", "--status")],
                         [(step, False) for step in STEPS])
        self.assertEqual([a["applied"] for a in bank.lines("migrate")], STEPS)
        self.assertEqual([s["applied"] for s in bank.lines("migrate", "--status")],
                         [True] * len(STEPS))
        self.assertEqual(bank.lines("migrate"), [])
        self.assertIn("up to date", bank.run("migrate").stderr)
        self.assertEqual(bank.run("migrate", "--quiet").stderr, "")
        table = bank.ok("migrate", "--status")
        for step in STEPS:
            self.assertIn(step, table)

    def test_pending_migrations_are_refused_until_migrate(self):
        bank = self.database("pending")
        for verb in (["balances"], ["events"], ["psql", "SELECT 1"],
                     ["commands", "send", "account.open", '{"account":"a"}']):
            done = self.assert_exit(REFUSED, *verb, bank=bank)
            self.assertEqual(done.stdout, "")
            self.assertIn("migrate", done.stderr)
        bank.ok("migrate")
        bank.ok("commands", "send", "account.open", '{"account":"a"}')
        self.assertEqual(len(bank.lines("balances")), 1)
        done = self.assert_exit(REFUSED, "balances", "--store", "other", bank=bank)
        self.assertIn("other", done.stderr)
        bank.ok("migrate", "--store", "other")
        self.assertEqual(bank.lines("balances", "--store", "other"), [])

    def test_two_starters_migrate_once(self):
        bank = self.database("two")
        running = [bank.start("migrate", "--json", stdout=-1, stderr=-1) for _ in range(3)]
        applied = []
        for one in running:
            text, errors = one.communicate(timeout=120)
            self.assertEqual(one.returncode, OK, errors)
            applied += [json.loads(line)["applied"] for line in text.splitlines()]
        self.assertEqual(sorted(applied), STEPS)

    def test_the_sql_of_the_migrations_makes_the_same_store(self):
        bank = self.database("by_hand")
        script = bank.ok("migrate", "--sql")
        for step in STEPS:
            self.assertIn(step, script)
        self.assertEqual([s["applied"] for s in bank.lines("migrate", "--status")],
                         [False] * len(STEPS))
        file = bank.folder / "by_hand.sql"
        file.write_text(script)
        self.db.rows(f"\\connect by_hand\n\\set ON_ERROR_STOP on\n\\i {file}\n"
                     "\\set ON_ERROR_STOP off\nSELECT 1")
        self.addCleanup(lambda: self.db.rows("\\connect bank\nSET search_path = recount"))
        self.assertEqual([s["applied"] for s in bank.lines("migrate", "--status")],
                         [True] * len(STEPS))
        done = self.assert_exit(OK, "migrate", "--sql", bank=bank)
        self.assertEqual(done.stdout, "")
        self.assertIn("up to date", done.stderr)
        bank.ok("commands", "send", "account.open", '{"account":"a"}')

    def test_a_step_that_was_changed_afterwards_is_refused(self):
        bank = self.database("changed")
        bank.ok("migrate")
        with Psql(bank) as db:
            db.rows("ALTER TABLE migrations DISABLE TRIGGER USER; "
                    "UPDATE migrations SET checksum = repeat('0', 64) WHERE number = 2")
        for verb in (["migrate"], ["migrate", "--status"], ["balances"]):
            done = self.assert_exit(REFUSED, *verb, bank=bank)
            self.assertIn(STEPS[1], done.stderr)

    def test_a_store_of_a_newer_program_is_refused(self):
        bank = self.database("newer")
        bank.ok("migrate")
        with Psql(bank) as db:
            db.rows("INSERT INTO migrations (number, name, checksum) "
                    "VALUES (99, '0099_future', repeat('0', 64))")
        done = self.assert_exit(REFUSED, "balances", bank=bank)
        self.assertIn("99", done.stderr)

    def test_the_url_may_come_from_the_environment(self):
        bank = self.database("from_environment")
        url, bank.database = bank.database, None
        bank.environment["RECOUNT_DATABASE_URL"] = url
        self.assertEqual([a["applied"] for a in bank.lines("migrate")], STEPS)
        self.assertEqual(bank.lines("balances"), [])

    def test_settings_that_lose_data_are_refused(self):
        bank = self.database("unsafe")
        bank.ok("migrate")
        self.db.rows("ALTER DATABASE unsafe SET synchronous_commit = off")
        for verb in (["balances"], ["migrate"], ["migrate", "--status"]):
            done = self.assert_exit(REFUSED, *verb, bank=bank)
            self.assertEqual(done.stdout, "")
            self.assertIn("synchronous_commit", done.stderr)
        self.db.rows("ALTER DATABASE unsafe SET synchronous_commit = local")
        self.assert_exit(OK, "balances", bank=bank)

    def test_unsafe_settings_are_allowed_with_a_warning_at_each_start(self):
        bank = self.database("allowed")
        self.db.rows("ALTER DATABASE allowed SET synchronous_commit = off")
        self.assert_exit(OK, "migrate", "--unsafe-settings", bank=bank)
        for _ in range(2):
            done = self.assert_exit(OK, "--unsafe-settings", "--quiet", "balances", bank=bank)
            self.assertIn("synchronous_commit = off", done.stderr)
        self.assertEqual(bank.run("balances").returncode, REFUSED)


    def test_a_database_that_takes_no_changes_is_refused_but_verified(self):
        bank = self.database("read_only")
        bank.ok("migrate")
        bank.ok("commands", "send", "account.open", '{"account":"a"}')
        self.db.rows("ALTER DATABASE read_only SET default_transaction_read_only = on")
        for verb in (["balances"], ["migrate"], ["serve"]):
            done = self.assert_exit(REFUSED, *verb, bank=bank)
            self.assertIn("default_transaction_read_only", done.stderr)
        self.assertIn("nothing differs", self.assert_exit(OK, "verify", bank=bank).stdout)

    def test_a_database_of_another_encoding_is_refused(self):
        self.db.rows("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' "
                     "TEMPLATE template0")
        bank = Bank(self.db.url("latin"))
        self.addCleanup(bank.remove)
        done = self.assert_exit(REFUSED, "migrate", "--unsafe-settings", bank=bank)
        self.assertIn("LATIN1", done.stderr)


class Stores(BankTest):
    def test_a_store_that_is_not_there_is_not_made_by_a_mistake(self):
        self.bank.ok("migrate")
        self.bank.ok("stores", "create", "ledger")
        for verb in (["balances"], ["events"], ["psql", "SELECT 1"], ["serve", "--port", "0"],
                     ["commands", "send", "account.open", '{"account":"a"}']):
            done = self.assert_exit(REFUSED, *verb, "--store", "leger")
            self.assertEqual(done.stdout, "")
            self.assertIn("there is no store 'leger'", done.stderr)
            self.assertIn("there are ledger, main", done.stderr)
            self.assertIn("stores create leger", done.stderr)
        self.assertEqual([s["store"] for s in self.bank.lines("stores", "list")],
                         ["ledger", "main"])
        self.assert_exit(OK, "balances", "--store", "ledger")

    def test_stores_are_listed_with_what_they_hold(self):
        self.bank.ok("migrate")
        self.assertEqual(self.bank.ok("stores", "create", "books"),
                         "created store books (schema recount_books)\n")
        self.bank.ok("commands", "send", "account.open", '{"account":"a"}', "--store", "books")
        books = next(s for s in self.bank.lines("stores", "list") if s["store"] == "books")
        recorded = self.bank.lines("events", "--store", "books")[0]["recorded_at"]
        self.assertEqual(books, {"store": "books", "schema": "recount_books", "format": 1,
                                 "events": 1, "pending": 0, "head_at": recorded})
        self.assertRegex(self.bank.ok("stores", "list"),
                         r"(?m)^books +recount_books +1 +1 +\S+ +0$")
        done = self.assert_exit(REFUSED, "stores", "create", "books")
        self.assertIn("there is a store 'books' already", done.stderr)
        self.assert_exit(USAGE, "stores", "create", "No-Name")

    def test_views_are_read_by_a_person(self):
        self.bank.ok("migrate")
        self.bank.ok("commands", "send", "account.open", '{"account":"view"}')
        self.assertEqual(self.db.rows("SELECT stream, version, last_type FROM stream_summary "
                                      "WHERE stream = 'account-view'"),
                         ["account-view|1|account.opened"])
        self.assertEqual(self.db.rows("SELECT version, type, command, payload FROM event_list "
                                      "WHERE stream = 'account-view'"),
                         ['1|account.opened|account.open|{"account":"view"}'])


class PrivateServer(BankTest):
    def test_a_failure_of_the_server_names_its_log(self):
        self.bank.ok("migrate")
        self.db.rows("ALTER TABLE recount.log RENAME TO mislaid")
        self.addCleanup(lambda: self.db.rows("ALTER TABLE recount.mislaid RENAME TO log"))
        done = self.assert_exit(FAILED, "events")
        named = re.search(r"(?m)^  what the server wrote: (\S+/server\.log)$", done.stderr)
        self.assertTrue(named, done.stderr)
        self.assertIn('relation "recount.log" does not exist',
                      pathlib.Path(named[1]).read_text(encoding="utf-8"))
        # Neither in an object, nor of a server that somebody else looks after, nor of other errors.
        self.assertEqual(len(self.assert_exit(FAILED, "events", "--json").stderr.splitlines()), 1)
        bank = Bank(self.db.url("bank"))
        self.addCleanup(bank.remove)
        done = self.assert_exit(FAILED, "events", bank=bank)
        self.assertNotIn("server.log", done.stderr)
        done = self.assert_exit(REFUSED, "events", "--store", "none")
        self.assertNotIn("server.log", done.stderr)


class UnsafeServer(BankTest):
    """A server of its own, since these settings are the whole server's."""

    def test_fsync_and_full_page_writes_off_are_refused(self):
        for setting in ("fsync", "full_page_writes"):
            self.db.rows(f"ALTER SYSTEM SET {setting} = off")
            self.db.rows("SELECT pg_reload_conf()")
            wait_until(lambda s=setting: self.db.value(f"SHOW {s}") == "off", f"{setting} = off")
        bank = Bank(self.db.url("bank"))
        self.addCleanup(bank.remove)
        for of in (bank, self.bank):
            done = self.assert_exit(REFUSED, "balances", bank=of)
            self.assertIn("fsync", done.stderr)
            self.assertIn("full_page_writes", done.stderr)
            self.assertNotIn("synchronous_commit", done.stderr)
            done = self.assert_exit(OK, "balances", "--unsafe-settings", bank=of)
            self.assertIn("fsync = off", done.stderr)


class PsqlVerb(BankTest):
    STORES = ("demo",)

    def test_psql_sees_the_tables_by_their_bare_names(self):
        self.send("account.open", {"account": "a"})
        self.bank.ok("projections", "catch-up")
        for table in ("account_balances", "deposits_by_day", "statement_lines", "log", "streams"):
            self.assertRegex(self.bank.ok("psql", f"SELECT count(*) AS n FROM {table}", "--json"),
                             r"^\d+\n$")
        self.assertRegex(self.bank.ok("psql", "SELECT account FROM account_balances"),
                         r"(?s)account.*a.*\(\d+ rows?\)")

    def test_psql_of_another_store(self):
        self.assertEqual(self.bank.ok("psql", "SELECT current_schema", "--json", "--store", "demo"),
                         "recount_demo\n")

    def test_a_statement_that_fails_is_exit_1(self):
        done = self.assert_exit(FAILED, "psql", "SELECT nonsense")
        self.assertIn("nonsense", done.stderr)

    def test_nobody_changes_the_log_with_it(self):
        self.send("account.open", {"account": "b"})
        for change in ("UPDATE log SET type = 'x'", "DELETE FROM log", "TRUNCATE log",
                       "DELETE FROM links", "DELETE FROM streams", "UPDATE streams SET name = 'x'"):
            done = self.assert_exit(FAILED, "psql", change)
            self.assertIn("append-only", done.stderr)

    def test_the_version_of_the_database(self):
        self.assertRegex(self.bank.ok("version", "--database-version"),
                         re.compile(r"^PostgreSQL \d+\.\d+$", re.MULTILINE))


if __name__ == "__main__":
    main()
