"""What hybrid mode decides, held to sdks/conformance/vectors/hybrid.json."""
from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

import vinr
from vinr._local.decision import Event, State, decide
from vinr._local.delegations import Delegation, Order, named

VECTORS = json.loads((pathlib.Path(__file__).resolve().parents[2] / "conformance/vectors/hybrid.json").read_text("utf-8"))
NAMES = {"intent": "intent", "terminalId": "terminal_id", "reference": "reference", "amount": "amount", "currency": "currency"}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_decision(case: dict[str, Any]) -> None:
    state, todo = decide(State(**case["state"]), Event(**case["event"]))
    assert state == State(**case["next"])
    told = {
        "action": todo.action, "save": todo.save, "connectionMode": todo.connection_mode, "told": todo.told,
        "throw": todo.throw and {"error": todo.throw, "outcomeUnknown": todo.outcome_unknown},
    }
    assert {name: value for name, value in told.items() if value is not None} == {
        name: value for name, value in case.items() if name not in ("name", "state", "event", "next")
    }


@pytest.mark.parametrize("case", VECTORS["identity"], ids=lambda case: case["name"])
def test_identity(case: dict[str, Any]) -> None:
    order = Order(**{NAMES[name]: value for name, value in case["order"].items() if name in NAMES})
    records = [Delegation.from_json(one) for one in case["records"]]
    want, token = case["want"], case["order"].get("clientToken")
    if "error" in want:
        with pytest.raises(vinr.ConfigurationError) as raised:
            named(records, order, token)
        assert raised.value.code == want["error"]
        return
    intent, record = named(records, order, token)
    assert (record.state if record else None) == want.get("record")
    if want["intent"] == "new":
        assert intent not in [one.intent for one in records]
        assert intent[14] == "7"
    else:
        assert intent == want["intent"]


def test_there_are_as_many_as_there_were() -> None:
    assert len(VECTORS["cases"]) >= 82
    assert len(VECTORS["identity"]) >= 18
