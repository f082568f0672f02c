"""docs/guides/configuration.md has every variable that is looked at, and no other.

A variable is a word RECOUNT_… in quotes in C++ or Python, or behind a `$` in a script. (Options of
CMake stand in docs/guides/installing.md; the test docs.installing looks after them.)
"""
import re

from .repository import Repository

PAGE = "docs/guides/configuration.md"
# Between the tests and their programs only; nobody sets these by hand.
INNER = {"RECOUNT_SOURCE", "RECOUNT_BUILD", "RECOUNT_BANK", "RECOUNT_SHOP", "RECOUNT_BENCH",
         "RECOUNT_FAULT_WORKLOAD", "RECOUNT_SAGA_WORKLOAD", "RECOUNT_TRANSFERS",
         "RECOUNT_TEST_FAILURES"}
QUOTED = re.compile(r"[\"'](RECOUNT_[A-Z_]+)[\"']")
IN_SCRIPT = re.compile(r"\$\{?(RECOUNT_[A-Z_]+)")


def run(repository: Repository) -> None:
    looked_at: dict[str, str] = {}
    files = [f for folder in ("include", "src", "framework", "samples", "tests", "tools")
             for f in (repository.root / folder).rglob("*")]
    for file in sorted([*files, repository.root / "run", repository.root / "test"]):
        if file.suffix not in {".cpp", ".hpp", ".py", ".bash", ""} or not file.is_file():
            continue
        if {"docs_parts", "compile_fail", "corpus"} & set(file.parts):
            continue
        text = file.read_text(encoding="utf-8")
        pattern = QUOTED if file.suffix in {".cpp", ".hpp", ".py"} else IN_SCRIPT
        for name in pattern.findall(text):
            looked_at.setdefault(name, repository.name(file))
    # Its contract comes before its code does.
    if "RECOUNT_LOG" in repository.read("include/recount/core/logging.hpp"):
        looked_at.setdefault("RECOUNT_LOG", "include/recount/core/logging.hpp")

    said = set(re.findall(r"RECOUNT_[A-Z_]+", repository.read(PAGE)))
    for name in sorted(looked_at.keys() - said - INNER):
        repository.wrong(PAGE, f"does not know {name}, which {looked_at[name]} looks at")
    for name in sorted(said - looked_at.keys()):
        repository.wrong(PAGE, f"knows {name}, which nobody looks at")
