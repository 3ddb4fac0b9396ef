"""Events as they happen: each once, in order, over lost connections and restarts, in both clients."""
from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from conftest import Platform
from driver import Driver
from scripted import Scripted

import vinr
from vinr._stream import Parser

KEY = "sk_test_conformance"


def said(*numbers: int) -> dict[str, Any]:
    text = "".join(f'id: evt_{n}\nevent: refund.created\ndata: {{"id":"evt_{n}","type":"refund.created"}}\n\n' for n in numbers)
    return {"text": ": still here\n\n" + text}


def read(driver: Driver, asynchronous: bool, count: int, **options: Any) -> list[str]:
    stream = driver.client.events.stream(**options)
    found = []
    for _ in range(count):
        event = driver.run(stream.__anext__()) if asynchronous else next(stream)
        found.append(event.id)
    driver.run(stream.close())
    return found


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
def test_it_goes_on_behind_the_last_event(asynchronous: bool) -> None:
    unavailable = {"status": 503, "text": "soon"}
    script = [said(1, 2), {"fault": "reset"}, unavailable, said(3), said(4)]
    server = Scripted([{"respond": respond} for respond in script])
    server.listen()
    pauses: list[float] = []
    driver = Driver(asynchronous, pauses.append, secret_key=KEY, base_url=server.url, max_retries=3)
    assert read(driver, asynchronous, 4, after="evt_0", enabled_events=["refund.*"]) == ["evt_1", "evt_2", "evt_3", "evt_4"]
    driver.close()
    server.close()
    assert [heard.headers.get("last-event-id") for heard in server.heard] == [None, "evt_2", "evt_2", "evt_2", "evt_3"]
    assert all(heard.query == {"after": "evt_0", "enabled_events[]": "refund.*"} for heard in server.heard)
    assert len(pauses) == 4


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
def test_a_key_that_ended_ends_it(asynchronous: bool) -> None:
    server = Scripted([{"respond": said(1)}, {"respond": {"status": 401, "text": ""}}])
    server.listen()
    driver = Driver(asynchronous, lambda _: None, secret_key=KEY, base_url=server.url)
    with pytest.raises(vinr.AuthenticationError):
        read(driver, asynchronous, 2)
    driver.close()
    server.close()


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
def test_a_platform_that_stays_away_ends_it(asynchronous: bool) -> None:
    server = Scripted([{"respond": {"fault": "reset"}}] * 3)
    server.listen()
    driver = Driver(asynchronous, lambda _: None, secret_key=KEY, base_url=server.url)
    with pytest.raises(vinr.ApiConnectionError) as raised:
        read(driver, asynchronous, 1)
    assert not raised.value.outcome_unknown
    driver.close()
    server.close()
    assert len(server.heard) == 3


def test_events_are_read_however_the_bytes_are_cut() -> None:
    text = 'id: 1\r\ndata: {"a":\ndata: "ü"}\n\n: comment\n\nid: 2\ndata: x\n\nid: 3\nevent: none\n\n'.encode()
    for size in range(1, len(text) + 1):
        parser = Parser()
        found = [one for at in range(0, len(text), size) for one in parser.feed(text[at : at + size])]
        assert found == [("1", '{"a":\n"ü"}'), ("2", "x")]


def test_a_payment_is_told_while_it_happens(platform: Platform) -> None:
    reference = f"order {uuid.uuid4()}"
    with vinr.Client(secret_key=platform.secret_key, base_url=platform.url) as client:
        last = client.events.list(limit=1).data
        payment = client.terminal.payments.create_sync(
            terminal_id=platform.terminal, amount=2500, currency="USD", reference=reference
        )
        assert payment.status == "completed"
        with client.events.stream(after=last[0].id if last else None, enabled_events=["terminal_payment.*"]) as stream:
            for event in stream:
                if event.data.object.reference == reference and event.type == "terminal_payment.completed":
                    assert isinstance(event.data.object, vinr.TerminalPayment)
                    assert event.data.object.last4 == "4242"
                    break


def test_a_payment_is_told_under_asyncio(platform: Platform) -> None:
    reference = f"order {uuid.uuid4()}"

    async def follow() -> str:
        async with vinr.AsyncClient(secret_key=platform.secret_key, base_url=platform.url) as client:
            async with client.events.stream(enabled_events=["terminal_payment.*"]) as stream:

                async def told() -> str:
                    async for event in stream:
                        if event.data.object.reference == reference and event.type == "terminal_payment.completed":
                            return str(event.data.object.id)
                    raise AssertionError("the stream ended")

                waiting = asyncio.ensure_future(told())
                payment = None
                while not waiting.done():
                    # Until the stream is open nobody tells it what happened before: pay until one is told.
                    payment = await client.terminal.payments.create_sync(
                        terminal_id=platform.terminal, amount=2500, currency="USD", reference=reference
                    )
                assert payment is not None
                return await waiting

    assert asyncio.run(asyncio.wait_for(follow(), 60)).startswith("tpay_")
