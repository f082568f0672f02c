"""The OpenAPI document: valid by the OpenAPI Initiative's own schema, and true of the answers."""

import json
import pathlib
import sys

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import SOURCE, BankTest, main
from served import Served


class OpenApi(BankTest):
    @classmethod
    def fill(cls):
        cls.site = Served(cls.bank)
        cls.addClassCleanup(cls.site.stop)
        cls.document = cls.site.get("/openapi.json")[1]

    def test_the_document_is_openapi_3_1(self):
        schema = json.loads((SOURCE / "tests/support/openapi/schema_3_1.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        self.assertEqual([e.message for e in validator.iter_errors(self.document)], [])
        broken = json.loads(json.dumps(self.document))
        del broken["paths"]["/health"]["get"]["responses"]["200"]["description"]
        self.assertNotEqual(list(validator.iter_errors(broken)), [])

    def test_each_component_is_a_json_schema(self):
        for name, schema in self.document["components"]["schemas"].items():
            with self.subTest(name):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_the_document_can_be_had_without_a_database(self):
        self.assertEqual(json.loads(self.bank.ok("schema", "openapi")), self.document)

    def test_the_reference_has_every_path_and_parameter(self):
        reference = (SOURCE / "docs/reference/http.md").read_text(encoding="utf-8")
        for link in self.site.get("/")[1]["links"].values():
            path = link["href"].replace("{kind}", r"{events\|commands\|rows\|timers\|effects}")
            self.assertIn(f"| `GET {path}", reference)
        for path, operations in self.document["paths"].items():
            for operation in operations.values():
                for parameter in operation.get("parameters", []):
                    column = path.startswith("/projections/") and parameter["name"][0] != "$"
                    if parameter["in"] != "path" and not column:
                        self.assertIn(parameter["name"], reference)
                for status in set(operation["responses"]) - {"200"}:
                    self.assertRegex(reference, rf"(?m)^\| ([0-9]+, )*{status}[ ,]")

    def fits(self, schema, value):
        # The document around it: references begin at its root.
        whole = {"components": self.document["components"], "allOf": [schema]}
        jsonschema.validate(value, whole, jsonschema.Draft202012Validator)

    def assert_as_written(self, operation, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        text = json.dumps(body) if body is not None else None
        status, found, answer = self.site.ask(method.upper(), path, text, headers)
        written = self.document["paths"][operation][method]["responses"]
        self.assertIn(str(status), written, answer)
        content = written[str(status)]["content"]
        self.assertIn(found["Content-Type"], content)
        self.fits(content[found["Content-Type"]]["schema"], answer)
        for header in written[str(status)].get("headers", {}):
            self.assertIn(header, found)
        return answer

    def test_answers_are_as_the_document_says(self):
        open_path = "/commands/account.open"
        opened = self.assert_as_written(open_path, "post", open_path, {"account": "a"})
        self.assert_as_written(open_path, "post", open_path, {"account": 7})
        deposit = "/commands/account.deposit"
        amount = {"minor": 500, "currency": "EUR"}
        done = self.assert_as_written(deposit, "post", deposit, {"account": "a", "amount": amount})
        self.assert_as_written(deposit, "post", deposit, {"account": "none", "amount": amount})
        token = done["token"]
        for table in ("account_balances", "deposits_by_day", "statement_lines"):
            path = f"/projections/{table}"
            page = self.assert_as_written(path, "get", f"{path}?$at_least={token}")
            self.assertEqual(len(page["rows"]), 1)
            self.assert_as_written(path, "get", f"{path}?$fields=account")
            self.assert_as_written(path, "get", f"{path}?$at_least=999999")
            for parameter in self.document["paths"][path]["get"]["parameters"]:
                if not parameter["name"].startswith("$"):
                    self.assertNotIn("no column", json.dumps(
                        self.site.get(f"{path}?{parameter['name']}=1")[1]))
        plan = {"title": "twice", "because": "it ran twice",
                "ops": [{"op": "exclude", "event": done["events"][0]}]}
        seen = self.assert_as_written("/restructures/preview", "post", "/restructures/preview",
                                      plan)
        self.assertEqual(len(seen["streams"]), 1)
        made = self.assert_as_written("/restructures", "post", "/restructures", plan)
        self.assert_as_written("/restructures", "post", "/restructures", plan)   # no effect
        undo = f"/restructures/{made['restructure']}/undo"
        self.assert_as_written("/restructures/{id}/undo", "post", undo, {"because": "it was so"})
        made_by = self.assert_as_written("/proposals", "post", "/proposals", {**plan, "by": "ada"})
        refused = self.assert_as_written("/proposals", "post", "/proposals", plan)  # nobody's
        self.assertEqual(refused["code"], "invalid_argument")
        proposal = f"/proposals/{made_by['proposal']}"
        approve = "/proposals/{id}/approve"
        for who in ("ada", "ben", "eva"):       # one's own; done; known
            self.assert_as_written(approve, "post", f"{proposal}/approve", {"by": who})
        self.assert_as_written("/proposals/{id}/reject", "post", f"{proposal}/reject",
                               {"by": "eva", "because": "no"})
        seal = {"category": "account", "until": "2025-12-31", "because": "audited", "by": "ada"}
        for body in (seal, {"through": 1, "because": "audited", "by": "ada"}, {"because": "x"}):
            self.assert_as_written("/seals", "post", "/seals", body)
        for operation, path in [
                ("/proposals", "/proposals"), ("/proposals", "/proposals?limit=0"),
                ("/proposals/{id}", proposal), ("/seals", "/seals"),
                ("/restructures", "/restructures"),
                ("/restructures/{id}", f"/restructures/{made['restructure']}"),
                ("/", "/"), ("/commands", "/commands"), ("/projections", "/projections"),
                ("/categories", "/categories"), ("/streams", "/streams?limit=1"),
                ("/streams/{name}/events", "/streams/account-a/events?limit=1"),
                ("/streams/{name}/events", "/streams/account-none/events"),
                ("/streams/{name}/state", "/streams/account-a/state"),
                ("/events", "/events"), ("/events", "/events?from=0"),
                ("/events/{id}", f"/events/{opened['events'][0]}"),
                ("/schemas", "/schemas"),
                ("/schemas/{kind}/{name}/{version}", "/schemas/events/account.deposited/1"),
                ("/openapi.json", "/openapi.json"), ("/health", "/health"), ("/ready", "/ready")]:
            with self.subTest(path):
                self.assert_as_written(operation, "get", path)

    def test_bodies_are_held_to_the_schema_that_is_shown(self):
        schema = self.document["paths"]["/commands/account.deposit"]["post"]["requestBody"][
            "content"]["application/json"]["schema"]
        self.fits(schema, {"account": "a", "amount": {"minor": 5, "currency": "EUR"}})
        for wrong in ({"account": "a"}, {"account": "a", "amount": 5},
                      {"account": "a", "amount": {"minor": 5, "currency": "eur"}}):
            with self.assertRaises(jsonschema.ValidationError):
                self.fits(schema, wrong)
            self.assertEqual(self.site.post("account.deposit", wrong)[0], 400)


if __name__ == "__main__":
    main()
