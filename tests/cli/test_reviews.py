"""Alerts of large movements: they wait until somebody says where to, and arrive once, by key."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import FAILED, USAGE, BankTest, main, wait_until
from receiver import Receiver
from served import Served


class Reviews(BankTest):
    def deposit(self, account, minor, key):
        self.send("account.open", {"account": account})
        return self.send("account.deposit", {"account": account, "amount": {
            "minor": minor, "currency": "EUR"}}, "--id", key)["events"][-1]

    def reviews(self, account):
        return [r for r in self.bank.lines("reviews", "list")
                if r["review"]["account"] == account]

    def statuses(self, account):
        return [r["status"] for r in self.reviews(account)]

    def test_1_without_a_url_they_wait(self):
        self.deposit("ada", 9_999_999, "just below")
        self.deposit("ada", 10_000_000, "at the limit")
        self.assertEqual(self.statuses("ada"), ["waiting"])
        shown = self.bank.run("reviews", "list")
        self.assertIn("100000.00 EUR", shown.stdout)
        self.assertIn("--review-url", shown.stderr)
        with Served(self.bank):
            self.deposit("ada", 10_000_001, "while it is served")
            wait_until(lambda: len(self.reviews("ada")) == 2, "the second alert")
        self.assertEqual(self.statuses("ada"), ["waiting"] * 2)
        self.assertEqual(len(self.bank.lines("outbox", "list", "--status", "waiting")), 2)

    def test_2_by_hand_each_is_posted_once_with_its_key(self):
        with Receiver() as other:
            sent = self.bank.lines("reviews", "send", "--review-url", other.url)[0]
            self.assertEqual(sent, {"sent": 2, "waiting": 0})
            found = self.reviews("ada")
            self.assertEqual([call.key for call in other.calls], [r["key"] for r in found])
            self.assertEqual([call.body["payload"] for call in other.calls],
                             [r["review"] for r in found])
            self.assertEqual({call.body["type"] for call in other.calls},
                             {"account.review_wanted"})
            self.assertEqual(self.statuses("ada"), ["sent", "sent"])
            sent = self.bank.lines("reviews", "send", "--review-url", other.url)[0]
            self.assertEqual(sent, {"sent": 0, "waiting": 0})
            self.assertEqual(len(other.calls), 2)

    def test_3_served_with_a_url_they_leave_by_themselves(self):
        with Receiver(answers=[503]) as other:
            with Served(self.bank, "--review-url", other.url) as site:
                site.send("account.open", {"account": "ben"})
                site.send("account.deposit", {"account": "ben", "amount": {
                    "minor": 20_000_000, "currency": "EUR"}})
                wait_until(lambda: self.statuses("ben") == ["sent"], "the alert has left")
            # The first was refused: the same key again, and no third.
            self.assertEqual(len(other.calls), 2)
            self.assertEqual({call.key for call in other.calls}, {self.reviews("ben")[0]["key"]})

    def test_4_what_fails_waits(self):
        self.deposit("cleo", 30_000_000, "nobody takes it")
        self.deposit("cleo", 40_000_000, "nor this, behind it")
        with Receiver(answers=[503] * 9) as other:
            done = self.assert_exit(FAILED, "reviews", "send", "--review-url", other.url)
            self.assertEqual(done.stdout, "0 sent, 2 still waiting\n")
            # The second one of the account waits behind it.
            self.assertEqual({call.key for call in other.calls}, {self.reviews("cleo")[0]["key"]})
        self.assertEqual(self.statuses("cleo"), ["waiting"] * 2)
        self.assertIn("503", self.reviews("cleo")[0]["last_error"])

    def test_5_a_correction_withdraws_what_waits_and_takes_back_what_was_sent(self):
        for account, status in (("dora", "sent"), ("ben", "sent"), ("emil", "withdrawn")):
            event = self.deposit(account, 50_000_000, f"twice, {account}")
            if status == "sent":
                with Receiver() as other:
                    wait_until(lambda: self.bank.run("reviews", "send", "--review-url",
                                                     other.url).returncode == 0, "all are sent")
            plan = self.bank.folder / "plan.json"
            plan.write_text('{"title": "twice", "because": "imported twice", "by": "ines", '
                            f'"ops": [{{"op": "exclude", "event": "{event}"}}]}}')
            self.bank.ok("restructure", "apply", plan, "--yes")
            found = [r for r in self.reviews(account)
                     if r["review"]["amount"]["minor"] == 50_000_000]
            self.assertEqual([(r["wanted"], r["status"], "superseded_by" in r) for r in found],
                             [(True, status, True)] +
                             [(False, "waiting", False)] * (status == "sent"))
        with Receiver() as other:
            self.bank.ok("reviews", "send", "--review-url", other.url)
            self.assertEqual([(c.body["type"], c.body["payload"]["account"])
                              for c in other.calls], [("account.review_not_needed", "ben")])

    def test_6_a_url_that_is_none_is_a_usage_error(self):
        self.assertIn("--review-url", self.bank.ok("serve", "--help"))
        self.assert_exit(USAGE, "reviews", "send")
        self.assert_exit(USAGE, "reviews", "send", "--review-url", "ftp://somewhere/")


if __name__ == "__main__":
    main()
