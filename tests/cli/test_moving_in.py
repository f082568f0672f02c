"""docs/guides/moving-in.md is followed from top to bottom: each command prints what it shows."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import PROGRAM, SOURCE, BankTest, main


class MovingIn(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        page = (SOURCE / "docs" / "guides" / "moving-in.md").read_text(encoding="utf-8")
        written = dict(guide.files(page))
        self.assertEqual(sorted(written), ["check.sql", "export.sql", "old.sql"])
        for name, text in written.items():
            (self.bank.folder / name).write_text(text, encoding="utf-8")
        self.assertGreater(len(list(guide.steps(page))), 15)
        guide.follow(self, page, {"./run ": f"{PROGRAM} "}, [guide.IDS])


if __name__ == "__main__":
    main()
