"""Hybrid payments: which way they take when something is broken, what is written down first, and how a crash is taken up again."""
from __future__ import annotations

import json
import os
import pathlib
import stat
import threading
import time
from typing import Any, Callable, Iterator, Optional

import pytest
from driver import Driver
from scripted import Heard, Scripted
from shop import STATUS, TERMINAL, Shop, body, listed, payment, token_of

import vinr
from vinr._local import delegations
from vinr._local.delegations import Delegation, DelegationFiles, Order

BOTH = pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
ORDER: dict[str, Any] = {"terminalId": TERMINAL, "amount": 2500, "currency": "USD", "reference": "order_1"}
HYBRID = {**ORDER, "connectivity": {"mode": "hybrid", "localTimeoutMs": 400}}
PAID = {"respond": {"body": payment()}}
TOKEN = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def shop(tmp_path: pathlib.Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def records(shop: Shop) -> list[dict[str, Any]]:
    """What is written down."""
    return [json.loads(path.read_text()) for path in sorted((shop.directory / "state").glob("*.json"))]


def pay(driver: Driver, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = driver.call("terminal.payments.create", [{**HYBRID, **more}])
    return found


def by_cloud(status: str = "completed") -> dict[str, Any]:
    """A cloud's payment, under the name and with the metadata that it was asked for."""
    return {"respond": lambda heard: {"body": payment(status, clientToken=token_of(heard), metadata=body(heard[-1])["metadata"])}}


def failure(call: Callable[[], Any]) -> vinr.VinrError:
    with pytest.raises(vinr.VinrError) as raised:
        call()
    return raised.value


@BOTH
def test_a_terminal_that_is_there_is_charged_and_the_cloud_not_asked(shop: Shop, asynchronous: bool) -> None:
    seen: list[list[str]] = []

    def respond(_: list[Heard]) -> dict[str, Any]:
        seen.append([one["state"] for one in records(shop)])
        return {"body": payment()}

    terminal, cloud = shop.terminal(STATUS, {"respond": respond}), shop.cloud()
    paid = pay(shop.till(asynchronous, terminal, base_url=cloud.url), metadata={"costCenter": "7"}, simulateCard="visa_approved")
    assert paid["metadata"] == {"connectionMode": "local"}
    assert cloud.heard == []
    asked = terminal.heard[-1]
    assert (asked.path, asked.query) == ("/v1/pay", {"simulateCard": "visa_approved"})
    said = body(asked)
    assert seen == [["local"]]
    (record,) = records(shop)
    assert (record["intent"], record["state"], record["v"]) == (said["clientToken"], "final_local", 1)
    assert {name: record[name] for name in ("terminalId", "reference", "amount", "currency")} == ORDER
    assert {"metadata": {"costCenter": "7"}, **ORDER, "clientToken": record["intent"]} == said
    directory = shop.directory / "state"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()] == [0o600]


def broken(shop: Shop) -> dict[str, tuple[list[Scripted], bool]]:
    """Ways in which no answer comes, and whether the terminal may have heard."""
    gone = shop.terminal()
    gone.close()
    error = {"type": "api_error", "code": "overloaded", "message": "No.", "retry": "later", "money_may_have_moved": False}
    return {
        "port": ([gone], False),
        "certificate": ([shop.terminal(leaf=shop.authority.leaf("vinr:terminal/term_other"))], False),
        "clock": ([shop.terminal(leaf=shop.authority.leaf(f"vinr:terminal/{TERMINAL}", days=(-3, -1)))], False),
        "tls": ([shop.cloud()], False),
        "name": ([], False),
        "http": ([shop.terminal(STATUS, {"respond": {"fault": "reset"}})], True),
        "terminal": ([shop.terminal(STATUS, {"respond": {"fault": "hang"}})], True),
        "terminal, which is busy with itself": ([shop.terminal(STATUS, {"respond": {"status": 503, "body": {"error": error}}})], False),
        "certificate, the till's own": ([shop.terminal(STATUS, {"respond": {"status": 403, "body": {"error": {
            **error, "type": "permission_error", "code": "certificate_revoked"}}}})], False),
        "http, which drips": ([shop.terminal(STATUS, {"respond": {"fault": "drip", "bytes": 60, "body": payment()}})], True),
    }


WAYS = ["port", "certificate", "clock", "tls", "name", "http", "terminal", "terminal, which is busy with itself",
        "certificate, the till's own", "http, which drips"]


@BOTH
@pytest.mark.parametrize("way", WAYS)
def test_a_broken_way_leads_through_the_cloud_under_the_same_name(shop: Shop, way: str, asynchronous: bool) -> None:
    hosts, _ = broken(shop)[way]
    told: list[tuple[str, vinr.VinrError]] = []
    seen: list[list[str]] = []

    def respond(heard: list[Heard]) -> dict[str, Any]:
        seen.append([one["state"] for one in records(shop)])
        return {"body": payment(clientToken=token_of(heard))}

    cloud = shop.cloud({"respond": respond})
    driver = shop.till(asynchronous, *hosts, base_url=cloud.url, on_local_failure=lambda layer, error: told.append((layer, error)))
    began = time.monotonic()
    paid = pay(driver, metadata={"costCenter": "7"})
    assert time.monotonic() - began < 3
    layer = "terminal" if way == "http, which drips" else way.partition(",")[0]
    assert [one[0] for one in told] == [layer]
    assert told[0][1].layer == layer
    assert paid["metadata"]["connectionMode"] == "cloud"
    assert seen == [["delegated"]], "it is written down before the cloud is asked"
    (asked,) = cloud.heard
    said = body(asked)
    assert (said["responseMode"], said["metadata"]) == ("sync", {"costCenter": "7", "connectionMode": "cloud"})
    for host in hosts:
        for one in host.heard:
            if one.method == "POST":
                assert body(one)["clientToken"] == said["clientToken"]
    (record,) = records(shop)
    assert (record["intent"], record["state"]) == (said["clientToken"], "final_cloud")


@BOTH
def test_a_refusal_is_raised_and_not_delegated(shop: Shop, asynchronous: bool) -> None:
    error = {"type": "invalid_request_error", "code": "parameter_invalid", "message": "No.", "param": "amount", "retry": "never"}
    terminal, cloud = shop.terminal(STATUS, {"respond": {"status": 400, "body": {"error": error}}}), shop.cloud()
    raised = failure(lambda: pay(shop.till(asynchronous, terminal, base_url=cloud.url)))
    assert (type(raised), raised.param, raised.outcome_unknown) == (vinr.InvalidRequestError, "amount", False)
    assert cloud.heard == []
    assert records(shop) == []


@BOTH
@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_a_body_that_is_lost_is_asked_for_at_the_terminal(shop: Shop, fault: str, asynchronous: bool) -> None:
    terminal = shop.terminal(
        STATUS, {"respond": {"fault": fault, "body": payment()}}, STATUS, {"respond": listed("processing")}, {"respond": listed("completed")},
    )
    cloud = shop.cloud()
    driver = shop.till(asynchronous, terminal, base_url=cloud.url)
    paid = driver.call("terminal.payments.create", [HYBRID], {"timeoutMs": 2000} if fault == "stall" else None)
    assert (paid["status"], paid["metadata"]["connectionMode"], cloud.heard) == ("completed", "local", [])
    assert [one["state"] for one in records(shop)] == ["final_local"]


@BOTH
def test_a_terminal_that_lost_the_body_and_knows_nothing_is_left_for_the_cloud(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, {"respond": {"fault": "cut", "body": payment()}}, STATUS, {"respond": listed()})
    cloud = shop.cloud(by_cloud())
    assert pay(shop.till(asynchronous, terminal, base_url=cloud.url))["metadata"]["connectionMode"] == "cloud"


@BOTH
def test_when_both_ways_fail_the_outcome_is_unknown_and_can_be_resolved(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, {"respond": {"fault": "hang"}})
    cloud = shop.cloud({"respond": {"fault": "reset"}}, {"respond": {"fault": "reset"}}, {"respond": listed("completed")})
    driver = shop.till(asynchronous, terminal, base_url=cloud.url)
    raised = failure(lambda: driver.call("terminal.payments.create", [HYBRID], {"maxRetries": 0}))
    assert (raised.outcome_unknown, raised.money_may_have_moved) == (True, True)
    assert raised.client_token == records(shop)[0]["intent"] == body(cloud.heard[0])["clientToken"]
    assert isinstance(raised.local_failure, vinr.LocalTimeoutError)
    assert [one["state"] for one in records(shop)] == ["delegated"]
    found = driver.run(raised.resolve())
    assert found.status == "completed"
    assert [one["state"] for one in records(shop)] == ["final_cloud"]


@BOTH
def test_when_nothing_was_sent_anywhere_the_error_says_so(shop: Shop, asynchronous: bool) -> None:
    gone = shop.terminal()
    gone.close()
    raised = failure(lambda: pay(shop.till(asynchronous, gone)))
    assert (raised.code, raised.outcome_unknown, raised.client_token) == ("not_connected", False, None)
    assert isinstance(raised.local_failure, vinr.LocalConnectionError)
    assert records(shop) == []
    with pytest.raises(vinr.ConfigurationError):
        raised.resolve()


@BOTH
def test_a_refusal_of_the_cloud_is_no_word_about_what_the_terminal_heard(shop: Shop, asynchronous: bool) -> None:
    terminal = shop.terminal(STATUS, {"respond": {"fault": "reset"}})
    error = {"type": "authentication_error", "code": "invalid_api_key", "message": "No.", "retry": "never"}
    cloud = shop.cloud({"respond": {"status": 401, "body": {"error": error}}})
    raised = failure(lambda: pay(shop.till(asynchronous, terminal, base_url=cloud.url)))
    assert (type(raised), raised.outcome_unknown) == (vinr.AuthenticationError, True)
    assert raised.client_token == records(shop)[0]["intent"]


def write_down(shop: Shop, state: Any, intent: str = TOKEN) -> DelegationFiles:
    """A record, as a crash left it."""
    store = DelegationFiles(str(shop.directory / "state"))
    store.save(Delegation(intent, TERMINAL, 2500, "USD", state, delegations.now_ms(), delegations.now_ms(), "order_1"))
    return store


@BOTH
@pytest.mark.parametrize("token", [None, TOKEN.upper()], ids=["by the order", "by its token"])
@pytest.mark.parametrize("state", ["local", "delegated"])
def test_a_crash_is_taken_up_under_the_same_name(shop: Shop, state: str, token: Optional[str], asynchronous: bool) -> None:
    write_down(shop, state)
    terminal, cloud = shop.terminal(STATUS, PAID), shop.cloud(by_cloud())
    driver = shop.till(asynchronous, terminal, base_url=cloud.url)
    more = {} if token is None else {"clientToken": token}
    assert pay(driver, **more)["status"] == "completed"
    heard = terminal if state == "local" else cloud
    assert token_of(heard.heard) == TOKEN
    assert (cloud if state == "local" else terminal).heard == []


@BOTH
def test_what_was_over_is_looked_up_and_never_charged_again(shop: Shop, asynchronous: bool) -> None:
    write_down(shop, "final_cloud")
    found = {"respond": {"body": {"object": "list", "data": [payment(clientToken=TOKEN)]}}}
    terminal, cloud = shop.terminal(), shop.cloud(found)
    driver = shop.till(asynchronous, terminal, base_url=cloud.url)
    assert pay(driver, clientToken=TOKEN)["status"] == "completed"
    assert [one.method for one in cloud.heard] == ["GET"]
    assert terminal.heard == []


@BOTH
def test_a_payment_that_neither_knows_was_never_charged(shop: Shop, asynchronous: bool) -> None:
    write_down(shop, "local")
    terminal, cloud = shop.terminal(STATUS, {"respond": {"body": {"data": []}}}), shop.cloud({"respond": {"body": {"data": []}}})
    driver = shop.till(asynchronous, terminal, base_url=cloud.url)
    raised = failure(lambda: driver.run(driver.client.terminal.payments.resolve(TOKEN)))
    assert (type(raised), raised.code, raised.outcome_unknown) == (vinr.InvalidRequestError, "payment_not_found", False)
    assert records(shop) == []


@BOTH
def test_resolving_ends_in_time_and_says_that_it_knows_nothing(shop: Shop, asynchronous: bool) -> None:
    write_down(shop, "delegated")
    gone = shop.terminal()
    gone.close()
    driver = shop.till(asynchronous, gone)
    raised = failure(lambda: driver.run(driver.client.terminal.payments.resolve(TOKEN, timeout=0.4)))
    assert (raised.outcome_unknown, raised.client_token, raised.code) == (True, TOKEN, "outcome_unknown")
    assert [one["state"] for one in records(shop)] == ["delegated"]


@BOTH
def test_what_cannot_be_written_down_is_not_sent(shop: Shop, asynchronous: bool) -> None:
    terminal, cloud = shop.terminal(), shop.cloud()
    place = shop.directory / "in_the_way"
    place.write_text("a file")
    for state_dir in (place, place / "below"):
        raised = failure(lambda: pay(shop.till(asynchronous, terminal, base_url=cloud.url, state_dir=str(state_dir))))
        assert raised.code == "delegations_unusable"
    assert terminal.heard == cloud.heard == []


@BOTH
def test_a_record_that_cannot_be_read_is_no_absent_record(shop: Shop, asynchronous: bool) -> None:
    write_down(shop, "delegated")
    (shop.directory / "state" / f"{TOKEN}.json").write_text("{")
    terminal, cloud = shop.terminal(), shop.cloud()
    for more in ({}, {"clientToken": TOKEN}):
        assert failure(lambda: pay(shop.till(asynchronous, terminal, base_url=cloud.url), **more)).code == "delegations_unusable"
    assert terminal.heard == cloud.heard == []


WRONG: dict[str, dict[str, Any]] = {
    "terminal_id": {"terminalId": None}, "connectivity.mode": {"connectivity": {"mode": "carrier_pigeon"}},
    "connectivity.local_timeout_ms": {"connectivity": {"mode": "hybrid", "localTimeoutMs": 0}}, "response_mode": {"responseMode": "async"},
    "client_token": {"clientToken": "mine"},
}


@BOTH
@pytest.mark.parametrize("param", WRONG)
def test_an_order_that_is_wrong_is_refused_before_anything_is_written(shop: Shop, param: str, asynchronous: bool) -> None:
    terminal, cloud = shop.terminal(), shop.cloud()
    raised = failure(lambda: pay(shop.till(asynchronous, terminal, base_url=cloud.url), **WRONG[param]))
    assert (type(raised), raised.param) == (vinr.ConfigurationError, param)
    assert terminal.heard == cloud.heard == []
    assert records(shop) == []


def test_a_store_of_ones_own_is_used_instead_of_files(shop: Shop) -> None:
    class Memory:
        def __init__(self) -> None:
            self.held: dict[str, Delegation] = {}
            self.states: list[str] = []

        def load(self, intent: str) -> Optional[Delegation]:
            return self.held.get(intent)

        def find(self, order: Order) -> list[Delegation]:
            return [one for one in self.held.values() if one.order == order]

        def save(self, record: Delegation) -> None:
            self.held[record.intent] = record
            self.states.append(record.state)

        def erase(self, intent: str) -> None:
            self.held.pop(intent, None)

    store: vinr.DelegationStore = Memory()
    terminal = shop.terminal(STATUS, PAID)
    pay(shop.till(False, terminal, delegations=store))
    assert isinstance(store, Memory)
    assert store.states == ["local", "final_local"]
    assert records(shop) == []


def test_ended_records_are_erased_after_a_day_and_open_ones_never(shop: Shop) -> None:
    old = delegations.now_ms() - delegations.KEPT_MS - 1000
    store = DelegationFiles(str(shop.directory / "state"))
    states: list[Any] = ["local", "delegated", "final_local", "final_cloud"]
    for number, state in enumerate(states):
        store.save(Delegation(f"{TOKEN[:-1]}{number}", TERMINAL, 1, "USD", state, old, old))
    DelegationFiles(str(shop.directory / "state")).save(Delegation(TOKEN, TERMINAL, 1, "USD", "final_local", old + 10**6, old + 10**6))
    assert sorted(one["state"] for one in records(shop)) == ["delegated", "final_local", "local"]
    assert not list((shop.directory / "state").glob(".*"))


def test_records_are_kept_where_the_system_keeps_state(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    DelegationFiles().save(Delegation(TOKEN, TERMINAL, 1, "USD", "local", 1, 1))
    assert (tmp_path / "xdg" / "vinr" / f"{TOKEN}.json").is_file()
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    DelegationFiles().save(Delegation(TOKEN, TERMINAL, 1, "USD", "local", 1, 1))
    assert (tmp_path / "home" / ".local" / "state" / "vinr" / f"{TOKEN}.json").is_file()


def test_a_write_that_fails_leaves_what_was_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = write_down(shop, "local")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(vinr.ConfigurationError):
        write_down(shop, "delegated")
    monkeypatch.undo()
    found = store.load(TOKEN)
    assert found is not None
    assert found.state == "local"
    assert len(list((shop.directory / "state").iterdir())) == 1


def test_threads_make_one_payment_of_one_order(shop: Shop) -> None:
    """Two threads that sell the same order at once either share its name, or have names that the platform tells apart; here the
    second begins while the first waits, and takes its name over."""
    begun, may_end = threading.Event(), threading.Event()

    def first(_: list[Heard]) -> dict[str, Any]:
        begun.set()
        may_end.wait(10)
        return {"body": payment()}

    terminal = shop.terminal(STATUS, {"respond": first}, PAID)
    driver = shop.till(False, terminal)
    other = threading.Thread(target=lambda: pay(driver, connectivity={"mode": "hybrid", "localTimeoutMs": 9000}))
    other.start()
    assert begun.wait(10)
    pay(driver)
    may_end.set()
    other.join(10)
    assert len({body(one)["clientToken"] for one in terminal.heard if one.method == "POST"}) == 1


class Failing:
    """A store that fails at one state."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.held: dict[str, Delegation] = {}

    def load(self, intent: str) -> Optional[Delegation]:
        return self.held.get(intent)

    def find(self, order: Order) -> list[Delegation]:
        return [one for one in self.held.values() if one.order == order]

    def save(self, record: Delegation) -> None:
        if record.state == self.at:
            raise vinr.ConfigurationError("the disk is full", code="delegations_unusable")
        self.held[record.intent] = record

    def erase(self, intent: str) -> None:
        raise OSError(28, "No space left on device")


@BOTH
def test_an_outcome_is_told_although_it_cannot_be_written_down(shop: Shop, asynchronous: bool, caplog: pytest.LogCaptureFixture) -> None:
    terminal = shop.terminal(STATUS, PAID)
    assert pay(shop.till(asynchronous, terminal, delegations=Failing("final_local")))["status"] == "completed"
    assert "could not be written down" in caplog.text
    error = {"type": "invalid_request_error", "code": "parameter_invalid", "message": "No.", "retry": "never"}
    refusing = shop.terminal(STATUS, {"respond": {"status": 400, "body": {"error": error}}})
    raised = failure(lambda: pay(shop.till(asynchronous, refusing, delegations=Failing("nothing"))))
    assert raised.code == "parameter_invalid"


@BOTH
def test_what_cannot_be_delegated_is_not_and_the_terminal_may_have_heard(shop: Shop, asynchronous: bool) -> None:
    terminal, cloud, store = shop.terminal(STATUS, {"respond": {"fault": "reset"}}), shop.cloud(), Failing("delegated")
    raised = failure(lambda: pay(shop.till(asynchronous, terminal, base_url=cloud.url, delegations=store)))
    assert (raised.code, raised.outcome_unknown, cloud.heard) == ("delegations_unusable", True, [])
    assert raised.client_token == token_of(terminal.heard)
    gone = shop.terminal()
    gone.close()
    raised = failure(lambda: pay(shop.till(asynchronous, gone, base_url=cloud.url, delegations=Failing("delegated"))))
    assert (raised.outcome_unknown, cloud.heard) == (False, [])


@BOTH
def test_a_listener_that_fails_does_not_stop_the_payment(shop: Shop, asynchronous: bool, caplog: pytest.LogCaptureFixture) -> None:
    def listener(layer: str, error: vinr.VinrError) -> None:
        raise RuntimeError("no pager")

    gone, cloud = shop.terminal(), shop.cloud(by_cloud())
    gone.close()
    assert pay(shop.till(asynchronous, gone, base_url=cloud.url, on_local_failure=listener))["status"] == "completed"
    assert "no pager" in caplog.text


def test_what_is_over_is_read_once_and_what_is_open_every_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    store = write_down(shop, "final_local")
    write_down(shop, "local", f"{TOKEN[:-1]}0")
    read: list[str] = []
    real = DelegationFiles._read
    monkeypatch.setattr(DelegationFiles, "_read", lambda self, path: read.append(path.stem[-1]) or real(self, path))  # type: ignore[func-returns-value]
    order = Order(TERMINAL, 2500, "USD", "order_1")
    assert [one.state for one in store.find(order)] == ["local"]
    assert [one.state for one in store.find(order)] == ["local"]
    assert sorted(read) == ["0", "0", TOKEN[-1]]


@BOTH
def test_looking_for_the_terminal_counts_against_the_local_time_out(shop: Shop, asynchronous: bool) -> None:
    hosts = [shop.terminal(*[{"respond": {"fault": "hang"}}] * 2) for _ in range(3)]
    cloud = shop.cloud(by_cloud())
    driver = shop.till(asynchronous, *hosts, base_url=cloud.url)
    began = time.monotonic()
    assert pay(driver)["metadata"]["connectionMode"] == "cloud"
    assert time.monotonic() - began < 2.5, "400 ms, and not as long for each of them"


@BOTH
@pytest.mark.parametrize("how", ["at once", "looked up", "resolved"])
def test_an_approval_without_the_internet_is_the_terminals_word(shop: Shop, how: str, asynchronous: bool) -> None:
    approved = payment("processing", offline=True, clientToken=TOKEN)
    found = {"respond": {"body": {"object": "list", "data": [approved]}}}
    script: dict[str, list[dict[str, Any]]] = {
        "at once": [STATUS, {"respond": {"body": approved}}], "looked up": [STATUS, {"respond": {"fault": "cut", "body": approved}}, STATUS, found],
        "resolved": [STATUS, found],
    }
    terminal, cloud = shop.terminal(*script[how]), shop.cloud()
    driver = shop.till(asynchronous, terminal, base_url=cloud.url)
    if how == "resolved":
        write_down(shop, "local")
        paid = driver.run(driver.client.terminal.payments.resolve(TOKEN)).to_dict()
    else:
        paid = pay(driver, clientToken=TOKEN)
    assert (paid["status"], paid["offline"], cloud.heard) == ("processing", True, [])
    assert [one["state"] for one in records(shop)] == ["final_local"]


@BOTH
def test_a_local_charge_that_was_approved_without_the_internet_is_looked_up(shop: Shop, asynchronous: bool) -> None:
    approved = payment("processing", offline=True)
    terminal = shop.terminal(
        STATUS, {"respond": {"fault": "reset"}}, {"respond": lambda heard: {"body": {"data": [{**approved, "clientToken": token_of(heard)}]}}},
    )
    order = {"readerId": TERMINAL, "amount": 2500, "currency": "USD", "reference": "order_1"}
    assert shop.till(asynchronous, terminal).call("terminal.payments.createLocal", [order])["offline"] is True
    assert [one.method for one in terminal.heard].count("POST") == 1
