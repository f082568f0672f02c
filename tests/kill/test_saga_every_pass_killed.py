"""`kill -9` at every pass of every named point of sagas, timers, repairs and effects
(_saga_faults.py): a round for each.
"""
# ctest: full
# ctest: timeout 3600
import itertools

from _saga_faults import PHASES, SagaFaults, kills_of, main


class SagaEveryPass(SagaFaults):
    def test_at_each_pass_that_there_is(self):
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


if __name__ == "__main__":
    main()
