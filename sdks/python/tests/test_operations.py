"""Every call of sdks/conformance/operations.json exists in both clients and makes its request; every operation of the API document is
in the list; the generated files are what the script writes."""
from __future__ import annotations

import inspect
import json
import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest
from driver import Driver
from scripted import Scripted

from vinr._names import from_wire

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]
LISTED = json.loads((ROOT / "sdks/conformance/operations.json").read_text("utf-8"))
DOCUMENT = json.loads((ROOT / "docs/openapi.json").read_text("utf-8"))


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
@pytest.mark.parametrize("operation", [pytest.param(one, id=one["name"]) for one in LISTED["operations"]])
def test_request(operation: dict[str, Any], asynchronous: bool) -> None:
    listed = {"object": "list", "data": [{"id": "x_1"}], "has_more": False}
    stream = 'id: evt_1\nevent: refund.created\ndata: {"id":"evt_1"}\n\n'
    answer = {"text": stream} if operation.get("stream") else {"body": {"id": "x_1", **listed}}
    server = Scripted([{"respond": answer}])
    server.listen()
    driver = Driver(asynchronous, secret_key="sk_test_conformance", base_url=server.url)
    method: Any = driver.client
    for part in operation["name"].split("."):
        method = getattr(method, from_wire(part))
    given = ["a/b" for one in inspect.signature(method).parameters.values() if one.kind is one.POSITIONAL_OR_KEYWORD]
    needed = {one.name: _any(one.name) for one in inspect.signature(method).parameters.values() if _needed(one)}
    try:
        if operation.get("stream"):
            stream_of_events = method()
            first = driver.run(stream_of_events.__anext__()) if asynchronous else next(stream_of_events)
            assert first.id == "evt_1"
            driver.run(stream_of_events.close())
        else:
            driver.run(method(*given, **needed))
    finally:
        driver.close()
        server.close()
    (heard,) = server.heard
    path = re.sub(r"\{[^}]+\}", "a%2Fb", operation["path"])
    assert (heard.method, heard.path) == (operation["method"], path)
    assert heard.headers["vinr-version"] == operation["version"]
    assert ("idempotency-key" in heard.headers) == (operation["method"] in ("POST", "PUT"))
    accepted = "text/event-stream" if operation.get("stream") else "application/json"
    assert heard.headers["accept"] == ("application/x-pem-file" if operation.get("text") else accepted)
    if operation["kind"] == "charge":
        assert "clientToken" in json.loads(heard.body)


def _needed(parameter: inspect.Parameter) -> bool:
    return parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty


def _any(name: str) -> Any:
    return {"amount": 1, "size": 1, "livemode": False, "enabled_events": ["*"]}.get(name, "x")


def test_every_operation_is_a_call_or_no_business_of_an_sdk() -> None:
    documented = {one["operationId"] for item in DOCUMENT["paths"].values() for one in item.values()}
    assert documented == {one["operationId"] for one in LISTED["operations"]} | set(LISTED["outside"])


def test_the_generated_files_are_what_the_script_writes() -> None:
    done = subprocess.run(
        [sys.executable, PACKAGE / "scripts/generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_both_clients_have_the_same_calls() -> None:
    from vinr._generated import async_calls, calls

    for name, cls in vars(calls).items():
        if inspect.isclass(cls) and cls.__module__ == calls.__name__:
            other = getattr(async_calls, f"Async{name}")
            for method, code in vars(cls).items():
                if not method.startswith("_"):
                    assert inspect.signature(code).parameters == inspect.signature(getattr(other, method)).parameters
