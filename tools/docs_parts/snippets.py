"""Code in the pages comes from files that are compiled and tested.

In the source:                             In the page:

    //[deciding                                <!-- from docs/examples/a.cpp: deciding -->
    static decision decide(…);                 ```cpp
    //]                                        …
                                               ```

Of a file without marks `all` is a name (it is the file, without a licence on top), and so is
`lines 3-7`, for an approved output. --write fills the fence: the lines between the marks, without
their common indentation. Snippets do not nest. In files that have `#` comments the marks are
`#[name` and `#]`. A fence of C++ that comes from no file must say why not, on the line before:

    <!-- not compiled: what the compiler is to refuse -->
"""
import re
import textwrap

from .repository import GENERATED, Repository, line_of

FENCE = re.compile(r"^(?P<indent> *)<!-- from (?P<file>\S+): (?P<name>[\w-]+|lines \d+-\d+) -->\n"
                   r"(?P=indent)(?P<open>```\w+\n)(?P<code>.*?)^(?P=indent)```$",
                   re.MULTILINE | re.DOTALL)
CPP = re.compile(r"^ *```(?:cpp|c\+\+|C\+\+)\n", re.MULTILINE)
ABOVE_CPP = re.compile(r"<!-- (?:from \S+: [^\n]+|not compiled: [^\n]+) -->\n$")
BEGIN = re.compile(r"^\s*(?://|#)\[([\w-]+)\s*$")
END = re.compile(r"^\s*(?://|#)\]\s*$")
# Its whole program is compiled by tests/docs.
COMPILED_ELSEWHERE = {"README.md"}


def snippets_of(repository: Repository, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name, lines = None, []
    for number, line in enumerate(repository.read(path).splitlines(), 1):
        begin, end = BEGIN.match(line), END.match(line)
        if begin:
            if name or begin.group(1) in found:
                repository.wrong(f"{path}:{number}", f"snippet '{begin.group(1)}' nests or repeats")
            name, lines = begin.group(1), []
        elif end:
            if name is None:
                repository.wrong(f"{path}:{number}", "a snippet ends that never began")
            else:
                found[name] = textwrap.dedent("\n".join(lines)).strip("\n") + "\n"
            name = None
        elif name:
            lines.append(line)
    if name:
        repository.wrong(path, f"snippet '{name}' does not end")
    return found


def run(repository: Repository) -> None:
    sources: dict[str, dict[str, str]] = {}
    for example in sorted((repository.root / "docs" / "examples").iterdir()):
        if example.is_file():
            path = repository.name(example)
            sources[path] = snippets_of(repository, path)
    shown: set[tuple[str, str]] = set()

    for page in repository.pages():
        text = page.read_text(encoding="utf-8")
        where = repository.name(page)
        if text.startswith(GENERATED):
            continue

        def fill(fence: re.Match) -> str:
            file, name = fence.group("file"), fence.group("name")
            place = f"{where}:{line_of(text, fence.start())}"
            if file not in sources:
                if not (repository.root / file).is_file():
                    repository.wrong(place, f"there is no {file}")
                    return fence.group(0)
                sources[file] = snippets_of(repository, file)
            if name.startswith("lines "):
                first, last = map(int, name.removeprefix("lines ").split("-"))
                lines = repository.read(file).splitlines()[first - 1:last]
                sources[file][name] = textwrap.dedent("\n".join(lines)) + "\n"
            elif name == "all":
                sources[file][name] = re.sub(r"\A(?://[^\n]*\n)+\n*", "", repository.read(file))
            if name not in sources[file]:
                repository.wrong(place, f"{file} has no snippet '{name}'")
                return fence.group(0)
            shown.add((file, name))
            return textwrap.indent(f"<!-- from {file}: {name} -->\n{fence.group('open')}"
                                   f"{sources[file][name]}```", fence.group("indent"))

        repository.keep(where, FENCE.sub(fill, text))
        if where in COMPILED_ELSEWHERE:
            continue
        for fence in CPP.finditer(text):
            if not ABOVE_CPP.search(text[:fence.start()]):
                repository.wrong(f"{where}:{line_of(text, fence.start())}",
                                 "C++ that comes from no compiled file; see tools/docs_parts/"
                                 "snippets.py")

    for file, snippets in sources.items():
        for name in snippets:
            if (file, name) not in shown:
                repository.wrong(file, f"no page shows the snippet '{name}'")
