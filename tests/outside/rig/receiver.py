"""A merchant's server that receives webhooks: accepts, fails, hangs, resets, drips or redirects, and keeps what it got.
Checks signatures with code of its own."""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Mapping, NamedTuple, Optional, Union

#: What to do with a request: an HTTP status, or one of the words below.
Conduct = Union[int, str]
HANG, RESET, DRIP, REDIRECT, ENDLESS = "hang", "reset", "drip", "redirect", "endless"


class Got(NamedTuple):
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    conduct: Conduct

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Receiver:
    """Listens on a free port of loopback. `conduct` decides by path, number of the request at that path, and event."""

    def __init__(
        self,
        conduct: Callable[[str, int, dict[str, Any]], Conduct] = lambda *_: 200,
        tls: Optional[ssl.SSLContext] = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.conduct = conduct
        self.lock = threading.Lock()
        self.got: list[Got] = []
        self.connections = 0
        self.over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with receiver.lock:
                    receiver.connections += 1

            def do_POST(self) -> None:
                receiver._answer(self)

            do_GET = do_POST

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 512
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:
                pass

        self.server = Server((host, port), Handler)
        self.port: int = self.server.server_address[1]
        self.scheme = "https" if tls else "http"
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in request.headers.items()}
        with self.lock:
            number = sum(got.path == request.path for got in self.got) if self.conduct.__name__ != "<lambda>" else 0
        try:
            event = json.loads(body)
        except ValueError:
            event = {}
        conduct = self.conduct(request.path, number, event)
        with self.lock:
            self.got.append(Got(request.path, headers, body, time.monotonic(), conduct))
        self._behave(request, conduct)

    def _behave(self, request: BaseHTTPRequestHandler, conduct: Conduct) -> None:
        if conduct == HANG:
            self.over.wait(30)
            request.close_connection = True
            return
        if conduct == RESET:
            # Half an answer, then a connection that ends without a farewell.
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()
            request.close_connection = True
            return
        if conduct == DRIP:
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
                if self.over.wait(0.5):
                    break
                request.wfile.write(bytes([byte]))
                request.wfile.flush()
            request.close_connection = True
            return
        if conduct == ENDLESS:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while not self.over.wait(0.05):
                request.wfile.write(b"x" * 4096)
            request.close_connection = True
            return
        status = 302 if conduct == REDIRECT else int(conduct)
        request.send_response(status)
        if conduct == REDIRECT:
            request.send_header("Location", self.url("/redirected"))
        request.send_header("Content-Length", "2")
        request.end_headers()
        request.wfile.write(b"ok")

    def at(self, path: str) -> list[Got]:
        """What came to this path, in order."""
        with self.lock:
            return [got for got in self.got if got.path == path]

    def taken(self, path: str) -> list[dict[str, Any]]:
        """The events that were answered with a success, each once, in the order in which they first were."""
        found: dict[str, dict[str, Any]] = {}
        for got in self.at(path):
            if isinstance(got.conduct, int) and 200 <= got.conduct < 300:
                found.setdefault(got.event["id"], got.event)
        return list(found.values())

    def close(self) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def verified(got: Got, secret: str, now: Optional[float] = None) -> list[str]:
    """What is wrong with the signatures; nothing when both fit."""
    wrong = []
    key = base64.b64decode(secret.removeprefix("whsec_"))
    parts = [part.split("=", 1) for part in got.headers.get("vinr-signature", "").split(",")]
    stamp = next((value for name, value in parts if name == "t"), "0")
    expected = hmac.new(key, f"{stamp}.".encode() + got.body, hashlib.sha256).hexdigest()
    if not any(name == "v1" and hmac.compare_digest(value, expected) for name, value in parts):
        wrong.append("Vinr-Signature does not fit")
    if abs(float(stamp) - (now or time.time())) > 300:
        wrong.append(f"signed at {stamp}")
    id, when = got.headers.get("webhook-id", ""), got.headers.get("webhook-timestamp", "")
    expected = base64.b64encode(hmac.new(key, f"{id}.{when}.".encode() + got.body, hashlib.sha256).digest()).decode()
    if f"v1,{expected}" not in got.headers.get("webhook-signature", "").split(" "):
        wrong.append("webhook-signature does not fit")
    if id != got.event["id"]:
        wrong.append(f"webhook-id is {id}")
    return wrong
