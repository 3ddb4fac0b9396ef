"""What really happens: the scenarios of sdks/conformance against `vinr dev`, each with both clients."""
from __future__ import annotations

import json
import pathlib
import time
import uuid
from typing import Any

import pytest
from conftest import Platform
from driver import Driver, expected_error, told
from matching import at, filled, mismatch, pythonic

import vinr

SCENARIOS = json.loads(
    (pathlib.Path(__file__).resolve().parents[2] / "conformance" / "scenarios.json").read_text("utf-8")
)["scenarios"]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
@pytest.mark.parametrize("scenario", [pytest.param(one, id=one["name"]) for one in SCENARIOS])
def test_scenario(scenario: dict[str, Any], asynchronous: bool, platform: Platform) -> None:
    key = scenario.get("client", {}).get("secretKey", platform.secret_key)
    driver = Driver(asynchronous, secret_key=key, base_url=platform.url)
    unique = str(uuid.uuid4())
    known: dict[str, Any] = {"terminal": platform.terminal, "unique": f"order {unique[:13]}", "unique.uuid": unique}
    try:
        for step in scenario["steps"]:
            if "same" in step:
                first, second = (at(path, known) for path in step["same"])
                assert first == second
            else:
                taken(step, driver, known)
    finally:
        driver.close()


def taken(step: dict[str, Any], driver: Driver, known: dict[str, Any]) -> None:
    """Takes one step and judges it."""
    args, options = filled(step["args"], known), filled(step.get("options"), known)
    if "error" in step:
        cls, facts = expected_error(filled(step["error"], known))
        with pytest.raises(vinr.VinrError) as raised:
            driver.call(step["call"], args, options)
        assert type(raised.value) is cls, repr(raised.value)
        assert not mismatch(facts, told(raised.value), "error")
        return
    if "take" in step:
        items: list[Any] = []
        driver.items(step["call"], args, options, step["take"], items)
        found: Any = items
        if "count" in step:
            assert not mismatch(step["count"], len(items), "count")
    elif "until" in step:
        found = awaited(step, driver, args, options, pythonic(filled(step["until"], known)))
    else:
        found = driver.call(step["call"], args, options)
    if "expect" in step:
        assert not mismatch(pythonic(filled(step["expect"], known)), found, step["call"])
    if "save" in step:
        known[step["save"]] = found


def awaited(step: dict[str, Any], driver: Driver, args: list[Any], options: Any, until: Any) -> Any:
    """Asks again, ten times a second at most, until what is waited for is there."""
    end = time.monotonic() + step["withinMs"] / 1000
    while True:
        found = driver.call(step["call"], args, options)
        wrong = mismatch(until, found, step["call"])
        if not wrong:
            return found
        assert time.monotonic() < end, wrong
        time.sleep(0.1)
