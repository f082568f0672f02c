"""Corrections over HTTP as subscribers are told of them: GET /events?as=changes and append_only, as
pages and as server-sent events. The golden example, number by number."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import golden
from bank_cli import BankTest, main
from served import Served


class Golden(BankTest):
    """The golden example, sent over HTTP."""

    @classmethod
    def fill(cls):
        cls.site = Served(cls.bank)
        cls.addClassCleanup(cls.site.stop)
        cls.names = golden.tell(lambda name, payload: cls.site.send(name, payload)["events"][0],
                                cls.correct)

    @classmethod
    def correct(cls, *ops):
        plan = {"title": "a correction", "because": "it was wrong", "by": "ada", "ops": list(ops)}
        status, _, done = cls.site.ask("POST", "/restructures", json.dumps(plan),
                                       {"Content-Type": "application/json"})
        assert status == 200, done
        return done["restructure"]


class SecondTime(Golden):
    def balance(self, account, **query):
        text = "&".join(f"{name}={value}" for name, value in query.items())
        status, answer = self.site.get(f"/streams/account-{account}/state?{text}")
        self.assertEqual(status, 200, answer)
        return answer["state"]["balance"]["minor"]

    def check_what_was_known(self, known):
        for k, balances in golden.BALANCES_AT_YEAR_END.items():
            for name, expected in zip("AB", balances):
                if k > known or name == "B" and k < 5:
                    continue
                self.assertEqual(self.balance(name, at=k, as_of=golden.YEAR_END), expected,
                                 (k, name))
        for k, expected in golden.EVENTS_AT_YEAR_END.items():
            if k > known:
                continue
            status, page = self.site.get(f"/streams/account-A/events?at={k}"
                                         f"&as_of={golden.YEAR_END}")
            self.assertEqual((status, page["known_at"]), (200, k))
            self.assertEqual(" ".join(self.names[e["id"]] for e in page["events"]), expected, k)

    def test_as_of_the_end_of_the_year_before_and_after_the_redate(self):
        self.check_what_was_known(golden.REDATED - 1)
        golden.redate(self.names, self.correct)
        self.check_what_was_known(golden.REDATED)
        for k in (golden.REDATED - 1, golden.REDATED):
            self.assertEqual(self.balance("A", at=k), 200)
        self.assertEqual(self.balance("A", as_of=golden.YEAR_END), 215)
        status, page = self.site.get(
            f"/projections/account_balances?$at_least={golden.REDATED}")
        self.assertEqual(status, 200, page)
        self.assertEqual({row["account"]: row["balance"]["minor"] for row in page["rows"]},
                         {"A": 200, "B": 30})


class Changes(Golden):

    def get(self, query):
        status, answer = self.site.get(f"/events?{query}")
        self.assertEqual(status, 200, answer)
        return answer

    def changes(self, query=""):
        answer = self.get(f"as=changes{query}")
        return [golden.change(self.names, c) for c in answer["changes"]]

    def refused(self, query, code="invalid_argument"):
        status, problem = self.site.get(f"/events?{query}")
        self.assertEqual((status, problem["code"]), (400, code), query)
        return problem["detail"]

    def test_states_have_every_balance_at_every_position(self):
        for k, balances in golden.BALANCES.items():
            for name, balance in zip("AB", balances):
                if name == "B" and k < 5:
                    continue  # not there yet
                state = self.site.get(f"/streams/account-{name}/state?at={k}")[1]["state"]
                self.assertEqual(state["balance"]["minor"], balance, (k, name))

    def test_changes_of_the_golden_example(self):
        self.assertEqual(self.changes(), golden.CHANGES)
        self.assertEqual(self.changes("&from=8"), [c for c in golden.CHANGES if c[0] >= 8])
        self.assertEqual(self.changes("&stream=account-B"),
                         [c for c in golden.CHANGES if c[4] == "B"])
        self.assertEqual(self.changes("&type=account.withdrawn"),
                         [c for c in golden.CHANGES if c[5] < 0])
        self.assertEqual(self.changes("&category=card"), [])

    def test_pages_are_whole_commits(self):
        found, start = [], 1
        known = golden.Folded()
        while True:
            page = self.get(f"as=changes&limit=1&from={start}")
            for item in page["changes"]:
                known.take(item)
            found += [golden.change(self.names, c) for c in page["changes"]]
            self.assertEqual((page["head"], page["known_at"]), (12, 12))
            if page["next"] - 1 in golden.BALANCES:
                self.assertEqual(known.balances(), golden.BALANCES[page["next"] - 1])
            start = page["next"]
            if start > page["known_at"]:
                break
        self.assertEqual(found, golden.CHANGES)
        self.assertEqual(known.order("A", self.names), "e1 e2 x1 e3 e4 e7")

    def test_every_form_is_cut_at_a_knowledge_position(self):
        for form, name in (("recorded", "events"), ("changes", "changes"),
                           ("append_only", "events")):
            page = self.get(f"as={form}&at=7")  # inside the commit of 7 and 8
            self.assertEqual((page["known_at"], page["next"], page["head"]), (6, 7, 12), form)
            self.assertEqual(len(page[name]), 6, form)
            page = self.get(f"as={form}&at=0")
            self.assertEqual((page["known_at"], page[name]), (0, []), form)
        self.assertEqual(self.changes("&at=9"), [c for c in golden.CHANGES if c[0] <= 9])

    def test_append_only(self):
        items = self.get("as=append_only")["events"]
        self.assertEqual([golden.corrected(self.names, i) for i in items if "event" not in i],
                         golden.CORRECTED)
        self.assertEqual(self.get("as=append_only&stream=account-B")["events"][-1], items[7])

    def test_live_changes_go_on_right_behind_the_last_one(self):
        with self.site.follow("/events?as=changes") as live:
            told = [next(live) for _ in range(25)]  # 14 changes, and a mark behind each commit
        changes = [(id, item) for id, item in told if "mark" not in item]
        self.assertEqual([golden.change(self.names, item) for _, item in changes], golden.CHANGES)
        self.assertEqual([id for id, _ in changes],
                         [f"{k}.{ordinal}" for k, ordinal, *_ in golden.CHANGES])
        self.assertEqual([id for id, item in told if "mark" in item],
                         [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12])
        for at, (id, _) in enumerate(told[:-1]):  # whichever was seen last
            with self.site.follow("/events?as=changes", id) as live:
                self.assertEqual(next(live), told[at + 1])

    def test_live_marks_know_every_balance(self):
        known, seen = golden.Folded(), []
        with self.site.follow("/events?as=changes") as live:
            for id, item in live:
                if "mark" not in item:
                    known.take(item)
                    continue
                seen.append(id)
                if id in golden.BALANCES:
                    self.assertEqual(known.balances(), golden.BALANCES[id])
                if id == 12:
                    break
        self.assertEqual(seen[-1], 12)

    def test_live_append_only(self):
        with self.site.follow("/events?as=append_only", "8.0") as live:
            told = [next(live) for _ in range(4)]
        self.assertEqual([id for id, _ in told], ["8.1", 8, "9.0", 9])
        self.assertEqual([golden.corrected(self.names, item) for _, item in told[::2]],
                         golden.CORRECTED[1:3])

    def test_recorded_stays_what_it_is(self):
        with self.site.follow("/events?as=recorded", 6) as live:
            told = [next(live) for _ in range(6)]
        self.assertEqual([id for id, _ in told], [7, 8, 9, 10, 11, 12])
        self.assertEqual([e["type"] for _, e in told],
                         ["$restructured"] * 5 + ["account.withdrawn"])

    def test_what_is_wrong_is_said(self):
        self.assertEqual(self.refused("as=x"),
                         "as: expected recorded, changes or append_only, found 'x'")
        self.assertIn("/streams/{name}/events", self.refused("as=corrected", "not_supported"))
        self.assertIn("position 12", self.refused("as=changes&from=14"))
        self.refused("as=changes&at=-1")
        self.refused("as=changes&stream=noname")
        events = {"Accept": "text/event-stream"}
        for query, last in (("as=changes&at=5", ""), ("as=changes&limit=5", ""),
                            ("as=changes", "8.x"), ("as=changes", "13.0"), ("as=recorded", "8.1")):
            status, _, problem = self.site.ask("GET", f"/events?{query}",
                                               headers={**events, "Last-Event-ID": last})
            self.assertEqual((status, problem["code"]), (400, "invalid_argument"), (query, last))


if __name__ == "__main__":
    main()
