"""The stories of docs/guides/corrections.md on the command line: each step prints what it shows."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import BankTest, main


class Corrections(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        page = guide.page("corrections")
        guide.write_files(self, page, ["december.asc", "forced.json", "lost.json", "mistake.json",
                                       "mistyped.json", "moved.json", "twice.json"])
        guide.follow(self, page, [guide.IDS], more_than=25)


if __name__ == "__main__":
    main()
