"""What the tests share that kill saga_workload.cpp at its named points: its phases, where each is
killed, and what is to be found after a round in which it was.

saga_workload.cpp is killed and run again. Nobody else does anything about it. Then everything is
as in the round in which nobody was killed: each command was effective once, no money is lost or
made at any position of the log, each effect has left with its key, and what has to end has ended.
"""
import collections
import itertools
import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CALL_SECONDS_MAX, OK, SOURCE, Bank
from transfer_ledger import TransferLedger

PROGRAM = os.environ.get("RECOUNT_SAGA_WORKLOAD", "")
DELIVERED = "delivered"

# A round: each phase with the verb that does it, and where it is killed: by the beginnings of names
# of points, and the passes.
Phase = collections.namedtuple("Phase", "name verb kills")
OF_TABLES = {f"saga.{point}": (1,) for point in ("page_read", "fence_passed", "tables_written",
                                                 "tables_committed")}
ONCE = ("saga.timers_due", "saga.given_back", "saga.refusals_found")
PHASES = (
    Phase("ask", ("ask",), {}),
    Phase("settle", ("settle",), {"saga.": (1, 2), "saga.recorded": (3, 4, 5, 6)}),
    Phase("end", ("end",), {"saga.act_": (1,)}),
    Phase("take up the end", ("settle",), OF_TABLES),
    Phase("correct", ("correct",), {}),
    Phase("repair", ("settle",), {"repair.": (1,), "saga.recorded": (1,), **OF_TABLES}),
    Phase("deliver", ("deliver", DELIVERED), {"effect.": (1, 2)}),
)
PER_ROUND = ("ask", "end", "correct")            # the verbs that take its number
# Who looks for refusals in the log was preceded by one who was killed when it had sent commands.
BEFORE = {"saga.refusals_found": ("saga.dispatched", 1)}


def belongs(point, beginning):
    """An act is a person's, and no run of a saga."""
    acts = point.startswith("saga.act_")
    return point.startswith(beginning) and acts == beginning.startswith("saga.act_")


def kills_of(phase, points):
    return [(point, count) for point in points for beginning, counts in phase.kills.items()
            if belongs(point, beginning) for count in (counts[:1] if point in ONCE else counts)]


class SagaFaults(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.app = Bank(program=PROGRAM, name="sagafaults")
        self.addCleanup(self.app.remove)
        self.db = self.app.psql()
        self.addCleanup(self.db.close)
        self.app.ok("migrate")
        self.undisturbed = None
        self.kills = 0

    def words(self, phase, number, kill):
        if phase.name in PER_ROUND:
            return (*phase.verb, number)
        # In every other round as a server does, in a thread a saga: then nobody knows which of them
        # passes a point first.
        follow = phase.verb == ("settle",) and number % 2 == 1 and (not kill or kill[1] <= 2)
        return (*phase.verb, "--follow") if follow else phase.verb

    def expire_leases(self):
        """The time passes for which nobody takes what a dead program had claimed."""
        self.db.rows("UPDATE outbox SET claimed_until = clock_timestamp() "
                     "WHERE claimed_until > clock_timestamp()")

    def killed(self, words, point, count):
        """Whether it was killed there; if not, it has come to its end."""
        done = self.app.run(*words, more_environment={"RECOUNT_FAULT_POINT": f"{point}:{count}"})
        self.assertIn(done.returncode, (-signal.SIGKILL, OK), (words, point, count,
                                                               done.stderr[-2000:]))
        self.expire_leases()
        self.kills += done.returncode != OK
        return done.returncode != OK

    def run_phase(self, phase, number, kill=None):
        """False if it was to be killed, and never came to that point."""
        words = self.words(phase, number, kill)
        if kill and kill[0] in BEFORE:
            self.assertTrue(self.killed(words, *BEFORE[kill[0]]), kill)
        there = not kill or self.killed(words, *kill)
        self.app.ok(*words)
        return there

    def run_round(self, number, kills):
        """Kills, by the places of phases; gives back those that there were not."""
        missed = [kill for phase, kill in itertools.zip_longest(PHASES, kills)
                  if not self.run_phase(phase, number, kill)]
        self.check_round(number)
        return missed

    def of_round(self, number):
        """What there is of a round: domain events, instances, messages and timers."""
        mine = rf"\m{number}-"   # of a stream or an instance
        queries = (
            f"SELECT regexp_replace(stream, '{mine}', '') || ' ' || type "
            f"FROM event_list WHERE stream ~ '{mine}' AND type NOT LIKE '$%'",
            f"SELECT saga || ' ' || regexp_replace(instance, '{mine}', '') || ' ' || status "
            f"FROM saga_instances WHERE instance ~ '{mine}'",
            f"SELECT type || ' ' || regexp_replace(instance, '{mine}', '') || ' ' || status "
            f"FROM outbox WHERE instance ~ '{mine}' OR body::text ~ '\"{number}-'",
            f"SELECT saga || ' ' || name FROM timers WHERE instance ~ '{mine}'")
        return [sorted(self.db.rows(query)) for query in queries]

    def check_transfers_ended(self):
        self.assertEqual(self.db.rows("SELECT instance FROM saga_instances WHERE saga = 'transfer' "
                                      "AND status <> 'ended'"), [])

    def check_round(self, number):
        found = self.of_round(number)
        if self.undisturbed is None:
            self.undisturbed = found
        self.assertEqual(found, self.undisturbed)
        told = TransferLedger(self.app.lines("events"))
        told.check_ended()
        self.assertEqual({name: end for name, end in told.status.items()
                          if name.startswith(f"{number}-")},
                         {f"{number}-good": "completed", f"{number}-back": "refunded",
                          f"{number}-much": "refused", f"{number}-nobody": "refunded"})
        self.assertEqual(self.db.value("SELECT count(*) FROM outbox WHERE status = 'waiting'"), "0")
        self.check_transfers_ended()
        delivered = set((self.app.folder / DELIVERED).read_text().split())
        self.assertLessEqual(set(self.db.rows("SELECT key FROM outbox WHERE kind = 'effect' AND "
                                              "status = 'done'")), delivered)

    def check_all(self):
        self.app.ok("check")
        self.app.ok("again")
        done = subprocess.run([sys.executable, SOURCE / "tests" / "support" / "verify_chain.py",
                               self.db.url("sagafaults"), "recount"], capture_output=True,
                              text=True, timeout=CALL_SECONDS_MAX, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])

    def round_without_kills(self):
        self.run_round(0, ())
        events, instances, messages, timers = self.undisturbed
        # What each kind of errand comes to, and that nothing is left to do.
        self.assertEqual(timers, [])
        self.assertEqual(collections.Counter(events)["errand-late errand.freed"], 1)
        self.assertNotIn("errand-late errand.booked", events)
        self.assertIn("errand full ended", instances)
        self.assertIn("errand stuck ended", instances)
        self.assertIn("errand.note late withdrawn", messages)
        self.assertIn("errand.note full done", messages)


def main():
    if not PROGRAM or not pathlib.Path(PROGRAM).exists():
        sys.exit("set RECOUNT_SAGA_WORKLOAD to the program recount-saga-workload")
    unittest.main(verbosity=2)
