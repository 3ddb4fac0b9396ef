"""No key, no secret and no passphrase is found where people look: in listings, errors, logs, traces and pickles."""
from __future__ import annotations

import logging
import pickle
import traceback
from typing import Any

import pytest
from conftest import Platform
from driver import Driver
from scripted import Scripted

import vinr

KEY = "sk_test_hush_0123456789"
ANSWERS: list[dict[str, Any]] = [
    {"status": 200, "body": {"id": "term_1"}}, {"status": 401, "text": "no"}, {"fault": "reset"}, {"fault": "hang"},
    {"status": 200, "text": "<html>"}, {"status": 500, "body": {"error": {"type": "api_error", "code": "internal_error"}}},
]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_neither_logs_nor_errors_tell_the_key(answer: dict[str, Any], asynchronous: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = Scripted([{"respond": answer}])
    server.listen()
    driver = Driver(asynchronous, secret_key=KEY, base_url=server.url, max_retries=0, timeout=0.3)
    told = ""
    try:
        driver.call("terminals.retrieve", ["term_1"])
    except vinr.VinrError as error:
        told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error)) + repr(pickle.dumps(error))
        assert error.__cause__ is None
        assert error.__context__ is None
    driver.close()
    server.close()
    assert server.heard[0].headers["authorization"] == f"Bearer {KEY}"
    assert "GET /v1/terminals/term_1" in caplog.text
    assert "hush" not in caplog.text + told
    assert "hush" not in "".join(repr(record.__dict__) for record in caplog.records)


def test_listings_of_a_client_do_not_tell_the_key() -> None:
    for client in (vinr.Client(secret_key=KEY), vinr.AsyncClient(secret_key=KEY)):
        told = repr(client) + str(client) + repr(vars(client)) + repr(client._settings)
        told += repr([getattr(client._settings, name) for name in client._settings.__slots__])
        assert "hush" not in told
        with pytest.raises(TypeError):
            pickle.dumps(client)


def test_the_passphrase_of_a_certificate_is_not_listed() -> None:
    assert "hush" not in repr(vinr.TerminalOptions(local_cert_path="/x.p12", local_cert_passphrase="hush"))


def test_objects_that_hold_a_secret_print_stars(platform: Platform) -> None:
    with vinr.Client(secret_key=platform.secret_key, base_url=platform.url) as client:
        endpoint = client.webhook_endpoints.create(url="http://127.0.0.1:9/x", enabled_events=["refund.*"])
        key = client.api_keys.create(type="restricted", scopes=["payments:read"])
        assert endpoint.secret is not None
        assert key.secret is not None
        for made in (endpoint, key):
            assert str(made.secret) not in repr(made) + str(made) + repr([made]) + repr(made.last_response)
            assert "***" in repr(made)
        client.webhook_endpoints.delete(endpoint.id)
        client.api_keys.revoke(key.id)


def test_errors_survive_a_pickle() -> None:
    error = vinr.ConflictError("In use.", code="duplicate_reference", payment_id="tpay_1", status_code=409)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is vinr.ConflictError
    assert (again.message, again.payment_id, again.status_code, again.type) == ("In use.", "tpay_1", 409, "conflict_error")
