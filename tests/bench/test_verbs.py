"""The other ways to append, and the other verbs."""
# ctest: full

import unittest

from _bench import SHORT, Bench


class Verbs(Bench):
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

    def test_correct(self):
        found = self.object("correct", *SHORT, "--events-total", "20000")
        self.assertEqual([one["events"] for one in found["correct"]], [10_000, 20_000])
        for one in found["correct"]:
            self.assert_figures(one, "corrections", "p50_ms", "max_ms")
        self.assert_figures(found, "ratio")

    def test_load(self):
        load = self.object("load", *SHORT, "--events-total", "20000", "--writers", "4")["load"]
        self.assertEqual(list(load), ["ours", "callers"])
        for keys in load.values():
            self.assertEqual([one["events"] for one in keys["sizes"]], [20_000])
            for one in keys["sizes"]:
                self.assert_figures(one, "appends_per_s", "resident_bytes", "fill_events_per_s")
            self.assert_figures(keys, "rate_ratio", "memory_ratio")

    def test_sagas(self):
        found = self.object("sagas", *SHORT, "--accounts", "20", "--in-flight", "8")
        self.assertEqual(list(found), ["sagas", "stages", "processors", "limits", "ratios",
                                       "settings"])
        self.assert_figures(found["sagas"], "transfers_per_s", "p50_ms", "p99_ms", "max_ms")
        # Each transfer is three commands of its process.
        self.assertEqual(found["sagas"]["commands"], 3 * found["sagas"]["transfers"])
        self.assert_figures(found["limits"], "appends_per_s")
        self.assert_figures(found["stages"], "deciding_s", "steps_s", "commands_s")
        self.assertIn("executing commands", self.ok("sagas", *SHORT))

    def test_timers(self):
        found = self.object("timers", *SHORT, "--timers", "200")
        self.assertEqual(found["timers"]["timers"], 200)
        self.assert_figures(found["timers"], "late_p50_ms", "late_p99_ms", "late_max_ms")


if __name__ == "__main__":
    unittest.main(verbosity=2)
