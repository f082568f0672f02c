"""docs/guides/moving-in.md is followed from top to bottom: each command prints what it shows."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import BankTest, main


class MovingIn(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        page = guide.page("moving-in")
        guide.write_files(self, page, ["check.sql", "export.sql", "old.sql"])
        guide.follow(self, page, [guide.IDS], more_than=15)


if __name__ == "__main__":
    main()
