"""Terminals that announce themselves: found by multicast DNS, and believed only when they have proven who they are."""
from __future__ import annotations

import pathlib
import queue
import subprocess
import threading
from typing import Iterator, NamedTuple

import pytest
from conftest import BINARY, started
from driver import Driver
from shop import Shop

import vinr
from vinr._local import mdns
from vinr._local.mdns import Hint

BOTH = pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])
ID = "term_announced"


class Announced(NamedTuple):
    """A platform whose terminal runs on its own and announces itself."""

    url: str
    secret_key: str
    bundle: str
    passphrase: str


@pytest.fixture(scope="module")
def announced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Announced]:
    """`vinr dev --external` and `vinr terminal --announce loopback`."""
    data = tmp_path_factory.mktemp("announced")
    with started(data, "--external", ID) as said:
        with vinr.Client(secret_key=said["secretKey"], base_url=said["api"]) as client:
            client.terminals.update_lan(ID, local_api={"enabled": True}, cashless={"enabled": False})
            made = client.terminals.create_client_certificate(ID)
        import base64

        bundle = data / "till.p12"
        assert made.pkcs12 is not None
        bundle.write_bytes(base64.b64decode(made.pkcs12))
        assert made.passphrase is not None
        terminal = subprocess.Popen(
            [BINARY, "terminal", "--data", data / "terminals" / ID, "--listen", "127.0.0.1:0", "--announce", "loopback", "--log", "info"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        assert terminal.stderr is not None
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()

        def read() -> None:
            for line in terminal.stderr or ():
                lines.put(line)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        try:
            said_lines: list[str] = []
            while not (said_lines and "lan: announced" in said_lines[-1]):
                said_lines.append(lines.get(timeout=30))
            yield Announced(said["api"], said["secretKey"], str(bundle), made.passphrase)
        finally:
            terminal.terminate()
            terminal.wait(20)
            reader.join(10)
            terminal.stderr.close()


def till(announced: Announced, directory: pathlib.Path, asynchronous: bool, certificate: bool = True) -> Driver:
    terminal = {
        "local_cert_path": announced.bundle if certificate else None, "local_cert_passphrase": announced.passphrase,
        "state_dir": str(directory),
    }
    return Driver(asynchronous, secret_key=announced.secret_key, base_url=announced.url, terminal=terminal)


@BOTH
def test_an_announced_terminal_is_found_and_charged(announced: Announced, tmp_path: pathlib.Path, asynchronous: bool) -> None:
    driver = till(announced, tmp_path, asynchronous)
    readers = driver.run(driver.client.terminal.readers.discover(network="local", timeout=3))
    (reader,) = [one for one in readers if one.id == ID]
    assert (reader.ip, reader.model, reader.status, reader.verified) == ("127.0.0.1", "simulator", "online", True)
    order = {"readerId": ID, "amount": 1200, "currency": "USD", "reference": f"announced_{asynchronous}"}
    assert driver.call("terminal.payments.createLocal", [order])["status"] == "completed"
    driver.close()


@BOTH
def test_a_payment_finds_its_terminal_by_itself(announced: Announced, tmp_path: pathlib.Path, asynchronous: bool) -> None:
    driver = till(announced, tmp_path, asynchronous)
    order = {"terminalId": ID, "amount": 1200, "currency": "USD", "reference": f"by_itself_{asynchronous}"}
    paid = driver.call("terminal.payments.create", [{**order, "connectivity": {"mode": "hybrid", "localTimeoutMs": 5000}}])
    assert (paid["status"], paid["metadata"]["connectionMode"]) == ("completed", "local")
    driver.close()


@BOTH
def test_without_a_certificate_what_is_announced_is_repeated_and_not_vouched_for(
    announced: Announced, tmp_path: pathlib.Path, asynchronous: bool
) -> None:
    driver = till(announced, tmp_path, asynchronous, certificate=False)
    readers = driver.run(driver.client.terminal.readers.discover(timeout=3))
    (reader,) = [one for one in readers if one.id == ID]
    assert (reader.ip, reader.model, reader.status, reader.verified) == ("127.0.0.1", "simulator", None, False)
    driver.close()


@BOTH
def test_who_announces_what_it_cannot_prove_is_left_out(tmp_path: pathlib.Path, asynchronous: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path)
    rogue = shop.terminal(leaf=shop.authority.leaf("vinr:terminal/term_other"), anybody=True)
    hint = Hint("term_CT20_0042", "nexgo_ct20", (("127.0.0.1", rogue.port),))
    monkeypatch.setattr("vinr._local.nearby.announced", lambda seconds, wanted=None: [hint])
    driver = shop.till(asynchronous, static_hosts=None)
    assert shop.readers(driver) == []
    assert rogue.heard == []
    shop.close()


def test_nobody_is_waited_for_no_longer_than_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setattr(mdns, "SERVICE", "_vinr-nobody._tcp.local.")
    began = time.monotonic()
    assert mdns.announced(0.5) == []
    assert time.monotonic() - began < 5


def test_what_is_missing_for_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "zeroconf", None)
    with vinr.Client(secret_key="sk_test_nobody", base_url="http://127.0.0.1:9") as client:
        with pytest.raises(vinr.ConfigurationError) as raised:
            client.terminal.readers.discover()
    assert raised.value.code == "local_extra_missing"
    assert "vinr[local]" in str(raised.value)
