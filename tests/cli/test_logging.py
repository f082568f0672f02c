"""RECOUNT_LOG: what the program tells on stderr, and that stdout does not change."""

import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import OK, REFUSED, USAGE, BankTest, main

SECRET = "x-secret-account-x"


class Logging(BankTest):
    def logged(self, words, *arguments, code=OK):
        self.bank.environment["RECOUNT_LOG"] = words
        try:
            return self.assert_exit(code, *arguments)
        finally:
            del self.bank.environment["RECOUNT_LOG"]

    def events(self, done):
        return [json.loads(line) for line in done.stderr.splitlines()]

    def test_one_correlation_runs_through_command_append_and_statements(self):
        payload = json.dumps({"account": "traced"})
        done = self.logged("trace", "commands", "send", "account.open", payload)
        found = {}
        for line in done.stderr.splitlines():
            match = re.match(r"\S+Z (trace|debug|info|warning|error) +(\S+) ", line)
            self.assertIsNotNone(match, line)
            correlation = re.search(r" correlation=(\S+)$", line)
            if correlation:
                found.setdefault(correlation[1], []).append(match[2])
        self.assertEqual(len(found), 1, found)
        names = next(iter(found.values()))
        for name in ("sql.statement", "append.batch", "append.commit", "command.accepted"):
            self.assertIn(name, names)
        self.assertEqual(names[-1], "command.accepted")
        self.assertIn(" query=append ", done.stderr)
        self.assertIn(f" command_id={next(iter(found))} ", done.stderr)

    def test_every_line_is_json_if_asked_for(self):
        payload = {"account": SECRET}
        done = self.logged("trace,json", "commands", "send", "account.open", json.dumps(payload))
        lines = self.events(done)
        for line in lines:
            self.assertEqual(set(line) - {"correlation"},
                             {"at", "level", "event", "text", "fields"})
        names = {line["event"] for line in lines}
        self.assertLessEqual({"connection.opened", "cluster.found", "sql.statement",
                              "append.batch"}, names)
        statements = [line["fields"] for line in lines if line["event"] == "sql.statement"]
        for fields in statements:
            self.assertEqual(set(fields), {"query", "rows", "elapsed_us", "backend_pid"})
            self.assertNotIn(SECRET, json.dumps(fields))

    def test_stdout_is_the_same_with_and_without(self):
        self.send("account.open", {"account": "same"})
        quiet = self.bank.run("state", "account-same")
        self.assertEqual(quiet.stderr, "")
        for words in ("trace", "trace,json", "trace,text"):
            loud = self.logged(words, "state", "account-same")
            self.assertEqual(loud.stdout, quiet.stdout)
            self.assertTrue(loud.stderr)
        self.assertEqual(self.logged("off", "state", "account-same").stderr, "")

    def test_levels_leave_out_what_is_below(self):
        payload = json.dumps({"account": "levels"})
        done = self.logged("debug,json", "commands", "send", "account.open", payload)
        self.assertNotIn("trace", {line["level"] for line in self.events(done)})
        self.assertIn("debug", {line["level"] for line in self.events(done)})
        done = self.logged("warning,json", "balances")
        self.assertEqual(done.stderr, "")

    def test_rejections_and_repetitions_are_told(self):
        self.send("account.open", {"account": "told"})
        amount = {"account": "told", "amount": {"minor": 5, "currency": "EUR"}}
        done = self.logged("debug,json", "commands", "send", "account.withdraw",
                           json.dumps(amount), "--json", code=REFUSED)
        lines = {line["event"]: line for line in self.events(done)}
        self.assertEqual(lines["command.rejected"]["fields"]["code"], "overdrawn")
        for _ in range(2):
            done = self.logged("debug,json", "commands", "send", "account.deposit",
                               json.dumps(amount), "--id", "told once")
        lines = {line["event"]: line for line in self.events(done)}
        self.assertIn("command.repeated", lines)
        self.assertNotIn("append.batch", lines)

    def test_pages_of_projections_are_told(self):
        self.send("account.open", {"account": "paged"})
        done = self.logged("debug,json", "projections", "rebuild", "all")
        pages = [line for line in self.events(done) if line["event"] == "projection.page"]
        self.assertIn("account_balances", {line["fields"]["projection"] for line in pages})

    def test_a_wrong_word_is_a_usage_error(self):
        for words in ("loud", "trace,xml"):
            done = self.logged(words, "version", code=USAGE)
            self.assertIn(words, done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    main()
