"""recount-bench append --json: what it prints, and that it leaves nothing behind."""

import unittest

from _bench import SHORT, Bench


class Append(Bench):
    def test_append_prints_its_rate_beside_the_limits_of_the_same_server(self):
        found = self.object("append", "--seconds", "1")
        self.assertEqual(list(found), ["append", "coroutines", "limits", "ratios", "costs",
                                       "settings"])
        append, limits, ratios = found["append"], found["limits"], found["ratios"]
        self.assert_figures(append, "events_per_s", "p50_ms", "p99_ms", "max_ms")
        self.assert_figures(found["coroutines"], "events_per_s", "p50_ms", "p99_ms", "max_ms")
        for each in (append, found["coroutines"]):
            self.assertLessEqual(each["p50_ms"], each["p99_ms"])
            self.assertLessEqual(each["p99_ms"], each["max_ms"])
        self.assert_figures(limits, "copy_events_per_s", "insert_tx_per_s")
        by_clients = limits["insert_tx_per_s_by_clients"]
        self.assertEqual(list(by_clients), ["1", "4", "16", "64"])
        self.assertEqual(limits["insert_tx_per_s"], max(by_clients.values()))
        self.assertEqual(by_clients[str(limits["insert_clients"])], limits["insert_tx_per_s"])
        for ratio, limit in (("of_copy", "copy_events_per_s"), ("times_insert", "insert_tx_per_s")):
            expected = append["events_per_s"] / limits[limit]
            self.assertAlmostEqual(ratios[ratio], expected, delta=0.01 + expected / 20)
            expected = found["coroutines"]["events_per_s"] / limits[limit]
            self.assertAlmostEqual(ratios["coroutines_" + ratio], expected,
                                   delta=0.01 + expected / 20)
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

    def test_mistakes_start_no_server(self):
        for arguments in ((), ("apend",), ("append", "--writers", "0"),
                          ("append", "--keys", "mine"),
                          ("append", "--database", "postgresql:///x", "--commit-delay", "5")):
            done = self.run_bench(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(done.stdout, "", arguments)
            self.assertTrue(done.stderr.strip(), arguments)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
