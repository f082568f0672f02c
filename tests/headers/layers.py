"""The house's floors: samples -> framework -> store, and one door to each foreign library. And that
<cstdint> is included where it is needed: which header of the library brings it along differs from
one compiler to the next.

usage: layers.py REPOSITORY
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)

# (header included, folders that may include it; a folder stands for all below it)
DOORS = [
    (r"pqxx/", ["src/postgres"]),
    (r"libpq-fe\.h", ["src/postgres", "bench"]),
    (r"boost/beast", ["framework/src/http"]),
    (r"boost/asio", ["framework", "include/recount/async", "src/async", "tests", "bench"]),
    (r"CLI/", ["framework/src", "samples", "bench"]),
    (r"boost/asio/ssl", ["framework/src/http", "tests"]),
    (r"openssl/", ["src", "framework/src/http"]),
    (r"catch2/", ["tests/support", "framework/include/recount/testing"]),
]
WIDTHS = re.compile(r"\bstd::u?int(8|16|32|64)_t\b")
# Public headers see only the forward declarations of the JSON library.
PUBLIC = ["include", "framework/include"]
FORBIDDEN_IN_PUBLIC = [r"pqxx/", r"libpq-fe\.h", r"openssl/", r"CLI/",
                       r"nlohmann/(?!json_fwd\.hpp)"]


def below(path: pathlib.PurePosixPath, folders: list[str]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def framework_modules(root: pathlib.Path) -> set[str]:
    """Names of headers and folders of recount/ that only the framework has."""
    first = {p.name for p in (root / "framework/include/recount").iterdir()}
    ground = {p.name for p in (root / "include/recount").iterdir()}
    return first - ground


def all_includes(root: pathlib.Path, file: pathlib.Path) -> set[str]:
    """Also those of our headers that it includes, and of theirs."""
    folders = [root / name for name in ("include", "framework/include", "src", "framework/src",
                                        "samples", "tests", "tests/support", "tests/unit")]
    seen, left, names = {file}, [file], set()
    while left:
        at = left.pop()
        for header in INCLUDE.findall(at.read_text(encoding="utf-8")):
            names.add(header)
            for folder in (at.parent, *folders):
                ours = folder / header
                if ours.is_file():
                    if ours not in seen:
                        seen.add(ours)
                        left.append(ours)
                    break
    return names


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    root = pathlib.Path(sys.argv[1])
    above = framework_modules(root)
    wrong: list[str] = []
    files = 0
    for folder in ["include", "src", "framework", "samples", "tests", "bench"]:
        for file in sorted((root / folder).rglob("*.[ch]pp")):
            path = pathlib.PurePosixPath(file.relative_to(root).as_posix())
            files += 1
            text = file.read_text(encoding="utf-8")
            width = WIDTHS.search(text)
            if width and "cstdint" not in all_includes(root, file):
                wrong.append(f"{path}: has {width[0]}, and nothing includes <cstdint>")
            for header in INCLUDE.findall(text):
                for door, allowed in DOORS:
                    if re.match(door, header) and not below(path, allowed):
                        wrong.append(f"{path}: includes {header}, allowed only in {allowed}")
                if below(path, PUBLIC):
                    for door in FORBIDDEN_IN_PUBLIC:
                        if re.match(door, header):
                            wrong.append(f"{path}: a public header includes {header}")
                if below(path, ["include", "src"]) and header.startswith("recount/"):
                    if header.split("/")[1] in above:
                        wrong.append(f"{path}: the store includes {header} of the framework")
    print("\n".join(wrong) if wrong else f"{files} files keep to their floors")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
