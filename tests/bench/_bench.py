"""recount-bench as its users run it. Nothing here judges speed."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["RECOUNT_BENCH"]
CALL_SECONDS_MAX = 500
SHORT = ("--seconds", "1", "--rounds", "1", "--streams", "64")


class Bench(unittest.TestCase):
    def setUp(self):
        # The server runs as another user when the tests run as root: it must be able to enter.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="recount-bench-test-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_bench(self, *arguments):
        environment = dict(os.environ, TMPDIR=str(self.folder), LC_ALL="C.UTF-8")
        return subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True,
                              text=True, timeout=CALL_SECONDS_MAX, check=False)

    def ok(self, *arguments):
        done = self.run_bench(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(list(self.folder.iterdir()), [], "its private server is gone")
        return done.stdout

    def object(self, *arguments):
        return json.loads(self.ok(*arguments, "--json"))

    def assert_figures(self, found, *names):
        for name in names:
            self.assertGreater(found[name], 0, name)
