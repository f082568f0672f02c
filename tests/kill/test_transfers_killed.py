"""`kill -9` at random moments while transfers are under way, and then the sum of all balances.

However often the programs that run the sagas are killed: no money is lost or made at any position of
the log, each command is effective once, and every transfer ends without an operator. RECOUNT_SEED
repeats the moments of an earlier run as far as can be.
"""
# ctest: timeout 1800
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import BankTest, main, wait_until
from served import Served
from transfer_ledger import TransferLedger

FULL = os.environ.get("RECOUNT_TEST_FULL") == "1"
SEED = int(os.environ.get("RECOUNT_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
KILLS = 80 if FULL else 12
TRANSFERS_A_ROUND = 30
ACCOUNTS = 40
CLOSED = ("closed-1", "closed-2")
NEVER_OPENED = "nobody"
STARTED_WITH = 100_000


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class TransfersKilled(BankTest):
    @classmethod
    def fill(cls):
        print(f"seed {SEED}", flush=True)
        cls.numbers = random.Random(SEED)
        cls.accounts = [f"a{i}" for i in range(ACCOUNTS)]
        with Served(cls.bank) as site:
            for name in (*cls.accounts, *CLOSED):
                site.send("account.open", {"account": name})
            for name in CLOSED:
                site.send("account.close", {"account": name})
            for name in cls.accounts:
                site.send("account.deposit", {"account": name, "amount": eur(STARTED_WITH)})

    def head(self):
        return int(self.db.value("SELECT max(position) FROM log"))

    def left(self):
        """Transfers that have not ended."""
        return int(self.db.value(
            "SELECT count(*) FILTER (WHERE type = 'transfer.requested') - count(*) FILTER (WHERE "
            "type IN ('transfer.completed', 'transfer.refused', 'transfer.refunded')) FROM log"))

    def ask(self, site, number):
        targets = (*self.accounts, *CLOSED, NEVER_OPENED)
        source = self.numbers.choice(self.accounts)
        target = self.numbers.choice([name for name in targets if name != source])
        # Some ask for more than there is; who is not open is given up at the second try.
        site.send("transfer.request",
                  {"transfer": str(number), "from": source, "to": target, "within": "PT0S",
                   "amount": eur(self.numbers.randrange(1, 40_000))}, Idempotency_Key=str(number))

    def test_1_killed_again_and_again_they_all_end_and_nothing_is_lost(self):
        asked = under_way = 0
        begun = time.monotonic()
        for _ in range(KILLS):
            site = Served(self.bank)
            # Another program works on the same transfers, and is killed with it.
            beside = self.bank.start("transfers", "--json", stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            before = self.head()
            for _ in range(TRANSFERS_A_ROUND):
                self.ask(site, asked)
                asked += 1
            # A transfer writes nine rows or so, the request among them.
            moment = before + self.numbers.randrange(1, 9 * TRANSFERS_A_ROUND)
            while self.head() < moment and self.left() > 0:
                pass
            for process in (site.process, beside):
                process.send_signal(signal.SIGKILL)
                process.communicate()
            under_way += self.left()
        print(f"{asked} transfers, {KILLS} kills in {time.monotonic() - begun:.1f} s, with "
              f"{under_way} under way", flush=True)
        self.assertGreater(under_way, 0)
        # Nobody does anything but run the program again.
        with Served(self.bank):
            wait_until(lambda: self.left() == 0, "all transfers have ended")
            wait_until(lambda: self.db.value("SELECT count(*) FROM saga_instances "
                                             "WHERE status <> 'ended'") == "0", "so have the sagas")
            wait_until(lambda: self.db.value("SELECT count(*) FROM outbox WHERE kind = 'command' "
                                             "AND status = 'waiting'") == "0", "nothing waits")

    def test_2_the_log_has_each_transfer_once_and_all_the_money(self):
        told = TransferLedger(self.bank.lines("events"))
        told.check_ended()
        self.assertEqual(told.put_in, ACCOUNTS * STARTED_WITH)
        self.assertEqual(sum(told.balances.values()), ACCOUNTS * STARTED_WITH)
        self.assertEqual(len(told.status), KILLS * TRANSFERS_A_ROUND)
        ends = {end: sum(1 for one in told.status.values() if one == end)
                for end in ("completed", "refused", "refunded")}
        print(ends, flush=True)
        self.assertGreater(min(ends.values()), 0)

    def test_3_the_tables_and_the_chain_hold(self):
        self.bank.ok("projections", "catch-up")
        self.assertEqual(int(self.db.value("SELECT sum(balance_minor) FROM account_balances")),
                         ACCOUNTS * STARTED_WITH)
        self.assertEqual(self.db.value("SELECT count(*) FROM transfers_under_way "
                                       "WHERE amount_minor <> 0"), "0")
        self.assertEqual(self.db.value("SELECT count(*) FROM transfers WHERE status = "
                                       "'requested'"), "0")
        self.assertEqual(self.db.value("SELECT count(*) FROM timers"), "0")
        self.assertIn("nothing differs", self.bank.ok("verify"))


if __name__ == "__main__":
    main()
