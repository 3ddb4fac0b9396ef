"""One client in many threads, in several event loops, and in processes that were forked: each answer reaches who asked for it, and no
process uses the connections of another."""
from __future__ import annotations

import asyncio
import http.server
import json
import os
import signal
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterator

import httpx2
import pytest

import vinr

KEY = "sk_test_conformance"


class Echo(http.server.ThreadingHTTPServer):
    """Answers every request with its path, and notes over which connection it came."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.ports: dict[str, int] = {}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.server.ports[name] = self.client_address[1]  # type: ignore[attr-defined]
        content = json.dumps({"id": name, "object": "terminal"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.shutdown()
    server.server_close()


def forked(child: Callable[[], bool]) -> bool:
    """Whether it holds in a process of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        process = os.fork()
    if process == 0:
        holds = False
        # A child that waits for ever is ended, and does not hold.
        signal.alarm(20)
        try:
            holds = child()
        finally:
            os._exit(0 if holds else 1)
    return os.waitpid(process, 0)[1] == 0


def test_threads_share_a_client(echo: Echo) -> None:
    with vinr.Client(secret_key=KEY, base_url=echo.url) as client, ThreadPoolExecutor(16) as pool:
        names = [f"term_{number}" for number in range(320)]
        assert [found.id for found in pool.map(client.terminals.retrieve, names)] == names
    # Connections are used again: far fewer than requests.
    assert len(set(echo.ports.values())) <= 32


def test_a_child_has_connections_of_its_own(echo: Echo) -> None:
    client = vinr.Client(secret_key=KEY, base_url=echo.url)
    client.terminals.retrieve("before")

    def child() -> bool:
        return client.terminals.retrieve("child").id == "child" and client.terminals.retrieve("again").id == "again"

    assert forked(child)
    client.terminals.retrieve("after")
    # The server forgot nothing: what it noted is memory of this process, the requests came over the network.
    assert echo.ports["before"] == echo.ports["after"]
    assert echo.ports["child"] == echo.ports["again"]
    assert echo.ports["child"] != echo.ports["before"]
    client.close()


def test_a_child_is_not_held_up_by_a_thread_of_its_parent(echo: Echo) -> None:
    client = vinr.Client(secret_key=KEY, base_url=echo.url)
    client.terminals.retrieve("before")
    with client._transport._lock:
        assert forked(lambda: client.terminals.retrieve("child").id == "child")
    client.close()


def test_an_async_client_works_on_in_a_child(echo: Echo) -> None:
    client = vinr.AsyncClient(secret_key=KEY, base_url=echo.url)

    async def ask(name: str) -> bool:
        found = await client.terminals.retrieve(name)
        await client.close()
        return found.id == name

    assert asyncio.run(ask("before"))
    assert forked(lambda: asyncio.run(ask("child")))
    assert asyncio.run(ask("after"))
    assert echo.ports["child"] != echo.ports["before"]


def test_a_client_of_the_callers_is_not_shared_with_a_child(echo: Echo) -> None:
    with httpx2.Client() as mine:
        client = vinr.Client(secret_key=KEY, base_url=echo.url, http_client=mine)
        client.terminals.retrieve("before")

        def child() -> bool:
            for _ in range(2):
                try:
                    client.terminals.retrieve("child")
                except vinr.ConfigurationError as error:
                    if error.code == "http_client_forked":
                        continue
                return False
            return True

        assert forked(child)
        assert "child" not in echo.ports


def test_many_calls_at_once_under_asyncio(echo: Echo) -> None:
    async def ask() -> list[str]:
        async with vinr.AsyncClient(secret_key=KEY, base_url=echo.url) as client:
            found = await asyncio.gather(*(client.terminals.retrieve(f"term_{number}") for number in range(200)))
            return [one.id for one in found]

    assert asyncio.run(ask()) == [f"term_{number}" for number in range(200)]


def test_one_async_client_in_one_event_loop_after_another(echo: Echo) -> None:
    client = vinr.AsyncClient(secret_key=KEY, base_url=echo.url)

    async def ask(name: str) -> str:
        found = await client.terminals.retrieve(name)
        await client.close()
        return found.id

    assert [asyncio.run(ask(name)) for name in ("a", "b", "c")] == ["a", "b", "c"]


def test_and_in_several_at_the_same_time(echo: Echo) -> None:
    client = vinr.AsyncClient(secret_key=KEY, base_url=echo.url)

    async def ask(name: str) -> list[str]:
        found = await asyncio.gather(*(client.terminals.retrieve(f"{name}_{number}") for number in range(10)))
        await client.close()
        return [one.id for one in found]

    with ThreadPoolExecutor(4) as pool:
        for name, found in zip("abcd", pool.map(lambda name: asyncio.run(ask(name)), "abcd")):
            assert found == [f"{name}_{number}" for number in range(10)]


def test_a_task_that_is_cancelled_leaves_the_client_whole(echo: Echo) -> None:
    async def ask() -> str:
        async with vinr.AsyncClient(secret_key=KEY, base_url=echo.url) as client:
            task = asyncio.ensure_future(client.terminals.retrieve("first"))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await client.terminals.retrieve("second")).id

    assert asyncio.run(ask()) == "second"
