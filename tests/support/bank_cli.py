"""The bank's program as its users run it: what the tests in cli/ and kill/ share.

    bank = Bank()                          # a data folder of its own, no database of anybody else's
    bank.ok("commands", "send", "account.open", '{"account":"a"}')
    with bank.psql() as db:                # keeps the private PostgreSQL up between the calls
        db.rows("SELECT count(*) FROM log")
    bank.remove()

Nothing here sleeps: whoever waits for something asks again until it is so.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.environ.get("RECOUNT_BANK", "")
SHOP = os.environ.get("RECOUNT_SHOP", "")
SOURCE = pathlib.Path(os.environ.get("RECOUNT_SOURCE", pathlib.Path(__file__).parents[2]))
APPROVED = SOURCE / "tests" / "approved" / "cli"
CALL_SECONDS_MAX = 300
WAIT_SECONDS_MAX = 60

OK, FAILED, USAGE, REFUSED, CONFLICT, UNREACHABLE, DIFFERENCE = range(7)
HEADER = ('"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";'
          '"bank";"account"\n')


class Bank:
    """The bank, or another application with a command line like its."""

    def __init__(self, database=None, program=PROGRAM, name="bank"):
        self.program, self.name = program, name
        # The server runs as another user when the tests run as root: it must be able to enter.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="recount-cli-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.database = database
        self.environment = {key: value for key, value in os.environ.items()
                            if not key.startswith(("RECOUNT_DATA", "PG"))}
        self.environment.update(RECOUNT_DATA=str(self.folder / "data"), PSQLRC=os.devnull,
                                LC_ALL="C.UTF-8", TZ="UTC")

    def command(self, *arguments):
        url = ["--database", self.database] if self.database else []
        return [self.program, *url, *map(str, arguments)]

    def run(self, *arguments, text=None, more_environment=None):
        return subprocess.run(self.command(*arguments), cwd=self.folder,
                              env={**self.environment, **(more_environment or {})},
                              input=text, stdin=None if text else subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=CALL_SECONDS_MAX, check=False)

    def start(self, *arguments, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen(self.command(*arguments), env=self.environment, cwd=self.folder,
                                text=True, **options)

    def ok(self, *arguments):
        """The text on stdout of a call that must succeed."""
        done = self.run(*arguments)
        if done.returncode != OK:
            raise AssertionError(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n"
                                 f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    def lines(self, *arguments):
        """The objects that a call with --json prints, one a line."""
        return [json.loads(line) for line in self.ok(*arguments, "--json").splitlines()]

    def psql(self):
        return Psql(self)

    def remove(self):
        if (self.folder / "data" / self.name / "data" / "postmaster.pid").exists():
            self.run("version", "--database-version")  # the last user stops the server
        shutil.rmtree(self.folder, ignore_errors=True)


class Psql:
    """`bank psql` with a pipe: a shell on the database, as long as it is open."""

    MARK = "-- that was all --"

    def __init__(self, bank, *arguments):
        self.process = bank.start("psql", "--quiet", "--json", *arguments, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.communicate(timeout=CALL_SECONDS_MAX)

    def abandon(self):
        """Ends it although its server is gone."""
        self.process.kill()
        self.process.communicate(timeout=CALL_SECONDS_MAX)

    def rows(self, sql):
        """The lines that the statements print. Fails if the last one did."""
        self.process.stdin.write(f"{sql};\n\\echo :ERROR :LAST_ERROR_MESSAGE\n\\echo {self.MARK}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == self.MARK:
                break
            lines.append(line.rstrip("\n"))
        else:
            raise AssertionError(f"psql ended: {self.process.stderr.read()[-2000:]}")
        failed, _, message = lines.pop().partition(" ")
        if failed != "false":
            raise AssertionError(f"{sql}\n{message}")
        return lines

    def value(self, sql):
        return self.rows(sql)[0]

    def objects(self, sql):
        return [json.loads(line) for line in self.rows(f"SELECT row_to_json(r) FROM ({sql}) r")]

    def url(self, database):
        """A URL for a database of this server."""
        sockets = self.value("SHOW unix_socket_directories")
        user = self.value("SELECT session_user")
        return f"postgresql:///{database}?host={sockets}&port=5432&user={user}"


def wait_until(condition, what):
    """Asks until it is so. For what another process does."""
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {WAIT_SECONDS_MAX} s: {what}")


class BankTest(unittest.TestCase):
    """A bank for the whole class, its PostgreSQL kept up meanwhile."""

    maxDiff = 4000
    STORES = ()  # beside main

    @classmethod
    def setUpClass(cls):
        cls.bank = cls.make_bank()
        cls.addClassCleanup(cls.bank.remove)
        cls.db = cls.bank.psql()
        cls.addClassCleanup(cls.db.close)
        for name in cls.STORES:
            cls.bank.ok("stores", "create", name)
        cls.fill()

    @classmethod
    def make_bank(cls):
        return Bank()

    @classmethod
    def fill(cls):
        """What the class's tests start from."""

    def assert_exit(self, code, *arguments, bank=None):
        done = (bank or self.bank).run(*arguments)
        self.assertEqual(done.returncode, code,
                         f"{arguments}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def send(self, command, payload, *options):
        return json.loads(self.bank.ok("commands", "send", command, json.dumps(payload), "--json",
                                       *options))

    def assert_approved(self, name, text):
        assert_approved(self, name, text)


def assert_approved(test, name, text):
    """Compares with tests/approved/cli/NAME; with RECOUNT_APPROVE=1 the text becomes the file."""
    file = APPROVED / name
    if os.environ.get("RECOUNT_APPROVE") == "1":
        APPROVED.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    expected = file.read_text(encoding="utf-8") if file.exists() else ""
    test.assertEqual(text, expected, f"{name} is not as approved")


def main():
    if not PROGRAM or not pathlib.Path(PROGRAM).exists():
        sys.exit("set RECOUNT_BANK to the bank's program")
    unittest.main(verbosity=2)
