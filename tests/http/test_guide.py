"""docs/guides/curl.md is followed from top to bottom: each command prints what the page shows."""

import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CALL_SECONDS_MAX, PROGRAM, SOURCE, BankTest, main
from served import Served

# What differs from one time to the next.
VARYING = [(re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
           (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "<day>")]


def fixed(text):
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


def steps(text):
    """(command, what the page shows below it), from the blocks of a console."""
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for step in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, shown = step.partition("\n")
            yield command, shown


class Guide(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        page = (SOURCE / "docs" / "guides" / "curl.md").read_text(encoding="utf-8")
        list_of_steps = list(steps(page))
        self.assertGreater(len(list_of_steps), 12)
        with Served(self.bank) as site:
            for command, shown in list_of_steps:
                here = (command.replace("127.0.0.1:8080", f"127.0.0.1:{site.port}")
                        .replace("./run ", f"{PROGRAM} "))
                done = subprocess.run(["bash", "-c", here], env=self.bank.environment,
                                      cwd=self.bank.folder, capture_output=True, text=True,
                                      timeout=CALL_SECONDS_MAX, check=False)
                self.assertEqual(fixed(done.stdout).rstrip("\n"), fixed(shown).rstrip("\n"),
                                 f"{command}\n{done.stderr}")


if __name__ == "__main__":
    main()
