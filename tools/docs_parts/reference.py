"""The generated pages of docs/reference: limits, errors, headers, macros (macros.py).

They are made from the headers, so a page that is out of date fails the check.
"""
import re

from . import cpp, macros
from .repository import GENERATED, Repository

LIMITS = "include/recount/core/limits.hpp"
# Limits that a module of the framework has beside those.
MORE_LIMITS = [
    ("framework/include/recount/projection/limits.hpp", "Of projections"),
    ("framework/include/recount/saga/limits.hpp", "Of sagas"),
]
ERRORS = "include/recount/core/error.hpp"
EXIT_CODES = "framework/include/recount/app/verb.hpp"
EXIT_CODE_OF = "framework/src/app/app.cpp"
PROBLEM = "framework/include/recount/http/problem.hpp"

# Other limits and defaults: header, structure, what it is about. Those not there yet are left out.
OPTIONS = [
    ("include/recount/postgres/log.hpp", "log_options", "The log on PostgreSQL"),
    ("include/recount/postgres/session.hpp", "session_options",
     "A connection to PostgreSQL"),
    ("include/recount/postgres/cluster.hpp", "cluster_options", "The private PostgreSQL"),
    ("framework/include/recount/projection/runner.hpp", "runner_options",
     "The runner of a projection"),
    ("framework/include/recount/effects/worker.hpp", "effect_worker_options",
     "The worker that sends effects"),
    ("framework/include/recount/http/webhook.hpp", "webhook_options", "A webhook"),
    ("framework/include/recount/http/server.hpp", "server_options", "The HTTP server"),
    ("framework/include/recount/http/api.hpp", "api_options", "The HTTP API"),
]


def made_from(*sources: str) -> str:
    return f"{GENERATED} from {', '.join(sources)}; edit those -->\n"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def table(titles: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(titles) + " |", "|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(cell(c) for c in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def at_least(repository: Repository, where: str, found: int, wanted: int) -> None:
    if found < wanted:
        repository.wrong(where, f"only {found} entries were understood, expected {wanted} or more")


# --- limits ---------------------------------------------------------------------------------------

def limits_page(repository: Repository) -> str:
    rows = cpp.constants(repository.read(LIMITS))
    at_least(repository, LIMITS, len(rows), 10)
    sources, sections = [LIMITS], []
    for header, title in MORE_LIMITS:
        found = cpp.constants(repository.read(header))
        at_least(repository, header, len(found), 1)
        sources.append(header)
        sections.append(f"\n## {title}\n\n`recount::limits` in [{short(header)}]"
                        f"(../../{header}).\n\n"
                        + table(["limit", "value", ""], [[f"`{n}`", v, c] for n, v, c in found]))
    for header, structure, title in OPTIONS:
        if not (repository.root / header).is_file():
            continue
        found = cpp.members(repository.read(header), structure)
        if not found:
            repository.wrong(header, f"no default of {structure} was understood")
        sources.append(header)
        sections.append(f"\n## {title}\n\nMembers of `{structure}` in [{short(header)}]"
                        f"(../../{header}); a program may set others.\n\n"
                        + table(["option", "default", ""],
                                [[f"`{n}`", v, c] for n, v, c in found]))
    return (made_from(*sources) + "# Limits\n\n"
            "Every limit has a name. What is beyond one is refused with `errc::limit_exceeded` and "
            "a sentence that states both,\nunless the line says otherwise. Sizes are in bytes.\n\n"
            f"## Of the library\n\n`recount::limits` in [{short(LIMITS)}](../../{LIMITS}); fixed "
            "when the library is compiled.\n\n"
            + table(["limit", "value", ""], [[f"`{n}`", v, c] for n, v, c in rows])
            + "".join(sections))


def short(header: str) -> str:
    return header.split("include/", 1)[1]


# --- errors ---------------------------------------------------------------------------------------

def exit_codes(repository: Repository) -> tuple[dict[str, int], dict[str, str]]:
    """The numbers by name, and the name that app.cpp gives to an errc."""
    numbers = {name: int(value) for name, value, _ in
               cpp.constants(repository.read(EXIT_CODES)) if value.isdigit()}
    given, waiting = {}, []
    for case, name in re.findall(r"case errc::(\w+):|return exit_code::(\w+);",
                                 repository.read(EXIT_CODE_OF)):
        if case:
            waiting.append(case)
        else:
            given.update(dict.fromkeys(waiting, name))
            waiting = []
            if name == "failed":
                break
    at_least(repository, EXIT_CODE_OF, len(given), 5)
    return numbers, given


def statuses(repository: Repository) -> dict[str, str]:
    """The HTTP status of each errc, as the contract of the problem header states them."""
    text = " ".join(cpp.opening_comment(repository.read(PROBLEM)))
    said = re.search(r"Statuses of failures: (.*?)the rest (\d{3})", text)
    if not said:
        repository.wrong(PROBLEM, "its comment states no 'Statuses of failures: …'")
        return {}
    found: dict[str, str] = {"": said.group(2)}
    for part in said.group(1).split("·"):
        note = "412 with If-Match" if "If-Match" in part else ""
        plain = re.sub(r"\([^)]*\)", "", part)
        status = re.search(r"\d{3}", plain)
        for name in re.findall(r"[a-z_]{4,}", plain[:status.start()] if status else ""):
            found[name] = status.group(0) + (f", {note}" if note else "")
    return found


def errors_page(repository: Repository) -> str:
    source = repository.read(ERRORS)
    body = re.search(r"enum class errc[^{]*\{\n(.*?)^\};", source, re.MULTILINE | re.DOTALL)
    codes = re.findall(r"^    (\w+),\s*// (.*)$", body.group(1), re.MULTILINE) if body else []
    at_least(repository, ERRORS, len(codes), 12)
    numbers, exits = exit_codes(repository)
    http = statuses(repository)
    for name in {*http, *exits} - {"", *dict(codes)}:
        repository.wrong(PROBLEM if name in http else EXIT_CODE_OF, f"there is no errc::{name}")
    rows = [[f"`{name}`", meaning, str(numbers[exits.get(name, "failed")]),
             http.get(name, http.get("", ""))] for name, meaning in codes]
    return (made_from(ERRORS, EXIT_CODES, EXIT_CODE_OF, PROBLEM)
            + "# Errors\n\n"
            "A business \"no\" is a value, `recount::rejection`: exit code "
            f"{numbers['refused']}, HTTP status 422, with a code of the domain's own.\n"
            "Everything else that goes wrong is thrown as `recount::error`. Its `code()` is one of "
            "these; `what()` is a sentence that may be\nshown to a client; what the database said "
            "is kept apart in `server_text()`, with `sqlstate()` and `query()`, for logs.\n"
            "`retryable()` is true when the same call may succeed if it is simply made again.\n\n"
            "With `--json` the command line prints `{\"error\":code,\"text\":sentence}` on stderr; "
            "HTTP answers `application/problem+json`\nwith the code as `code`, and has some codes of its own: "
            "[http.md](http.md#what-goes-wrong).\n\n"
            + table(["code", "meaning", "exit", "HTTP"], rows)
            + "\n## Exit codes\n\n"
            + table(["exit", "name in `recount::exit_code`"],
                    [[str(number), f"`{name}`"] for name, number in
                     sorted(numbers.items(), key=lambda pair: pair[1])])
            + "\nWhat each of them means on the command line: [cli.md](cli.md#exit-codes). "
            "A bug is neither: it prints a sentence that begins with\n`recount: bug:` and aborts, "
            "in release builds too.\n"
            + SERVER_STATES)


SERVER_STATES = """
## What the server says

What becomes of an SQLSTATE (`tests/postgres/errors_test.cpp` has all of them, most for a real reason):

| SQLSTATE | code | retryable | HTTP |
|---|---|---|---|
| 08, 25P03, 53300, 57P0x: the connection is gone, or was not to be had | `database_unreachable` if surely nothing happened, else `in_doubt` | first one yes | 503 |
| 40001 serialization, 40P01 deadlock | `database_failed` | yes | 503 |
| 40003 | `in_doubt` | no | 503 |
| 53 disk full, out of memory | `database_failed` | yes | 503 |
| 55P03 lock timeout, 57014 statement timeout or cancelled | `timed_out` | yes | 503 |
| XX001, XX002 damaged data or index | `corrupted` | no | 500 |
| RC004 what happened lies in a sealed period | `refused` | no | 422 |
| 22, 23, 25, 28, 42, 54, 55, 57, 58, P0, XX and all others | `database_failed` | no | 500 |

The log retries by itself, with pauses that grow and vary, at most `statement_attempts_max` times: reads after a lost connection,
40001 and 40P01; appends after whatever is retryable, and in doubt. An append that is `in_doubt` nevertheless is run again
by its caller, with the same id, as often as needed: it has its first result, or is written now.

A server that says nothing at all counts as lost `answer_grace` after its own statement timeout. While no connection can be had,
one attempt at a time is made, after pauses up to 1 s; calls wait for it while the database has been away for less than 3 s, and
fail at once with `database_unreachable` from then on, until it is back.

The SQL functions for [your own tables](../guides/own-tables.md) raise `RC002` (not the expected version) and `RC003` (the key is taken);
`RC001` says that the log is not the one that the caller knew (restored, failed over), and is handled by the library.
"""


# --- headers --------------------------------------------------------------------------------------

AREAS = [("The store: `recount::store`", "include/recount/"),
         ("The framework: `recount::framework`", "framework/include/recount/")]
PARTS = {"framework/include/recount/http/": "`recount::http`",
         "framework/include/recount/testing/": "`recount::testing`"}


def headers_page(repository: Repository) -> str:
    text = (made_from("the public headers")
            + "# Headers\n\n"
            "Each public header begins with its contract: purpose, example, thread safety, "
            "lifetimes, errors, cost. Here is the first\nsentence or two of each. An application's "
            "domain files need [recount/recount.hpp](../../framework/include/recount/recount.hpp) "
            "only.\n")
    headers = {repository.name(h): cpp.first_paragraph(h.read_text(encoding="utf-8"))
               for h in repository.headers()}
    for name, paragraph in headers.items():
        if not paragraph:
            repository.wrong(name, "does not begin with a paragraph that says what it is for")
    for title, root in AREAS:
        text += f"\n## {title}\n"
        folders = sorted({n[len(root):].rpartition("/")[0] for n in headers if n.startswith(root)})
        for folder in folders:
            prefix = f"{root}{folder}/" if folder else root
            part = next((p for start, p in PARTS.items() if prefix.startswith(start)), "")
            text += f"\n### {folder or 'recount'}{', in ' + part if part else ''}\n\n"
            rows = [[f"[{n.rpartition('/')[2]}](../../{n})", p] for n, p in headers.items()
                    if n.startswith(prefix) and "/" not in n[len(prefix):]]
            text += table(["header", ""], rows)
    return text


def run(repository: Repository) -> None:
    repository.keep("docs/reference/limits.md", limits_page(repository))
    repository.keep("docs/reference/errors.md", errors_page(repository))
    repository.keep("docs/reference/headers.md", headers_page(repository))
    repository.keep("docs/reference/macros.md", macros.page(repository))
