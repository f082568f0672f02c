"""docs/reference/cli.md has every verb and option that a program has, and no other.

The program is asked with --help, verb by verb, which starts no database. It must have no verbs of
its own. Verbs are the rows `| \\`verb …\\` | …` of the page; options of all verbs the rows
`| \\`--option …\\` | …`.
"""
import re
import subprocess

from .repository import Repository

PAGE = "docs/reference/cli.md"
EVERYWHERE = {"--help", "--help-all"}
# Of recount::http: a program that does not link it has none of them.
OF_HTTP = {"serve", "health", "schema openapi"}


def help_of(program: str, *verb: str) -> str:
    done = subprocess.run([program, *verb, "--help"], capture_output=True, text=True, timeout=60,
                          check=True)
    return done.stdout


def section(text: str, title: str) -> list[str]:
    """The names at the left of one section of a help text."""
    found = re.search(rf"^{title}:\n(.*?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    if not found:
        return []
    return re.findall(r"^  (\S+)", found.group(1), re.MULTILINE)


def options(text: str) -> set[str]:
    names = {name for entry in section(text, "Options") for name in entry.split(",")}
    return {name for name in names if name.startswith("--")} - EVERYWHERE


def verbs_of_program(program: str) -> tuple[set[str], dict[str, set[str]]]:
    """The options of all verbs, and each verb's own."""
    top = help_of(program)
    verbs: dict[str, set[str]] = {}

    def look_at(*words: str) -> None:
        text = help_of(program, *words)
        under = section(text, "Subcommands")
        for word in under:
            look_at(*words, word)
        # A group may be a verb by itself, too: `events` and `events export`.
        if not under or "[SUBCOMMAND]" in text:
            verbs[" ".join(words)] = options(text) | set(section(text, "Positionals"))

    for verb in section(top, "Subcommands"):
        look_at(verb)
    return options(top), verbs


def verbs_of_page(text: str) -> tuple[set[str], dict[str, set[str]]]:
    common: set[str] = set()
    verbs: dict[str, set[str]] = {}
    for row in re.findall(r"^\| `([^`]+)` \|", text.replace(r"\|", "¦"), re.MULTILINE):
        if row.startswith("--"):
            common.add(row.split()[0])
            continue
        words = re.match(r"[a-z][a-z¦ -]*(?![A-Za-z=])", row)
        if not words:
            continue
        name = re.sub(r"[ -]+$", "", words.group(0))
        # `events …` of an option's value, `[FIELD=VALUE …]` of a place: only the words count.
        rest = row[len(name):]
        own = set(re.findall(r"--[a-z-]+", rest))
        places = re.sub(r"--[a-z-]+(?: [A-Z]+)?", "", rest)
        own |= set(re.findall(r"\b[A-Z]+\b(?!=)(?<!=)", re.sub(r"=[A-Z]+", "", places)))
        for one in expanded(name):
            verbs[one] = own
    return common, verbs


def expanded(name: str) -> list[str]:
    """`schema events¦commands` is two verbs."""
    *before, last = name.split(" ")
    return [" ".join([*before, one]) for one in last.split("¦")]


def run(repository: Repository, program: str) -> None:
    common, verbs = verbs_of_program(program)
    common_said, verbs_said = verbs_of_page(repository.read(PAGE))
    if len(verbs) < 10:
        repository.wrong(program, f"has only {len(verbs)} verbs: its help is not understood")

    def compare(what: str, there: set[str], said: set[str]) -> None:
        for name in sorted(there - said):
            repository.wrong(PAGE, f"does not know {what} {name}")
        for name in sorted(said - there):
            repository.wrong(PAGE, f"knows {what} {name}, the program does not")

    if not OF_HTTP & verbs.keys():
        verbs_said = {name: own for name, own in verbs_said.items() if name not in OF_HTTP}
    compare("the option", common, common_said)
    compare("the verb", set(verbs), set(verbs_said))
    for verb in sorted(verbs.keys() & verbs_said.keys()):
        compare(f"of '{verb}' the word", verbs[verb], verbs_said[verb])
