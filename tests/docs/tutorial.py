"""docs/tutorial.md is followed from top to bottom, in an empty folder, as a reader does it.

usage: tutorial.py PROJECT_SOURCE TARGETS.cmake

Of the page's blocks, in their order,
    a fence below `<!-- from …: all -->`   is written to the file that the paragraph above it names;
    ```console                             is run, and prints what it shows;
    ```console stays                       is run in a terminal of its own, where it stays: until
                                           the next heading, at which it is stopped as by Ctrl-C;
    ```text shows                          is what that terminal shows by now.
A line `…` stands for any lines, and `…` in a line for any characters. Ids, times and numbers of
compiled files are masked. What a command writes on stderr counts, as on a terminal.

The clone beside the reader's folder is a stand-in that has the libraries of this build, which
TARGETS.cmake exports: that the real one works as a subdirectory is a test in tests/consume.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

SOURCE = pathlib.Path(sys.argv[1])
TARGETS = pathlib.Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "tests" / "support"))
import guide  # noqa: E402

COMMAND_SECONDS_MAX = 300
STEPS_MIN = 40
STAND_IN = """set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
list(PREPEND CMAKE_MODULE_PATH "{source}/cmake")
set(RECOUNT_FRAMEWORK ON)
include(RecountDependencies)
include("{targets}")
foreach(part IN ITEMS store framework http testing)
    set_target_properties(recount::${{part}} PROPERTIES IMPORTED_GLOBAL TRUE SYSTEM FALSE)
endforeach()
"""
PIECE = re.compile(r"^## (?P<heading>[^\n]*)$|"
                   r"^(?:<!-- from \S+/(?P<from>[^\s/]+): all -->\n)?"
                   r"```(?P<kind>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
NAMED = re.compile(r"`([\w./-]+\.\w+)`")
VARYING = [guide.IDS,
           (re.compile(r"\b20\d\d-\d\d-\d\dT[\d:.]+Z"), "<time>"),
           guide.DAYS,
           (re.compile(r"\[\d+/\d+\]"), "[n/n]"),
           (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
           (re.compile(r"^: still here\n\n", re.M), ""),      # comes when a live feed is idle
           (re.compile(r"[ \t]+$", re.M), "")]


def fixed(text):
    return guide.fixed(text, VARYING).strip("\n")


def matches(printed, shown):
    """Line by line, so that `…` alone is any number of whole lines."""
    pattern = "".join(r"(?:[^\n]*\n)*" if line == "…" else
                      re.escape(line).replace("…", r"[^\n]*") + "\n"
                      for line in fixed(shown).splitlines())
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in fixed(printed).splitlines()))


class Terminal:
    """A command that stays, and the lines it has printed so far."""

    def __init__(self, command, folder, environment):
        self.process = subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=folder, text=True,
                                        env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.command = command
        self.printed = ""
        self.more = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.more:
                self.printed += line
                self.more.notify_all()

    def shows(self, shown):
        with self.more:
            assert self.more.wait_for(lambda: matches(self.printed, shown), 60), \
                f"$ {self.command}\nprinted:\n{self.printed}\nthe page shows:\n{shown}"

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(COMMAND_SECONDS_MAX)
        self.reader.join()


class Reader:
    def __init__(self, folder):
        self.folder = folder
        self.terminals = []
        self.steps = 0
        with socket.socket() as some:
            some.bind(("127.0.0.1", 0))
            self.port = some.getsockname()[1]
        self.environment = {key: value for key, value in os.environ.items()
                            if key == "RECOUNT_PG_BIN" or not key.startswith(("RECOUNT_", "PG"))}
        self.environment.update(
            RECOUNT_DATA=str(folder / ".data"), RECOUNT_PACKAGES="off", PSQLRC=os.devnull,
            PAGER="cat", LC_ALL="C.UTF-8", TZ="UTC", CCACHE_BASEDIR=str(folder),
            CCACHE_NOHASHDIR="1")

    def run(self, command, shown):
        self.steps += 1
        print("$", command, flush=True)
        ours = f"{command.replace(':8080', f':{self.port}')}\npwd >'{self.folder}/.where'"
        done = subprocess.run(["bash", "-c", ours], cwd=self.where(), env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=COMMAND_SECONDS_MAX,
                              check=False)
        printed = done.stdout.replace(f":{self.port}", ":8080")
        assert matches(printed, shown), f"printed:\n{printed}\nthe page shows:\n{shown}"

    def where(self):
        file = self.folder / ".where"
        return file.read_text(encoding="utf-8").strip() if file.exists() else self.folder

    def stay(self, command, shown):
        self.steps += 1
        print("$", command, "  (stays)", flush=True)
        ours = command.replace(":8080", f":{self.port}")
        if ours.endswith(" serve"):
            ours += f" --port {self.port}"
        self.terminals.append(Terminal(ours, self.where(), self.environment))
        if shown.strip():
            self.terminals[-1].shows(shown.replace(":8080", f":{self.port}"))

    def stop(self):
        while self.terminals:
            self.terminals.pop().stop()

    def write(self, name, text):
        file = pathlib.Path(self.where()) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        print("wrote", name, flush=True)

    def follow(self, page):
        for piece in PIECE.finditer(page):
            kind, text = piece["kind"], piece["text"]
            if piece["heading"]:
                self.stop()
            elif piece["from"]:
                above = page[:piece.start()].rstrip().rsplit("\n\n", 1)[-1]
                named = [name for name in NAMED.findall(above)
                         if name.rsplit("/", 1)[-1] == piece["from"]]
                assert len(named) == 1 and above.endswith(":"), \
                    f"the paragraph above does not name the file {piece['from']}:\n{above}"
                self.write(named[0], text)
            elif kind.startswith("console"):
                for command, shown in guide.steps(f"```console\n{text}```"):
                    (self.stay if kind == "console stays" else self.run)(command, shown)
            elif kind == "text shows":
                self.terminals[-1].shows(text.replace(":8080", f":{self.port}"))


def main():
    page = (SOURCE / "docs" / "tutorial.md").read_text(encoding="utf-8")
    for file in sorted((SOURCE / "docs" / "examples" / "tutorial").rglob("*.*")):
        name = file.relative_to(SOURCE).as_posix()
        assert f"<!-- from {name}: all -->" in page, f"the page does not show {name}"
    with tempfile.TemporaryDirectory(prefix="recount-tutorial-", dir="/tmp") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)        # the server runs as another user when the tests run as root
        stand_in = folder / "recount"
        stand_in.mkdir()
        (stand_in / "CMakeLists.txt").write_text(
            STAND_IN.format(source=SOURCE, targets=TARGETS), encoding="utf-8")
        shutil.copytree(SOURCE / "tools", stand_in / "tools")
        reader = Reader(folder)
        try:
            reader.follow(page)
        finally:
            reader.stop()
        assert reader.steps >= STEPS_MIN, f"only {reader.steps} steps were found"
    print(f"{reader.steps} steps print what the page shows")


if __name__ == "__main__":
    main()
