"""The stories of docs/guides/corrections.md on the command line: each step prints what it shows."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import PROGRAM, SOURCE, BankTest, main


class Corrections(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        page = (SOURCE / "docs" / "guides" / "corrections.md").read_text(encoding="utf-8")
        written = dict(guide.files(page))
        self.assertEqual(sorted(written), ["december.asc", "forced.json", "lost.json",
                                           "mistake.json", "mistyped.json", "moved.json",
                                           "twice.json"])
        for name, text in written.items():
            (self.bank.folder / name).write_text(text, encoding="utf-8")
            if name.endswith(".json"):
                json.loads(text)
        self.assertGreater(len(list(guide.steps(page))), 25)
        guide.follow(self, page, {"./run ": f"{PROGRAM} "}, [guide.IDS])


if __name__ == "__main__":
    main()
