"""A server that plays a script: so many requests, each answered or failed as written. Owns its socket and what it heard."""
from __future__ import annotations

import json
import queue
import socket
import ssl
import struct
import threading
import time
from typing import Any, NamedTuple, Optional
from urllib.parse import parse_qsl, urlsplit


class Heard(NamedTuple):
    """A request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Scripted:
    """Listens on a free port from `listen` on; before that, connections are refused."""

    def __init__(self, script: list[dict[str, Any]], tls: Optional[ssl.SSLContext] = None) -> None:
        self._tls = tls
        self._script: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        for entry in script:
            self._script.put(entry)
        self.heard: list[Heard] = []
        #: Requests that the script has no entry for.
        self.surplus: list[Heard] = []
        self._held: list[socket.socket] = []
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        #: Bytes of requests that came, those of the handshake apart.
        self.bytes_heard = 0
        self._listening = False

    def listen(self) -> None:
        """From now on there is somebody."""
        if not self._listening:
            self._listening = True
            self._socket.listen(16)
            threading.Thread(target=self._accept, daemon=True).start()

    def left(self) -> int:
        """Entries that no request came for."""
        return self._script.qsize()

    def close(self) -> None:
        """Ends everything that is open."""
        if self._listening and self._socket.fileno() >= 0:
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for held in self._held:
            held.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._held.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                self._held.append(connection)
                connection.do_handshake()
            with connection.makefile("rb") as stream:
                while (heard := _request(stream)) is not None:
                    self.heard.append(heard)
                    self.bytes_heard += len(heard.path)
                    try:
                        entry = self._script.get_nowait()
                    except queue.Empty:
                        self.surplus.append(heard)
                        entry = {"respond": {"status": 599, "text": "no entry"}}
                    respond = entry["respond"]
                    if not _respond(connection, respond(self.heard) if callable(respond) else respond):
                        return
        except (OSError, ValueError):
            connection.close()


def _request(stream: Any) -> Optional[Heard]:
    line = stream.readline().decode()
    if not line.strip():
        return None
    method, target, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while (field := stream.readline().decode().strip()):
        name, _, value = field.partition(":")
        headers[name.strip().lower()] = value.strip()
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Heard(method, parts.path, query, headers, stream.read(int(headers.get("content-length", "0"))))


def _respond(connection: socket.socket, respond: dict[str, Any]) -> bool:
    fault = respond.get("fault")
    if fault == "hang":
        return False
    if fault == "reset":
        _reset(connection)
        return False
    content = json.dumps(respond["body"]).encode() if "body" in respond else respond.get("text", "").encode()
    kind = "application/json" if "body" in respond else "text/plain"
    head = f"HTTP/1.1 {respond.get('status', 200)} Scripted\r\nContent-Length: {len(content)}\r\n"
    headers = {"Content-Type": kind, **respond.get("headers", {})}
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    if fault == "cut":
        connection.sendall(head.encode() + content[: len(content) // 2])
        _reset(connection)
        return False
    if fault == "stall":
        connection.sendall(head.encode())
        return False
    if fault == "drip":
        for byte in (head.encode() + content)[: respond["bytes"]]:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)
        return False
    connection.sendall(head.encode() + content)
    return True


def _reset(connection: socket.socket) -> None:
    # Lingering for no time at all turns the close into a reset. `makefile` holds the descriptor, so it is taken away by force.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RD)
    connection._real_close()  # type: ignore[attr-defined]


__all__ = ["Heard", "Scripted"]
