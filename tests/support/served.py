"""The bank while it is served: a process that answers, and requests to it.

    with Served(bank) as site:
        site.send("account.open", {"account": "a"})
        status, body = site.get("/streams/account-a/state")
"""

import http.client
import json
import signal
import subprocess

from bank_cli import CALL_SECONDS_MAX, OK


class Served:
    def __init__(self, bank, *arguments):
        self.process = bank.start("serve", "--port", "0", "--json", *arguments,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"not served: {self.process.communicate()[1][-2000:]}")
        self.port = json.loads(line)["port"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self, how=signal.SIGTERM):
        """Asks it to end, and is content only if it does so in good order."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        _, errors = self.process.communicate(timeout=CALL_SECONDS_MAX)
        if self.process.returncode != OK:
            raise AssertionError(f"served until exit {self.process.returncode}: {errors[-2000:]}")

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_SECONDS_MAX)

    def ask(self, method, path, body=None, headers=()):
        """Status, headers and the body read as JSON."""
        connection = self.connect()
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, answer.headers, json.loads(text) if text else None
        finally:
            connection.close()

    def get(self, path, **headers):
        status, _, body = self.ask("GET", path, headers={k.replace("_", "-"): v
                                                         for k, v in headers.items()})
        return status, body

    def text(self, path):
        """The body of an answer that is no JSON."""
        connection = self.connect()
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def status(self, path):
        connection = self.connect()
        try:
            connection.request("HEAD", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def post(self, command, payload, **headers):
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        named.setdefault("Content-Type", "application/json")
        text = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
        status, _, body = self.ask("POST", f"/commands/{command}", text, named)
        return status, body

    def send(self, command, payload, **headers):
        status, body = self.post(command, payload, **headers)
        if status != 200:
            raise AssertionError(f"{command}: {status} {body}")
        return body

    def follow(self, path="/events", last=None):
        return Live(self, path, last)


class Live:
    """Server-sent events as they come in: pairs of id (a position, or "k.ordinal") and data."""

    def __init__(self, site, path, last):
        self.connection = site.connect()
        headers = {"Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()
        if self.answer.status != 200:
            raise AssertionError(f"{path}: {self.answer.status} {self.answer.read()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def __iter__(self):
        return self

    def __next__(self):
        fields = {}
        for line in iter(self.answer.readline, b""):
            text = line.decode().rstrip("\r\n")
            if text:
                name, _, value = text.partition(":")
                fields[name] = value.removeprefix(" ")
            elif "data" in fields:
                id = fields["id"]
                return int(id) if id.isdigit() else id, json.loads(fields["data"])
            else:
                fields = {}
        raise StopIteration
