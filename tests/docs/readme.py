"""The program in README.md does what README.md says of it."""
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
SOURCE = sys.argv[2]
DEPOSIT = '{"account":"a-1","amount":{"minor":5000,"currency":"EUR"}}'
WITHDRAW = '{"account":"a-1","amount":{"minor":8000,"currency":"EUR"}}'


def ledger(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, env=ENVIRONMENT)
    print("$ ledger", *arguments, "->", done.returncode, done.stdout, done.stderr)
    return done


with tempfile.TemporaryDirectory() as folder:
    os.chmod(folder, 0o755)
    ENVIRONMENT = {**os.environ, "RECOUNT_DATA": folder}
    ENVIRONMENT.pop("RECOUNT_DATABASE_URL", None)
    early = ledger("commands", "send", "account.deposit", DEPOSIT, "--json")
    assert early.returncode == 3 and json.loads(early.stdout)["code"] == "not_open"
    assert ledger("commands", "send", "account.open", '{"account":"a-1"}').returncode == 0
    assert ledger("commands", "send", "account.deposit", DEPOSIT).returncode == 0
    refused = ledger("commands", "send", "account.withdraw", WITHDRAW, "--json")
    assert refused.returncode == 3 and json.loads(refused.stdout)["code"] == "overdrawn"
    row = json.loads(ledger("projections", "query", "account_balances", "--json").stdout)
    assert row == {"account": "a-1", "balance": {"minor": 5000, "currency": "EUR"}}, row

    # docs/reference/cli.md knows every verb that the program has.
    reference = open(os.path.join(SOURCE, "docs", "reference", "cli.md"), encoding="utf-8").read()
    verbs = re.findall(r"^  ([a-z]+) ", ledger("--help").stdout.split("Subcommands:")[1], re.M)
    assert len(verbs) > 8, verbs
    for verb in verbs:
        assert re.search(rf"^\| `{verb}[ `]", reference, re.M), f"cli.md does not know {verb}"
print("the README's program works, and cli.md knows its verbs")
