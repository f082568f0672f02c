"""A program that webhooks post to: it keeps what it was told, in order.

    with Receiver(answers=[503]) as other:      # the first call fails, all others are taken
        bank.ok("reviews", "send", "--review-url", other.url)
    [(call.key, call.body["type"], call.status) for call in other.calls]

    other.answer = lambda call: (500, {"Retry-After": "0"})
"""

import collections
import http.server
import json
import threading

Call = collections.namedtuple("Call", "path key headers body status")


class Receiver:
    """`answer(call)` gives back status and headers; `on_call(call)` hears of what was taken."""

    def __init__(self, answers=(), on_call=None):
        self.calls = []
        statuses = collections.deque(answers)
        self.answer = lambda call: (statuses.popleft() if statuses else 204, {})
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                call = Call(self.path, self.headers["Idempotency-Key"], self.headers, body, None)
                status, headers = receiver.answer(call)
                call = call._replace(status=status)
                receiver.calls.append(call)
                if on_call and status < 300:
                    on_call(call)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        # One call at a time: what is posted in order is kept in order.
        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/alerts"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
