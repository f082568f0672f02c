"""recount-bench: the shape of what it prints, and that it cleans up. Nothing here judges speed."""

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


class Append(Bench):
    def test_append_prints_its_rate_beside_the_limits_of_the_same_server(self):
        found = self.object("append", "--seconds", "1")
        self.assertEqual(list(found), ["append", "limits", "ratios", "costs", "settings"])
        append, limits, ratios = found["append"], found["limits"], found["ratios"]
        self.assert_figures(append, "events_per_s", "p50_ms", "p99_ms", "max_ms")
        self.assertLessEqual(append["p50_ms"], append["p99_ms"])
        self.assertLessEqual(append["p99_ms"], append["max_ms"])
        self.assert_figures(limits, "copy_events_per_s", "insert_tx_per_s")
        by_clients = limits["insert_tx_per_s_by_clients"]
        self.assertEqual(list(by_clients), ["1", "4", "16", "64"])
        self.assertEqual(limits["insert_tx_per_s"], max(by_clients.values()))
        self.assertEqual(by_clients[str(limits["insert_clients"])], limits["insert_tx_per_s"])
        self.assertAlmostEqual(ratios["of_copy"], append["events_per_s"] /
                               limits["copy_events_per_s"], places=2)
        self.assertAlmostEqual(ratios["times_insert"], append["events_per_s"] /
                               limits["insert_tx_per_s"], places=2)
        self.assertTrue(all(cost["us_per_event"] > 0 for cost in found["costs"]))

    def test_what_the_figures_depend_on_is_printed_with_them(self):
        settings = self.object("append", *SHORT, "--writers", "8", "--no-limits",
                               "--no-costs")["settings"]
        self.assertEqual((settings["fsync"], settings["full_page_writes"],
                          settings["synchronous_commit"]), ("on", "on", "on"))
        for name in ("cpu", "cores", "memory", "kernel", "load", "build", "flush_ms",
                     "server_version", "shared_buffers", "wal_level", "commit_delay"):
            self.assertTrue(settings[name], name)
        self.assertEqual((settings["writers"], settings["streams"]), (8, 64))
        sizes = settings["batch_events"]
        self.assertGreater(settings["batches"], 0)
        self.assertTrue(1 <= sizes["p50"] <= sizes["max"] <= 8, sizes)
        self.assertTrue(1 <= sizes["mean"] <= sizes["max"], sizes)

    def test_an_append_of_many_events_is_one_batch_at_least(self):
        found = self.object("append", *SHORT, "--writers", "2", "--events", "10", "--no-limits",
                            "--no-costs", "--keys", "callers")
        self.assertEqual(found["settings"]["batch_events"]["p50"] % 10, 0)
        self.assertAlmostEqual(found["append"]["events_per_s"],
                               found["append"]["appends_per_s"] * 10, delta=10)

    def test_awaited_appends(self):
        found = self.object("append", *SHORT, "--async", "--no-limits", "--no-costs")
        self.assert_figures(found["append"], "events_per_s", "p50_ms")
        self.assertEqual(found["settings"]["writers_are"], "coroutines")

    def test_another_disk_is_compared_with_appends_that_are_not_batched(self):
        found = self.object("append", *SHORT, "--commit-delay", "1000", "--no-costs")
        self.assertEqual(found["settings"]["commit_delay"], "1000")
        self.assert_figures(found["limits"], "ordered_tx_per_s")
        self.assert_figures(found["ratios"], "times_ordered")

    def test_a_person_reads_tables(self):
        text = self.ok("append", *SHORT)
        for words in ("limits of this server", "COPY, 512 rows a transaction", "Recount: ",
                      "what an event costs in a batch of ", "waiting for the disk", "settings"):
            self.assertIn(words, text)

    def test_mistakes_start_no_server(self):
        for arguments in ((), ("apend",), ("append", "--writers", "0"),
                          ("append", "--keys", "mine"),
                          ("append", "--database", "postgresql:///x", "--commit-delay", "5")):
            done = self.run_bench(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(done.stdout, "", arguments)
            self.assertTrue(done.stderr.strip(), arguments)
        self.assertEqual(list(self.folder.iterdir()), [])


class Others(Bench):
    def test_command(self):
        found = self.object("command", *SHORT, "--writers", "4")
        self.assert_figures(found["command"], "commands_per_s", "p50_ms", "cold_commands_per_s",
                            "load_100_events_p50_ms")
        self.assert_figures(found["ratios"], "of_appends", "cold_of_appends")

    def test_read(self):
        found = self.object("read", *SHORT)
        self.assert_figures(found["read"], "stream_events_per_s", "stream_p50_ms",
                            "streams_events_per_s")

    def test_feed(self):
        found = self.object("feed", *SHORT, "--events-total", "10000")
        self.assert_figures(found["feed"], "events_per_s", "undecoded_events_per_s")

    def test_load(self):
        load = self.object("load", *SHORT, "--events-total", "20000", "--writers", "4")["load"]
        self.assertEqual(list(load), ["ours", "callers"])
        for keys in load.values():
            self.assertEqual([one["events"] for one in keys["sizes"]], [20_000])
            for one in keys["sizes"]:
                self.assert_figures(one, "appends_per_s", "resident_bytes", "fill_events_per_s")
            self.assert_figures(keys, "rate_ratio", "memory_ratio")


if __name__ == "__main__":
    unittest.main(verbosity=2)
