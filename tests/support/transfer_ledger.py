"""Transfers of the bank told a second time, in Python, from the events of its log.

    told = TransferLedger(bank.lines("events"))    # fails where money is lost or made
    told.status["t-1"], told.under_way, told.balances["account-ada"]

Shares nothing with the C++ code, so that the two can be compared.
"""

import collections

ENDS = {"transfer.completed": "completed", "transfer.refused": "refused",
        "transfer.refunded": "refunded"}


class TransferLedger:
    def __init__(self, events):
        self.balances = collections.Counter()    # by stream
        self.under_way = {}                      # by transfer, without those at zero
        self.status = {}
        self.asked = {}                          # payloads of transfer.requested
        self.arrivals = collections.Counter()    # (transfer, account)
        self.put_in = 0                          # by movements that are no transfer's
        for e in events:
            self.tell(e)
            self.check(e)

    def tell(self, e):
        kind, payload = e["type"], e["payload"]
        if kind == "transfer.requested":
            assert payload["transfer"] not in self.asked, e
            self.asked[payload["transfer"]] = payload
            self.status[payload["transfer"]] = "requested"
        elif kind in ENDS:
            assert self.status[payload["transfer"]] == "requested", e
            self.status[payload["transfer"]] = ENDS[kind]
        elif kind in ("account.deposited", "account.withdrawn"):
            amount = payload["amount"]["minor"] * (1 if kind == "account.deposited" else -1)
            self.balances[e["stream"]] += amount
            transfer = payload.get("transfer")
            if transfer is None:
                self.put_in += amount
                return
            left = self.under_way.pop(transfer, 0) - amount
            assert left in (0, self.asked[transfer]["amount"]["minor"]), (e, left)
            if left:
                self.under_way[transfer] = left
            if amount > 0:
                self.arrivals[transfer, payload["account"]] += 1

    def check(self, e):
        """Behind each event: what is on accounts and under way is what was put in."""
        found = sum(self.balances.values()) + sum(self.under_way.values())
        assert found == self.put_in, (e, found, self.put_in)

    def check_ended(self):
        """All have ended, each with the one arrival that its end speaks of."""
        assert not self.under_way, self.under_way
        for transfer, status in self.status.items():
            asked = self.asked[transfer]
            where = {"completed": asked["to"], "refunded": asked["from"]}.get(status)
            assert status != "requested", transfer
            arrivals = {account: self.arrivals[transfer, account]
                        for account in (asked["from"], asked["to"])}
            expected = {account: int(account == where) for account in arrivals}
            assert arrivals == expected, (transfer, status, arrivals)
