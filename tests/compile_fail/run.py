"""Checks that a file does not compile, and that the compiler says why in the words expected.

usage: run.py FILE COMPILER [OPTION ...]

The file's first lines are `// expect: TEXT`; each text must be in the compiler's output. A file may
hold the version that does compile as well:

    #ifdef RECOUNT_EXPECT_FAILURE
    ... what must not compile
    #else
    ... the same, put right
    #endif

It is then also compiled without the macro, which must succeed: so it fails for its own reason, and
not for a typing error.
"""

import os
import pathlib
import re
import subprocess
import sys


def compile_only(command: list[str], file: pathlib.Path, defines: list[str]):
    return subprocess.run(
        [*command, *defines, "-fsyntax-only", "-fno-diagnostics-color", str(file)],
        env={**os.environ, "LC_ALL": "C"},  # plain quotation marks
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)


def main() -> int:
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    file, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    source = file.read_text(encoding="utf-8")
    expected = re.findall(r"^// expect: (.+)$", source, re.MULTILINE)
    if not source.startswith("// expect: "):
        print(f"{file.name}: the first line must be '// expect: TEXT'")
        return 2

    failed = compile_only(command, file, ["-DRECOUNT_EXPECT_FAILURE"])
    if failed.returncode == 0:
        print(f"{file.name}: compiles, but must not")
        return 1
    missing = [text for text in expected if text.strip() not in failed.stdout]
    if missing:
        print(failed.stdout)
        print(f"{file.name}: does not compile, but the compiler did not say: {missing}")
        return 1

    if "RECOUNT_EXPECT_FAILURE" in source:
        good = compile_only(command, file, [])
        if good.returncode != 0:
            print(good.stdout)
            print(f"{file.name}: the version that should compile does not")
            return 1
    print(f"{file.name}: refused as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
