"""The bank told a second time, in Python: from a file of movements, or from the events of its log.

Shares nothing with the C++ code, so that the two can be compared.
"""

import collections
import csv
import dataclasses
import decimal
import json
import random

KINDS = {"account.deposited": ("deposit", 1), "account.withdrawn": ("withdrawal", -1),
         "account.fee_charged": ("fee", -1), "account.interest_credited": ("interest", 1)}
TABLES = {"account_balances": "account", "deposits_by_day": "day, account",
          "statement_lines": "account, line"}
ALL_TABLES = [*TABLES, "transfers", "transfers_under_way", "standing_orders",
              "charges"]  # of the bank


@dataclasses.dataclass(frozen=True)
class Movement:
    number: str
    account: str
    day: str       # 1993-01-09
    kind: str
    amount: int    # minor units, signed
    stated: int


def minor(text):
    return int(decimal.Decimal(text).scaleb(2))


def kind_of(row):
    if row["type"] == "PRIJEM":
        return "deposit" if row["operation"] else "interest"
    if row["type"] == "VYDAJ" and row["k_symbol"] in ("SLUZBY", "SANKC. UROK"):
        return "fee"
    return "withdrawal"


def read_movements(path):
    movements = []
    with open(path, encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file, delimiter=";"):
            kind = kind_of(row)
            sign = 1 if kind in ("deposit", "interest") else -1
            date = row["date"]
            movements.append(Movement(row["trans_id"], row["account_id"],
                                      f"19{date[:2]}-{date[2:4]}-{date[4:]}", kind,
                                      sign * minor(row["amount"]), minor(row["balance"])))
    return movements


def balances_of(movements):
    sums = collections.Counter()
    for m in movements:
        sums[m.account] += m.amount
    return dict(sums)


def deposits_of(movements):
    """(day, account) -> [sum, count]"""
    days = collections.defaultdict(lambda: [0, 0])
    for m in movements:
        if m.kind == "deposit":
            cell = days[m.day, m.account]
            cell[0] += m.amount
            cell[1] += 1
    return dict(days)


def breaks_of(movements):
    """Rows whose stated balance does not follow from the one before, within 0.10."""
    stated = collections.defaultdict(int)
    breaks = 0
    for m in movements:
        breaks += abs(stated[m.account] + m.amount - m.stated) > 10
        stated[m.account] = m.stated
    return breaks


def proven_statements(movements):
    """account -> the numbers of its movements, each day in the order that its balances prove: of
    the day's remaining ones always the first that fits within 0.10."""
    days = collections.defaultdict(list)
    for m in movements:
        days[m.account, m.day].append(m)
    found = collections.defaultdict(list)
    stated = collections.defaultdict(int)
    for account, day in sorted(days):
        rest = days[account, day]
        while rest:
            m = next((m for m in rest if abs(stated[account] + m.amount - m.stated) <= 10),
                     rest[0])
            rest.remove(m)
            found[account].append(m.number)
            stated[account] = m.stated
    return dict(found)


def statement_of(movements, account):
    balance = 0
    lines = []
    for m in movements:
        if m.account != account:
            continue
        balance += m.amount
        lines.append((len(lines) + 1, m.day, m.kind, m.amount, balance, m.stated, m.number))
    return lines


def tables_of_events(events):
    """The rows of the three tables, as a fold of the log; each with the position that last
    changed it."""
    balances, deposits, lines = {}, {}, []
    last_line = {}
    for e in events:
        payload, at = e["payload"], e["position"]
        account, day = payload["account"], e["effective_at"][:10]
        if e["type"] == "account.opened":
            balances.setdefault(account, {"account": account, "balance_minor": 0, "movements": 0,
                                          "balance_currency": "   ", "last_movement_on": None})
            balances[account]["_position"] = at
            continue
        if e["type"] not in KINDS:
            continue
        kind, sign = KINDS[e["type"]]
        amount, currency = payload["amount"]["minor"], payload["amount"]["currency"]
        row = balances[account]
        row["balance_minor"] += sign * amount
        row["balance_currency"] = currency
        row["movements"] += 1
        row["last_movement_on"] = max(row["last_movement_on"] or day, day)
        row["_position"] = at
        if kind == "deposit":
            row = deposits.setdefault((day, account), {
                "day": day, "account": account, "amount_minor": 0, "amount_currency": currency,
                "deposits": 0})
            row["amount_minor"] += amount
            row["deposits"] += 1
            row["_position"] = at
        line, balance = last_line.get(account, (0, 0))
        last_line[account] = line + 1, balance + sign * amount
        stated = payload.get("stated_balance")
        lines.append({"account": account, "line": line + 1, "on": day, "kind": kind,
                      "amount_minor": sign * amount, "amount_currency": currency,
                      "balance_minor": balance + sign * amount, "balance_currency": currency,
                      "stated_balance_minor": stated and stated["minor"],
                      "stated_balance_currency": stated and stated["currency"],
                      "reference": payload.get("reference"), "_position": at})
    return {"account_balances": [balances[key] for key in sorted(balances)],
            "deposits_by_day": [deposits[key] for key in sorted(deposits)],
            "statement_lines": sorted(lines, key=lambda l: (l["account"], l["line"]))}


def tables_of_database(db):
    """What psql reads from the views."""
    return {table: db.objects(f"SELECT * FROM {table} ORDER BY {keys}")
            for table, keys in TABLES.items()}


def first_difference(left, right):
    """A sentence about the first row that differs; nothing if there is none."""
    for table in TABLES:
        if len(left[table]) != len(right[table]):
            return f"{table}: {len(left[table])} rows and {len(right[table])} rows"
        for one, two in zip(left[table], right[table]):
            if one != two:
                return f"{table}:\n  {json.dumps(one)}\n  {json.dumps(two)}"
    return None


def write_generated(path, rows, accounts, seed):
    """A file of the format, with every kind of movement."""
    numbers = random.Random(seed)
    balance = collections.Counter()
    kinds = [("PRIJEM", "VKLAD", "", 1), ("PRIJEM", "PREVOD Z UCTU", "", 1),
             ("PRIJEM", "", "UROK", 1), ("VYDAJ", "VYBER", "", -1),
             ("VYDAJ", "PREVOD NA UCET", "SIPO", -1), ("VYDAJ", "VYBER", "SLUZBY", -1),
             ("VYBER", "VYBER", "", -1)]
    with open(path, "w", encoding="latin-1") as file:
        file.write('"trans_id";"account_id";"date";"type";"operation";"amount";"balance";'
                   '"k_symbol";"bank";"account"\n')
        for number in range(1, rows + 1):
            account = numbers.randint(1, accounts)
            kind, operation, symbol, sign = numbers.choice(kinds)
            amount = numbers.randint(1, 1_000_000)
            balance[account] += sign * amount
            stated = balance[account]
            sign_text = "-" if stated < 0 else ""
            day = 1 + number * 27 // rows
            file.write(f'{number};{account};9301{day:02};"{kind}";"{operation}";'
                       f'{amount // 100}.{amount % 100:02};'
                       f'{sign_text}{abs(stated) // 100}.{abs(stated) % 100:02};"{symbol}";;\n')
