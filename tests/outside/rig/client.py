"""HTTP as an integrator's program speaks it: one request, one answer, every byte of it kept. Retries nothing."""
from __future__ import annotations

import http.client
import json
import socket
import urllib.parse
from typing import Any, Mapping, NamedTuple, Optional

PAYMENTS = "/v1/terminal/payments"
FORM = "application/x-www-form-urlencoded"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read with the exactness of a strict client: no NaN, no doubled names."""
        return json.loads(self.body, object_pairs_hook=_unique, parse_constant=_no_constant)

    def error(self) -> dict[str, Any]:
        """The inside of an error."""
        inside = self.json().get("error")
        return inside if isinstance(inside, dict) else {}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a field is doubled: {names}")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def lower(headers: Any) -> dict[str, str]:
    """Header names in lower case."""
    return {name.lower(): value for name, value in headers}


class Client:
    """Speaks to one address with one key."""

    def __init__(self, base: str, key: Optional[str], scheme: str = "bearer", version: Optional[str] = None) -> None:
        parts = urllib.parse.urlsplit(base)
        assert parts.hostname and parts.port, base
        self.host, self.port = parts.hostname, parts.port
        self.headers: dict[str, str] = {}
        if key and scheme == "bearer":
            self.headers["Authorization"] = f"Bearer {key}"
        elif key:
            self.headers["X-Api-Key"] = key
        if version:
            self.headers["Vinr-Version"] = version

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        timeout_s: float = 60.0,
        chunked: bool = False,
    ) -> Answer:
        """Sends exactly these bytes. `OSError` (or its kin of `http.client`) when no whole answer came."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        try:
            connection.request(method, path, body, {**self.headers, **(headers or {})}, encode_chunked=chunked)
            response = connection.getresponse()
            return Answer(response.status, lower(response.getheaders()), response.read())
        except http.client.HTTPException as error:
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def get(self, path: str, timeout_s: float = 60.0, **query: Any) -> Answer:
        if query:
            path += "?" + urllib.parse.urlencode(query)
        return self.send("GET", path, timeout_s=timeout_s)

    def post(
        self,
        path: str,
        value: Optional[Mapping[str, Any]] = None,
        key: Optional[str] = None,
        timeout_s: float = 150.0,
    ) -> Answer:
        """Posts JSON, or nothing at all."""
        headers = {"Idempotency-Key": key} if key is not None else {}
        if value is None:
            return self.send("POST", path, headers=headers, timeout_s=timeout_s)
        headers["Content-Type"] = "application/json"
        return self.send("POST", path, json.dumps(value), headers, timeout_s)

    def payment(self, id: str) -> dict[str, Any]:
        """One payment as it is now."""
        answer = self.get(f"{PAYMENTS}/{id}")
        assert answer.status == 200, f"retrieving {id}: {answer.status} {answer.body[:200]!r}"
        found: dict[str, Any] = answer.json()
        return found

    def every_payment(self, **query: Any) -> list[dict[str, Any]]:
        """All payments, newest first, through all pages."""
        found: list[dict[str, Any]] = []
        more = True
        while more:
            if found:
                query["starting_after"] = found[-1]["id"]
            answer = self.get(PAYMENTS, limit=100, **query)
            assert answer.status == 200, f"listing: {answer.status} {answer.body[:200]!r}"
            page = answer.json()
            found += page["data"]
            more = page["has_more"]
        return found


def raw(base: str, data: bytes, timeout_s: float = 10.0, close_write: bool = False) -> bytes:
    """Sends bytes that may be no HTTP at all and reads until the other side closes or stays silent."""
    parts = urllib.parse.urlsplit(base)
    got = b""
    with socket.create_connection((parts.hostname, parts.port), timeout_s) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.sendall(data)
            if close_write:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                got += piece
        except OSError:
            pass
    return got
