"""`kill -9` at every named point of sagas, timers, repairs and effects.

saga_workload.cpp is killed at each point that it says it has, in each phase of its work where it
passes that point, and run again. Nobody else does anything about it. Then everything is as in the
round in which nobody was killed: each command was effective once, no money is lost or made at any
position of the log, each effect has left with its key, and what has to end has ended.
"""
# ctest: timeout 3600
import collections
import itertools
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CALL_SECONDS_MAX, OK, SOURCE, Bank
from transfer_ledger import TransferLedger

PROGRAM = os.environ.get("RECOUNT_SAGA_WORKLOAD", "")
FULL = os.environ.get("RECOUNT_TEST_FULL") == "1"
FAMILIES = ("saga.", "repair.", "effect.")
DELIVERED = "delivered"
LEASE_SECONDS = 10               # recount::limits::saga_lease
TRIES_MAX = 30
TRANSFERS = 30                   # of a round that two programs work on; every third is sent back
SENT_BACK = 10

# A round: each phase with the verb that does it, and where it is killed: by the beginnings of names
# of points, and the passes. With ./test --full at each pass that there is.
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


class SagaFaultPoints(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.app = Bank(program=PROGRAM, name="sagafaults")
        self.addCleanup(self.app.remove)
        self.db = self.app.psql()
        self.addCleanup(self.db.close)
        self.app.ok("migrate")
        self.undisturbed = None
        self.kills = 0
        self.takeover = 0

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

    def test_1_a_program_that_is_killed_at_any_point_of_its_sagas_goes_on_as_if_it_never_had(self):
        points = [name for name in self.app.ok("points").split() if name.startswith(FAMILIES)]
        in_sources = {name for file in (SOURCE / "framework" / "src").rglob("*.cpp")
                      for name in re.findall(r'fault_point<"([^"]+)">', file.read_text())
                      if name.startswith(FAMILIES)}
        self.assertEqual(set(points), in_sources, "run cmake again")
        to_kill = [kills_of(phase, points) for phase in PHASES]
        killed_at = {point for kills in to_kill for point, _ in kills}
        self.assertEqual(killed_at, set(points), "each point belongs to a phase")
        self.round_without_kills()
        number = 0
        for number, row in enumerate(itertools.zip_longest(*to_kill), start=1):
            self.assertEqual(self.run_round(number, row), [], "never passed")
        self.check_all()
        print(f"{self.kills} kills at {len(points)} points in {number} rounds", flush=True)

    @unittest.skipUnless(FULL, "./test --full")
    def test_2_at_each_pass_that_there_is(self):
        points = self.app.ok("points").split()
        self.round_without_kills()
        number = 0
        for place, phase in enumerate(PHASES):
            for point in sorted({point for point, _ in kills_of(phase, points)}):
                for count in itertools.count(1):
                    number += 1
                    if self.run_round(number, (None,) * place + ((point, count),)):
                        break
        self.check_all()
        print(f"{self.kills} kills in {number} rounds", flush=True)

    def start(self, *words, point=None):
        environment = dict(self.app.environment)
        if point:
            environment["RECOUNT_FAULT_POINT"] = point
        return subprocess.Popen(self.app.command(*words), env=environment, cwd=self.app.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def two_at_once(self, number, point):
        """Whether the first one was killed; the second one goes on by itself."""
        self.app.ok("ask", number)
        self.app.ok("transfers", number, TRANSFERS)
        first = self.start("settle", "--follow", point=point)
        second = self.start("settle", "--follow")
        _, errors = first.communicate(timeout=CALL_SECONDS_MAX)
        gone = time.monotonic()
        self.assertIn(first.returncode, (-signal.SIGKILL, OK), errors[-2000:])
        held = self.db.value("SELECT coalesce(ceil(extract(epoch FROM max(claimed_until) - "
                             "clock_timestamp())), 0) FROM outbox")
        self.assertLessEqual(int(held), LEASE_SECONDS)
        _, errors = second.communicate(timeout=CALL_SECONDS_MAX)
        self.assertEqual(second.returncode, OK, errors[-2000:])
        if first.returncode == OK:
            return False
        self.takeover = max(self.takeover, time.monotonic() - gone)
        return True

    def test_3_of_two_programs_that_run_the_same_sagas_one_is_killed_and_the_other_goes_on(self):
        number = 0
        for point in ("saga.page_read:2", "saga.recorded:2", "saga.fence_passed:2",
                      "saga.tables_committed:2", "saga.commands_claimed:2", "saga.dispatching:3",
                      "saga.dispatched:3"):
            # Both do what there is to do; sometimes the other one is so fast that nothing is left.
            for _ in range(TRIES_MAX):
                number += 1
                if self.two_at_once(number, point):
                    break
            else:
                self.fail(f"none of {TRIES_MAX} programs came to {point}")
        told = TransferLedger(self.app.lines("events"))
        told.check_ended()
        ends = collections.Counter(told.status.values())
        self.assertEqual(ends, {"completed": number * (1 + TRANSFERS - SENT_BACK),
                                "refunded": number * (2 + SENT_BACK), "refused": number})
        self.check_transfers_ended()
        self.assertEqual(self.db.value("SELECT count(*) FROM outbox WHERE kind = 'command' AND "
                                       "saga = 'transfer'"), "0")
        self.check_all()
        print(f"{number} rounds; what one left behind was done at most {self.takeover:.1f} s later",
              flush=True)


if __name__ == "__main__":
    if not PROGRAM or not pathlib.Path(PROGRAM).exists():
        sys.exit("set RECOUNT_SAGA_WORKLOAD to the program recount-saga-workload")
    unittest.main(verbosity=2)
