"""docs/guides/curl.md is followed from top to bottom: each command prints what the page shows."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import BankTest, main
from served import Served


class Guide(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        with Served(self.bank) as site:
            guide.follow(self, guide.page("curl"), [guide.IDS, guide.DAYS], more_than=12,
                         words={"127.0.0.1:8080": f"127.0.0.1:{site.port}"})


if __name__ == "__main__":
    main()
