"""`standing-orders`: each month a transfer, by timers on the database's clock."""

import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import FAILED, USAGE, BankTest, main
from transfer_ledger import TransferLedger

HEADER = '"order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"\n'


def months_back(day, count):
    number = day.year * 12 + day.month - 1 - count
    return datetime.date(number // 12, number % 12 + 1, 1)


class StandingOrders(BankTest):
    @classmethod
    def fill(cls):
        cls.file = cls.bank.folder / "order.asc"
        cls.file.write_text(HEADER +
                            '29401;1;"YZ";"87144583";2452.00;"SIPO"\n'
                            '29402;2;"ST";"89597016";3372.70;"UVER"\n'
                            '29403;2;"YZ";"13943797";7266.00;" "\n')
        for account in ("1", "2"):
            cls.bank.ok("commands", "send", "account.open", f'{{"account":"{account}"}}')
        cls.bank.ok("commands", "send", "account.deposit",
                    '{"account":"1","amount":{"minor":1000000,"currency":"CZK"}}')
        today = cls.db.value("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
        cls.today = datetime.date.fromisoformat(today)
        cls.first = months_back(cls.today, 2)

    def orders(self):
        return {row["order"]: row for row in self.bank.lines("standing-orders", "list")}

    def due(self):
        return self.db.rows("SELECT instance, due_at AT TIME ZONE 'UTC' FROM timers "
                            "WHERE saga = 'standing_order' ORDER BY 1")

    def test_1_orders_are_agreed_once_and_missed_months_made_up_for(self):
        text = self.bank.ok("standing-orders", "import", self.file, "--first", self.first)
        self.assertEqual(text, "3 standing orders: 3 new, 0 known before\n")
        found = self.orders()
        self.assertEqual(set(found), {"29401", "29402", "29403"})
        self.assertEqual(found["29401"]["purpose"], "SIPO to 87144583/YZ")
        self.assertEqual(found["29403"]["purpose"], "to 13943797/YZ")
        self.assertEqual(found["29402"]["to"], "bank-ST")
        # The first of the month before last, of the last one, and of this one.
        months = [months_back(self.today, back).isoformat() for back in (2, 1, 0)]
        self.assertEqual({order: row["transfers"] for order, row in found.items()},
                         dict.fromkeys(found, 3))
        told = TransferLedger(self.bank.lines("events"))
        told.check_ended()
        self.assertEqual({transfer: told.status[transfer] for transfer in told.status
                          if transfer.startswith("order-29401")},
                         {f"order-29401-{month}": "completed" for month in months})
        self.assertEqual(told.balances["account-1"], 1_000_000 - 3 * 245_200)
        self.assertEqual(told.balances["account-bank-YZ"], 3 * 245_200)
        # Account 2 has nothing.
        self.assertEqual({told.status[transfer] for transfer in told.status
                          if not transfer.startswith("order-29401")}, {"refused"})

    def test_2_the_next_are_due_on_the_first_of_next_month(self):
        following = months_back(self.today, -1)
        self.assertEqual(self.due(), [f"{order}|{following} 00:00:00"
                                      for order in ("29401", "29402", "29403")])

    def test_3_a_second_import_adds_nothing(self):
        head = self.db.value("SELECT max(position) FROM log")
        self.assertEqual(self.bank.ok("standing-orders", "import", self.file),
                         "3 standing orders: 0 new, 3 known before\n")
        self.assertEqual(self.db.value("SELECT max(position) FROM log"), head)
        self.assertEqual(len(self.due()), 3)

    def test_4_one_that_is_cancelled_has_no_timer_any_more(self):
        self.send("standing_order.cancel", {"order": "29402"})
        self.assertTrue(self.orders()["29402"]["cancelled"])
        self.assertEqual(len(self.due()), 2)

    def test_5_without_a_first_day_it_is_the_first_of_next_month(self):
        other = self.bank.folder / "other.asc"
        other.write_text(HEADER + '1;1;"YZ";"5";10.00;"SIPO"\n')
        self.bank.ok("standing-orders", "import", other)
        self.assertEqual(self.orders()["1"]["first_on"], months_back(self.today, -1).isoformat())
        self.assertEqual(self.orders()["1"]["transfers"], 0)

    def test_6_rows_that_are_not_understood_are_said(self):
        wrong = self.bank.folder / "wrong.asc"
        wrong.write_text(HEADER + '2;1;"YZ";"5";-10.00;"SIPO"\n3;1;"yz";"5";10.00;""\n4;1\n'
                         '29401;1;"YZ";"87144583";2453.00;"SIPO"\n')
        done = self.assert_exit(FAILED, "standing-orders", "import", wrong)
        for text in ("wrong.asc:2: amount: expected", "wrong.asc:3: bank_to: expected",
                     "wrong.asc:4: expected 6 fields", "wrong.asc:5: refused: there is another"):
            self.assertIn(text, done.stderr)
        none = self.bank.folder / "none.asc"
        none.write_text("a;b\n")
        self.assertIn("none.asc:1: expected the header order_id;account_id;bank_to;account_to;"
                      "amount;k_symbol, found 'a;b'",
                      self.assert_exit(USAGE, "standing-orders", "import", none).stderr)


if __name__ == "__main__":
    main()
