"""One SDK's lane in the matrix of faults: a platform of its own, a wire to its terminal and one to its cloud, a cardholder, and the
SDK's till in a process that may be killed."""
from __future__ import annotations

import json
import pathlib
import queue
import subprocess
import threading
import time
import uuid
from typing import Any, Optional, Sequence

from .checks import until
from .client import PAYMENTS, Client
from .faults import Wire
from .lan import Lan, context
from .ledger import Ledger
from .processes import Dev, directory

#: How long the terminal may take to acknowledge: where it will, longer than any machine is busy; where it will not, that long is
#: waited.
AMPLE_MS = 10_000
SHORT_MS = 1_200


class Till:
    """A running till."""

    def __init__(self, command: Sequence[str], settings: dict[str, Any], log: pathlib.Path) -> None:
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, bufsize=1
            )
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._asked = 0
        self._say(settings)

    def begin(self, call: str, args: dict[str, Any]) -> int:
        """Makes a call, and does not wait for it."""
        self._asked += 1
        self._say({"id": self._asked, "call": call, "args": args})
        return self._asked

    def end(self, id: int, within_s: float = 40.0) -> dict[str, Any]:
        """What a call ended with: `ok` or `error`."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                said = self._answers.get(timeout=max(deadline - time.monotonic(), 0.01))
            except queue.Empty:
                raise AssertionError(f"the till said nothing for {within_s:.0f} s") from None
            if said.get("id") == id:
                return said
            if said.get("ended"):
                raise AssertionError("the till ended by itself")

    def call(self, name: str, args: dict[str, Any]) -> dict[str, Any]:
        return self.end(self.begin(name, args))

    def kill(self) -> None:
        """As a power cut."""
        self.process.kill()
        self._over()

    def close(self) -> None:
        """Ends it in order."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._over()

    def _over(self) -> None:
        self.process.wait()
        self._reader.join(5)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except OSError:
                    pass

    def _say(self, value: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put({"ended": True})


class Lane:
    """Everything that one SDK is tried with."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self.command = list(command)
        self.dev = Dev("--pace-ms", "60")
        ready = self.dev.ready
        self.terminal = self.dev.terminal
        self.cloud = Client(self.dev.api, self.dev.key)
        self.lan = Lan(ready["local"], context(ready["caBundle"], ready["clientCert"], ready["clientKey"]))
        self.ledger = Ledger(self.dev.data)
        self.near = Wire(ready["local"].partition("://")[2], tls=True)
        self.far = Wire(self.dev.api.partition("://")[2], tls=False, asks=f"POST {PAYMENTS}".encode())
        self.files = directory()
        self._cases = 0
        self._tills: list[Till] = []
        self._gate = threading.Event()
        self._over = threading.Event()
        self._cardholder = threading.Thread(target=self._present, daemon=True)
        self._cardholder.start()

    def case(self) -> Case:
        """A new sale, with nothing written down."""
        self._cases += 1
        self.near.up()
        self.far.up()
        self._gate.clear()
        return Case(self, self._cases)

    def till(self, state: pathlib.Path) -> Till:
        """A till that knows the terminal and the cloud by the wires alone."""
        ready = self.dev.ready
        settings = {
            "secretKey": self.dev.key, "baseUrl": f"http://{self.far.place}", "p12": ready["clientP12"], "caBundle": ready["caBundle"],
            "passphrase": ready["clientP12Passphrase"], "staticHosts": [self.near.place], "stateDir": str(state),
        }
        made = Till(self.command, settings, self.files / "till.log")
        self._tills.append(made)
        return made

    def status(self) -> str:
        """What the terminal says of itself, over a wire without faults."""
        said: dict[str, Any] = self.lan.get("/v1/status").json()
        return str(said.get("status"))

    def cardholder(self) -> None:
        """From now on the customer presents a card whenever the terminal asks for one."""
        self._gate.set()

    def close(self) -> None:
        """Ends all of it."""
        self._over.set()
        self._gate.set()
        self._cardholder.join(10)
        for till in self._tills:
            if till.process.poll() is None:
                till.kill()
        self.near.close()
        self.far.close()
        self.dev.stop()

    def _present(self) -> None:
        while not self._over.is_set():
            self._gate.wait()
            try:
                if self.status() == "busy":
                    self.cloud.post(f"/v1/test/terminals/{self.terminal}/present-card", {})
            except (OSError, ValueError):
                pass
            self._over.wait(0.05)


class Case:
    """One sale in a lane: every till that is started for it shares its records, and every call its reference."""

    def __init__(self, lane: Lane, number: int) -> None:
        self.lane = lane
        self.reference = f"{lane.name}-{number}-{uuid.uuid4().hex[:8]}"
        self.amount = 1000 + number
        self.state = directory()
        self.patience_ms = AMPLE_MS
        self.till = lane.till(self.state)
        self._running = 0

    def order(self, **more: Any) -> dict[str, Any]:
        return {
            "terminalId": self.lane.terminal, "amount": self.amount, "currency": "USD", "reference": self.reference, "simulateCard": "none",
            "connectivity": {"mode": "hybrid", "localTimeoutMs": self.patience_ms}, **more,
        }

    def know(self) -> None:
        """The till learns where the terminal is, before anything breaks."""
        found = self.till.call("discover", {"network": "local"})
        assert [one["id"] for one in found.get("ok", [])] == [self.lane.terminal], f"discover: {found}"

    def begin(self, in_vain: bool = False) -> None:
        """The till is asked to charge; `in_vain`: the terminal's acknowledgement will not come."""
        self.patience_ms = SHORT_MS if in_vain else AMPLE_MS
        self._running = self.till.begin("create", self.order())

    def heard(self) -> None:
        """Waits until the terminal has the order, and asks for a card."""
        until(lambda: self.lane.status() == "busy", "the terminal has the order", 15)

    def acknowledged(self) -> None:
        """Waits until the terminal has the order and its headers have passed: nothing comes any more."""
        self.heard()
        last = -1
        deadline = time.monotonic() + 5
        while last != (last := self.lane.near.passed()) and time.monotonic() < deadline:
            time.sleep(0.12)

    def killed(self) -> None:
        """The till is killed, and started again on what it wrote down."""
        self.till.kill()
        self.till = self.lane.till(self.state)

    def outcome(self) -> dict[str, Any]:
        """What the charge ended with."""
        return self.till.end(self._running)

    def recorded(self) -> list[str]:
        """The states that are written down."""
        return [json.loads(path.read_text())["state"] for path in self.state.glob("*.json")]

    def settled(self) -> list[dict[str, Any]]:
        """Every payment of this sale, after the terminal has nothing more to do."""
        self.lane.cardholder()
        until(lambda: self.lane.status() == "ready", "the terminal is free", 20)
        return self.lane.cloud.every_payment(reference=self.reference)

    def net(self) -> Optional[int]:
        """What the issuer took for this sale, from its own ledger."""
        intents = {one["clientToken"] for one in self.lane.cloud.every_payment(reference=self.reference)}
        found = [one.net() for one in self.lane.ledger.requests() if one.authorized_minor == self.amount or one.intent in intents]
        return sum(found) if found else None

    def close(self) -> None:
        """Ends the till, and leaves the terminal as the next sale needs it."""
        self.till.close()
        self.lane.cardholder()
        until(lambda: self.lane.status() == "ready", "the terminal is free again", 20)
