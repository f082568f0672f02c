"""Commands, one at a time: accepted, rejected, repeated, conflicting, malformed; and the states."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from bank_cli import CONFLICT, FAILED, OK, REFUSED, USAGE, BankTest, main


def eur(minor):
    return {"minor": minor, "currency": "EUR"}


class Commands(BankTest):
    def open(self, account):
        return self.send("account.open", {"account": account})

    def refused(self, command, payload, *options):
        done = self.assert_exit(REFUSED, "commands", "send", command, json.dumps(payload), "--json",
                                *options)
        return json.loads(done.stdout)

    def malformed(self, text, command="account.deposit"):
        done = self.assert_exit(USAGE, "commands", "send", command, text)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_an_accepted_command_says_where_it_stands(self):
        found = self.open("accepted")
        self.assertTrue(found["accepted"])
        self.assertEqual(found["stream"], "account-accepted")
        self.assertEqual(found["version"], 1)
        self.assertEqual(found["token"], str(found["position"]))
        self.assertFalse(found["repeated"])
        self.assertEqual(len(found["events"]), 1)
        event = self.bank.lines("event", found["events"][0])[0]
        self.assertEqual(event["position"], found["position"])
        text = self.bank.ok("commands", "send", "account.deposit",
                            json.dumps({"account": "accepted", "amount": eur(5)}))
        self.assertRegex(text, r"^account-accepted is at version 2, the log at \d+\n$")

    def test_a_command_that_changes_nothing_is_accepted_without_events(self):
        self.open("again")
        found = self.open("again")
        self.assertTrue(found["accepted"])
        self.assertEqual(found["events"], [])
        self.assertEqual(found["version"], 1)

    def test_a_rejected_command_is_exit_3_with_its_code(self):
        self.open("poor")
        found = self.refused("account.withdraw", {"account": "poor", "amount": eur(1)})
        self.assertEqual(found["accepted"], False)
        self.assertEqual(found["code"], "overdrawn")
        self.assertTrue(found["text"])
        done = self.assert_exit(REFUSED, "commands", "send", "account.deposit",
                                json.dumps({"account": "unknown", "amount": eur(1)}))
        self.assertEqual(done.stdout, "")
        self.assertIn("not_open", done.stderr)
        self.assertEqual(self.bank.lines("events", "--stream", "account-unknown"), [])

    def test_the_same_key_again_has_the_first_answer(self):
        self.open("key")
        payload = {"account": "key", "amount": eur(100)}
        first = self.send("account.deposit", payload, "--id", "my key 1")
        self.send("account.deposit", payload, "--id", "my key 2")
        again = self.send("account.deposit", payload, "--id", "my key 1")
        self.assertTrue(again.pop("repeated"))
        self.assertFalse(first.pop("repeated"))
        self.assertEqual(first, again)
        self.assertEqual(self.state("key")["state"]["balance"], eur(200))
        self.assertIn("known before",
                      self.bank.ok("commands", "send", "account.deposit", json.dumps(payload),
                                   "--id", "my key 1"))

    def test_the_first_answer_holds_where_it_would_be_decided_otherwise_by_now(self):
        self.open("later")
        payload = {"account": "later", "amount": eur(100)}
        self.send("account.deposit", payload)
        first = self.send("account.withdraw", payload, "--id", "take all")
        again = self.send("account.withdraw", payload, "--id", "take all")
        self.assertEqual(first["events"], again["events"])
        self.refused("account.withdraw", payload, "--id", "take more")

    def test_a_key_of_another_command_is_refused(self):
        self.open("taken")
        self.send("account.deposit", {"account": "taken", "amount": eur(1)}, "--id", "taken key")
        done = self.assert_exit(REFUSED, "commands", "send", "account.deposit",
                                json.dumps({"account": "taken", "amount": eur(2)}), "--json",
                                "--id", "taken key")
        self.assertEqual(json.loads(done.stderr)["error"], "command_id_taken")
        self.assertEqual(self.state("taken")["state"]["balance"], eur(1))

    def test_an_expected_version_that_is_not_found_is_a_conflict(self):
        payload = {"account": "expected"}
        done = self.assert_exit(CONFLICT, "commands", "send", "account.open", json.dumps(payload),
                                "--expect", "3")
        self.assertIn("account-expected", done.stderr)
        self.send("account.open", payload, "--expect", "0")
        deposit = {"account": "expected", "amount": eur(1)}
        self.send("account.deposit", deposit, "--expect", "1")
        for version in ("0", "1", "3"):
            self.assert_exit(CONFLICT, "commands", "send", "account.deposit", json.dumps(deposit),
                             "--expect", version)
        self.assertEqual(self.state("expected")["version"], 2)
        self.assert_exit(USAGE, "commands", "send", "account.deposit", json.dumps(deposit),
                         "--expect", "two")

    def test_malformed_json_is_refused_with_the_path(self):
        self.assertIn("$.amount.minor",
                      self.malformed('{"account":"a","amount":{"minor":"5","currency":"EUR"}}'))
        self.assertIn("$.amount.currency",
                      self.malformed('{"account":"a","amount":{"minor":5,"currency":"euro"}}'))
        self.assertIn("amount", self.malformed('{"account":"a"}'))
        self.assertIn("extra", self.malformed('{"account":"a","amount":%s,"extra":1}'
                                              % json.dumps(eur(1))))
        self.assertIn("$.account", self.malformed('{"account":null}', "account.open"))
        self.assertIn("$.account", self.malformed('{"account":17}', "account.open"))
        self.assertIn("$.account", self.malformed('{"account":"a\\u0000b"}', "account.open"))
        self.assertIn("account", self.malformed('{"account":"a","account":"b"}', "account.open"))
        self.assertIn("$.amount.minor", self.malformed(
            '{"account":"a","amount":{"minor":9223372036854775808,"currency":"EUR"}}'))
        for text in ("", "{", "[]", "null", '"a"', "{'account':'a'}", "[" * 100_000, "{} {}"):
            self.malformed(text, "account.open")

    def test_an_account_that_can_name_no_stream_is_refused(self):
        for account in ("", "a" * 201, "line\nbreak"):
            done = self.bank.run("commands", "send", "account.open",
                                 json.dumps({"account": account}))
            self.assertNotEqual(done.returncode, OK, account)
            self.assertEqual(done.stdout, "")
        self.open("ž-úl \"'\\ €")  # anything else may
        self.assertEqual(self.state("ž-úl \"'\\ €")["version"], 1)

    def test_an_unknown_command_names_those_there_are(self):
        done = self.assert_exit(FAILED, "commands", "send", "account.rob", "{}")
        self.assertIn("account.deposit", done.stderr)

    def state(self, account, *options):
        return json.loads(self.bank.ok("state", f"account-{account}", *options))

    def test_a_state_is_folded_up_to_a_version(self):
        self.open("state")
        for amount in (100, 20, 3):
            self.send("account.deposit", {"account": "state", "amount": eur(amount)})
        found = self.state("state")
        self.assertEqual(found["stream"], "account-state")
        self.assertEqual(found["version"], 4)
        self.assertEqual(found["state"]["balance"], eur(123))
        self.assertTrue(found["state"]["is_open"])
        self.assertEqual(self.state("state", "--version", "2")["state"]["balance"], eur(100))
        done = self.assert_exit(FAILED, "state", "account-state", "--version", "9")
        self.assertIn("has 4 versions", done.stderr)
        self.assertGreaterEqual(found["known_at"], 4)

    def test_a_state_that_is_not_there(self):
        done = self.assert_exit(FAILED, "state", "account-nobody")
        self.assertIn("account-nobody", done.stderr)
        self.assertIn("account", self.assert_exit(FAILED, "state", "planet-mars").stderr)
        self.assert_exit(USAGE, "state", "nodash")


if __name__ == "__main__":
    main()
