"""The exchange vectors of sdks/conformance, each with both clients."""
from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from driver import Driver, expected_error, told
from matching import mismatch, pythonic
from scripted import Heard, Scripted

import vinr

CONFORMANCE = pathlib.Path(__file__).resolve().parents[2] / "conformance"
EXCHANGES = ("errors", "requests", "idempotency", "retries", "pagination")


def cases() -> list[Any]:
    """Every case of every file of exchanges."""
    found = []
    for name in EXCHANGES:
        file = json.loads((CONFORMANCE / "vectors" / f"{name}.json").read_text("utf-8"))
        key = file.get("secretKey", "sk_test_conformance")
        found += [pytest.param({"secretKey": key, **case}, id=f"{name}: {case['name']}") for case in file["cases"]]
    return found


def judged(case: dict[str, Any], heard: list[Heard]) -> None:
    """Whether what came is what had to come."""
    for wanted, came in zip((entry.get("request", {}) for entry in case["server"]), heard):
        if "method" in wanted:
            assert came.method == wanted["method"]
        if "path" in wanted:
            assert came.path == wanted["path"]
        if "query" in wanted:
            assert sorted(came.query) == sorted(wanted["query"])
            assert not mismatch(wanted["query"], came.query, "query")
        assert not mismatch(wanted.get("headers", {}), came.headers, "headers")
        assert not [name for name in wanted.get("absentHeaders", []) if name in came.headers]
        if "body" in wanted:
            body = json.loads(came.body)
            assert sorted(body) == sorted(wanted["body"])
            assert not mismatch(wanted["body"], body, "body")
    posts = [came for came in heard if came.method == "POST"]
    for name in case.get("sameHeaders", []):
        assert len({came.headers[name] for came in posts}) == 1
    if case.get("sameBody"):
        assert len({came.body for came in posts}) == 1


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
@pytest.mark.parametrize("case", cases())
def test_exchange(case: dict[str, Any], asynchronous: bool) -> None:
    server = Scripted(case["server"])
    pauses: list[float] = []
    refused = case.get("refused", 0)

    def paused(seconds: float) -> None:
        pauses.append(seconds * 1000)
        if len(pauses) >= refused:
            server.listen()

    if not refused:
        server.listen()
    options = case.get("client", {})
    driver = Driver(
        asynchronous, paused, secret_key=case["secretKey"], base_url=server.url, max_retries=options.get("maxRetries"),
        timeout=options["timeoutMs"] / 1000 if "timeoutMs" in options else None,
    )
    try:
        outcome(case, driver)
    finally:
        driver.close()
        server.close()
    assert not server.surplus
    assert server.left() == 0
    judged(case, server.heard)
    wanted = case.get("pauses", [])
    assert len(pauses) == len(wanted)
    assert all(least <= pause <= most for pause, (least, most) in zip(pauses, wanted)), pauses


def outcome(case: dict[str, Any], driver: Driver) -> None:
    """Makes the call and judges what comes of it."""
    found: list[Any] = []

    def call() -> Any:
        if "items" in case:
            return driver.items(case["call"], case["args"], case.get("options"), case.get("take"), found)
        return driver.call(case["call"], case["args"], case.get("options"))

    if "error" in case:
        cls, facts = expected_error(case["error"])
        with pytest.raises(vinr.VinrError) as raised:
            call()
        assert type(raised.value) is cls
        assert not mismatch(facts, told(raised.value), "error")
        assert case["secretKey"] not in repr(raised.value) + str(raised.value)
    else:
        result = call()
        if "result" in case:
            assert not mismatch(pythonic(case["result"]), result, "result")
    if "items" in case:
        assert not mismatch(pythonic(case["items"]), found, "items")
