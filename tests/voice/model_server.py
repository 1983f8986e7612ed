"""A web server on this machine that can be as bad as the internet."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class ModelServer:
    """Serves one file under every path, with the faults that are set."""

    content: bytes
    etag: str | None = '"een"'
    last_modified: str | None = None
    ranges: bool = True
    length: bool = True
    wrong_range: bool = False
    stop_after: list[int] = field(default_factory=list)
    """Bytes after which each next connection breaks off; when none are left, no more do."""
    statuses: list[int] = field(default_factory=list)
    """Error codes to answer with first."""
    block: int = 256 * 1024
    """Bytes that it sends at once."""
    seconds_per_block: float = 0.0
    seconds_before_body: float = 0.0
    asked: list[str | None] = field(default_factory=list)
    """The Range header of each request that came in."""
    url: str = ""


@contextmanager
def serving(server: ModelServer) -> Iterator[ModelServer]:
    """Run the server on a free port of the loopback; its ``url`` ends in a slash."""
    handler = type("Handler", (_Handler,), {"plan": server})
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{httpd.server_address[1]}/"
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


class _Handler(BaseHTTPRequestHandler):
    plan: ModelServer

    def do_GET(self) -> None:
        plan = self.plan
        plan.asked.append(self.headers["Range"])
        if plan.statuses:
            self.send_error(plan.statuses.pop(0))
            return
        start = self._start()
        if start is not None and start >= len(plan.content):
            self.send_error(416)
            return
        body = plan.content[start or 0 :]
        self.send_response(200 if start is None else 206)
        if start is not None:
            begin = start + plan.wrong_range
            total = len(plan.content)
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
        if plan.length:
            self.send_header("Content-Length", str(len(body)))
        if plan.etag:
            self.send_header("ETag", plan.etag)
        if plan.last_modified:
            self.send_header("Last-Modified", plan.last_modified)
        self.end_headers()
        time.sleep(plan.seconds_before_body)
        self._send(body[: plan.stop_after.pop(0)] if plan.stop_after else body)

    def _start(self) -> int | None:
        """Where the answer begins; None for the whole file, as where If-Range does not fit."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        if not asked or not self.plan.ranges:
            return None
        fits = self.headers["If-Range"] in {self.plan.etag, self.plan.last_modified}
        return int(asked[1]) if fits else None

    def _send(self, body: bytes) -> None:
        for begin in range(0, len(body), self.plan.block):
            try:
                self.wfile.write(body[begin : begin + self.plan.block])
            except OSError:  # the client has gone
                return
            time.sleep(self.plan.seconds_per_block)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Stay silent."""
