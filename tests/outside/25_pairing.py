"""Pairs devices that nobody knows: by code, through power cuts of both sides, until they are taken out of service and paired
anew."""
from __future__ import annotations

import re
import time
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.processes import Dev, Program, directory, free_port

ACTIVATE = "/v1/terminals/activate"
CODE = re.compile(r"^\s*(ACT-[0-9A-Z]{4}-[0-9A-Z]{4})\s*$")

suite = Suite("25_pairing", within_s=240)


class Device(Program):
    """`vinr terminal --pair` on a directory of its own."""

    def __init__(self, home: Any, name: str, api: str, *extra: str) -> None:
        super().__init__(["terminal", "--data", str(home / name), "--pair", api, "--pace-ms", "50", *extra], home / f"{name}.log")

    def codes(self) -> list[str]:
        """Every code that it has shown, the oldest first."""
        return [match[1] for match in map(CODE.match, list(self.said)) if match]

    def code(self, after: int = 0) -> str:
        """The code number `after`, counted from 0, as soon as it is shown."""
        return until(lambda: self.codes()[after:] or None, "a code is shown")[0]

    def says(self, word: str) -> bool:
        return any(word in line for line in list(self.said))


def activate(client: Client, code: str, **fields: Any) -> Any:
    return client.post(ACTIVATE, {"activationCode": code, **fields})


def order(terminal: str, **fields: Any) -> dict[str, Any]:
    return {"terminalId": terminal, "amount": 2500, "currency": "EUR", "responseMode": "sync", **fields}


def status(client: Client, terminal: str) -> Optional[str]:
    found: Optional[str] = client.get(f"/v1/terminals/{terminal}").json().get("status")
    return found


def from_code_to_payment(dev: Dev, client: Client, home: Any) -> tuple[Device, str]:
    with suite.group("a factory-fresh device shows a code, is activated, and takes a payment"):
        device = Device(home, "till", dev.api)
        code = device.code()
        suite.true(any("\u2588" in line or "\u2580" in line for line in device.said), "no QR code is shown")
        began = time.monotonic()
        answer = activate(client, code.lower().replace("-", " "), locationId="loc_dev", displayName="Counter 3")
        took = time.monotonic() - began
        terminal = answer.json()
        suite.equal((answer.status, terminal.get("status")), (200, "online"), f"activated: {terminal}")
        suite.equal((terminal.get("locationId"), terminal.get("displayName")), ("loc_dev", "Counter 3"), "as asked")
        suite.true(took < 5, f"{took:.2f} s from the code to online")
        print(f"     online {took * 1000:.0f} ms after the code was entered")
        id = str(terminal.get("id"))
        payment = client.post(PAYMENTS, order(id, reference="first")).json()
        suite.equal(payment.get("status"), "completed", f"the first payment: {payment}")
        again = activate(client, code)
        suite.equal((again.status, again.error().get("code")), (409, "activation_code_used"), "the same code again")
    return device, id


def out_of_service(client: Client, device: Device, terminal: str) -> None:
    with suite.group("a deactivated terminal is cut within two seconds and shows a new code; its payment ends unpaid"):
        waiting = client.post(f"{PAYMENTS}?simulateCard=none", order(terminal, responseMode="async")).json()
        until(lambda: device.says("present card"), "the prompt is shown")
        began = time.monotonic()
        answer = client.post(f"/v1/terminals/{terminal}/deactivate", {})
        suite.equal((answer.status, answer.json().get("status")), (200, "deactivated"), f"deactivated: {answer.body[:200]!r}")
        until(lambda: "refused by the cloud" in device.errors(), "the link is cut", within_s=5)
        took = time.monotonic() - began
        suite.true(took < 2, f"{took:.2f} s until the device knew")
        print(f"     cut {took * 1000:.0f} ms after it was asked for")
        refused = client.post(PAYMENTS, order(terminal)).json()
        suite.equal(refused.get("status"), "failed", f"another payment: {refused}")
        ended = until(lambda: client.payment(waiting["id"]).get("status") in ("failed", "cancelled"), "it ends", within_s=60)
        suite.true(ended, "the payment did not end")
    with suite.group("the same device is the same terminal when it is activated again"):
        answer = activate(client, device.code(1))
        suite.equal((answer.status, answer.json().get("id")), (200, terminal), f"activated again: {answer.body[:200]!r}")
        suite.equal(answer.json().get("status"), "online", "again online")
        payment = client.post(PAYMENTS, order(terminal, reference="second")).json()
        suite.equal(payment.get("status"), "completed", f"the payment after: {payment}")


def power_cuts(home: Any, ports: tuple[int, int], dev: Dev, client: Client) -> Dev:
    with suite.group("a device that loses its power goes on with the same code, also when the cloud lost it too"):
        device = Device(home, "cut", dev.api)
        code = device.code()
        device.kill()
        dev.kill()
        dev = Dev(data=dev.data, ports=ports)
        device = Device(home, "cut", dev.api)
        suite.equal(device.code(), code, "the code after both were cut")
        # Nobody is there when the code is entered; the device comes by itself.
        device.kill()
        answer = activate(client, code)
        suite.equal((answer.status, answer.json().get("status")), (200, "offline"), f"claimed: {answer.body[:200]!r}")
        dev.kill()
        dev = Dev(data=dev.data, ports=ports)
        Device(home, "cut", dev.api)
        terminal = answer.json()["id"]
        until(lambda: status(client, terminal) == "online", "the device comes online by itself")
        payment = client.post(PAYMENTS, order(terminal)).json()
        suite.equal(payment.get("status"), "completed", f"the payment: {payment}")
    return dev


def guesses_and_expiry(home: Any) -> None:
    dev = Dev("--activation-code-seconds", "2", "--no-simulator", data=home / "short")
    client = Client(dev.api, dev.key)
    with suite.group("an expired code is refused, and the device shows a new one by itself"):
        device = Device(home, "late", dev.api)
        first = device.code()
        second = device.code(1)
        suite.true(first != second, "the same code again")
        answer = activate(client, first)
        suite.equal((answer.status, answer.error().get("code")), (422, "activation_code_expired"), "the first code")
        device.stop()
    with suite.group("guessing ends after ten, with the time to wait, and the audit log has it"):
        answers = [activate(client, f"ACT-0000-00{number:02d}") for number in range(11)]
        suite.equal([answer.status for answer in answers], [404] * 10 + [429], "eleven guesses")
        suite.true(1 <= int(answers[-1].headers.get("retry-after", 0)) <= 600, f"Retry-After: {answers[-1].headers}")
        log = client.get("/v1/audit-log", limit=100).json()["data"]
        refused = [line for line in log if line["action"].startswith("terminal.activation_")]
        suite.equal(len(refused), 10, "lines in the audit log")
        malformed = activate(client, "ACT-1")
        suite.equal((malformed.status, malformed.error().get("param")), (400, "activationCode"), "half a code")
    dev.stop()


def main() -> None:
    home = directory()
    ports = (free_port(), free_port())
    dev = Dev("--prompt-timeout-ms", "6000", data=home / "cloud", ports=ports)
    client = Client(dev.api, dev.key)
    device, terminal = from_code_to_payment(dev, client, home)
    out_of_service(client, device, terminal)
    device.stop()
    dev = power_cuts(home, ports, dev, client)
    dev.stop()
    guesses_and_expiry(home)
    suite.finish()


main()
