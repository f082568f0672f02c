# Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
# ctest: full
# ctest: timeout 3600
"""Each mistake of _restructure_mutants.py is compiled in, and some law must fail.

A mutant is one object file, linked before the library with the laws' own objects; the commands are
those of the build (compile_commands.json). Prints a table: mistake, the first law that caught it.
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from _restructure_mutants import MUTANTS  # noqa: E402

SOURCE = pathlib.Path(os.environ["RECOUNT_SOURCE"])
BUILD = pathlib.Path(os.environ["RECOUNT_BUILD"])
LAWS = re.compile(r"/tests/(unit/restructure/(laws_\w+|corpus)_test|support/restructure/\w+|"
                  r"support/main)\.cpp$")
SEEDS = ("1", "2", "3")  # a law may need more than its quick run to meet a rare mistake


def commands():
    return {c["file"]: c for c in json.loads((BUILD / "compile_commands.json").read_text())}


def output_of(command):
    words = shlex.split(command["command"])
    return words[words.index("-o") + 1]


def compile_mutant(command, text, folder):
    source = folder / pathlib.Path(command["file"]).name
    source.write_text(text)
    words = shlex.split(command["command"])
    output = str(folder / "mutant.o")
    words[words.index("-o") + 1] = output
    words[words.index("-c") + 1] = str(source)
    words += ["-I", str(SOURCE / "src/restructure"), "-w"]
    if "-MF" in words:
        words[words.index("-MF") + 1] = str(folder / "mutant.d")
    subprocess.run(words, cwd=command["directory"], check=True)
    return output


def link(mutant, objects, compiler, sanitizers, folder):
    program = folder / "laws"
    subprocess.run([compiler, *sanitizers, "-o", program, *objects, mutant,
                    BUILD / "framework/librecount_framework.a", BUILD / "librecount_store.a",
                    "-lfmt", "-lcrypto", "-lpthread"], check=True)
    return program


def caught_by(program):
    """The first law that fails, or None."""
    for seed in SEEDS:
        try:
            run = subprocess.run([program, "[laws]~[full]", "--abort"], capture_output=True,
                                 text=True, errors="replace", timeout=600,
                                 env={**os.environ, "RECOUNT_SEED": seed, "RECOUNT_SHRINK": "0"})
        except subprocess.TimeoutExpired:
            return "(never ends)"
        if run.returncode != 0:
            law = re.search(r"law (.+?), case", run.stdout.replace("\n  ", " "))
            return law.group(1) if law else "(it crashes)"
    return None


def main():
    by_file = commands()
    needed = [c for f, c in by_file.items() if LAWS.search(f)]
    objects = [str(pathlib.Path(c["directory"]) / output_of(c)) for c in needed]
    words = shlex.split(needed[0]["command"])
    compiler = next(w for w in words if re.search(r"(\+\+|clang)[^/]*$", w) and "/" in w)
    sanitizers = [w for w in words if w.startswith("-fsanitize")]
    wanted = sys.argv[1:]
    survivors = []
    for name, file, there, instead in MUTANTS:
        if wanted and not any(w in name for w in wanted):
            continue
        text = (SOURCE / file).read_text()
        if text.count(there) != 1:
            survivors.append(f"{name}: its text is {text.count(there)} times in {file}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            mutant = compile_mutant(by_file[str(SOURCE / file)], text.replace(there, instead),
                                    folder)
            law = caught_by(link(mutant, objects, compiler, sanitizers, folder))
        print(f"{name:<48} {law or 'SURVIVES'}", flush=True)
        if law is None:
            survivors.append(f"{name}: no law fails")
    for s in survivors:
        print(s, file=sys.stderr)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
