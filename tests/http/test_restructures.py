"""Corrections over HTTP: previewed, applied once, listed, undone, and refused with reasons."""

import json
import pathlib
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import BankTest, main
from served import Served


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Restructures(BankTest):
    @classmethod
    def fill(cls):
        cls.site = Served(cls.bank, "--actor-header", "X-Actor")
        cls.addClassCleanup(cls.site.stop)

    def account(self, name):
        self.site.send("account.open", {"account": name})
        return [self.site.send("account.deposit", {"account": name, "amount": eur(5000)})
                ["events"][0] for _ in range(2)]

    def plan(self, *ops, **members):
        return {"title": "twice", "because": "it ran twice", "ops": list(ops), **members}

    def post(self, path, body, **headers):
        named = {"Content-Type": "application/json",
                 **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.site.ask("POST", f"/restructures{path}", json.dumps(body), named)

    def done(self, path, body, **headers):
        status, _, answer = self.post(path, body, **headers)
        self.assertEqual(status, 200, answer)
        return answer

    def test_from_the_preview_to_the_undo(self):
        _, twice = self.account("tour")
        plan = self.plan({"op": "exclude", "event": twice})
        head = self.site.get("/events?limit=1")[1]["head"]
        status, headers, seen = self.post("/preview", plan)
        self.assertEqual((status, headers["ETag"]), (200, f'"{seen["hash"]}"'))
        self.assertEqual(self.site.get("/events?limit=1")[1]["head"], head)
        self.assertEqual([line["mark"] for line in seen["streams"][0]["before"]],
                         ["kept", "kept", "struck"])
        made = self.done("", plan, If_Match=headers["ETag"], Idempotency_Key="tour", X_Actor="ada")
        again = self.done("", plan, If_Match=headers["ETag"], Idempotency_Key="tour", X_Actor="ada")
        self.assertFalse(made.pop("repeated"))
        self.assertTrue(again.pop("repeated"))
        self.assertEqual(made, again)
        status, shown = self.site.get(f"/restructures/{made['restructure']}")
        self.assertEqual((status, shown["actor"], shown["preview"]), (200, "ada", seen["hash"]))
        self.assertEqual([o["op"] for o in shown["ops"]], ["exclude"])
        undone = self.done(f"/{made['restructure']}/undo", {"because": "there were two"})
        listed = {r["restructure"]: r for r in self.site.get("/restructures")[1]["restructures"]}
        self.assertEqual(listed[made["restructure"]]["undone_by"], undone["restructure"])
        self.assertEqual(listed[undone["restructure"]]["undoes"], made["restructure"])

    def test_who_asks_is_what_the_header_says(self):
        _, twice = self.account("actor")
        made = self.done("", self.plan({"op": "exclude", "event": twice}, by="somebody else"))
        self.assertNotIn("actor", self.site.get(f"/restructures/{made['restructure']}")[1])

    def test_a_preview_that_holds_no_more_is_412(self):
        first, _ = self.account("stale")
        redate = {"op": "redate", "event": first, "effective_at": "2026-01-02T00:00:00Z"}
        etag = self.post("/preview", self.plan(redate))[1]["ETag"]
        self.done("", self.plan({**redate, "effective_at": "2026-01-03T00:00:00Z"}))
        status, _, problem = self.post("", self.plan(redate), If_Match=etag)
        self.assertEqual((status, problem["code"]), (412, "conflict"))
        status, _, problem = self.post("", self.plan(redate), If_Match='"7"')
        self.assertEqual((status, problem["code"]), (400, "invalid_argument"))

    def test_a_refused_plan_says_why_step_by_step(self):
        first, _ = self.account("refused")
        nobody = str(uuid.UUID(int=7 << 64))
        plan = self.plan({"op": "exclude", "event": first}, {"op": "exclude", "event": nobody})
        for path in ("/preview", ""):
            status, _, problem = self.post(path, plan)
            self.assertEqual((status, problem["code"]), (422, "plan_refused"))
            self.assertEqual([(p["step"], p["code"]) for p in problem["problems"]],
                             [(1, "unknown_target")])
        status, _, problem = self.post("", {"title": "x"})
        self.assertEqual((status, problem["code"]), (400, "invalid_json"))

    def test_an_undo_in_a_sealed_period_acknowledges_it(self):
        _, twice = self.account("sealed")
        made = self.done("", self.plan({"op": "exclude", "event": twice}))
        undo = f"/{made['restructure']}/undo"

        def seal(**members):
            body = json.dumps({"category": "account", "by": "ada", "because": "audited", **members})
            status, _, answer = self.site.ask("POST", "/seals", body,
                                              {"Content-Type": "application/json",
                                               "X-Actor": "ada"})
            self.assertEqual(status, 200, answer)

        self.addCleanup(seal, open=True)
        seal(until="2999-12-31")
        for named in ({}, {"acknowledged": []}, {"acknowledged": ["sealed:card"]}):
            status, _, problem = self.post(undo, {"because": "there were two", **named})
            self.assertEqual((status, problem["code"]), (422, "plan_refused"))
            self.assertEqual(problem["problems"][0]["code"], "sealed_period")
        status, _, problem = self.post(undo, {"because": "x", "acknowledged": "sealed:account"})
        self.assertEqual((status, problem["code"]), (400, "invalid_json"))
        undone = self.done(undo, {"because": "there were two",
                                  "acknowledged": ["sealed:account"]})
        shown = self.site.get(f"/restructures/{undone['restructure']}")[1]
        self.assertEqual((shown["acknowledged"], shown["undoes"]),
                         (["sealed:account"], made["restructure"]))

    def test_the_list_in_pages(self):
        ids = self.account("pages")
        for id in ids:
            self.done("", self.plan({"op": "exclude", "event": id}))
        found, after = [], 0
        while after is not None:
            page = self.site.get(f"/restructures?after={after}&limit=1")[1]
            self.assertEqual(len(page["restructures"]), 1)
            found += [r["restructure"] for r in page["restructures"]]
            after = page.get("next")
        every = self.site.get("/restructures")[1]["restructures"]
        self.assertEqual(found, [r["restructure"] for r in every])

    def test_what_is_not_there(self):
        none = str(uuid.UUID(int=9 << 64))
        self.assertEqual(self.site.get(f"/restructures/{none}")[0], 404)
        self.assertEqual(self.post(f"/{none}/undo", {"because": "x"})[0], 404)
        self.assertEqual(self.site.ask("POST", "/restructures", "{}", {})[0], 415)
        self.assertEqual(self.site.get("/restructures/7")[0], 400)


if __name__ == "__main__":
    main()
