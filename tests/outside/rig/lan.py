"""A terminal on the merchant's network, as a till speaks to it: TLS with a client certificate, or the shared key."""
from __future__ import annotations

import http.client
import json
import pathlib
import ssl
import threading
import urllib.parse
from typing import Any, Iterator, Mapping, Optional

from .client import Answer, lower


def context(ca: str, cert: Optional[str] = None, key: Optional[str] = None) -> ssl.SSLContext:
    """Trusts this authority only, and presents this certificate."""
    made = ssl.create_default_context(cafile=ca)
    if cert:
        made.load_cert_chain(cert, key)
    return made


class Lan:
    """Speaks to one listener of a terminal."""

    def __init__(self, base: str, tls: Optional[ssl.SSLContext], headers: Optional[Mapping[str, str]] = None) -> None:
        parts = urllib.parse.urlsplit(base)
        assert parts.hostname and parts.port, base
        self.host, self.port, self.tls = parts.hostname, parts.port, tls
        self.headers = dict(headers or {})

    def connect(self, timeout_s: float) -> http.client.HTTPConnection:
        """A connection of one's own."""
        if self.tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=timeout_s, context=self.tls)
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)

    def send(
        self, method: str, path: str, value: Any = None, headers: Optional[Mapping[str, str]] = None, timeout_s: float = 130.0
    ) -> Answer:
        """One request, one answer."""
        connection = self.connect(timeout_s)
        sent = {**self.headers, **(headers or {})}
        body = value
        if value is not None and not isinstance(value, (bytes, str)):
            body = json.dumps(value)
            sent.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, lower(response.getheaders()), response.read())
        except http.client.HTTPException as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Answer:
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.send("GET", path)

    def post(self, path: str, value: Any = None, **headers: str) -> Answer:
        return self.send("POST", path, value, {name.replace("_", "-"): text for name, text in headers.items()})


class Stream(threading.Thread):
    """Follows a stream of server-sent events and keeps what it said."""

    def __init__(self, lan: Lan, path: str = "/v1/events", last: Optional[str] = None) -> None:
        super().__init__(daemon=True)
        self.lan, self.path, self.last = lan, path, last
        self.said: list[tuple[Optional[str], str, Any]] = []
        self.status = 0
        self.ready = threading.Event()
        self._connection: Optional[http.client.HTTPConnection] = None
        self.start()
        self.ready.wait(15)

    def run(self) -> None:
        self._connection = self.lan.connect(60)
        headers = {**self.lan.headers, "Accept": "text/event-stream"}
        if self.last is not None:
            headers["Last-Event-ID"] = self.last
        try:
            self._connection.request("GET", self.path, headers=headers)
            response = self._connection.getresponse()
            self.status = response.status
            self.ready.set()
            for event in _events(response):
                self.said.append(event)
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        finally:
            self.ready.set()

    def end(self) -> None:
        if self._connection and self._connection.sock:
            self._connection.sock.close()


def _events(response: http.client.HTTPResponse) -> Iterator[tuple[Optional[str], str, Any]]:
    id, kind, data = None, "message", []
    while raw := response.readline():
        line = raw.decode().rstrip("\r\n")
        if not line:
            if data:
                yield id, kind, json.loads("\n".join(data))
            kind, data = "message", []
        elif line.startswith("id:"):
            id = line[3:].strip()
        elif line.startswith("event:"):
            kind = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].strip())


def private(path: pathlib.Path) -> bool:
    """Whether nobody but its owner may read the file."""
    return path.stat().st_mode & 0o077 == 0
