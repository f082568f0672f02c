"""What sagas lead to while the program is served: a command comes in, an effect leaves by a
webhook, and what an operator sees of it."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import wait_until
from shop_cli import ShopTest, main

ATTEMPTS_MAX = 15  # effect_worker_options::attempts_max


class Effects(ShopTest):
    def setUp(self):
        self.receiver.answer = lambda call: (204, {})
        self.site = self.served()

    def place(self, customer, amount):
        self.site.send("basket.place", {"basket": f"b-{customer}", "customer": customer,
                                        "amount": amount})

    def messages(self, customer, **members):
        query = "".join(f"&{name}={value}" for name, value in members.items())
        return self.site.get(f"/outbox?instance={customer}&kind=effect{query}")[1]["messages"]

    def metric(self, line):
        """The value of one line of /metrics; None if it is not there."""
        found = re.search(rf"^{re.escape(line)} (\S+)$", self.site.text("/metrics"), re.M)
        return float(found[1]) if found else None

    def test_an_effect_leaves_once_and_is_tried_again_after_a_failure(self):
        answers = iter([(500, {"Retry-After": "0"}), (204, {})])
        self.receiver.answer = lambda call: next(answers)
        self.place("ada", 30)
        wait_until(lambda: [m["status"] for m in self.messages("ada")] == ["done"], "it is sent")
        calls = self.calls_of("ada")
        self.assertEqual([c.status for c in calls], [500, 204])
        self.assertEqual(len({c.key for c in calls}), 1)
        self.assertEqual(calls[0].body["payload"], {"customer": "ada", "amount": 30})
        message = self.messages("ada")[0]
        self.assertEqual((message["key"], message["attempts"]), (calls[0].key, 2))
        sent = 'recount_effect_attempts_total{type="shop.receipt",result="sent"}'
        self.assertGreaterEqual(self.metric(sent), 1)
        self.assertGreaterEqual(self.metric(sent.replace("sent", "again")), 1)

    def test_what_fails_to_the_last_attempt_is_dead_until_it_is_replayed(self):
        self.receiver.answer = lambda call: (503, {"Retry-After": "0"})
        self.place("ben", 30)
        wait_until(lambda: [m["status"] for m in self.messages("ben")] == ["dead"], "it is dead")
        calls = self.calls_of("ben")
        self.assertEqual([c.status for c in calls], [503] * ATTEMPTS_MAX)
        dead = [m for m in self.bank.lines("outbox", "list", "--status", "dead")
                if m["instance"] == "ben"]
        self.assertEqual(len(dead), 1)
        self.assertIn("answered 503", dead[0]["last_error"])
        self.assertEqual(dead[0]["attempts"], ATTEMPTS_MAX)
        self.assertIn("ben", self.bank.ok("outbox", "list", "--status", "dead"))
        count = 'recount_outbox_dead{kind="effect",store="main"}'
        wait_until(lambda: self.metric(count) == 1, "it is counted")

        self.receiver.answer = lambda call: (204, {})
        self.assertEqual(self.bank.lines("outbox", "replay", dead[0]["key"])[0]["status"],
                         "waiting")
        wait_until(lambda: [m["status"] for m in self.messages("ben")] == ["done"],
                   "the replay is sent")
        self.assertEqual({c.key for c in self.calls_of("ben")}, {dead[0]["key"]})
        wait_until(lambda: self.metric(count) == 0, "it is counted no more")

    def test_an_answer_that_will_not_change_gives_it_up_at_once(self):
        self.receiver.answer = lambda call: (410, {})
        self.place("cleo", 30)
        wait_until(lambda: [m["status"] for m in self.messages("cleo")] == ["dead"], "it is dead")
        self.assertEqual(len(self.calls_of("cleo")), 1)
        self.receiver.answer = lambda call: (204, {})
        key = self.messages("cleo")[0]["key"]
        status, _, told = self.site.ask("POST", f"/outbox/{key}/replay", "{}",
                                        {"Content-Type": "application/json"})
        self.assertEqual((status, told["status"]), (200, "waiting"))
        wait_until(lambda: [m["status"] for m in self.messages("cleo")] == ["done"],
                   "the replay is sent")

    def acknowledge(self, saga, instance, body):
        return self.site.ask("POST", f"/divergences/{saga}/{instance}/acknowledge", body,
                             {"Content-Type": "application/json"})

    def test_a_divergence_is_shown_and_acknowledged(self):
        event = self.order("dora", 7)
        stamped = lambda: self.site.get("/streams/account-dora/state")
        wait_until(lambda: stamped()[0] == 200 and stamped()[1]["state"]["stamps"] == 7, "stamps")
        restructure = self.exclude(event)
        found = lambda: [d for d in self.site.get("/divergences?saga=stamping")[1]["divergences"]
                         if d["instance"] == "dora"]
        wait_until(found, "the saga has looked at it")
        self.assertEqual(found()[0]["restructure"], restructure)
        self.assertIn("account.stamp", str(found()[0]["outputs"][0]["did"]))
        self.assertEqual(self.site.get("/divergences?saga=nothing")[0], 404)
        diverged = 'recount_saga_instances_diverged{saga="stamping",store="main"}'
        wait_until(lambda: self.metric(diverged) >= 1, "it is counted")

        self.assertEqual(self.acknowledge("stamping", "dora", "{}")[0], 400)
        self.assertEqual(self.acknowledge("stamping", "none", '{"because":"x"}')[0], 404)
        status, _, done = self.acknowledge("stamping", "dora", '{"because":"so be it","by":"ada"}')
        self.assertEqual((status, done["repeated"]), (200, False))
        wait_until(lambda: self.site.get("/sagas/stamping/dora")[1]["status"] == "running",
                   "the saga goes on")
        self.assertEqual(found(), [])
        status, _, problem = self.acknowledge("stamping", "dora", '{"because":"again"}')
        self.assertEqual((status, problem["code"]), (409, "not_diverged"))

    def test_timers_are_listed_and_counted(self):
        self.place("eva", 90)     # it reminds after as many minutes
        mine = lambda: [t for t in self.site.get("/timers?saga=mailing")[1]["timers"]
                        if t["instance"] == "eva"]
        wait_until(mine, "the saga sets it")
        self.assertEqual((mine()[0]["name"], mine()[0]["payload"]["amount"]), ("remind", 90))
        labels = '{saga="mailing",store="main"}'
        wait_until(lambda: (self.metric(f"recount_timers_waiting{labels}") or 0) >= 1, "counted")
        self.assertEqual(self.metric(f"recount_timers_overdue_seconds{labels}"), 0)
        self.place("finn", 0)     # at once
        wait_until(lambda: self.calls_of("finn", "shop.poster"), "it fires")
        wait_until(lambda: (self.metric(f"recount_timers_fired_total{labels}") or 0) >= 1,
                   "it is counted")
        self.assertGreaterEqual(self.metric("recount_timer_lateness_seconds_count"), 1)

    def test_a_saga_that_stands_still_is_told_of(self):
        wait_until(lambda: self.site.get("/ready")[0] == 200, "all is well")
        self.place("gus", 1)
        stamped = lambda: self.site.get("/streams/account-gus/state")
        wait_until(lambda: stamped()[0] == 200 and stamped()[1]["state"]["stamps"] == 1,
                   "the saga is past all orders")
        where = "WHERE projection = 'saga:stamping'"
        # Another log's: it is seen when the saga has to look at its checkpoint.
        self.db.rows(f"UPDATE checkpoints SET hash = decode(repeat('ab', 32), 'hex'), "
                     f"epoch = epoch + 1 {where}")
        self.place("hal", 1)
        wait_until(lambda: self.site.get("/ready")[0] == 503, "a saga that stands still")
        problem = self.site.get("/ready")[1]
        self.assertEqual(problem["code"], "not_ready")
        self.assertEqual([p["what"] for p in problem["problems"]], ["stamping"])
        self.assertIn("written from another log", problem["problems"][0]["sentence"])
        failures = 'recount_saga_failures_total{saga="stamping",store="main"}'
        self.assertGreaterEqual(self.metric(failures), 1)
        self.db.rows("UPDATE checkpoints SET hash = (SELECT l.hash FROM log l "
                     f"WHERE l.position = checkpoints.position) {where}")
        wait_until(lambda: self.site.get("/ready")[0] == 200, "it goes on")

    def test_a_worker_of_effects_that_cannot_work_is_told_of(self):
        wait_until(lambda: self.site.get("/ready")[0] == 200, "all is well")
        self.addCleanup(self.db.rows, "DROP FUNCTION IF EXISTS public.broken CASCADE")
        self.db.rows("CREATE FUNCTION public.broken() RETURNS trigger LANGUAGE plpgsql AS "
                     "$$ BEGIN RAISE EXCEPTION 'a broken table'; END $$")
        self.db.rows("CREATE TRIGGER broken BEFORE UPDATE ON outbox FOR EACH ROW "
                     "WHEN (new.kind = 'effect') EXECUTE FUNCTION public.broken()")
        self.place("ivy", 30)
        wait_until(lambda: self.site.get("/ready")[0] == 503, "it cannot claim")
        problem = self.site.get("/ready")[1]
        self.assertEqual(problem["code"], "not_ready")
        self.assertEqual([p["what"] for p in problem["problems"]], ["effects"])
        self.assertIn("claim_effects", problem["problems"][0]["sentence"])
        self.assertEqual(self.calls_of("ivy"), [])
        self.db.rows("DROP TRIGGER broken ON outbox")
        wait_until(lambda: self.site.get("/ready")[0] == 200, "it goes on by itself")
        wait_until(lambda: [m["status"] for m in self.messages("ivy")] == ["done"], "it is sent")
        self.assertEqual(len(self.calls_of("ivy")), 1)


if __name__ == "__main__":
    main()
