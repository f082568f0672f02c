"""The bank over HTTP, seen from outside: commands, tables, events live, refusals, start and end."""

import json
import os
import pathlib
import signal
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import FAILED, OK, REFUSED, UNREACHABLE, USAGE, Bank, BankTest, main, wait_until
from served import Served


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Api(BankTest):
    @classmethod
    def fill(cls):
        cls.site = Served(cls.bank)
        cls.addClassCleanup(cls.site.stop)

    def head(self):
        return self.site.get("/events?limit=1")[1]["head"]

    def test_an_account_from_opening_to_reading_back(self):
        self.site.send("account.open", {"account": "tour"})
        first = self.site.send("account.deposit", {"account": "tour", "amount": eur(5000)},
                               Idempotency_Key="tour 1")
        status, body = self.site.post("account.withdraw", {"account": "tour", "amount": eur(8000)})
        self.assertEqual((status, body["code"]), (422, "overdrawn"))
        again = self.site.send("account.deposit", {"account": "tour", "amount": eur(5000)},
                               Idempotency_Key="tour 1")
        self.assertTrue(again.pop("repeated"))
        self.assertFalse(first.pop("repeated"))
        self.assertEqual(first, again)
        status, page = self.site.get("/projections/account_balances?account=tour&"
                                     f"$at_least={first['token']}")
        self.assertEqual(status, 200)
        self.assertEqual([row["balance"] for row in page["rows"]], [eur(5000)])
        self.assertGreaterEqual(page["position"], first["position"])
        status, headers, state = self.site.ask("GET", "/streams/account-tour/state")
        self.assertEqual((status, headers["ETag"]), (200, '"2"'))
        self.assertEqual(state["state"]["balance"], eur(5000))
        status, _ = self.site.post("account.close", {"account": "tour"}, If_Match='"1"')
        self.assertEqual(status, 412)

    def test_the_command_line_has_the_same_answers(self):
        over_http = self.site.send("account.open", {"account": "both"}, Idempotency_Key="both")
        on_the_line = self.send("account.open", {"account": "both"}, "--id", "both")
        self.assertTrue(on_the_line.pop("repeated"))
        self.assertFalse(over_http.pop("repeated"))
        self.assertEqual(list(over_http.items()), list(on_the_line.items()))
        self.assertEqual(self.site.get("/streams/account-both/state")[1],
                         self.bank.lines("state", "account-both")[0])
        self.assertEqual(self.site.get("/streams/account-both/events")[1]["events"],
                         self.bank.lines("events", "--stream", "account-both"))

    def test_the_log_is_verified_and_its_head_is_kept(self):
        self.site.send("account.open", {"account": "verified"})
        status, _, head = self.site.ask("GET", "/heads")
        self.assertEqual(status, 200)
        (self.bank.folder / "kept.head").write_text(json.dumps(head), encoding="utf-8")
        self.site.send("account.deposit", {"account": "verified", "amount": eur(1)})
        self.bank.ok("verify", "--head", "kept.head")
        since, events = 0, 0
        while since is not None:
            status, _, page = self.site.ask("POST", f"/verify?since={since}&limit=2")
            self.assertEqual((status, page["differences"]), (200, []))
            since, events = page.get("next"), events + page["events"]
        self.assertEqual(events, page["through"])
        self.assertGreater(events, head["position"])

    def test_names_in_the_path_may_be_anything(self):
        name = "a/b %?&#ü"
        self.site.send("account.open", {"account": name})
        status, page = self.site.get("/streams/account-a%2Fb%20%25%3F%26%23%C3%BC/events")
        self.assertEqual(status, 200)
        self.assertEqual(page["events"][0]["stream"], f"account-{name}")
        status, page = self.site.get("/projections/account_balances?account=a%2Fb%20%25%3F%26%23"
                                     f"%C3%BC&$at_least={page['known_at']}")
        self.assertEqual(page["rows"][0]["account"], name)

    def test_what_is_refused_stores_nothing(self):
        before = self.head()
        good = json.dumps({"account": "refused"})
        for expected, command, body, headers in [
                (404, "account.rob", good, {}),
                (400, "account.open", "[" * 10_000, {}),
                (400, "account.open", '{"account":' * 10_000, {}),
                (400, "account.open", '{"account":7}', {}),
                (400, "account.open", '{"account":"refused","more":1}', {}),
                (400, "account.open", good, {"Idempotency-Key": "k" * 256}),
                (400, "account.open", good, {"If-Match": "soon"}),
                (400, "account.open", good, {"Correlation-Id": "1"}),
                (412, "account.open", good, {"If-Match": '"1"'}),
                (413, "account.open", json.dumps({"account": "x" * 2_000_000}), {}),
                (415, "account.open", good, {"Content-Type": "text/plain"}),
                (406, "account.open", good, {"Accept": "application/vnd.recount.v2+json"}),
                (422, "account.close", good, {})]:
            headers = {"Content-Type": "application/json", **headers}
            status, found, problem = self.site.ask("POST", f"/commands/{command}", body, headers)
            self.assertEqual((status, problem["status"]), (expected, expected), problem)
            self.assertEqual(found["Content-Type"], "application/problem+json")
        status, headers, _ = self.site.ask("DELETE", "/commands")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))
        self.assertEqual(self.head(), before)
        self.assertEqual(self.site.get("/health")[0], 200)

    def test_events_are_followed_and_resumed_without_gap_or_repeat(self):
        self.site.send("account.open", {"account": "live"})
        begin = self.head()
        count = 200

        def deposit():
            for _ in range(count):
                self.site.send("account.deposit", {"account": "live", "amount": eur(1)})

        writer = threading.Thread(target=deposit)
        writer.start()
        seen, last = [], begin
        while len(seen) < count:  # the connection is cut after some events, again and again
            with self.site.follow("/events?category=account&type=account.deposited", last) as live:
                for _ in range(37):
                    last, event = next(live)
                    self.assertEqual(last, event["position"])
                    if event["stream"] == "account-live":
                        seen.append(event["version"])
                    if len(seen) == count:
                        break
        writer.join()
        self.assertEqual(seen, list(range(2, count + 2)))

    def test_many_clients_at_once(self):
        clients, each = 8, 25
        self.site.send("account.open", {"account": "shared"})
        failures = []

        def work(number):
            try:
                for i in range(each):
                    key = f"{number}/{i}"
                    for _ in range(2):  # every one is sent twice
                        done = self.site.send("account.deposit",
                                              {"account": "shared", "amount": eur(1)},
                                              Idempotency_Key=key)
                    status, page = self.site.get("/projections/account_balances?account=shared&"
                                                 f"$at_least={done['token']}")
                    while status == 425:
                        status, page = self.site.get(
                            "/projections/account_balances?account=shared&"
                            f"$at_least={done['token']}")
                    if page["rows"][0]["movements"] < i + 1:
                        raise AssertionError(f"{key}: {page}")
            except Exception as failure:  # told below, in the test's own thread
                failures.append(failure)

        running = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
        for one in running:
            one.start()
        for one in running:
            one.join()
        self.assertEqual(failures, [])
        state = self.site.get("/streams/account-shared/state")[1]
        self.assertEqual(state["state"]["balance"], eur(clients * each))
        self.assertEqual(state["version"], 1 + clients * each)

    def test_pages_make_the_whole_table(self):
        for i in range(25):
            self.site.send("account.open", {"account": f"page-{i:02}"})
        token = self.site.send("account.open", {"account": "page-25"})["token"]
        rows, after = [], ""
        while True:
            status, page = self.site.get(f"/projections/account_balances?$limit=4&$at_least={token}"
                                         f"&$fields=account{after}")
            self.assertEqual(status, 200)
            rows += [row["account"] for row in page["rows"]]
            if "next" not in page:
                break
            after = f"&$after={page['next']}"
        self.assertEqual(rows, sorted(set(rows), key=lambda name: name.encode()))
        self.assertEqual([name for name in rows if name.startswith("page-")],
                         [f"page-{i:02}" for i in range(26)])

    def test_health_is_asked_from_the_command_line_too(self):
        found = json.loads(self.bank.ok("health", "--json"))
        self.assertEqual(found["status"], "ok")
        self.assertEqual(len(found["projections"]), 7)
        self.assertIn("account_balances: ", self.bank.ok("health"))
        away = Bank("postgresql://127.0.0.1:1/bank?connect_timeout=2")
        self.addCleanup(away.remove)
        self.assert_exit(UNREACHABLE, "health", bank=away)


class StartAndEnd(BankTest):
    STORES = ("other",)

    def database(self, name):
        self.db.rows(f"CREATE DATABASE {name}")
        bank = Bank(self.db.url(name))
        self.addCleanup(bank.remove)
        return bank

    def test_pending_migrations_are_refused_unless_told_to_migrate(self):
        bank = self.database("served_pending")
        done = self.assert_exit(REFUSED, "serve", "--port", "0", bank=bank)
        self.assertEqual(done.stdout, "")
        self.assertIn("--migrate", done.stderr)
        with Served(bank, "--migrate") as site:
            site.send("account.open", {"account": "a"})
        with Served(bank) as site:
            self.assertEqual(site.get("/streams/account-a/state")[0], 200)

    def test_it_ends_in_good_order_when_asked(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            site = Served(self.bank)
            with site.follow() as live:
                site.send("account.open", {"account": how.name})
                self.assertEqual(next(live)[1]["type"], "account.opened")
                site.stop(how)
                self.assertIsNotNone(list(live))  # the feed has an end

    def test_a_private_server_that_was_killed_is_started_again(self):
        bank = Bank()
        self.addCleanup(bank.remove)
        with Served(bank) as site:
            site.send("account.open", {"account": "a"})
            pid_file = bank.folder / "data" / "bank" / "data" / "postmaster.pid"

            def postmaster():
                try:
                    return next(iter(pid_file.read_text().splitlines()), None)
                except FileNotFoundError:
                    return None

            killed = postmaster()
            os.kill(int(killed), signal.SIGKILL)
            self.assertEqual(site.get("/health")[0], 200)
            # Backends outlive their postmaster for a moment, so being ready is not enough.
            wait_until(lambda: postmaster() not in (None, killed), "the server to be started again")
            deposit = {"account": "a", "amount": {"minor": 5, "currency": "EUR"}}
            wait_until(lambda: site.post("account.deposit", deposit,
                                         Idempotency_Key="once")[0] == 200,
                       "a command to be accepted again")
            status, state = site.get("/streams/account-a/state")
            self.assertEqual((status, state.get("version")), (200, 2), state)

    def test_values_that_cannot_be_are_usage_errors(self):
        for wrong in (["--port", "65536"], ["--port", "x"], ["--workers", "0"],
                      ["--workers", "257"]):
            self.assert_exit(USAGE, "serve", *wrong)
        self.assert_exit(REFUSED, "serve", "--port", "0", "--address", "192.0.2.1")

    def test_another_store_is_served_under_its_name(self):
        with Served(self.bank, "--store", "other") as site:
            self.assertEqual(site.get("/")[1]["store"], "other")
            self.assertEqual(site.get("/stores/other/streams")[0], 200)
            self.assertEqual(site.get("/stores/main/streams")[0], 404)

    def test_the_actor_is_who_the_proxy_says(self):
        with Served(self.bank, "--actor-header", "X-User") as site:
            site.send("account.open", {"account": "actor"}, X_User="ann")
            event = site.get("/streams/account-actor/events")[1]["events"][0]
            self.assertEqual(event["meta"]["actor"], "ann")

    def test_tables_that_belong_to_another_log_are_told_of(self):
        self.bank.ok("commands", "send", "account.open", '{"account":"ready"}')
        self.bank.ok("projections", "catch-up")
        self.db.rows("UPDATE checkpoints SET hash = decode(repeat('ab', 32), 'hex') "
                     "WHERE projection = 'deposits_by_day'")
        done = self.assert_exit(FAILED, "health")
        self.assertIn("deposits_by_day: its rows", done.stdout)
        with Served(self.bank) as site:
            wait_until(lambda: site.get("/ready")[0] == 503, "a projection that stands still")
            problem = site.get("/ready")[1]
            self.assertEqual(problem["code"], "not_ready")
            self.assertEqual([p["what"] for p in problem["problems"]], ["deposits_by_day"])
            self.assertEqual(site.get("/health")[0], 200)
            token = site.send("account.open", {"account": "ready-2"})["token"]
            self.assertEqual(site.get(f"/projections/account_balances?$at_least={token}")[0], 200)
            self.assertEqual(site.get(f"/projections/deposits_by_day?$at_least={token}")[0], 425)
            self.bank.ok("projections", "rebuild", "deposits_by_day")
            wait_until(lambda: site.get("/ready")[0] == 200, "a rebuild to mend it")
        self.assert_exit(OK, "health")


if __name__ == "__main__":
    main()
