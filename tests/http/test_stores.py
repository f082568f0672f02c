"""Several stores of one database behind one address: each by its name, and what is of all."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import REFUSED, USAGE, BankTest, main, wait_until
from served import Served


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Stores(BankTest):
    STORES = ("trading",)

    @classmethod
    def fill(cls):
        cls.site = Served(cls.bank, "--store", "main", "--store", "trading")
        cls.addClassCleanup(cls.site.stop)

    def send(self, store, command, payload):
        status, _, body = self.site.ask("POST", f"/stores/{store}/commands/{command}",
                                        json.dumps(payload),
                                        {"Content-Type": "application/json"})
        self.assertEqual(status, 200, body)
        return body

    def balance(self, store, account, token):
        status, page = self.site.get(f"/stores/{store}/projections/account_balances?"
                                     f"account={account}&$at_least={token}")
        self.assertEqual(status, 200, page)
        return [row["balance"] for row in page["rows"]]

    def test_each_store_has_its_own_streams_and_tables(self):
        for store, amount in (("main", 100), ("trading", 7)):
            self.send(store, "account.open", {"account": "own"})
            done = self.send(store, "account.deposit", {"account": "own", "amount": eur(amount)})
            self.assertEqual(self.balance(store, "own", done["token"]), [eur(amount)])
            status, page = self.site.get(f"/stores/{store}/streams/account-own/events")
            self.assertEqual((status, len(page["events"])), (200, 2))
        self.send("trading", "account.open", {"account": "there"})
        self.assertEqual(self.site.get("/stores/main/streams/account-there/state")[0], 404)
        self.assertEqual(self.site.get("/stores/trading/streams/account-there/state")[0], 200)

    def test_each_store_is_followed_for_itself(self):
        with self.site.follow("/stores/main/events?from=1") as main_store, \
                self.site.follow("/stores/trading/events?from=1") as trading:
            self.send("trading", "account.open", {"account": "live in trading"})
            self.send("main", "account.open", {"account": "live in main"})
            for live, wanted in ((main_store, "live in main"), (trading, "live in trading")):
                accounts = []
                for _, event in live:
                    accounts.append(event["payload"]["account"])
                    if accounts[-1].startswith("live in"):
                        break
                self.assertEqual(accounts[-1], wanted)

    def test_a_path_without_a_store_is_refused_by_naming_them(self):
        for path in ("/events", "/commands", "/stores", "/stores/", "/ready/x"):
            status, body = self.site.get(path)
            self.assertEqual((status, body["code"]), (404, "not_found"), path)
            self.assertIn("main, trading", body["detail"])
        status, body = self.site.get("/stores/other/events")
        self.assertEqual((status, body["code"]), (404, "not_found"))
        self.assertIn("there are: main, trading", body["detail"])
        status, _ = self.site.post("account.open", {"account": "nowhere"})
        self.assertEqual(status, 404)

    def test_the_index_leads_to_each_store(self):
        _, index = self.site.get("/")
        self.assertEqual([s["store"] for s in index["stores"]], ["main", "trading"])
        for store in index["stores"]:
            status, own = self.site.get(store["href"])
            self.assertEqual((status, own["store"]), (200, store["store"]))
            for link in own["links"].values():
                self.assertTrue(link["href"].startswith(store["href"] + "/"), link)
                if not link.get("templated"):
                    self.assertEqual(self.site.status(link["href"]), 200, link)
            commands = self.site.get(store["href"] + "/commands")[1]["commands"]
            self.assertTrue(commands[0]["href"].startswith(store["href"] + "/commands/"))
            self.assertEqual(self.site.get(commands[0]["schema"])[0], 200)

    def test_health_and_readiness_are_of_all_stores(self):
        self.assertEqual(self.site.get("/health"), (200, {"status": "ok"}))
        status, ready = self.site.get("/ready")
        self.assertEqual((status, ready["status"]), (200, "ready"))
        self.assertEqual([s["store"] for s in ready["stores"]], ["main", "trading"])
        for store in ready["stores"]:
            self.assertEqual(store["status"], "ready")
            self.assertTrue(store["projections"])
        self.assertEqual(self.site.get("/stores/trading/ready")[1]["status"], "ready")
        self.assertEqual(self.site.ask("POST", "/ready")[0], 405)

    def test_a_store_that_is_gone_makes_the_whole_not_ready(self):
        bank = self.bank
        bank.ok("stores", "create", "doomed")
        with Served(bank, "--store", "main", "--store", "doomed") as site:
            self.assertEqual(site.get("/ready")[0], 200)
            with bank.psql() as db:
                db.rows("DROP SCHEMA recount_doomed CASCADE")
            wait_until(lambda: site.get("/ready")[0] == 503, "not ready")
            status, body = site.get("/ready")
            self.assertEqual((status, body["code"]), (503, "not_ready"))
            self.assertIn("doomed", body["detail"])
            by_name = {s["store"]: s for s in body["stores"]}
            self.assertEqual(by_name["main"]["status"], "ready")
            self.assertEqual(by_name["doomed"]["status"], 503)
            self.assertEqual(site.get("/stores/main/ready")[0], 200)

    def test_metrics_and_openapi_name_the_stores(self):
        for store in ("main", "trading"):
            done = self.send(store, "account.open", {"account": "measured"})
            self.balance(store, "measured", done["token"])
        text = self.site.text("/metrics")
        for store in ("main", "trading"):
            self.assertIn('recount_projection_position{projection="account_balances",'
                          f'store="{store}"}} ', text)
        _, document = self.site.get("/openapi.json")
        self.assertEqual(document["servers"],
                         [{"url": "/stores/main"}, {"url": "/stores/trading"}])
        self.assertIn("/events", document["paths"])

    def test_what_cannot_be_several_is_refused(self):
        done = self.assert_exit(USAGE, "streams", "--store", "main", "--store", "trading")
        self.assertIn("--store", done.stderr)
        done = self.assert_exit(USAGE, "serve", "--port", "0", "--store", "main", "--store", "main")
        self.assertIn("'main' is named twice", done.stderr)
        done = self.assert_exit(REFUSED, "serve", "--port", "0", "--store", "main", "--store",
                                "missing")
        self.assertIn("there is no store 'missing'", done.stderr)


if __name__ == "__main__":
    main()
