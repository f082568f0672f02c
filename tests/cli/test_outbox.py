"""What sagas have still to do, from the command line: listed, shown and replayed."""

import pathlib
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import FAILED, OK, REFUSED, USAGE, BankTest, main

MESSAGES = ("INSERT INTO recount.outbox (key, kind, saga, instance, trigger, ordinal, type, body, "
            "order_key, due_at, caused_at, status, attempts, last_error) VALUES ")


def key(n):
    return str(uuid.UUID(int=0x80 << 72 | n))


class Outbox(BankTest):
    @classmethod
    def fill(cls):
        cls.bank.ok("migrate")
        rows = [f"('{key(n)}', '{kind}', 'reviews', 'a-{n}', '{key(99)}', {n}, 'review.wanted', "
                f"'{{\"type\":\"review.wanted\",\"schema_version\":1,\"payload\":{{\"n\":{n}}}}}', "
                f"'', '2026-01-3{n % 2}T00:00:00Z', {n}, '{status}', {attempts}, '{error}')"
                for n, kind, status, attempts, error in [
                    (1, "effect", "done", 1, ""), (2, "effect", "dead", 15, "HTTP 503"),
                    (3, "command", "waiting", 0, ""), (4, "effect", "waiting", 2, "no route")]]
        cls.db.rows(MESSAGES + ", ".join(rows))
        cls.db.rows("INSERT INTO recount.timers (saga, instance, name, key, due_at, type, "
                    "schema_version, payload) SELECT 'reviews', 'a-' || n, 'remind', "
                    "('00000000-0000-8000-8000-00000000000' || n)::uuid, "
                    "timestamptz '2026-02-01T00:00:00Z' + (5 - n) * interval '1 day', 'over', 1, '{}' "
                    "FROM generate_series(1, 4) n")

    def numbers(self, *options):
        return [m["ordinal"] for m in self.bank.lines("outbox", "list", *options)]

    def test_messages_are_listed_as_asked_for(self):
        self.assertEqual(self.numbers(), [1, 2, 3, 4])
        self.assertEqual(self.numbers("--kind", "effect", "--status", "waiting"), [4])
        self.assertEqual(self.numbers("--saga", "nobody"), [])
        self.assertEqual(self.numbers("--instance", "a-3"), [3])
        first = self.assert_exit(OK, "outbox", "list", "--limit", "2")
        lines = first.stdout.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn("--after", first.stderr)
        self.assertEqual(len({line.find("review.wanted") for line in lines[1:]}), 1)  # aligned
        after = first.stderr.split()[-1]
        self.assertEqual(self.numbers("--after", after), [3, 4])

    def test_words_that_are_none_are_refused(self):
        for options in (["--status", "lost"], ["--kind", "letter"], ["--limit", "x"]):
            self.assert_exit(USAGE, "outbox", "list", *options)
        self.assert_exit(USAGE, "timers", "list", "--after", "soon")
        self.assert_exit(USAGE, "outbox", "show", "7")

    def test_a_message_is_shown_with_its_content(self):
        shown = self.bank.ok("outbox", "show", key(4))
        for part in (key(4), "no route", '"n":4', "waiting"):
            self.assertIn(part, shown)
        self.assert_exit(FAILED, "outbox", "show", key(7))

    def test_only_a_dead_message_is_replayed(self):
        self.assertIn("waits again", self.bank.ok("outbox", "replay", key(2)))
        found = self.bank.lines("outbox", "show", key(2))[0]
        self.assertEqual((found["status"], found["attempts"]), ("waiting", 0))
        for other in (2, 1, 3):
            done = self.assert_exit(REFUSED, "outbox", "replay", key(other))
            self.assertIn("only a dead one", done.stderr)
        self.assert_exit(FAILED, "outbox", "replay", key(7))
        self.db.rows(f"UPDATE recount.outbox SET status = 'dead', attempts = 15 "
                     f"WHERE key = '{key(2)}'")

    def test_timers_are_listed_as_they_come_due(self):
        found = self.bank.lines("timers", "list")
        self.assertEqual([t["instance"] for t in found], ["a-4", "a-3", "a-2", "a-1"])
        first = self.assert_exit(OK, "timers", "list", "--limit", "1")
        after = first.stderr.split()[-1]
        self.assertEqual(self.bank.lines("timers", "list", "--after", after), found[1:])
        self.assertEqual(self.bank.lines("timers", "list", "--due-before", found[2]["due_at"]),
                         found[:2])
        self.assertEqual(self.bank.lines("timers", "list", "--saga", "nobody"), [])


if __name__ == "__main__":
    main()
