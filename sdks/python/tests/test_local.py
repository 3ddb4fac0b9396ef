"""Terminals on the local network, against terminals that play a script and a real one: who is spoken to, what is shown to whom, and what
becomes of a charge whose answer is lost."""
from __future__ import annotations

import asyncio
import logging
import os
import pathlib
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterator

import pytest
from authority import Authority, Leaf
from conftest import Platform
from driver import Driver
from shop import KEY, ORDER, PASSPHRASE, STATUS, TERMINAL, Shop, body, listed, payment
from test_together import forked

import vinr

BOTH = pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])


@pytest.fixture
def shop(tmp_path: pathlib.Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def failure(call: Callable[[], Any]) -> vinr.VinrError:
    """What a call fails with."""
    with pytest.raises(vinr.VinrError) as raised:
        call()
    return raised.value


def create_local(driver: Driver, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = driver.call("terminal.payments.createLocal", [{**ORDER, **more}], more.pop("options", None))
    return found


@BOTH
def test_a_terminal_is_charged_with_the_certificate_and_without_the_key(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, {"respond": {"body": payment()}})
    driver = shop.till(asynchronous, terminal)
    (reader,) = shop.readers(driver)
    assert reader.to_dict() == {"id": TERMINAL, "ip": "127.0.0.1", "model": "nexgo_ct20", "status": "online", "port": terminal.port}
    assert reader.verified
    paid = create_local(driver, simulateCard="visa_approved", captureMethod="manual", metadata={"costCenter": "7"})
    assert (paid["status"], paid["metadata"]) == ("completed", {"connectionMode": "local"})
    asked = terminal.heard[-1]
    assert (asked.path, asked.query) == ("/v1/pay", {"simulateCard": "visa_approved"})
    assert "authorization" not in asked.headers
    said = body(asked)
    assert said.pop("clientToken")[14] == "7"
    assert said == {
        "terminalId": TERMINAL, "amount": 2500, "currency": "USD", "reference": "order_1", "captureMethod": "manual",
        "metadata": {"costCenter": "7"},
    }
    assert not any("canary" in str(one) for one in terminal.heard)


@BOTH
def test_the_root_is_fetched_from_the_platform_once(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, STATUS)
    cloud = shop.cloud({"respond": {"text": shop.authority.root}})
    driver = shop.till(asynchronous, terminal, base_url=cloud.url, local_ca_path=None)
    assert len(shop.readers(driver)) == len(shop.readers(driver)) == 1
    assert [one.path for one in cloud.heard] == ["/v1/ca-bundle"]


@BOTH
def test_one_that_is_not_there_is_left_out_and_others_are_found(shop: Shop, asynchronous: bool) -> None:
    terminal, gone = shop.terminal(STATUS), shop.terminal()
    gone.close()
    assert [one.id for one in shop.readers(shop.till(asynchronous, gone, terminal))] == [TERMINAL]


@BOTH
def test_a_terminal_that_is_not_known_yet_is_looked_for(shop: Shop, asynchronous: bool) -> None:
    other = shop.terminal(name="term_other")
    terminal = shop.terminal(STATUS, {"respond": {"body": payment()}})
    driver = shop.till(asynchronous, other, terminal)
    assert create_local(driver)["status"] == "completed"
    assert other.bytes_heard == 0
    error = failure(lambda: create_local(driver, readerId="term_nobody"))
    assert (type(error), error.code, error.param) == (vinr.ConfigurationError, "reader_unknown", "reader_id")


@BOTH
def test_a_charge_whose_answer_is_lost_is_looked_up_in_the_journal(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, {"respond": {"fault": "reset"}}, {"respond": listed("completed")})
    assert create_local(shop.till(asynchronous, terminal))["status"] == "completed"
    assert [one.method for one in terminal.heard] == ["GET", "POST", "GET"]
    assert terminal.heard[-1].query == {"reference": "order_1", "limit": "100"}


@BOTH
def test_a_charge_that_timed_out_is_not_sent_again_and_is_found_by_its_reference(shop: Shop, asynchronous: bool) -> None:
    found = {"respond": listed("pending")}
    terminal = shop.terminal(STATUS, {"respond": {"fault": "hang"}}, found, STATUS, found)
    driver = shop.till(asynchronous, terminal)
    with pytest.raises(vinr.LocalTimeoutError) as raised:
        driver.call("terminal.payments.createLocal", [ORDER], {"timeoutMs": 200})
    error = raised.value
    assert isinstance(error, vinr.ApiTimeoutError)
    assert (error.outcome_unknown, error.money_may_have_moved, error.layer) == (True, True, "terminal")
    assert error.payment is not None
    assert error.payment.status == "pending"
    assert driver.call("terminal.payments.retrieveByReference", ["order_1"])["status"] == "pending"
    assert [one.method for one in terminal.heard].count("POST") == 1


@BOTH
def test_a_charge_that_was_not_heard_is_the_same_request_again(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, {"respond": {"fault": "reset"}}, {"respond": listed()}, {"respond": {"body": payment()}})
    create_local(shop.till(asynchronous, terminal))
    first, second = (one for one in terminal.heard if one.method == "POST")
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@BOTH
def test_a_drip_is_waited_for_no_longer_than_silence(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, {"respond": {"fault": "drip", "bytes": 400, "body": payment()}}, {"respond": listed()})
    driver = shop.till(asynchronous, terminal)
    shop.readers(driver)
    began = time.monotonic()
    error = failure(lambda: driver.call("terminal.payments.createLocal", [ORDER], {"timeoutMs": 400, "maxRetries": 0}))
    assert (type(error), error.outcome_unknown) == (vinr.LocalTimeoutError, True)
    # The head alone takes four seconds.
    assert time.monotonic() - began < 2.5


SOMEBODY: dict[str, tuple[str, str, Callable[[Authority], Leaf]]] = {
    "another terminal of the same platform": ("tls_wrong_terminal", "certificate", lambda by: by.leaf("vinr:terminal/term_other", "127.0.0.1")),
    "two terminals": ("tls_wrong_terminal", "certificate", lambda by: by.leaf(f"vinr:terminal/{TERMINAL}", "vinr:terminal/term_other")),
    "no terminal": ("tls_wrong_terminal", "certificate", lambda by: by.leaf("127.0.0.1")),
    "a name that only looks like it": ("tls_wrong_terminal", "certificate", lambda by: by.leaf(f"vinr:terminal/{TERMINAL}0")),
    "a till": ("tls_untrusted", "certificate", lambda by: by.leaf(f"vinr:terminal/{TERMINAL}", client=True)),
    "another platform": ("tls_untrusted", "certificate", lambda _: Authority().leaf(f"vinr:terminal/{TERMINAL}", "127.0.0.1")),
    "a certificate that has ended": ("tls_untrusted", "clock", lambda by: by.leaf(f"vinr:terminal/{TERMINAL}", days=(-3, -1))),
    "a certificate that has not begun": ("tls_untrusted", "clock", lambda by: by.leaf(f"vinr:terminal/{TERMINAL}", days=(1, 3))),
}


@BOTH
@pytest.mark.parametrize("who", SOMEBODY)
def test_somebody_else_at_the_address_hears_nothing(shop: Shop, who: str, asynchronous: bool) -> None:
    code, layer, make = SOMEBODY[who]
    rogue = shop.terminal(leaf=make(shop.authority), anybody=True)
    driver = shop.till(asynchronous, rogue)
    error = failure(lambda: create_local(driver))
    assert isinstance(error, vinr.LocalConnectionError)
    assert (error.code, error.layer, error.outcome_unknown, error.money_may_have_moved) == (code, layer, False, False)
    assert f"127.0.0.1:{rogue.port}" in str(error)
    assert not rogue.heard
    assert rogue.bytes_heard == 0


@BOTH
def test_one_that_took_over_the_address_of_a_known_terminal_hears_nothing(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS)
    driver = shop.till(asynchronous, terminal)
    shop.readers(driver)
    known = driver.client._settings.nearby._known[TERMINAL]
    rogue = shop.terminal(leaf=shop.authority.leaf("vinr:terminal/term_other"), anybody=True)
    known.base_url = rogue.url
    error = failure(lambda: driver.call("terminal.payments.createLocal", [ORDER], {"maxRetries": 0}))
    assert (error.code, rogue.heard, rogue.bytes_heard) == ("tls_wrong_terminal", [], 0)


@BOTH
def test_who_says_another_name_than_its_certificate_is_no_reader(shop: Shop, asynchronous: bool) -> None:
    liar = shop.terminal(STATUS, leaf=shop.authority.leaf("vinr:terminal/term_other"))
    assert failure(lambda: shop.readers(shop.till(asynchronous, liar))).code == "tls_wrong_terminal"


@BOTH
def test_who_speaks_no_tls_and_who_is_not_there_are_told_apart(shop: Shop, asynchronous: bool) -> None:
    plain = shop.cloud()
    error = failure(lambda: create_local(shop.till(asynchronous, plain)))
    assert (error.code, error.layer, plain.heard) == ("tls_failed", "tls", [])
    gone = shop.terminal()
    gone.close()
    error = failure(lambda: create_local(shop.till(asynchronous, gone)))
    assert (error.code, error.layer) == ("not_connected", "port")
    error = failure(lambda: create_local(shop.till(asynchronous, static_hosts=["no-such-host.invalid"])))
    assert (error.code, error.layer) == ("not_connected", "name")


WRONG: dict[str, dict[str, Any]] = {
    "local_cert_passphrase": {"local_cert_passphrase": "another"},
    "local_file_unreadable": {"local_cert_path": "/nowhere/client.p12"},
    "local_cert_unreadable": {"local_cert_path": "/dev/null"},
    "local_ca_unreadable": {"local_ca_path": "/dev/null"},
    "parameter_invalid": {"static_hosts": ["http://127.0.0.1"]},
}


@BOTH
@pytest.mark.parametrize("code", WRONG)
def test_what_a_till_is_set_up_with_is_named_when_it_is_wrong(shop: Shop, code: str, asynchronous: bool) -> None:
    terminal = shop.terminal()
    driver = shop.till(asynchronous, terminal, **WRONG[code])
    error = failure(lambda: shop.readers(driver))
    assert (type(error), error.code) == (vinr.ConfigurationError, code)
    assert "canary" not in "".join(traceback.format_exception(error)) + repr(vars(error))


def test_the_key_and_the_passphrase_are_nowhere_to_be_read(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    terminal = shop.terminal(STATUS, {"respond": {"body": payment()}})
    driver = shop.till(False, terminal)
    before = set(os.listdir("/tmp"))
    create_local(driver)
    assert not [name for name in set(os.listdir("/tmp")) - before if name.startswith("vinr-")]
    trust = driver.client._settings.nearby._trust
    told = repr(trust) + repr(driver.client) + repr(driver.client._settings.terminal) + caplog.text
    assert PASSPHRASE not in told
    assert KEY not in told
    assert b"ENCRYPTED PRIVATE KEY" in trust.own
    assert b"BEGIN PRIVATE KEY" not in trust.own


def test_where_the_system_has_no_memory_files_a_file_of_this_user_alone_is_used(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    made: list[tuple[str, int]] = []
    real = tempfile.mkstemp

    def noted(*args: Any, **more: Any) -> tuple[int, str]:
        descriptor, path = real(*args, **more)
        made.append((path, os.stat(path).st_mode & 0o777))
        return descriptor, path

    monkeypatch.delattr(os, "memfd_create")
    monkeypatch.setattr(tempfile, "mkstemp", noted)
    terminal = shop.terminal(STATUS)
    assert len(shop.readers(shop.till(False, terminal))) == 1
    assert made
    assert all(mode == 0o600 and not os.path.exists(path) for path, mode in made)


@pytest.fixture
def real(platform: Platform, tmp_path: pathlib.Path) -> Callable[[bool], Driver]:
    def till(asynchronous: bool, **more: Any) -> Driver:
        terminal = {
            "local_cert_path": platform.bundle, "local_cert_passphrase": platform.passphrase, "static_hosts": [platform.local],
            "state_dir": str(tmp_path), **more,
        }
        return Driver(asynchronous, secret_key=platform.secret_key, base_url=platform.url, terminal=terminal)

    return till


@BOTH
def test_a_real_terminal_takes_a_payment_and_the_platform_knows_it(real: Callable[..., Driver], platform: Platform, asynchronous: bool) -> None:
    driver = real(asynchronous)
    (reader,) = driver.run(driver.client.terminal.readers.discover())
    assert (reader.id, reader.model, reader.status) == (platform.terminal, "simulator", "online")
    order = {**ORDER, "readerId": platform.terminal, "reference": f"local_{asynchronous}"}
    paid = driver.call("terminal.payments.createLocal", [order])
    assert (paid["status"], paid["last4"], paid["metadata"]["connectionMode"]) == ("completed", "4242", "local")
    assert driver.call("terminal.payments.retrieve", [paid["id"]])["status"] == "completed"
    declined = driver.call("terminal.payments.createLocal", [{**order, "reference": "d", "simulateCard": "card_declined"}])
    assert (declined["status"], declined["decline_code"]) == ("failed", "card_declined")
    driver.close()


@BOTH
def test_a_real_terminal_has_what_a_till_gave_up_waiting_for(real: Callable[..., Driver], platform: Platform, asynchronous: bool) -> None:
    driver = real(asynchronous)
    order = {**ORDER, "readerId": platform.terminal, "reference": f"slow_{asynchronous}", "simulateDelay": 2}
    error = failure(lambda: driver.call("terminal.payments.createLocal", [order], {"timeoutMs": 700}))
    assert (error.code, error.outcome_unknown) == ("timeout", True)
    assert error.payment is not None
    again = driver.call("terminal.payments.createLocal", [{**order, "clientToken": error.client_token}])
    assert (again["id"], again["status"]) == (error.payment.id, "completed")
    assert driver.call("terminal.payments.retrieveByReference", [order["reference"]])["id"] == again["id"]
    driver.close()


@BOTH
def test_a_real_terminal_refuses_a_till_without_a_certificate(real: Callable[..., Driver], platform: Platform, asynchronous: bool) -> None:
    driver = real(asynchronous, local_cert_path=None)
    error = failure(lambda: driver.call("terminal.payments.createLocal", [{**ORDER, "readerId": platform.terminal}]))
    assert (type(error), error.code, error.layer, error.outcome_unknown) == (
        vinr.PermissionDeniedError, "certificate_required", "certificate", False,
    )
    driver.close()



def test_a_child_speaks_to_the_terminal_over_connections_of_its_own(real: Callable[..., Driver], platform: Platform) -> None:
    driver = real(False)
    client = driver.client

    def status() -> bool:
        return bool(client.terminal.readers.discover()[0].id == platform.terminal)

    def pays(reference: str) -> bool:
        order = {"reader_id": platform.terminal, "amount": 1100, "currency": "USD", "reference": reference}
        return bool(client.terminal.payments.create_local(**order).status == "completed")

    assert status()
    assert pays("fork_before")
    # Even while another thread of the parent is in the middle of it.
    with client._transport._lock:
        assert forked(lambda: pays("fork_child") and status())
    assert pays("fork_after")
    driver.close()


def test_threads_and_loops_share_what_is_known(real: Callable[..., Driver], platform: Platform) -> None:
    driver = real(False)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: driver.client.terminal.readers.discover()[0].id, range(24)))
    assert found == [platform.terminal] * 24
    driver.close()
    loops = real(True)
    client = loops.client

    async def once() -> str:
        readers = await asyncio.gather(*(client.terminal.readers.discover() for _ in range(4)))
        payment = await client.terminal.payments.create_local(reader_id=platform.terminal, amount=1100, currency="USD")
        await client.close()
        assert {one[0].id for one in readers} == {platform.terminal}
        return str(payment.status)

    assert [asyncio.run(once()) for _ in range(2)] == ["completed", "completed"]
    loops.close()
