"""`transfer` and `transfers`: money from one account to another, by the program's own sagas."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import OK, REFUSED, USAGE, BankTest, main, wait_until
from served import Served
from transfer_ledger import TransferLedger


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Transfers(BankTest):
    def account(self, name, minor=0):
        self.send("account.open", {"account": name})
        if minor:
            self.send("account.deposit", {"account": name, "amount": eur(minor)})

    def balance(self, name):
        return self.bank.lines("state", f"account-{name}")[0]["state"]["balance"]["minor"]

    def events(self):
        return self.bank.lines("events")

    def test_money_goes_from_one_account_to_the_other_once(self):
        self.account("ada", 10_000)
        self.account("ben")
        text = self.bank.ok("transfer", "ada", "ben", "30.00", "--id", "t-1")
        self.assertEqual(text, "transfer t-1, 30.00 EUR from ada to ben: completed\n")
        head = len(self.events())
        self.assertEqual(self.bank.ok("transfer", "ada", "ben", "30.00 EUR", "--id", "t-1"), text)
        self.assertEqual(len(self.events()), head)
        self.assertEqual((self.balance("ada"), self.balance("ben")), (7_000, 3_000))
        done = self.assert_exit(REFUSED, "transfer", "ada", "ben", "31.00", "--id", "t-1")
        self.assertIn("another transfer", done.stderr)
        found = self.bank.lines("transfers", "--status", "completed")
        self.assertEqual([(t["from"], t["to"], t["amount"]) for t in found
                          if t["transfer"] == "t-1"], [("ada", "ben", eur(3_000))])
        self.assertEqual(self.bank.lines("transfer", "ada", "ben", "0.01")[0]["status"],
                         "completed")
        TransferLedger(self.events()).check_ended()

    def test_what_is_not_covered_is_refused(self):
        self.account("poor", 2_999)
        self.account("rich")
        done = self.assert_exit(REFUSED, "transfer", "poor", "rich", "30.00", "--id", "t-2")
        self.assertIn("refused, overdrawn: the balance of 29.99 EUR", done.stdout)
        self.assertEqual(self.balance("poor"), 2_999)
        done = self.assert_exit(REFUSED, "transfer", "nobody", "rich", "1.00 EUR")
        self.assertIn("not_open", done.stdout)

    def test_what_a_closed_account_does_not_take_comes_back(self):
        self.account("cleo", 5_000)
        self.account("gone")
        self.send("account.close", {"account": "gone"})
        done = self.assert_exit(REFUSED, "transfer", "cleo", "gone", "50.00", "--id", "t-3",
                                "--json")
        told = json.loads(done.stdout)
        self.assertEqual((told["status"], told["because"]),
                         ("refunded", "closed: the account is closed"))
        self.assertEqual(self.balance("cleo"), 5_000)
        TransferLedger(self.events()).check_ended()

    def test_an_account_that_is_not_open_yet_is_waited_for(self):
        self.account("dora", 5_000)
        told = self.bank.lines("transfer", "dora", "late", "20.00", "--id", "t-4")[0]
        self.assertEqual(told["status"], "requested")
        self.assertIn("not_open", told["because"])
        self.assertIn("again_at", told)
        self.assertEqual(TransferLedger(self.events()).under_way, {"t-4": 2_000})
        rows = self.db.objects("SELECT * FROM transfers_under_way WHERE amount_minor <> 0")
        self.assertLessEqual(len(rows), 1)   # the table follows when a verb wants it
        self.account("late")
        wait_until(lambda: self.bank.lines("transfer", "dora", "late", "20.00", "--id", "t-4")
                   [0]["status"] == "completed", "the account takes it")
        self.assertEqual((self.balance("dora"), self.balance("late")), (3_000, 2_000))

    def test_when_the_time_is_up_it_comes_back(self):
        self.account("eva", 5_000)
        # Its second try may be a second away: until then it is under way.
        wait_until(lambda: self.bank.run("transfer", "eva", "never", "20.00", "--id", "t-5",
                                         "--within", "PT0S").returncode == REFUSED,
                   "the money comes back")
        self.assertEqual(self.balance("eva"), 5_000)
        self.assertEqual(self.bank.lines("state", "transfer-t-5")[0]["state"]["status"],
                         "refunded")

    def test_serve_sees_to_transfers_that_are_asked_for_over_http(self):
        self.account("finn", 5_000)
        self.account("gus")
        site = Served(self.bank)
        self.addCleanup(site.stop)
        wanted = {"transfer": "t-6", "from": "finn", "to": "gus", "amount": eur(1_500)}
        site.send("transfer.request", wanted, Idempotency_Key="t-6")
        wait_until(lambda: site.get("/streams/transfer-t-6/state")[1]["state"].get("status") ==
                   "completed", "the transfer has ended")
        wait_until(lambda: [row["status"] for row in
                            site.get("/projections/transfers?transfer=t-6")[1]["rows"]] ==
                   ["completed"], "the table says so")
        self.assertEqual((self.balance("finn"), self.balance("gus")), (3_500, 1_500))
        # And the other way round: asked for on the command line, seen to by serve or by the verb.
        self.assertEqual(self.bank.lines("transfer", "gus", "finn", "5.00")[0]["status"],
                         "completed")

    def test_what_is_sent_by_hand_is_seen_to_by_the_next_verb(self):
        self.account("hal", 5_000)
        self.account("ivy")
        self.send("transfer.request", {"transfer": "t-7", "from": "hal", "to": "ivy",
                                       "amount": eur(700)}, "--id", "t-7")
        found = {t["transfer"]: t["status"] for t in self.bank.lines("transfers")}
        self.assertEqual(found["t-7"], "completed")

    def test_amounts_that_are_none_are_usage_errors(self):
        self.account("jo", 100)
        self.assertIn("12,5", self.assert_exit(USAGE, "transfer", "jo", "x", "12,5 EUR").stderr)
        self.assertIn("eur", self.assert_exit(USAGE, "transfer", "jo", "x", "1.00 eur").stderr)
        self.assertIn("currency", self.assert_exit(USAGE, "transfer", "nobody", "x", "1").stderr)
        self.assert_exit(REFUSED, "transfer", "jo", "jo", "1.00")
        self.assert_exit(REFUSED, "transfer", "jo", "x", "0.00")
        self.assertEqual(self.assert_exit(OK, "transfers", "--status", "refused").returncode, OK)


if __name__ == "__main__":
    main()
