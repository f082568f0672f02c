"""A guide that is followed from top to bottom: each command prints what the page shows.

    for file, text in guide.files(page):     # blocks whose first line is `-- NAME.sql: …`
        (folder / file).write_text(text)
    guide.follow(test, page, {"./run ": f"{PROGRAM} "}, [guide.IDS])

A file that is named above its block, `NAME`: and an empty line, is taken in the same way.

A step is a line `$ COMMAND` in a block of a console, and the lines below it what it prints; of what
goes to stderr only what the command itself sends to stdout.
"""

import re
import subprocess

from bank_cli import CALL_SECONDS_MAX

# What differs from one time to the next.
IDS = (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>")
DAYS = (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "<day>")


def fixed(text, varying):
    for pattern, name in varying:
        text = pattern.sub(name, text)
    return text.rstrip("\n")


def files(text):
    """(name, content) of the files that the page shows whole."""
    for block in re.findall(r"```sql\n(.*?)```", text, re.S):
        name = re.match(r"-- (\w+\.sql):", block)
        if name:
            yield name[1], block
    yield from re.findall(r"^`([\w-]+\.\w+)`:\n\n```\w+\n(.*?)^```", text, re.M | re.S)


def steps(text):
    """(command, what the page shows below it), from the blocks of a console."""
    for block in re.findall(r"```console\n(.*?)```", text, re.S):
        for step in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, shown = step.partition("\n")
            yield command, shown


def follow(test, text, words, varying):
    """Runs each step in the folder of test.bank, with `words` put in the place of the page's."""
    for command, shown in steps(text):
        here = command
        for word, other in words.items():
            here = here.replace(word, other)
        done = subprocess.run(["bash", "-c", here], env=test.bank.environment,
                              cwd=test.bank.folder, capture_output=True, text=True,
                              timeout=CALL_SECONDS_MAX, check=False)
        test.assertEqual(fixed(done.stdout, varying), fixed(shown, varying),
                         f"{command}\n{done.stderr}")
