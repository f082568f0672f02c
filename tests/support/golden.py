"""The golden example of corrected history on the bank's accounts A and B, in an empty store: seven
events and four restructures, whatever they are sent by. e4 and e7 are of January, all else happened
before the year's end; `redate` is the fifth restructure, which puts e4 there, too."""

# k, ordinal, what, event, account, amount: as a subscriber of changes is told of it.
CHANGES = [(1, 0, "+", "e1", "A", 0), (2, 0, "+", "e2", "A", 100), (3, 0, "+", "e3", "A", 100),
           (4, 0, "+", "e4", "A", -50), (5, 0, "+", "e5", "B", 0), (6, 0, "+", "e6", "A", 30),
           (8, 0, "-", "e3", "A", 100), (8, 2, "-", "e6", "A", 30), (8, 3, "+", "e6", "B", 30),
           (9, 0, "-", "e4", "A", -50), (9, 1, "+", "e4", "A", -5), (10, 1, "+", "x1", "A", 20),
           (11, 1, "+", "e3", "A", 100), (12, 0, "+", "e7", "A", -15)]
# k, ordinal, event, what, before, after: of who can only append.
CORRECTED = [(8, 0, "e3", ["excluded"], ("A", 100), None),
             (8, 1, "e6", ["moved"], ("A", 30), ("B", 30)),
             (9, 0, "e4", ["replaced"], ("A", -50), ("A", -5)),
             (10, 0, "x1", ["inserted"], None, ("A", 20)),
             (11, 0, "e3", ["reinstated"], None, ("A", 100))]
# k: balance of A, of B.
BALANCES = {2: (100, 0), 3: (200, 0), 4: (150, 0), 6: (180, 0), 8: (50, 30), 9: (95, 30),
            10: (115, 30), 11: (215, 30), 12: (200, 30)}
# What commands record happens now; the end of that year is still to come.
YEAR_END, JANUARY_2 = "2999-12-31", "3000-01-02"
REDATED = 13
# The same as of the end of the year: what e4 and e7 took is not of it, until e4 is.
BALANCES_AT_YEAR_END = {2: (100, 0), 3: (200, 0), 4: (200, 0), 6: (230, 0), 8: (100, 30),
                        9: (100, 30), 10: (120, 30), 11: (220, 30), 12: (220, 30),
                        REDATED: (215, 30)}
EVENTS_AT_YEAR_END = {4: "e1 e2 e3", 6: "e1 e2 e3 e6", 8: "e1 e2", 12: "e1 e2 x1 e3",
                      REDATED: "e1 e2 x1 e3 e4"}


def eur(amount):
    return {"minor": amount, "currency": "EUR"}


def content(kind, amount, on):
    return {"type": f"account.{kind}", "schema_version": 1,
            "payload": {"account": "A", "amount": eur(amount)},
            "effective_at": f"{on}T00:00:00Z"}


def tell(send, correct):
    """`send(command, payload)` gives the event's id; `correct(*ops)` the restructure's. The events
    by name."""
    def move(account, amount):
        return send("account.deposit", {"account": account, "amount": eur(amount)})

    def take_in_january(movement, amount):
        return send("account.record_movement",
                    {"movement": movement, "account": "A", "kind": "withdrawal",
                     "amount": eur(amount), "on": JANUARY_2})

    e = {"e1": send("account.open", {"account": "A"}), "e2": move("A", 100), "e3": move("A", 100),
         "e4": take_in_january("e4", 50), "e5": send("account.open", {"account": "B"}),
         "e6": move("A", 30)}
    correct({"op": "exclude", "event": e["e3"]},
            {"op": "move", "event": e["e6"], "to": "account-B", "anchor": "keep"})
    correct({"op": "replace", "event": e["e4"], "content": content("withdrawn", 5, JANUARY_2)})
    inserted = correct({"op": "insert", "to": "account-A", "anchor": {"after": e["e2"]},
                        "content": content("deposited", 20, "2026-01-02")})
    e["x1"] = inserted[:-4] + "8000"
    correct({"op": "reinstate", "event": e["e3"], "registers": ["presence"], "as_at": 6})
    e["e7"] = take_in_january("e7", 15)
    return {id: name for name, id in e.items()}


def redate(names, correct):
    """The restructure that says e4 happened on the last day of the year."""
    e4 = next(id for id, name in names.items() if name == "e4")
    return correct({"op": "redate", "event": e4, "effective_at": f"{YEAR_END}T12:00:00Z"})


def amount_of(event):
    if "amount" not in event["payload"]:
        return 0
    sign = -1 if event["type"] == "account.withdrawn" else 1
    return sign * event["payload"]["amount"]["minor"]


def account_of(event):
    return event["stream"].removeprefix("account-")


def change(names, item):
    event = item["event"]
    return (item["k"], item["ordinal"], {"assert": "+", "retract": "-"}[item["change"]],
            names[event["id"]], account_of(event), amount_of(event))


def corrected(names, item):
    c = item["event_corrected"]
    sides = [(account_of(c[side]["event"]), amount_of(c[side]["event"])) if side in c else None
             for side in ("before", "after")]
    return (item["k"], item["ordinal"], names[c["event"]], c["what"], *sides)


class Folded:
    """What a subscriber of changes knows: it ignores what it is told twice."""

    def __init__(self):
        self.events, self.seen = {}, (0, 0)

    def take(self, item):
        place = (item["k"], item["ordinal"])
        if place <= self.seen:
            return
        self.seen = place
        id = item["event"]["id"]
        if item["change"] == "assert":
            assert id not in self.events
            self.events[id] = item
        else:
            assert self.events.pop(id)["event"] == item["event"]

    def balances(self):
        sums = {"A": 0, "B": 0}
        for item in self.events.values():
            sums[account_of(item["event"])] += amount_of(item["event"])
        return sums["A"], sums["B"]

    def order(self, account, names):
        mine = [i for i in self.events.values() if account_of(i["event"]) == account]
        return " ".join(names[i["event"]["id"]] for i in sorted(mine, key=lambda i: i["order"]))
