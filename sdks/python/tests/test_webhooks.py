"""Which posts are believed: the vectors of sdks/conformance, and what only Python can get wrong."""
from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from driver import expected_error, told
from matching import mismatch, pythonic

import vinr

FILE = json.loads(
    (pathlib.Path(__file__).resolve().parents[2] / "conformance" / "vectors" / "webhooks.json").read_text("utf-8")
)
GOOD = FILE["cases"][0]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in FILE["cases"]])
def test_vector(case: dict[str, Any]) -> None:
    def construct() -> vinr.Event:
        return vinr.Webhook.construct_event(
            FILE["bodies"][case["body"]].encode(), case["signature"], case["secret"],
            tolerance=case.get("toleranceSeconds", 300), now=lambda: float(case["now"]),
        )

    if "error" in case:
        cls, facts = expected_error(case["error"])
        with pytest.raises(cls) as raised:
            construct()
        assert not mismatch(facts, told(raised.value))
        assert case["secret"] not in repr(raised.value) + str(raised.value)
    else:
        assert not mismatch(pythonic(case["event"]), construct().to_dict())


def test_every_kind_of_bytes_is_a_body() -> None:
    body = FILE["bodies"]["completed"]
    for payload in (body, body.encode(), bytearray(body.encode()), memoryview(body.encode())):
        event = vinr.Webhook.construct_event(payload, GOOD["signature"], GOOD["secret"], now=lambda: float(GOOD["now"]))
        assert event.data.object.reference == "Grüße № 7"


def test_what_a_framework_parsed_is_none() -> None:
    with pytest.raises(vinr.ConfigurationError):
        vinr.Webhook.construct_event(json.loads(FILE["bodies"]["completed"]), GOOD["signature"], GOOD["secret"])


@pytest.mark.parametrize("secret", ["", "AAEC", "whsec_*", None, "sk_test_vinr_dev"])
def test_a_secret_that_is_none_is_said(secret: Any) -> None:
    with pytest.raises(vinr.ConfigurationError) as raised:
        vinr.Webhook.construct_event(b"{}", GOOD["signature"], secret)
    assert raised.value.param == "secret"


def test_the_client_has_it_too() -> None:
    client = vinr.Client(secret_key="sk_test_conformance")
    event = client.webhooks.construct_event(
        FILE["bodies"]["completed"], GOOD["signature"], GOOD["secret"], now=lambda: float(GOOD["now"])
    )
    assert event.type == "terminal_payment.completed"


def test_without_a_header_nothing_is_believed() -> None:
    with pytest.raises(vinr.SignatureVerificationError) as raised:
        vinr.Webhook.construct_event(FILE["bodies"]["completed"], None, GOOD["secret"])
    assert raised.value.code == "malformed"
