"""`kill -9` at random moments of an import, and of the server under it, then the same again.

However often it is killed: every row is recorded exactly once, the tables are a fold of the log,
and the hash chain holds. RECOUNT_SEED repeats the moments of an earlier run as far as can be.
"""
# ctest: timeout 1800
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import ledger
from bank_cli import OK, SOURCE, Bank, BankTest, main

FULL = os.environ.get("RECOUNT_TEST_FULL") == "1"
SEED = int(os.environ.get("RECOUNT_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
ROWS, ACCOUNTS = 20_000, 700
KILLS = 100 if FULL else 24
POLLS_MORE_MAX = 12  # asked on after the moment: it is not to be a commit's end each time

PROGRESS = ("SELECT (SELECT max(last_position) FROM links) + "
            "(SELECT coalesce(sum(position), 0) FROM checkpoints WHERE build = 'live')")
TRANSACTIONS = ("SELECT pid, xact_start, state FROM pg_stat_activity "
                "WHERE xact_start IS NOT NULL AND application_name LIKE 'bank %' "
                "AND pid <> pg_backend_pid()")


class KillTest(BankTest):
    @classmethod
    def fill(cls):
        print(f"seed {SEED}", flush=True)
        cls.file = cls.bank.folder / "rows.asc"
        ledger.write_generated(cls.file, ROWS, ACCOUNTS, SEED)
        cls.movements = ledger.read_movements(cls.file)

    def start_import(self, bank, store="main", file=None):
        return bank.start("import", file or self.file, "--store", store, "--json",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def check_outcome(self, bank, db, store, report):
        """Every row once, the tables a fold of the log, the chain unbroken."""
        self.assertEqual((report["movements"], report["malformed"], report["accounts"]),
                         (ROWS, 0, ACCOUNTS))
        schema = "recount" if store == "main" else f"recount_{store}"
        db.rows(f"SET search_path = {schema}")
        events = bank.lines("events", "--store", store)
        self.assertEqual([e["position"] for e in events], list(range(1, len(events) + 1)))
        self.assertEqual(len(events), ROWS + ACCOUNTS)
        recorded = {}
        for e in events:
            if e["type"] == "account.opened":
                continue
            payload, (kind, sign) = e["payload"], ledger.KINDS[e["type"]]
            number = payload["reference"]
            self.assertNotIn(number, recorded, "recorded twice")
            recorded[number] = ledger.Movement(
                number, payload["account"], e["effective_at"][:10], kind,
                sign * payload["amount"]["minor"], payload["stated_balance"]["minor"])
        self.assertEqual(recorded, {m.number: m for m in self.movements})
        self.assertIsNone(ledger.first_difference(ledger.tables_of_events(events),
                                                  ledger.tables_of_database(db)))
        done = subprocess.run([sys.executable, SOURCE / "tests" / "support" / "verify_chain.py",
                               db.url("bank"), schema], capture_output=True, text=True,
                              timeout=300, check=False)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr[-2000:])
        print(f"{store}: {ROWS} rows once each, {len(events)} events, {done.stdout.strip()[:200]}",
              flush=True)


class ImportKilled(KillTest):
    def progress(self, store):
        schema = "recount" if store == "main" else f"recount_{store}"
        return int(self.db.value(PROGRESS.replace("FROM ", f"FROM {schema}.")))

    def create(self, store):
        if store != "main":
            self.bank.ok("stores", "create", store)
        self.bank.ok("balances", "--store", store)

    def kill_at(self, store, moment, more):
        """Kills an import once that much is done. Returns how many transactions were open, and
        whether the tables were being filled; nothing if the import was through before."""
        process = self.start_import(self.bank, store)
        while self.progress(store) < moment:
            if process.poll() is not None:
                self.assertEqual(process.returncode, OK, process.communicate()[1])
                process.communicate()
                return None
        for _ in range(more):
            self.progress(store)
        process.send_signal(signal.SIGSTOP)  # what it has begun stays as it is until it is killed
        before = {(t["pid"], t["xact_start"]): t for t in self.db.objects(TRANSACTIONS)}
        process.kill()
        after = {(t["pid"], t["xact_start"]) for t in self.db.objects(TRANSACTIONS)}
        process.communicate()
        # Between two statements of a transaction, or within one that outlived the process.
        hit = [t for key, t in before.items() if t["state"] != "active" or key in after]
        return len(hit), self.progress(store) > ROWS + ACCOUNTS

    def test_an_import_killed_again_and_again_ends_as_if_it_never_had_been(self):
        numbers = random.Random(SEED)
        self.create("main")
        # One moment in each part of the work: half of them while appending, half while the three
        # tables are filled.
        events, half = ROWS + ACCOUNTS, KILLS // 2
        moments = [int((part + numbers.random()) * events / half) for part in range(half)]
        moments += [events + int((part + numbers.random()) * 3 * events / half)
                    for part in range(half)]
        kills = while_filling = hits = 0
        begun = time.monotonic()
        for moment in moments:
            killed = self.kill_at("main", moment, numbers.randrange(POLLS_MORE_MAX))
            if killed is not None:
                kills += 1
                hits += killed[0] > 0
                while_filling += killed[1]
        # What is left once the tables are nearly full: kills of imports into other stores.
        for extra in range(10 * KILLS):
            if kills >= KILLS:
                break
            store = f"extra{extra}"
            self.create(store)
            killed = self.kill_at(store, numbers.randrange(2 * events),
                                  numbers.randrange(POLLS_MORE_MAX))
            if killed is not None:
                kills += 1
                hits += killed[0] > 0
                while_filling += killed[1]
        print(f"{kills} kills in {time.monotonic() - begun:.1f} s: {hits} hit an open transaction, "
              f"{while_filling} while the tables were filled", flush=True)
        self.assertGreaterEqual(kills, 20)
        self.assertGreater(while_filling, 0)
        self.assertGreater(hits, 0)
        self.check_outcome(self.bank, self.db, "main",
                           self.bank.lines("import", self.file)[0])

    def import_at_once(self, store, *files):
        self.create(store)
        imports = [self.start_import(self.bank, store, file) for file in files]
        reports = []
        for process in imports:
            text, errors = process.communicate(timeout=300)
            self.assertEqual(process.returncode, OK, errors[-2000:])
            reports.append(json.loads(text))
        print(f"{store}: " + " and ".join(f"{r['recorded']} new, {r['known']} known"
                                          for r in reports), flush=True)
        self.assertEqual(sum(r["recorded"] for r in reports), ROWS, reports)
        self.check_outcome(self.bank, self.db, store, reports[0])
        return reports

    def test_two_imports_at_once_record_each_row_once(self):
        self.import_at_once("abreast", self.file, self.file)

    def test_two_imports_that_meet_halfway_record_each_row_once(self):
        header, *rows = self.file.read_text().splitlines()
        backwards = self.bank.folder / "backwards.asc"
        backwards.write_text("\n".join([header, *reversed(rows)]) + "\n")
        for report in self.import_at_once("halfway", self.file, backwards):
            self.assertGreater(report["recorded"], 0)
            self.assertGreater(report["known"], 0)


class ServerKilled(KillTest):
    def test_an_import_whose_server_is_killed_goes_on_afterwards(self):
        numbers = random.Random(SEED + 1)
        for moment in (numbers.randrange(1, ROWS), numbers.randrange(ROWS, 3 * ROWS)):
            bank = Bank()
            self.addCleanup(bank.remove)
            holder = bank.psql()
            self.addCleanup(holder.close)
            process = self.start_import(bank)
            while int(holder.value(PROGRESS)) < moment:
                self.assertIsNone(process.poll(), "the import was through before")
            pid_file = bank.folder / "data" / "bank" / "data" / "postmaster.pid"
            postmaster = int(pid_file.read_text().split()[0])
            os.kill(postmaster, signal.SIGKILL)
            _, errors = process.communicate(timeout=300)
            print(f"server killed at {moment}: import exit {process.returncode}, "
                  f"{errors.splitlines()[-1] if errors else ''}", flush=True)
            if process.returncode != OK:  # else its own server process outlived the postmaster
                self.assertIn(process.returncode, (1, 5), errors)
                self.assertIn("error", json.loads(errors.splitlines()[-1]))
            holder.abandon()
            report = bank.lines("import", self.file)[0]
            with bank.psql() as db:
                self.check_outcome(bank, db, "main", report)


if __name__ == "__main__":
    main()
