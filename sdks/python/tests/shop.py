"""A shop for tests: an authority, a till with a certificate of it, and terminals that play a script."""
from __future__ import annotations

import json
import pathlib
from typing import Any, Callable, Optional

from authority import Authority, Leaf
from driver import Driver
from scripted import Heard, Scripted

TERMINAL = "term_CT20_0042"
PASSPHRASE = "canary-passphrase"
KEY = "sk_test_till_canary"
ORDER: dict[str, Any] = {"readerId": TERMINAL, "amount": 2500, "currency": "USD", "reference": "order_1"}
STATUS = {"respond": {"body": {"object": "terminal_status", "id": TERMINAL, "model": "nexgo_ct20", "status": "ready"}}}


def payment(status: str = "completed", **more: Any) -> dict[str, Any]:
    """A payment as a terminal shows it."""
    return {"id": "tpay_1", "object": "terminal_payment", "status": status, "amount": 2500, "currency": "USD", "metadata":
            {"connectionMode": "local"}, **more}


def body(heard: Heard) -> dict[str, Any]:
    """What a request says."""
    said: dict[str, Any] = json.loads(heard.body)
    return said


def token_of(heard: list[Heard]) -> str:
    """The name of the payment that was asked for first."""
    return str(next(body(one)["clientToken"] for one in heard if one.method == "POST"))


def listed(*statuses: str) -> Callable[[list[Heard]], dict[str, Any]]:
    """The list of payments under the name that was heard."""
    return lambda heard: {"body": {"object": "list", "data": [payment(one, clientToken=token_of(heard)) for one in statuses]}}


class Shop:
    """Everything that a test of the local network needs."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.directory = directory
        self.authority = Authority()
        self.bundle = self.authority.leaf(f"vinr:client/{TERMINAL}/cert_1", client=True).bundle(directory / "till.p12", PASSPHRASE)
        self.ca = directory / "ca.pem"
        self.ca.write_text(self.authority.root)
        self._open: list[Any] = []

    def terminal(self, *script: dict[str, Any], leaf: Optional[Leaf] = None, name: str = TERMINAL, anybody: bool = False) -> Scripted:
        """A terminal that listens. Its certificate names it, unless another one is given."""
        leaf = leaf or self.authority.leaf(f"vinr:terminal/{name}", "127.0.0.1")
        served = Scripted(list(script), leaf.server(self.directory, None if anybody else self.authority.root))
        served.listen()
        self._open.append(served)
        return served

    def cloud(self, *script: dict[str, Any]) -> Scripted:
        """A platform that plays a script."""
        served = Scripted(list(script))
        served.listen()
        self._open.append(served)
        return served

    def till(self, asynchronous: bool, *hosts: Scripted, base_url: str = "http://127.0.0.1:9", **options: Any) -> Driver:
        """A till that knows these addresses; it does not pause."""
        terminal = {
            "local_cert_path": self.bundle, "local_cert_passphrase": PASSPHRASE, "local_ca_path": str(self.ca),
            "state_dir": str(self.directory / "state"), "static_hosts": [f"127.0.0.1:{one.port}" for one in hosts], **options,
        }
        pauses: list[float] = []
        driver = Driver(asynchronous, pauses.append, secret_key=KEY, base_url=base_url, terminal=terminal)
        self._open.append(driver)
        return driver

    def readers(self, driver: Driver) -> list[Any]:
        """What the till finds."""
        found: list[Any] = driver.run(driver.client.terminal.readers.discover())
        return found

    def close(self) -> None:
        """Ends all of it."""
        for one in reversed(self._open):
            one.close()

