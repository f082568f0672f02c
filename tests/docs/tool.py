"""tools/docs notices what is no longer so, and --write mends what is made from the sources.

usage: tool.py SOURCE
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(sys.argv[1])
NEEDED = ["README.md", "CHANGELOG.md", "LICENSE", "run", "test", "cmake", "docs", "framework",
          "include", "packaging", "samples", "src", "tests", "tools"]


def check(folder, *options):
    done = subprocess.run([sys.executable, str(folder / "tools" / "docs"), *options],
                          capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def change(folder, path, before, after):
    file = folder / path
    text = file.read_text(encoding="utf-8")
    assert before in text, f"{path} has no '{before}' any more: mend this test"
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text


# File, words, other words, what the tool must say of it, and whether --write mends it.
CHANGES = [
    ("docs/examples/bank.cpp", 'key = "transfer-4711"', 'key = "transfer-1"',
     "docs/concepts/the-log.md: is not what its sources say", True),
    ("docs/concepts/the-log.md", "log.cpp: feed -->", "log.cpp: fed -->",
     "docs/examples/log.cpp has no snippet 'fed'", False),
    ("docs/concepts/the-log.md", "<!-- from docs/examples/log.cpp: feed -->", "",
     "C++ that comes from no compiled file", False),
    ("docs/concepts/the-log.md", "](projections.md)", "](projection.md)",
     "the link to projection.md leads nowhere", False),
    ("docs/concepts/the-log.md", "reference/hash.md)", "reference/hash.md#nowhere)",
     "no heading has this anchor", False),
    ("include/recount/core/limits.hpp", "json_depth_max = 64;", "json_depth_max = 65;",
     "docs/reference/limits.md: is not what its sources say", True),
    ("include/recount/core/error.hpp", "    stopped,  ", "    halted,  ",
     "there is no errc::stopped", False),
    ("framework/include/recount/projection/projection.hpp", "for this event\");", "for it\");",
     "docs/reference/macros.md: is not what its sources say", True),
    ("framework/include/recount/aggregate/aggregate.hpp",
     "RECOUNT_AGGREGATE(TYPE, CATEGORY, STATE_VERSION, ...)",
     "RECOUNT_AGGREGATE(TYPE, CATEGORY, ...)",
     "RECOUNT_AGGREGATE has the parameters TYPE, CATEGORY, ...", False),
    ("docs/pictures/log.svg", "account-ada", "account-eve",
     "docs/pictures/log.svg: is not what its sources say", True),
    ("docs/guides/configuration.md", "| `RECOUNT_PG_BIN` |", "| |",
     "does not know RECOUNT_PG_BIN", False),
]

with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    for name in NEEDED:
        source = SOURCE / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            shutil.copy(source, folder / name)
    code, said = check(folder)
    assert code == 0, said
    for path, before, after, expected, mended in CHANGES:
        text = change(folder, path, before, after)
        code, said = check(folder)
        assert code == 1 and expected in said, f"{path}: '{after}': exit {code}\n{said}"
        code, said = check(folder, "--write")
        assert (code == 0) == mended, f"{path}: '{after}': --write: exit {code}\n{said}"
        (folder / path).write_text(text, encoding="utf-8")
        code, said = check(folder, "--write")
        assert code == 0, f"{path} as it was: exit {code}\n{said}"
print(f"tools/docs notices each of {len(CHANGES)} changes")
