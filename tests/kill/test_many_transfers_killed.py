"""10,000 transfers among 1,000 accounts that others use and close meanwhile, under `kill -9`.

Two programs run the sagas; again and again one of them, or both, are killed at a random moment and
started anew. Whoever asks for something and has no answer asks once more, with the same key. The
money is all there at every position of the log, and every transfer ends without an operator.
RECOUNT_SEED repeats what is asked for, and roughly the moments.
"""
# ctest: full
# ctest: timeout 7200
import collections
import http.client
import os
import pathlib
import queue
import random
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import BankTest, main
from served import Served
from transfer_ledger import TransferLedger

SEED = int(os.environ.get("RECOUNT_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
TRANSFERS = int(os.environ.get("RECOUNT_TRANSFERS", "10000"))
ACCOUNTS = TRANSFERS // 10
DISTURBANCES = TRANSFERS // 4
KILLS = max(TRANSFERS // 200, 4)
CLIENTS = 4
STARTED_WITH = 50_000
SETTLED_WITHIN_SECONDS = 1_800
OVER = ("transfer.completed", "transfer.refused", "transfer.refunded")


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Client(threading.Thread):
    """Asks for one thing after the other, each until there is an answer."""

    def __init__(self, test):
        super().__init__()
        self.test = test
        self.failure = None

    def run(self):
        try:
            while (wanted := self.test.next_wanted()) is not None:
                self.ask(*wanted)
        except Exception as failure:  # told by the test
            self.failure = failure
            self.test.given_up.set()

    def ask(self, key, command, payload):
        while not self.test.given_up.is_set():
            site = self.test.site
            try:
                status, body = site.post(command, payload, Idempotency_Key=key)
            except (OSError, http.client.HTTPException):
                self.test.until_another_site_than(site)
                continue
            if status == 200 or body.get("accepted") is False:
                return
            if status < 500 and body.get("code") != "conflict":
                raise AssertionError(f"{command} {payload}: {status} {body}")


class ManyTransfersKilled(BankTest):
    @classmethod
    def fill(cls):
        print(f"seed {SEED}", flush=True)
        cls.numbers = random.Random(SEED)
        cls.accounts = [f"a{i}" for i in range(ACCOUNTS)]
        cls.changed = threading.Condition()
        cls.given_up = threading.Event()
        cls.wanted = queue.SimpleQueue()
        cls.site = cls.beside = None

    def next_wanted(self):
        try:
            return self.wanted.get_nowait()
        except queue.Empty:
            return None

    def until_another_site_than(self, old):
        with self.changed:
            self.changed.wait_for(lambda: self.site is not old or self.given_up.is_set())

    def start_site(self):
        site = Served(self.bank)
        with self.changed:
            type(self).site = site
            self.changed.notify_all()

    def start_beside(self):
        type(self).beside = self.bank.start("serve", "--port", "0", "--json",
                                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def value(self, sql):
        return int(self.db.value(sql))

    def ended(self):
        return self.value(f"SELECT count(*) FROM log WHERE type IN {OVER}")

    def clients(self):
        all_of_them = [Client(self) for _ in range(CLIENTS)]
        for one in all_of_them:
            one.start()
        return all_of_them

    def join(self, clients):
        for one in clients:
            one.join()
            if one.failure:
                raise one.failure

    def put_wanted(self):
        numbers = self.numbers
        every = TRANSFERS // DISTURBANCES
        for number in range(TRANSFERS):
            source, target = numbers.sample([*self.accounts, "nobody"], 2)
            self.wanted.put((f"transfer {number}", "transfer.request",
                             {"transfer": str(number), "from": source, "to": target,
                              "within": "PT0S", "amount": eur(numbers.randrange(1, 30_000))}))
            if number % every:
                continue
            account = numbers.choice(self.accounts)
            what = numbers.choice(("deposit", "withdraw", "deposit", "withdraw", "close"))
            payload = {"account": account}
            if what != "close":
                payload["amount"] = eur(500)
            self.wanted.put((f"other {number}", f"account.{what}", payload))

    def test_1_killed_again_and_again_they_all_end(self):
        begun = time.monotonic()
        self.start_site()
        for name in self.accounts:
            self.wanted.put((f"open {name}", "account.open", {"account": name}))
        self.join(self.clients())
        for name in self.accounts:
            self.wanted.put((f"fill {name}", "account.deposit",
                             {"account": name, "amount": eur(STARTED_WITH)}))
        self.join(self.clients())
        print(f"{ACCOUNTS} accounts after {time.monotonic() - begun:.1f} s", flush=True)
        self.put_wanted()
        self.start_beside()
        clients = self.clients()
        # By what has ended, so that the kills fall into the whole of it.
        moments = sorted(self.numbers.randrange(TRANSFERS * 95 // 100) for _ in range(KILLS))
        under_way = 0
        for moment in moments:
            while self.ended() < moment and not self.given_up.is_set():
                pass
            victims = self.numbers.choice(("site", "beside", "both"))
            if victims != "beside":
                self.kill(self.site.process)
            if victims != "site":
                self.kill(self.beside)
            under_way += self.value("SELECT count(*) FROM log WHERE type = 'transfer.requested'") \
                - self.ended()
            if victims != "beside":
                self.start_site()
            if victims != "site":
                self.start_beside()
        self.join(clients)
        deadline = time.monotonic() + SETTLED_WITHIN_SECONDS
        while self.ended() < TRANSFERS or self.left():
            self.assertLess(time.monotonic(), deadline, "all transfers have ended")
        seconds = time.monotonic() - begun
        self.kill(self.beside)
        self.site.stop()
        print(f"{TRANSFERS} transfers among {ACCOUNTS} accounts, {KILLS} kills with {under_way} "
              f"under way, in {seconds:.0f} s", flush=True)
        self.assertGreater(under_way, 0)

    def left(self):
        return self.value("SELECT (SELECT count(*) FROM saga_instances WHERE status <> 'ended') + "
                          "(SELECT count(*) FROM outbox WHERE kind = 'command' AND status = "
                          "'waiting') + (SELECT count(*) FROM timers)")

    def test_2_the_log_has_each_transfer_once_and_all_the_money_at_every_position(self):
        told = TransferLedger(self.bank.lines("events"))
        told.check_ended()
        self.assertEqual(sum(told.balances.values()), told.put_in)
        self.assertEqual(len(told.status), TRANSFERS)
        ends = collections.Counter(told.status.values())
        print(dict(ends), flush=True)
        self.assertEqual(set(ends), {"completed", "refused", "refunded"})
        type(self).put_in = told.put_in

    def test_3_the_tables_and_the_chain_hold(self):
        self.bank.ok("projections", "catch-up")
        self.assertEqual(self.value("SELECT sum(balance_minor) FROM account_balances"),
                         self.put_in)
        self.assertEqual(self.value("SELECT count(*) FROM transfers_under_way "
                                    "WHERE amount_minor <> 0"), 0)
        self.assertEqual(self.value("SELECT count(*) FROM transfers WHERE status = 'requested'"), 0)
        self.assertIn("nothing differs", self.bank.ok("verify"))


if __name__ == "__main__":
    main()
