"""`kill -9` at every named point of appends, restructures, projections, refolds and rebuilds.

fault_workload.cpp is killed at each point that it says it has, in each phase of its work where it
passes that point, and run again. Every answer that it gave stands, every commit is there once, the
chain holds, and the tables are what the log says, told anew and rebuilt.
"""
# ctest: timeout 900
import collections
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CALL_SECONDS_MAX, OK, SOURCE, Bank, wait_until

PROGRAM = os.environ.get("RECOUNT_FAULT_WORKLOAD", "")
FULL = os.environ.get("RECOUNT_TEST_FULL") == "1"

# A round: each phase with the verb that does it and how it is killed, by the beginnings of names of
# points and the passes. Three tables are told in turn; one page of each is what a pass is.
Phase = collections.namedtuple("Phase", "name verb kills")
EACH_TABLE = (1, 2, 3)
PHASES = (
    Phase("write", ("write",), {"append.": (1, 5) if FULL else (1,), "careful_append.": (1,),
                                "own_tables.": (1,), "snapshots.": (1,)}),
    Phase("follow", ("projections", "catch-up"), {"projection.": EACH_TABLE if FULL else (2,)}),
    Phase("correct", ("correct",), {"restructure.": (1, 2, 3) if FULL else (2,)}),
    Phase("refold", ("projections", "catch-up"), {"projection.": EACH_TABLE if FULL else (3,),
                                                  "refold.": (1, 2) if FULL else (2,)}),
    Phase("rebuild", ("projections", "rebuild", "all"),
          {"rebuild.": EACH_TABLE if FULL else (2,), "projection.": EACH_TABLE if FULL else ()}),
)
PER_ROUND = ("write", "correct")   # the verbs that take its number
OF_SAGAS = ("saga.", "repair.", "effect.")   # test_saga_fault_points.py


def kills_of(phase, points):
    return [(point, count) for point in points for beginning, counts in phase.kills.items()
            if point.startswith(beginning) for count in counts]


class FaultPoints(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.app = Bank(program=PROGRAM, name="faults")
        self.addCleanup(self.app.remove)
        self.db = self.app.psql()
        self.addCleanup(self.db.close)
        self.app.ok("migrate")
        self.db.rows("CREATE TABLE public.receipts (note text, position bigint);"
                     "GRANT SELECT, INSERT, UPDATE ON public.receipts TO recount_faults_app")
        self.answers = []      # of all appends, in order
        self.per_round = None  # events

    def words(self, phase, number):
        return (*phase.verb, number) if phase.name in PER_ROUND else phase.verb

    def remember(self, phase, text):
        if phase.name not in PER_ROUND:
            return
        for line in text.splitlines(keepends=True):
            if line.endswith("\n"):
                self.answers.append(json.loads(line))

    def run_phase(self, phase, number, kill=None):
        if kill:
            point, count = kill
            done = self.app.run(*self.words(phase, number),
                                more_environment={"RECOUNT_FAULT_POINT": f"{point}:{count}"})
            self.assertEqual(done.returncode, -signal.SIGKILL,
                             f"{phase.name} never passed {point} for the {count}. time\n"
                             f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
            self.remember(phase, done.stdout)
            self.check_answers()
        self.remember(phase, self.app.ok(*self.words(phase, number)))

    def check_answers(self):
        """What was answered is there, where it was said to be, once."""
        rows = self.db.objects("SELECT event_id, commit_last FROM recount.log WHERE ordinal = 0")
        found = {row["event_id"]: row["commit_last"] for row in rows}
        self.assertEqual(len(found), len(rows))
        for answer in self.answers:
            self.assertEqual(found.get(answer["first"]), answer["last"], answer)

    def check_round(self, number):
        self.check_answers()
        events = int(self.db.value("SELECT count(*) FROM recount.log"))
        if self.per_round is None:
            self.per_round = events
        self.assertEqual(events, self.per_round * (number + 1))
        self.assertEqual(self.db.value("SELECT max(position) FROM recount.log"), str(events))
        receipts = self.db.rows("SELECT position FROM public.receipts ORDER BY 1")
        self.assertEqual(receipts, self.db.rows(
            "SELECT l.position FROM recount.log l JOIN recount.streams s ON s.id = l.stream_id "
            "WHERE s.category = 'receipt' ORDER BY 1"))
        self.assertEqual(len(receipts), number + 1)
        self.app.ok("check")

    def check_chain(self):
        done = subprocess.run([sys.executable, SOURCE / "tests" / "support" / "verify_chain.py",
                               self.db.url("faults"), "recount"], capture_output=True, text=True,
                              timeout=CALL_SECONDS_MAX, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])

    def test_a_program_that_is_killed_at_any_point_goes_on_as_if_it_never_had_been(self):
        points = [name for name in self.app.ok("points").split() if not name.startswith(OF_SAGAS)]
        in_sources = {name for folder in ("src", "framework/src")
                      for file in (SOURCE / folder).rglob("*.cpp")
                      for name in re.findall(r'fault_point<"([^"]+)">', file.read_text())
                      if not name.startswith(OF_SAGAS)}
        self.assertEqual(set(points), in_sources, "run cmake again")
        to_kill = [kills_of(phase, points) for phase in PHASES]
        killed_at = {point for kills in to_kill for point, _ in kills}
        self.assertEqual(killed_at, set(points), "each point belongs to a phase")
        for phase in PHASES:
            self.run_phase(phase, 0)
        self.check_round(0)
        kills = 0
        for number, row in enumerate(itertools.zip_longest(*to_kill), start=1):
            for phase, kill in zip(PHASES, row):
                self.run_phase(phase, number, kill)
                kills += kill is not None
            self.check_round(number)
        self.check_chain()
        print(f"{kills} kills at {len(points)} points", flush=True)

    def test_an_append_that_is_killed_while_the_server_has_it_is_there_once_or_not_at_all(self):
        write = PHASES[0]
        self.run_phase(write, 0)
        self.per_round = int(self.db.value("SELECT count(*) FROM recount.log"))
        waiting = ("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                   "application_name LIKE 'faults %' AND query LIKE '%.append(%'")
        running = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        holder = self.app.psql()
        self.addCleanup(holder.close)
        for number in (1, 2):
            holder.rows("BEGIN")
            holder.rows("SELECT recount.lock_positions()")
            process = self.app.start(*self.words(write, number), stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
            hit = set()
            wait_until(lambda: hit.update(self.db.rows(waiting)) or hit, "an append waits")
            process.kill()
            text, _ = process.communicate(timeout=CALL_SECONDS_MAX)
            self.assertEqual(text, "")
            holder.rows("COMMIT")  # what the server has may be written now, and nobody hears of it
            wait_until(lambda: hit.isdisjoint(self.db.rows(running)), "its session has ended")
            self.run_phase(write, number)
            self.check_round(number)
        self.check_chain()


if __name__ == "__main__":
    if not PROGRAM or not pathlib.Path(PROGRAM).exists():
        sys.exit("set RECOUNT_FAULT_WORKLOAD to the program recount-fault-workload")
    unittest.main(verbosity=2)
