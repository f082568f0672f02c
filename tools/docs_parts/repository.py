"""The files that the documentation is made of, and what was found wrong with them."""
import pathlib
import re

GENERATED = "<!-- made by tools/docs"


class Repository:
    def __init__(self, root: pathlib.Path, write: bool):
        self.root = root
        self.write = write
        self.problems: list[str] = []
        self.notes: list[str] = []

    def pages(self) -> list[pathlib.Path]:
        """The pages that people read, the README included."""
        return [self.root / "README.md", self.root / "CHANGELOG.md",
                *sorted((self.root / "docs").rglob("*.md"))]

    def headers(self) -> list[pathlib.Path]:
        """The public headers, the store's first."""
        return [*sorted((self.root / "include").rglob("*.hpp")),
                *sorted((self.root / "framework" / "include").rglob("*.hpp"))]

    def read(self, path: str | pathlib.Path) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def name(self, path: pathlib.Path) -> str:
        return path.relative_to(self.root).as_posix()

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def keep(self, path: str, text: str) -> None:
        """Writes a file that is made from others, or checks that it is up to date."""
        file = self.root / path
        if file.exists() and file.read_text(encoding="utf-8") == text:
            return
        if not self.write:
            self.wrong(path, "is not what its sources say" if file.exists() else "is missing")
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def without_fences(markdown: str) -> str:
    """The text with its code blocks emptied; the lines stay where they are."""
    return re.sub(r"^( *)(```|~~~).*?^\1\2[ \t]*$",
                  lambda found: "\n" * found.group(0).count("\n"), markdown,
                  flags=re.MULTILINE | re.DOTALL)


def line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
