"""What a client promises beside its calls: options, connections of the caller's, what it trusts, and how long it waits."""
from __future__ import annotations

import asyncio
import copy
import pathlib
import pickle
import socket
import ssl
import subprocess
import threading
import time
from typing import Any, Callable, Iterator

import httpx2
import pytest
from driver import Driver
from scripted import Scripted

import vinr
from vinr._identity import new_identity

KEY = "sk_test_conformance"
Play = Callable[..., Scripted]


@pytest.fixture
def play() -> Iterator[Play]:
    """Servers that end with the test."""
    servers: list[Scripted] = []

    def played(*script: dict[str, Any]) -> Scripted:
        server = Scripted([{"respond": respond} for respond in script])
        servers.append(server)
        server.listen()
        return server

    yield played
    for server in servers:
        server.close()


def terminal(**more: Any) -> dict[str, Any]:
    return {"status": 200, "body": {"id": "term_1", "object": "terminal", "status": "online", **more}}


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
@pytest.mark.parametrize("settings", [
    {"secret_key": None}, {"secret_key": ""}, {"secret_key": "sk_test_with\nbreak"}, {"base_url": "ftp://x"},
    {"base_url": "https://user:word@api.vinr.com"}, {"base_url": "https://x/?q=1"}, {"base_url": "nothing"},
    {"secret_key": "sk_live_0123456789", "base_url": "http://api.example"}, {"timeout": 0}, {"timeout": float("nan")}, {"timeout": True}, {"max_retries": -1}, {"max_retries": 1.5},
])
def test_what_a_client_cannot_be_made_with(settings: dict[str, Any], asynchronous: bool) -> None:
    with pytest.raises(vinr.ConfigurationError) as raised:
        Driver(asynchronous, **{"secret_key": KEY, **settings})
    assert raised.value.param in settings


def test_where_the_api_is_may_be_said_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VINR_BASE_URL", "http://127.0.0.1:8420/")
    assert vinr.Client(secret_key=KEY)._settings.base_url == "http://127.0.0.1:8420"
    assert vinr.Client(secret_key=KEY, base_url="https://other.example")._settings.base_url == "https://other.example"
    monkeypatch.delenv("VINR_BASE_URL")
    assert vinr.Client(secret_key=KEY)._settings.base_url == "https://api.vinr.com"
    assert vinr.Client(secret_key="sk_live_0123456789", base_url="http://127.0.0.1:1") is not None


def test_a_word_that_nobody_knows_is_no_option(play: Play) -> None:
    client = vinr.Client(secret_key=KEY, base_url=play().url)
    with pytest.raises(TypeError, match="amuont"):
        client.terminal.payments.create(terminal_id="term_1", amount=1, currency="USD", amuont=5)  # type: ignore[call-arg]


def test_what_this_version_does_not_know_can_be_sent(play: Play) -> None:
    server = play(terminal(), terminal())
    with vinr.Client(secret_key=KEY, base_url=server.url) as client:
        client.terminals.update(
            "term_1", display_name="Counter 3", extra_body={"colour": "blue"}, extra_query={"now": True},
            extra_headers={"Traceparent": "00-1", "Authorization": "Bearer other", "Vinr-Version": "1999-01-01"},
        )
    heard = server.heard[0]
    assert heard.body == b'{"displayName":"Counter 3","colour":"blue"}'
    assert heard.query == {"now": "true"}
    assert heard.headers["traceparent"] == "00-1"
    assert heard.headers["authorization"] == f"Bearer {KEY}"
    assert heard.headers["vinr-version"] == "2026-06-11"


def test_none_takes_away_and_nothing_leaves_as_it_is(play: Play) -> None:
    server = play(terminal(), terminal())
    with vinr.Client(secret_key=KEY, base_url=server.url) as client:
        client.terminals.update("term_1", display_name=None)
        client.terminals.update("term_1", location_id="loc_1")
    assert [heard.body for heard in server.heard] == [b'{"displayName":null}', b'{"locationId":"loc_1"}']


def test_the_answer_itself_can_be_looked_at(play: Play) -> None:
    server = play({**terminal(), "headers": {"X-Request-Id": "req_7", "Idempotent-Replayed": "true"}})
    with vinr.Client(secret_key=KEY, base_url=server.url) as client:
        found = client.terminals.update("term_1", display_name="x")
    response = found.last_response
    assert response is not None
    assert (response.status_code, response.request_id, response.replayed) == (200, "req_7", True)
    assert b"term_1" in response.content


def test_objects_are_read_and_do_not_change(play: Play) -> None:
    server = play(terminal(batteryLevel=None, newField={"innerName": [1]}))
    with vinr.Client(secret_key=KEY, base_url=server.url) as client:
        found = client.terminals.retrieve("term_1")
    assert found.id == found["id"] == "term_1"
    assert found.location_id is None
    assert "location_id" not in found
    assert "battery_level" in found
    assert found.to_dict()["new_field"] == {"inner_name": [1]}
    with pytest.raises(AttributeError):
        found.locaton_id  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        found.status = "offline"
    for again in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert again == found
        assert again.status == "online"


def test_a_client_of_the_callers_is_used_and_stays_open(play: Play) -> None:
    server = play(terminal())
    with httpx2.Client(headers={"X-Of-Mine": "1"}) as mine:
        with vinr.Client(secret_key=KEY, base_url=server.url, http_client=mine) as client:
            client.terminals.retrieve("term_1")
        assert not mine.is_closed
    assert server.heard[0].headers["x-of-mine"] == "1"


def test_an_async_client_of_the_callers_too(play: Play) -> None:
    server = play(terminal())

    async def ask() -> bool:
        async with httpx2.AsyncClient(headers={"X-Of-Mine": "1"}) as mine:
            async with vinr.AsyncClient(secret_key=KEY, base_url=server.url, http_client=mine) as client:
                await client.terminals.retrieve("term_1")
            return bool(mine.is_closed)

    assert not asyncio.run(ask())
    assert server.heard[0].headers["x-of-mine"] == "1"


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
def test_an_answer_that_drips_is_no_answer_in_time(asynchronous: bool) -> None:
    """Each byte comes within the time-out; the whole does not."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            for _ in range(100):
                if over.wait(0.05):
                    break
                connection.sendall(b" ")
        except OSError:
            pass
        connection.close()

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    driver = Driver(
        asynchronous, secret_key=KEY, base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.4, max_retries=0
    )
    began = time.monotonic()
    with pytest.raises(vinr.ApiTimeoutError):
        driver.call("terminals.retrieve", ["term_1"])
    assert time.monotonic() - began >= 0.4
    over.set()
    driver.close()
    thread.join()
    listener.close()


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
def test_who_is_not_trusted_gets_nothing_and_is_not_asked_again(asynchronous: bool, tmp_path: pathlib.Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener = socket.create_server(("127.0.0.1", 0))
    greeted: list[str] = []

    def greet() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True):
                    greeted.append("trusted")
            except (ssl.SSLError, OSError):
                greeted.append("refused")

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    pauses: list[float] = []
    driver = Driver(asynchronous, pauses.append, secret_key=KEY, base_url=f"https://localhost:{listener.getsockname()[1]}")
    with pytest.raises(vinr.ApiConnectionError) as raised:
        driver.call("terminal.payments.createSync", [{"terminalId": "term_1", "amount": 1, "currency": "USD"}])
    assert raised.value.code == "not_connected"
    assert not raised.value.outcome_unknown
    assert not raised.value.money_may_have_moved
    assert not pauses
    driver.close()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()
    assert greeted == ["refused"]


def test_waiting_for_a_connection_counts(play: Play) -> None:
    """The one connection is busy: what is left for the answer is less than the whole."""
    server = play({"fault": "hang"}, terminal())
    asked: list[dict[str, float]] = []

    class Watched(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            times = request.extensions["timeout"]
            asked.append({phase: times.get(phase) for phase in ("pool", "connect", "read")})
            return super().handle_request(request)

    with httpx2.Client(transport=Watched()) as mine:
        client = vinr.Client(secret_key=KEY, base_url=server.url, http_client=mine, timeout=0.4, max_retries=0)
        with pytest.raises(vinr.ApiTimeoutError):
            client.terminals.retrieve("term_1")
        client.terminals.retrieve("term_2", timeout=7)
    assert all(0 < first["read"] <= first["connect"] <= first["pool"] <= most for first, most in zip(asked, (0.4, 7)))
    assert asked[1]["read"] < 7


def test_names_are_ordered_and_never_drawn_twice() -> None:
    drawn = [new_identity() for _ in range(5000)]
    assert len(set(drawn)) == len(drawn)
    assert [name[:13] for name in drawn] == sorted(name[:13] for name in drawn)


def test_a_reference_that_is_none_finds_no_payment_of_somebody_else(play: Play) -> None:
    server = play()
    with pytest.raises(vinr.ConfigurationError):
        vinr.Client(secret_key=KEY, base_url=server.url).terminal.payments.retrieve_by_reference("")
    assert not server.heard
