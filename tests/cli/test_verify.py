"""verify and heads export, and docs/guides/verifying.md from top to bottom."""

import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
import guide
from bank_cli import DIFFERENCE, FAILED, OK, REFUSED, USAGE, BankTest, main

VARYING = [guide.IDS,
           (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
           (re.compile(r"\b20\d\d-\d\d-\d\dT[\d:.]+Z"), "<time>"),
           (re.compile(r'"[\w-]{43}","value":"[\w-]{86}"'), "<signature>")]
CHANGE = "SET session_replication_role = replica"


class Guide(BankTest):
    def test_every_step_prints_what_the_page_shows(self):
        guide.follow(self, guide.page("verifying"), VARYING, more_than=10)


class Verify(BankTest):
    @classmethod
    def fill(cls):
        for name in ("ada", "bob"):
            cls.bank.ok("commands", "send", "account.open", json.dumps({"account": name}))
        for name in ("one", "two"):
            key = str(cls.bank.folder / f"{name}.key")
            subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
            subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out",
                            str(cls.bank.folder / f"{name}.pub")], check=True)
        cls.bank.ok("heads", "export", "kept.head", "--key", "one.key")
        for minor in (100, 200):
            cls.bank.ok("commands", "send", "account.deposit", json.dumps(
                {"account": "ada", "amount": {"minor": minor, "currency": "EUR"}}))

    def test_a_summary_is_the_last_line_of_json(self):
        summary = self.bank.lines("verify")[-1]
        self.assertGreater(summary.pop("events_per_s"), 0)
        self.assertEqual(summary, {"since": 0, "through": 4, "events": 4, "streams": 2,
                                   "batches": 4, "differences": 0})
        since = self.bank.lines("verify", "--since", "3")[-1]
        self.assertEqual((since["since"], since["events"]), (3, 1))
        since = self.bank.lines("verify", "--since", "kept.head", "--key", "one.pub")[-1]
        self.assertEqual((since["since"], since["events"]), (2, 2))
        one = self.bank.lines("verify", "--stream", "account-ada")[-1]
        self.assertEqual((one["events"], one["differences"]), (3, 0))

    def test_progress_comes_on_stderr(self):
        done = self.bank.run("verify", "--json")
        ticks = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual((ticks[-1]["progress"], ticks[-1]["done"]), ("verify", 4))
        self.assertEqual(self.bank.run("verify", "--quiet").stderr, "")

    def test_differences_are_named_and_end_with_their_exit_code(self):
        was = self.db.value("SELECT meta FROM log WHERE position = 3")
        self.db.rows(f"{CHANGE}; UPDATE log SET meta = '{{}}' WHERE position = 3")
        self.addCleanup(lambda: self.db.rows(
            f"UPDATE log SET meta = '{was}' WHERE position = 3; RESET session_replication_role"))
        found = self.assert_exit(DIFFERENCE, "verify", "--json").stdout.splitlines()
        difference = json.loads(found[0])
        self.assertEqual({key: difference[key] for key in ("position", "stream", "what")},
                         {"position": 3, "stream": "account-ada", "what": "hash"})
        self.assertEqual(json.loads(found[1])["differences"], 1)
        self.assert_exit(DIFFERENCE, "verify", "--stream", "account-ada")
        self.assert_exit(OK, "verify", "--stream", "account-bob")
        self.assert_exit(OK, "verify", "--since", "3")

    def test_a_head_is_signed_by_whom_it_says(self):
        self.assert_exit(OK, "verify", "--head", "kept.head", "--key", "one.pub")
        done = self.assert_exit(REFUSED, "verify", "--head", "kept.head", "--key", "two.pub")
        self.assertIn("another key", done.stderr)
        self.assertIn("--key", self.assert_exit(OK, "verify", "--head", "kept.head").stderr)
        text = (self.bank.folder / "kept.head").read_text(encoding="utf-8")
        head = json.loads(text)
        self.assertEqual((head["position"], head["store"]), (2, "main"))
        (self.bank.folder / "forged.head").write_text(
            text.replace('"position":2', '"position":1'), encoding="utf-8")
        done = self.assert_exit(REFUSED, "verify", "--head", "forged.head")
        self.assertIn("not as it was signed", done.stderr)
        head.pop("signature")
        (self.bank.folder / "plain.head").write_text(json.dumps(head), encoding="utf-8")
        done = self.assert_exit(OK, "verify", "--head", "plain.head")
        self.assertIn("not signed", done.stderr)
        self.assert_exit(REFUSED, "verify", "--head", "plain.head", "--key", "one.pub")

    def test_openssl_agrees_with_the_signature(self):
        """docs/reference/hash.md says what is signed; openssl checks it."""
        import base64
        import struct
        import uuid
        head = json.loads((self.bank.folder / "kept.head").read_text(encoding="utf-8"))
        def field(b): return struct.pack(">I", len(b)) + b
        def micros(text):
            return int(self.db.value(f"SELECT (extract(epoch FROM timestamptz '{text}') * 1000000)"
                                     "::bigint"))
        signed = (b"recount/head/1" + field(uuid.UUID(head["store_id"]).bytes)
                  + field(head["store"].encode()) + struct.pack(">q", head["position"])
                  + bytes.fromhex(head["link"]) + bytes.fromhex(head["hash"])
                  + struct.pack(">qq", micros(head["recorded_at"]), micros(head["exported_at"])))
        (self.bank.folder / "signed").write_bytes(signed)
        value = head["signature"]["value"]
        (self.bank.folder / "signature").write_bytes(
            base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
        subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "one.pub", "-rawin",
                        "-in", "signed", "-sigfile", "signature"], cwd=self.bank.folder, check=True,
                       stdout=subprocess.DEVNULL)

    def test_what_cannot_be_asked_is_refused(self):
        for words in (["verify", "--stream", "account-ada", "--since", "2"],
                      ["verify", "--key", "one.pub"],
                      ["verify", "--head", "kept.head", "--since", "3"],
                      ["verify", "--head", "one.pub"],
                      ["heads", "export"]):
            code = self.bank.run(*words).returncode
            self.assertIn(code, (USAGE, REFUSED), words)
        self.assert_exit(REFUSED, "heads", "export", "--key", "one.pub")
        for words, path in ((["heads", "export", "--key", "nowhere.key"], "nowhere.key"),
                            (["verify", "--since", "x"], "x")):
            missing = self.assert_exit(FAILED, *words)
            self.assertIn(f"unable to read {path}: No such file", missing.stderr)
        nowhere = self.assert_exit(FAILED, "heads", "export", "no/such/folder", "--key", "one.key")
        self.assertIn("unable to write no/such/folder: No such file", nowhere.stderr)
        self.assert_exit(FAILED, "verify", "--stream", "account-nobody")
        self.assertIn("migrate", self.assert_exit(REFUSED, "verify", "--store", "other").stderr)

    def test_an_auditor_verifies_and_can_do_nothing_else(self):
        self.db.rows("CREATE ROLE inspector LOGIN; GRANT recount_bank_auditor TO inspector")
        url = re.sub(r"user=\w+", "user=inspector", self.db.url("bank"))
        self.assert_exit(OK, "--database", url, "verify")
        self.assert_exit(OK, "--database", url, "heads", "export", "--key", "one.key")
        self.assert_exit(REFUSED, "--database", url, "events")


if __name__ == "__main__":
    main()
