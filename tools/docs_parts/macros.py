"""docs/reference/macros.md: each macro with its parameters, rules, and what the compiler says.

Parameters and sentences are those of the headers. What a parameter means is said here, and held to
the parameters that there are.
"""
import re

from . import cpp
from .repository import GENERATED, Repository

DESCRIBE = "include/recount/describe/macros.hpp"
TYPES = "include/recount/describe/type_of.hpp"
AGGREGATE = "framework/include/recount/aggregate/aggregate.hpp"
VERSIONS = "framework/include/recount/aggregate/event_versions.hpp"
PROJECTION = "framework/include/recount/projection/projection.hpp"
APPLICATION = "framework/include/recount/app/application.hpp"
TESTS = "tests/compile_fail"

FIELDS = "all fields of the structure, in the order in which they are written; at most 64"
TYPE = "the structure: an aggregate in C++'s sense (public members, no constructors, no base)"
STORED = "the stored name: parts of `[a-z][a-z0-9_]*` joined by dots, at most 200 bytes"

# macro: (what it does, parameter: meaning, rules)
MEANING: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "RECOUNT_DESCRIBE": (
        "Describes a structure that is used inside of others.",
        {"TYPE": TYPE + "; its C++ name is what a variant stores", "...": FIELDS}, []),
    "RECOUNT_ENUM": (
        "Describes an enumeration. It is stored by the names of its values.",
        {"TYPE": "the enumeration", "...": "all of its values"},
        ["A value may be added. One that was stored is never renamed or removed."]),
    "RECOUNT_EVENT": (
        "Makes a structure an event.",
        {"TYPE": TYPE, "NAME": STORED,
         "VERSION": "the version of the payload's shape, from 1; one up with each incompatible "
                    "change", "...": FIELDS},
        ["Name and version are what the log holds; the C++ type may be renamed at will.",
         "From version 2 on the type needs `static TYPE upcast(Older const&)` from the version "
         "before: see [evolution.md](../guides/evolution.md)."]),
    "RECOUNT_COMMAND": (
        "Makes a structure a command.",
        {"TYPE": TYPE, "NAME": STORED + "; unique in the application", "...": FIELDS},
        ["A command is kept with the first event that it led to, and compared with when its id "
         "comes again."]),
    "RECOUNT_AGGREGATE": (
        "Makes a structure an aggregate: its fields are the state.",
        {"TYPE": TYPE + ", with `id`, `events`, `commands` and `decision`",
         "CATEGORY": "the first part of its streams' names: `[a-z][a-z0-9_]*`, at most 63 bytes",
         "STATE_VERSION": "of the state's shape, from 1", "...": FIELDS},
        ["Static members: `evolve(TYPE&, event const&)` for each event; `decide(TYPE const&, "
         "command const&[, recount::facts const&])` for each command.",
         "A command names its stream by its only field of type `TYPE::id`, else by `static id "
         "const& target(command const&)`."]),
    "RECOUNT_ROW": (
        "Makes a structure the row of a table.",
        {"TYPE": TYPE, "VERSION": "of the row's shape, from 1",
         "KEY": "`recount::key<&row::field>`; of several fields in parentheses: "
                "`(recount::key<&row::a, &row::b>)`", "...": FIELDS},
        ["Key fields are of kinds that sort alike in C++ and SQL: no money, `double`, optional or "
         "container.",
         "A column's name has at most 63 bytes; money is two columns, `x_minor` and `x_currency`."]),
    "RECOUNT_PROJECTION": (
        "Makes a structure a projection: a table that handlers keep.",
        {"TYPE": "the structure, with `row` and `events`",
         "NAME": "of the view, and of its tables `NAME__v<VERSION>`: `[a-z][a-z0-9_]*` without a "
                 "double underscore, at most 55 bytes; no name of a table of the store",
         "VERSION": "1 to 99999; one up whenever the row or a handler changes"},
        ["A handler for each event: `static void on(rows<row>&, event const&[, info const&][, int "
         "weight])`. All of them take a weight, or none does.",
         "`static auto group(event const&[, info const&])` names the group; the stream, if there "
         "is none."]),
}

# Which sentences may come from which macro, by the file that they stand in.
RAISED_BY = {
    AGGREGATE: "`RECOUNT_AGGREGATE`", PROJECTION: "`RECOUNT_PROJECTION`",
    VERSIONS: "`RECOUNT_AGGREGATE`, `RECOUNT_PROJECTION`", APPLICATION: "`app.add<…>()`",
    TYPES: "any of them"}


def expected_texts(repository: Repository) -> dict[str, list[str]]:
    """What each file that must not compile expects the compiler to say."""
    return {repository.name(f): re.findall(r"^// expect: (.+)$", f.read_text(encoding="utf-8"),
                                           re.MULTILINE)
            for f in sorted((repository.root / TESTS).glob("*.cpp"))}


def tested_by(sentence: str, expected: dict[str, list[str]]) -> str:
    """The test whose expectation is a part of the sentence, whatever TYPE is there."""
    # A macro's own type stands where the sentence has TYPE.
    pieces = re.split(r"\bTYPE\b", sentence)
    for file, texts in expected.items():
        for text in texts:
            if not text.startswith("recount: "):
                continue
            wanted = text.removeprefix("recount: ").strip()
            if any(wanted in word.join(pieces) for word in {"TYPE", *re.findall(r"\w+", wanted)}):
                return f"[{file.rpartition('/')[2]}](../../{file})"
    return ""


def page(repository: Repository) -> str:
    found = {name: (parameters, body)
             for header in (DESCRIBE, AGGREGATE, PROJECTION)
             for name, parameters, body in cpp.macros(repository.read(header))
             if not name.startswith("RECOUNT_DETAIL_")}
    for name in found.keys() ^ MEANING.keys():
        repository.wrong("tools/docs_parts/macros.py", f"knows {name}, or should know it")
    expected = expected_texts(repository)

    text = (f"{GENERATED} from {DESCRIBE}, {AGGREGATE}, {PROJECTION}; edit those, or "
            "tools/docs_parts/macros.py -->\n"
            "# Macros\n\n"
            "A macro describes a type. It stands after the type, in the same namespace, and lists "
            "every field; a forgotten one does not\ncompile. What may be a field: "
            "[json.md](json.md).\n\n")
    for name, (what, meanings, rules) in MEANING.items():
        if name not in found:
            continue
        parameters, _ = found[name]
        if parameters != list(meanings):
            repository.wrong("tools/docs_parts/macros.py",
                             f"{name} has the parameters {', '.join(parameters)}")
        text += f"## {name}\n\n    {name}({', '.join(parameters)})\n\n{what}\n\n"
        text += "| parameter | |\n|---|---|\n"
        for parameter, meaning in meanings.items():
            text += f"| `{parameter}` | {meaning} |\n"
        text += "".join(f"\n- {rule}" for rule in rules) + ("\n\n" if rules else "\n")
    return text + sentences(repository, expected)


def sentences(repository: Repository, expected: dict[str, list[str]]) -> str:
    text = ("## What the compiler says\n\n"
            "Each begins with `recount:`, on the line that says `static assertion failed`. Where a "
            "pair is concerned, the line above it\nnames both, as in "
            "`aggregate_evolves_with_event<account, closed>`. TYPE stands for your type. A file at "
            "the right shows the\nmistake and its mending side by side.\n\n"
            "| the sentence | from | shown in |\n|---|---|---|\n")
    rows = 0
    for header in (DESCRIBE, TYPES, AGGREGATE, VERSIONS, PROJECTION, APPLICATION):
        source = repository.read(header)
        for sentence, place in cpp.assertions(source):
            raised = f"`{place}`" if place.startswith("RECOUNT_") else RAISED_BY.get(header, "")
            if place == "RECOUNT_DETAIL_STRUCTURE":
                raised = "any of them"
            shown = sentence.replace("|", "\\|").replace("<", "&lt;")
            text += f"| {shown} | {raised} | {tested_by(sentence, expected)} |\n"
            rows += 1
    if rows < 20:
        repository.wrong("docs/reference/macros.md", f"only {rows} sentences were understood")
    return text
