"""The house's floors: samples -> framework -> store, and one door to each foreign library.

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
            for header in INCLUDE.findall(file.read_text(encoding="utf-8")):
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
