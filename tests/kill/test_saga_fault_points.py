"""`kill -9` at every named point of sagas, timers, repairs and effects (_saga_faults.py), in each
phase of the work where the program passes that point; and of one of two programs at the same sagas.
"""
# ctest: timeout 3600
import collections
import itertools
import pathlib
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from _saga_faults import PHASES, SagaFaults, kills_of, main
from bank_cli import CALL_SECONDS_MAX, OK, SOURCE
from transfer_ledger import TransferLedger

FAMILIES = ("saga.", "repair.", "effect.")
LEASE_SECONDS = 10               # recount::limits::saga_lease
TRIES_MAX = 30
TRANSFERS = 30                   # of a round that two programs work on; every third is sent back
SENT_BACK = 10


class SagaFaultPoints(SagaFaults):
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

    def start(self, *words, point=None):
        environment = dict(self.app.environment)
        if point:
            environment["RECOUNT_FAULT_POINT"] = point
        return subprocess.Popen(self.app.command(*words), env=environment, cwd=self.app.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def two_at_once(self, number, point):
        """Seconds until the second one had done all, by itself; None if the first was not killed."""
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
        return None if first.returncode == OK else time.monotonic() - gone

    def test_2_of_two_programs_that_run_the_same_sagas_one_is_killed_and_the_other_goes_on(self):
        number = 0
        takeover = 0             # the longest
        for point in ("saga.page_read:2", "saga.recorded:2", "saga.fence_passed:2",
                      "saga.tables_committed:2", "saga.commands_claimed:2", "saga.dispatching:3",
                      "saga.dispatched:3"):
            # Both do what there is to do; sometimes the other one is so fast that nothing is left.
            for _ in range(TRIES_MAX):
                number += 1
                took = self.two_at_once(number, point)
                if took is not None:
                    takeover = max(takeover, took)
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
        print(f"{number} rounds; what one left behind was done at most {takeover:.1f} s later",
              flush=True)


if __name__ == "__main__":
    main()
