"""As much of C++ as the generated pages need: comments, constants, members, assertions.

It reads the house's own style and nothing else; what it does not understand it leaves out, so each
page that rests on it also states how many entries it must at least find.
"""
import re

LICENCE = "// Copyright"


def opening_comment(source: str) -> list[str]:
    """The lines of the comment on top of a header, without the licence and the slashes."""
    lines = []
    for line in source.splitlines():
        if line.startswith(LICENCE):
            continue
        if not line.startswith("//"):
            break
        lines.append(line[2:].removeprefix(" ") if line != "//" else "")
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def first_paragraph(source: str) -> str:
    """Up to the first empty line or the first line of an example."""
    taken = []
    for line in opening_comment(source):
        if not line.strip() or line.startswith("    "):
            break
        taken.append(line.strip())
    return " ".join(taken)


def value_of(text: str) -> int | None:
    """The number that a constant expression of digits, shifts and suffixes has."""
    plain = re.sub(r"(?<=[0-9])[uUlLzZ]+", "", text.replace("'", ""))
    if not re.fullmatch(r"[0-9xXa-fA-F+*<() -]+", plain):
        return None
    try:
        return int(eval(plain, {"__builtins__": {}}))  # noqa: S307 - digits and operators only
    except (SyntaxError, NameError, TypeError):
        return None


def readable(text: str) -> str:
    """4U << 20U as 4 MiB, 30'000 as 30,000; anything else as it stands."""
    number = value_of(text)
    if number is None:
        return f"`{text}`"
    if number >= 1024 and any(sign in text for sign in "<*"):
        for size, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
            if number % size == 0:
                return f"{number // size} {unit}"
    return f"{number:,}"


CONSTANT = re.compile(r"^inline constexpr (?P<type>[\w:]+) (?P<name>\w+) = (?P<value>[^;]+);"
                      r"[ \t]*(?://[ \t]*(?P<comment>.*))?$", re.MULTILINE)
MEMBER = re.compile(r"^    (?P<type>[\w:]+(?:<[\w:]+>)?) (?P<name>\w+)"
                    r"(?: = (?P<value>[^;]+)|\{(?P<braced>[^;}]*(?:\{[^}]*\})?[^;}]*)\});"
                    r"[ \t]*(?://[ \t]*(?P<comment>.*))?$")


def constants(source: str) -> list[tuple[str, str, str]]:
    """(name, value, comment)"""
    return [(found["name"], readable(found["value"].strip()), found["comment"] or "")
            for found in CONSTANT.finditer(source)]


UNIT = {"std::chrono::milliseconds": "ms", "std::chrono::seconds": "s"}


def members(source: str, structure: str) -> list[tuple[str, str, str]]:
    """(name, default, comment) of the members of a structure that have a number as default."""
    body = re.search(rf"^struct {structure} \{{\n(.*?)^\}};", source, re.MULTILINE | re.DOTALL)
    if not body:
        return []
    rows, above = [], []
    for line in body.group(1).splitlines():
        if line.strip().startswith("//"):
            above.append(line.strip().lstrip("/ "))
            continue
        found = MEMBER.match(line)
        if found:
            raw = (found["value"] or found["braced"] or "").strip()
            if value_of(raw) is not None or raw.startswith("limits::"):
                shown = raw if found["name"] == "port" else readable(raw)
                if found["type"] in UNIT:
                    shown += " " + UNIT[found["type"]]
                comment = found["comment"] or " ".join(above)
                rows.append((found["name"], shown, comment))
        above = []
    return rows


ASSERTION = re.compile(r"\"recount: ")


def joined_literals(text: str, at: int) -> str:
    """The text of adjoining string literals from `at` on; a macro's `#TYPE` becomes TYPE."""
    result, piece = "", re.compile(r"\s*(?:\\\n)?\s*(?:\"((?:[^\"\\]|\\.)*)\"|#([A-Z_]+))")
    while True:
        found = piece.match(text, at)
        if not found:
            return result
        result += found.group(2) if found.group(2) else re.sub(r"\\(.)", r"\1", found.group(1))
        at = found.end()


def assertions(source: str) -> list[tuple[str, str]]:
    """(sentence, what the compiler names beside it): texts of static_assert, as they stand."""
    rows = []
    for found in ASSERTION.finditer(source):
        before = source[:found.start()]
        last = before.rfind("static_assert(")
        if last < 0 or ";" in re.sub(r"\"(?:[^\"\\]|\\.)*\"", "", before[last:]):
            continue
        sentence = joined_literals(source, found.start()).removeprefix("recount: ")
        rows.append((sentence, owner(before)))
    return rows


def owner(before: str) -> str:
    """The macro or structure that an assertion stands in."""
    macro = before.rfind("#define ")
    if macro >= 0 and not re.search(r"[^\\]\n(?!\s*\\)", before[macro:]):
        return re.match(r"#define (\w+)", before[macro:]).group(1)
    named = re.findall(r"^(?:struct|constexpr .*?|\[\[nodiscard\]\] constexpr .*?) ?(\w+)"
                       r"(?:<[^\n]*>)?(?:\([^\n]*\)[^\n]*)? \{$|^    (?:void|app&) (\w+)\(.*\{$",
                       before, re.MULTILINE)
    return next((a or b for a, b in reversed(named)), "") if named else ""


def macros(source: str) -> list[tuple[str, list[str], str]]:
    """(name, parameters, body) of each macro."""
    rows = []
    for found in re.finditer(r"^#define (RECOUNT_\w+)\(([^)]*)\)((?:[^\n]*\\\n)*[^\n]*)", source,
                             re.MULTILINE):
        parameters = [p.strip() for p in found.group(2).split(",")]
        rows.append((found.group(1), parameters, found.group(3)))
    return rows
