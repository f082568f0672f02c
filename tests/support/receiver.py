"""A program that webhooks post to: it keeps what it was told, in order.

    with Receiver(answers=[503]) as other:      # the first call fails, all others are taken
        bank.ok("reviews", "send", "--review-url", other.url)
    [(call.key, call.body["type"]) for call in other.calls]
"""

import collections
import http.server
import json
import threading

Call = collections.namedtuple("Call", "path key headers body")


class Receiver:
    def __init__(self, answers=(), on_call=None):
        self.calls = []
        self._answers = collections.deque(answers)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                call = Call(self.path, self.headers["Idempotency-Key"], self.headers, body)
                receiver.calls.append(call)
                status = receiver._answers.popleft() if receiver._answers else 204
                if on_call and status < 300:
                    on_call(call)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        # One call at a time: what is posted in order is kept in order.
        self._server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/alerts"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
