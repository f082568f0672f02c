"""Every relative link of a page leads to a file that is there, every anchor to a heading.

Addresses of other servers are not asked. COMING are the pages that are being written elsewhere: a
link to one of these that is missing is a note, not a failure.
"""
import pathlib
import re

from .repository import Repository, line_of, without_fences

COMING: set[str] = set()

LINK = re.compile(r"\[[^\]\n]*(?:\n[^\]\n]*)?\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
IMAGE = re.compile(r"<img\b[^>]*\bsrc=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def anchors_of(markdown: str) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: set[str] = set()
    for heading in HEADING.findall(without_fences(markdown)):
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        text = re.sub(r"<[^>]+>", "", text).replace("`", "").replace("*", "").lower()
        base = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        anchor, number = base, 0
        while anchor in found:
            number += 1
            anchor = f"{base}-{number}"
        found.add(anchor)
    found.update(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", markdown))
    return found


def run(repository: Repository) -> None:
    anchors: dict[pathlib.Path, set[str]] = {}
    coming: set[str] = set()
    for page in repository.pages():
        text = without_fences(page.read_text(encoding="utf-8"))
        plain = re.sub(r"`[^`\n]*`", lambda code: " " * len(code.group(0)), text)
        targets = [*LINK.finditer(plain), *IMAGE.finditer(plain)]
        for link in targets:
            target = link.group(1)
            if ELSEWHERE.match(target):
                continue
            where = f"{repository.name(page)}:{line_of(plain, link.start())}"
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                inside = file.is_relative_to(repository.root)
                name = file.relative_to(repository.root).as_posix() if inside else target
                if name in COMING:
                    coming.add(name)
                else:
                    repository.wrong(where, f"the link to {target} leads nowhere")
                continue
            if anchor and file.suffix == ".md":
                if file not in anchors:
                    anchors[file] = anchors_of(file.read_text(encoding="utf-8"))
                if anchor not in anchors[file]:
                    repository.wrong(where, f"{target}: no heading has this anchor")
    if coming:
        repository.notes.append("linked to, and still to come: " + ", ".join(sorted(coming)))
