"""The stories of docs/guides/bank-repairs.md on the command line: each step prints what it shows.

What the page posts to at port 9000 is here: it writes a line a call to alerts.txt.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import PROGRAM, SOURCE, BankTest, main
from receiver import Receiver

PAGE = SOURCE / "docs" / "guides" / "bank-repairs.md"


class Repairs(BankTest):
    @classmethod
    def fill(cls):
        cls.db.value("SELECT 1")   # its server is up: no step waits for that

    def test_every_step_prints_what_the_page_shows(self):
        page = PAGE.read_text(encoding="utf-8")
        written = dict(guide.files(page))
        self.assertEqual(sorted(written), ["mistaken.json", "mistyped.json", "moved.json",
                                           "salaries.asc", "slip.asc", "twice.json"])
        for name, text in written.items():
            (self.bank.folder / name).write_text(text, encoding="utf-8")
            if name.endswith(".json"):
                json.loads(text)
        self.assertGreater(len(list(guide.steps(page))), 30)

        def note(call):
            with open(self.bank.folder / "alerts.txt", "a", encoding="utf-8") as file:
                what = call.body["payload"]
                file.write(f'{call.body["type"]} {what["account"]} {what["amount"]["minor"]}\n')

        with Receiver(on_call=note) as other:
            guide.follow(self, page, {"./run ": f"{PROGRAM} ",
                                      "127.0.0.1:9000": f"127.0.0.1:{other.port}"},
                         [guide.IDS, guide.DAYS])
            # Whatever was tried again: each alert has its key, and none came twice.
            keys = [call.key for call in other.calls]
            self.assertEqual(len(set(keys)), len(keys))
            self.assertEqual(len(keys), 5)


if __name__ == "__main__":
    main()
