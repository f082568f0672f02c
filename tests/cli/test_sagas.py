"""Sagas on the command line: instances, what diverged, and timers. The shop's program, its effects
sent by nobody."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import FAILED, OK, REFUSED, USAGE
from shop_cli import ShopTest, main


class Sagas(ShopTest):
    def run_sagas(self):
        self.bank.ok("sagas", "run")

    def diverged(self, customer):
        """A customer whose stamps have no declared undo, and whose order is taken out."""
        event = self.order(customer, 7)
        self.run_sagas()
        restructure = self.exclude(event)
        self.run_sagas()
        return event, restructure

    def test_a_divergence_is_listed_until_somebody_acknowledges_it(self):
        event, restructure = self.diverged("ada")
        self.assertEqual(self.status("stamping", "ada"), "diverged")
        found = self.bank.lines("sagas", "divergences", "stamping")
        self.assertEqual([(d["saga"], d["instance"], d["restructure"]) for d in found],
                         [("stamping", "ada", restructure)])
        output = found[0]["outputs"][0]
        self.assertEqual(output["trigger"], event)
        self.assertIn("account.stamp", str(output["did"]))
        text = self.bank.ok("sagas", "divergences")
        for part in ("stamping", "ada", "account.stamp"):
            self.assertIn(part, text)

        done = self.assert_exit(OK, "sagas", "acknowledge", "stamping", "ada", "--because",
                                "stamps are not worth it", "--by", "ines")
        self.assertIn("stamping ada is acknowledged at position", done.stdout)
        self.run_sagas()
        self.assertEqual(self.status("stamping", "ada"), "running")
        self.assertEqual(self.bank.lines("sagas", "divergences", "stamping"), [])
        steps = self.bank.lines("sagas", "show", "stamping", "ada")
        self.assertEqual([(s["type"], s.get("actor")) for s in steps
                          if s["type"] == "$saga.acknowledged"], [("$saga.acknowledged", "ines")])
        # What is in order is not acknowledged again.
        self.assertIn("diverged", self.assert_exit(
            REFUSED, "sagas", "acknowledge", "stamping", "ada", "--because", "x").stderr)

    def test_an_acknowledgement_as_json(self):
        self.diverged("ben")
        told = self.bank.lines("sagas", "acknowledge", "stamping", "ben", "--because", "it is so")
        self.assertEqual(list(told[0]), ["position"])
        self.assertGreater(told[0]["position"], 0)

    def test_what_cannot_be_acknowledged(self):
        self.assert_exit(FAILED, "sagas", "acknowledge", "stamping", "nobody", "--because", "x")
        self.assert_exit(FAILED, "sagas", "acknowledge", "nothing", "ada", "--because", "x")
        self.assert_exit(FAILED, "sagas", "divergences", "nothing")
        self.order("cleo", 1)
        self.run_sagas()
        self.assert_exit(REFUSED, "sagas", "acknowledge", "stamping", "cleo", "--because", "x")
        self.assert_exit(USAGE, "sagas", "acknowledge", "stamping", "cleo")
        none = self.assert_exit(OK, "sagas", "divergences", "mailing")
        self.assertEqual(none.stdout, "")
        self.assertIn("no instance has diverged", none.stderr)

    def test_timers_that_a_saga_has_set_are_listed(self):
        self.order("dora", 90)    # it reminds after as many minutes
        self.order("eva", 60)
        self.run_sagas()
        mine = [t for t in self.bank.lines("timers", "list", "--saga", "mailing")
                if t["instance"] in ("dora", "eva")]
        self.assertEqual([(t["instance"], t["name"], t["type"]) for t in mine],
                         [("eva", "remind", "shop.reminded"),
                          ("dora", "remind", "shop.reminded")])
        self.assertEqual(mine[0]["payload"], {"customer": "eva", "amount": 60})
        text = self.bank.ok("timers", "list", "--due-before", mine[1]["due_at"])
        self.assertIn("eva", text)
        self.assertNotIn("dora", text)
        self.assertEqual(text.splitlines()[0].split(), ["due", "at", "saga", "instance", "timer",
                                                        "type", "key"])

    def test_health_counts_instances_and_messages(self):
        self.diverged("finn")
        found = self.bank.lines("health")[0]
        of = {s["saga"]: s for s in found["sagas"]}
        self.assertEqual(sorted(of), ["billing", "mailing", "stamping"])
        listed = self.bank.lines("sagas", "list", "stamping")
        for status in ("running", "parked", "diverged", "ended"):
            self.assertEqual(of["stamping"][status],
                             sum(i["status"] == status for i in listed), status)
        waiting = self.bank.lines("outbox", "list", "--status", "waiting", "--kind", "effect")
        self.assertEqual(found["outbox"][1],
                         {"kind": "effect", "waiting": len(waiting), "dead": 0})
        text = self.bank.ok("health")
        self.assertRegex(text, r"stamping: \d+ running, 0 parked, \d+ diverged, 0 ended")
        self.assertIn(f"effects of the outbox: {len(waiting)} waiting, 0 dead", text)


if __name__ == "__main__":
    main()
