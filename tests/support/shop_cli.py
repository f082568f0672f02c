"""The shop of tests/http/shop.cpp: its program, and a server that its webhook calls.

    with Receiver() as receiver:
        shop = shop_of(receiver)
        receiver.answer = lambda call: (500, {"Retry-After": "0"})
"""

import http.server
import json
import pathlib
import sys
import threading
import unittest

from bank_cli import SHOP, Bank, BankTest
from served import Served


class Receiver:
    """Takes webhooks. `answer(call)` gives back status and headers; `calls` are those answered."""

    def __init__(self):
        self.calls = []
        self.answer = lambda call: (204, {})
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                call = {"path": self.path, "key": self.headers["Idempotency-Key"],
                        **json.loads(body)}
                status, headers = receiver.answer(call)
                receiver.calls.append({**call, "status": status})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/alerts"

    def of(self, customer, type="shop.receipt"):
        return [call for call in list(self.calls)
                if call["type"] == type and call["payload"]["customer"] == customer]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class ShopTest(BankTest):
    """A shop for the whole class; its effects go to `receiver`."""

    @classmethod
    def make_bank(cls):
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.close)
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
