"""The stories of docs/guides/bank-repairs.md on the command line: each step prints what it shows.

What the page posts to at port 9000 is here: it writes a line a call to alerts.txt.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import BankTest, main
from receiver import Receiver


class Repairs(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        page = guide.page("bank-repairs")
        guide.write_files(self, page, ["mistaken.json", "mistyped.json", "moved.json",
                                       "salaries.asc", "slip.asc", "twice.json"])

        def note(call):
            with open(self.bank.folder / "alerts.txt", "a", encoding="utf-8") as file:
                what = call.body["payload"]
                file.write(f'{call.body["type"]} {what["account"]} {what["amount"]["minor"]}\n')

        with Receiver(on_call=note) as other:
            guide.follow(self, page, [guide.IDS, guide.DAYS], more_than=30,
                         words={"127.0.0.1:9000": f"127.0.0.1:{other.port}"})
            # Whatever was tried again: each alert has its key, and none came twice.
            keys = [call.key for call in other.calls]
            self.assertEqual(len(set(keys)), len(keys))
            self.assertEqual(len(keys), 5)


if __name__ == "__main__":
    main()
