"""The shop of tests/http/shop.cpp: its program, and a server that its webhook calls.

    class Effects(ShopTest):
        def test_…(self):
            self.receiver.answer = lambda call: (500, {"Retry-After": "0"})
"""

import json
import pathlib
import sys
import unittest

from bank_cli import SHOP, Bank, BankTest
from receiver import Receiver
from served import Served


class ShopTest(BankTest):
    """A shop for the whole class; its effects go to `receiver`."""

    @classmethod
    def make_bank(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.stop)
        shop = Bank(program=SHOP, name="shop")
        shop.environment["SHOP_WEBHOOK_URL"] = cls.receiver.url
        return shop

    def served(self):
        site = Served(self.bank)
        self.addCleanup(site.stop)
        return site

    def order(self, customer, amount):
        """Places an order in a basket of its own on the command line; the id of its event."""
        self.send("basket.place", {"basket": f"b-{customer}", "customer": customer,
                                   "amount": amount})
        return self.bank.lines("events", "--stream", f"basket-b-{customer}")[-1]["id"]

    def calls_of(self, customer, type="shop.receipt"):
        """What was posted of this customer, as far as it was answered."""
        return [call for call in list(self.receiver.calls)
                if call.body["type"] == type and call.body["payload"]["customer"] == customer]

    def exclude(self, event):
        plan = self.bank.folder / "plan.json"
        plan.write_text(json.dumps({"title": "it was none", "because": "a slip", "by": "ines",
                                    "ops": [{"op": "exclude", "event": event}]}),
                        encoding="utf-8")
        return self.bank.lines("restructure", "apply", plan, "--yes")[0]["restructure"]

    def status(self, saga, instance):
        found = [i["status"] for i in self.bank.lines("sagas", "list", saga)
                 if i["instance"] == instance]
        return found[0] if found else None


def main():
    if not SHOP or not pathlib.Path(SHOP).exists():
        sys.exit("set RECOUNT_SHOP to the shop's program")
    unittest.main(verbosity=2)
