"""A guide that is followed from top to bottom: each command prints what the page shows.

    page = guide.page("moving-in")           # docs/guides/moving-in.md
    guide.write_files(test, page, ["fill.sql", "plan.json"])
    guide.follow(test, page, [guide.IDS], more_than=10)

A file is a block whose first line is `-- NAME.sql: …`, or that is named above it, `NAME`: and an
empty line.

A step is a line `$ COMMAND` in a block of a console, and the lines below it what it prints; of what
goes to stderr only what the command itself sends to stdout.
"""

import json
import re
import subprocess

from bank_cli import CALL_SECONDS_MAX, PROGRAM, SOURCE

# What differs from one time to the next.
IDS = (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>")
DAYS = (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "<day>")


def fixed(text, varying):
    for pattern, name in varying:
        text = pattern.sub(name, text)
    return text.rstrip("\n")


def page(name):
    return (SOURCE / "docs" / "guides" / f"{name}.md").read_text(encoding="utf-8")


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


def write_files(test, text, names):
    """The files that the page shows, which are these, into the folder of test.bank."""
    shown = dict(files(text))
    test.assertEqual(sorted(shown), sorted(names))
    for name, content in shown.items():
        (test.bank.folder / name).write_text(content, encoding="utf-8")
        if name.endswith(".json"):
            json.loads(content)


def follow(test, text, varying, more_than, words=()):
    """Runs each step, of which there are `more_than`, in the folder of test.bank, with `words` put
    in the place of the page's, and the program in that of ./run."""
    test.db.value("SELECT 1")   # the server is up: no step waits for that
    all_steps = list(steps(text))
    test.assertGreater(len(all_steps), more_than)
    for command, shown in all_steps:
        here = command
        for word, other in {"./run ": f"{PROGRAM} ", **dict(words)}.items():
            here = here.replace(word, other)
        done = subprocess.run(["bash", "-c", here], env=test.bank.environment,
                              cwd=test.bank.folder, capture_output=True, text=True,
                              timeout=CALL_SECONDS_MAX, check=False)
        test.assertEqual(fixed(done.stdout, varying), fixed(shown, varying),
                         f"{command}\n{done.stderr}")
