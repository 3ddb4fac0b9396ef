#!/usr/bin/env python3
"""What a call of the SDK costs beside the same request of a bare httpx2 client: microseconds per call, against a server in a process of
its own that answers at once. Owns the measuring; asserts no duration."""
from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import multiprocessing.connection
import pathlib
import socket
import statistics
import sys
import time
from typing import Any, Awaitable, Callable

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "src"))

import httpx2  # noqa: E402

import vinr  # noqa: E402

KEY = "sk_test_overhead"
BODY = {
    "id": "tpay_01M7ZH6BX6FWDSW1G9GA5JYP8N", "object": "terminal_payment", "livemode": False, "terminalId": "term_1", "amount": 2500,
    "currency": "USD", "status": "completed", "captureMethod": "automatic", "amountCaptured": 2500, "reference": "order_1",
    "paymentMethod": {"type": "card", "card": {"brand": "visa", "last4": "4242"}, "entryMode": "contactless"}, "last4": "4242",
    "brand": "visa", "metadata": {"a": "b"}, "createdAt": "2026-06-11T09:00:00Z", "clientToken": "01a1ff13-2fa6-7f1b-9e06-09828b2f5915",
}
ORDER: dict[str, Any] = {"terminalId": "term_1", "amount": 2500, "currency": "USD", "reference": "order_1", "responseMode": "sync"}


def serve(tell: multiprocessing.connection.Connection) -> None:
    """Answers every request on every connection with the same payment."""
    content = json.dumps(BODY).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content

    class Protocol(asyncio.Protocol):
        def __init__(self) -> None:
            self.rest = b""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.rest += data
            while (end := self.rest.find(b"\r\n\r\n")) >= 0:
                head = self.rest[:end].lower()
                at = head.find(b"content-length:")
                length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
                if len(self.rest) < end + 4 + length:
                    return
                self.rest = self.rest[end + 4 + length :]
                self.transport.write(answer)

    async def run() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        tell.send(listener.getsockname()[1])
        await (await asyncio.get_running_loop().create_server(Protocol, sock=listener)).serve_forever()

    asyncio.run(run())


def times(call: Callable[[], Any], calls: int) -> list[float]:
    """Microseconds of each call."""
    found = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        found.append((time.perf_counter() - began) * 1e6)
    return found


async def times_async(call: Callable[[], Awaitable[Any]], calls: int) -> list[float]:
    """The same, awaited."""
    found = []
    for _ in range(calls):
        began = time.perf_counter()
        await call()
        found.append((time.perf_counter() - began) * 1e6)
    return found


def told(name: str, bare: list[float], ours: list[float]) -> None:
    """One line of the table."""
    one, other = statistics.median(bare), statistics.median(ours)
    print(f"{name:28} {one:8.0f} {other:8.0f} {other - one:8.0f}")


def measure(url: str, calls: int) -> None:
    """The synchronous client."""
    headers = {"authorization": f"Bearer {KEY}", "accept": "application/json"}
    order = {name: ORDER[name] for name in ("amount", "currency", "reference")}
    with httpx2.Client() as bare, vinr.Client(secret_key=KEY, base_url=url) as client:
        def plain_get() -> Any:
            return bare.get(f"{url}/v1/terminal/payments/tpay_1", headers=headers).json()

        def plain_post() -> Any:
            return bare.post(f"{url}/v1/terminal/payments", headers=headers, json=ORDER).json()

        def get() -> Any:
            return client.terminal.payments.retrieve("tpay_1")

        def post() -> Any:
            return client.terminal.payments.create_sync(terminal_id="term_1", **order)

        for name, one, other in (("retrieve", plain_get, get), ("create_sync", plain_post, post)):
            rounds = [(times(one, calls // 10), times(other, calls // 10)) for _ in range(10)]
            told(f"Client {name}", [x for pair in rounds for x in pair[0]], [x for pair in rounds for x in pair[1]])


async def measure_async(url: str, calls: int) -> None:
    """The asynchronous client."""
    headers = {"authorization": f"Bearer {KEY}", "accept": "application/json"}
    async with httpx2.AsyncClient() as bare, vinr.AsyncClient(secret_key=KEY, base_url=url) as client:
        async def plain() -> Any:
            return (await bare.get(f"{url}/v1/terminal/payments/tpay_1", headers=headers)).json()

        async def get() -> Any:
            return await client.terminal.payments.retrieve("tpay_1")

        rounds = [(await times_async(plain, calls // 10), await times_async(get, calls // 10)) for _ in range(10)]
        told("AsyncClient retrieve", [x for pair in rounds for x in pair[0]], [x for pair in rounds for x in pair[1]])


def main() -> None:
    """Starts the server, measures, ends it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--calls", type=int, default=2000)
    calls = max(arguments.parse_args().calls, 10)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}"
    try:
        print(f"{'median of ' + str(calls) + ' calls, µs':28} {'httpx2':>8} {'vinr':>8} {'more':>8}")
        measure(url, calls)
        asyncio.run(measure_async(url, calls))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
