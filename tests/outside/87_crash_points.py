"""A terminal that kills itself (SIGKILL) at each named moment of a payment's life, the real program with its real files. Whatever
the till was told stands, nobody is charged twice, and the terminal is free again."""
from __future__ import annotations

import json
import pathlib
import shutil
import subprocess
import threading
import time
import uuid
from typing import Any, Optional

from rig import processes
from rig.checks import Suite, until
from rig.client import Answer, Client
from rig.lan import Lan, context
from rig.ledger import Ledger
from rig.processes import BINARY, Dev, Terminal, directory, free_port

TERMINAL = "term_doomed"
#: Moments of a payment that a till begins, with the cloud there.
ONLINE = (
    "OrderNotSynced", "OrderSynced", "OrderNotAnswered", "RequestNotSynced", "RequestSynced", "RequestSent", "AnswerReceived",
    "OutcomeNotSynced", "OutcomeNotShown", "OutcomeNotConfirmed",
)
#: Moments of one that the terminal approves alone, and of handing it in.
ALONE = ("OfflineNotSynced", "OfflineSynced", "OfflineMarked", "OfflineNotAnswered", "ForwardNotSent")
#: Moments of a payment that the cloud asks for, and of its end.
CLOUD = ("CommandReceived", "EndNotSynced", "EndNotReported")
#: Moments beside payments.
UPKEEP = ("MemoryNotWritten", "MemoryWritten")

suite = Suite("87_crash_points", within_s=420)


def doomed() -> str:
    """The program that can be told when to die; the usual one is where it was afterwards."""
    ours = pathlib.Path(BINARY)
    kept = ours.with_name("vinr-doomed")
    root = pathlib.Path(__file__).resolve().parents[2]
    build = ["cargo", "build", "--quiet", "-p", "vinr", "--bin", "vinr"]
    subprocess.run([*build, "--features", "crash-points"], cwd=root, check=True)
    shutil.copy2(ours, kept)
    subprocess.run(build, cwd=root, check=True)
    return str(kept)


DOOMED = doomed()
dev = Dev("--external", TERMINAL, "--pace-ms", "30")
cloud, ledger = Client(dev.api, dev.key), Ledger(dev.data)
port = free_port()
files = dev.data / "terminals" / TERMINAL


def start(die_at: Optional[str] = None) -> Terminal:
    usual, processes.BINARY = processes.BINARY, DOOMED
    try:
        extra = ["--die-at", die_at] if die_at else []
        return Terminal(files, "--listen", f"127.0.0.1:{port}", "--pace-ms", "30", *extra)
    finally:
        processes.BINARY = usual


def serving() -> bool:
    try:
        return bool(lan.get("/v1/status").json().get("online"))
    except OSError:
        return False


def of(path: str = "") -> str:
    return f"/v1/terminals/{TERMINAL}{path}"


first = start()
until(lambda: cloud.get(of()).json()["status"] == "online", "the terminal is there", 30)
made = cloud.post(of("/client-certificates"), {"name": "Till"}).json()
pem = directory() / "till.pem"
pem.write_text(made["certificate"] + made["privateKey"])
pem.chmod(0o600)
lan = Lan(f"https://127.0.0.1:{port}", context(dev.ready["caBundle"], str(pem)))
asked = cloud.send("PUT", of("/lan"), json.dumps({"localApi": {"enabled": True}}), {"Content-Type": "application/json"})
assert asked.status == 200, asked.body
limits = {"offlineMode": {"enabled": True, "maxAmount": 90000, "maxQueue": 50, "maxTotal": 900000, "maxAgeSeconds": 3600}}
assert cloud.post(of("/configure"), limits).status == 200
until(serving, "it serves tills", 30)
until(lambda: (lambda c: c["appliedVersion"] == c["version"])(cloud.get(of("/effective-config")).json()), "configured", 20)
first.stop()


class Order:
    """One order of a till that asks until it knows."""

    def __init__(self) -> None:
        self.token, self.reference = _version_7(str(uuid.uuid4())), f"doom-{uuid.uuid4().hex[:10]}"

    def pay(self) -> Answer:
        return lan.post("/v1/pay", {
            "terminalId": TERMINAL, "amount": 1700, "currency": "USD", "reference": self.reference, "clientToken": self.token,
        })

    def try_to(self) -> Optional[dict[str, Any]]:
        try:
            answer = self.pay()
            return dict(answer.json()) if answer.status == 200 else None
        except (OSError, ValueError):
            return None

    def final(self) -> Optional[dict[str, Any]]:
        """What it is told in the end."""
        told = self.try_to()
        return told if told and told["status"] in ("completed", "failed", "cancelled") else None

    def known(self) -> list[dict[str, Any]]:
        return cloud.every_payment(reference=self.reference)

    def settled(self) -> dict[str, Any]:
        def look() -> Optional[dict[str, Any]]:
            found = [one for one in self.known() if one["status"] in ("completed", "failed", "cancelled")]
            return found[0] if found else None

        return until(look, f"{self.reference} is settled", 60)

    def charged(self) -> int:
        ids = {one["id"] for one in self.known()}
        return sum(1 for request in ledger.requests() if request.payment in ids and request.net())


def _version_7(token: str) -> str:
    """The same with the time in front, as tills name their payments."""
    now = f"{int(time.time() * 1000):012x}"
    return f"{now[:8]}-{now[8:]}-7{token[15:]}"


def died(terminal: Terminal, point: str) -> bool:
    try:
        return suite.equal(terminal.process.wait(30), -9, f"{point}: it died there")
    except subprocess.TimeoutExpired:
        terminal.stop()
        return suite.true(False, f"{point}: it never got there")


def online(point: str) -> None:
    terminal = start(point)
    until(serving, f"{point}: it serves", 30)
    order = Order()
    told = order.try_to()
    if not died(terminal, point):
        return
    again = start()
    try:
        until(serving, f"{point}: it is back", 30)
        now = until(order.final, f"{point}: the till learns", 60)
        if now["status"] == "cancelled":
            # Its request never left, so the cloud never heard of it and never will.
            suite.equal(point, "RequestSynced", f"{point}: called off")
            suite.equal((order.known(), told), ([], None), f"{point}: nobody was told anything else")
        else:
            end = order.settled()
            suite.equal(now["status"], end["status"], f"{point}: the till and the cloud say the same")
            suite.equal(len(order.known()), 1, f"{point}: one payment")
            suite.equal(order.charged(), int(end["status"] == "completed"), f"{point}: charged as often as it says")
            if told and told["status"] == "completed":
                suite.equal(end["status"], "completed", f"{point}: what the till was told stands")
        suite.true(Order().try_to(), f"{point}: the next customer can pay")
    finally:
        again.stop()


def alone(point: str) -> None:
    terminal = start(point)
    until(serving, f"{point}: it serves", 30)
    assert lan.post("/v1/test/internet", {"connected": False}).status == 200
    order = Order()
    told = order.try_to()
    if point == "ForwardNotSent":
        suite.true(told and told.get("offline"), f"{point}: approved alone: {told}")
        try:
            lan.post("/v1/test/internet", {"connected": True})
        except OSError:
            pass
    if not died(terminal, point):
        return
    again = start()
    try:
        until(serving, f"{point}: it is back", 30)
        end = (until(order.try_to, f"{point}: the till learns", 60), order.settled())[1]
        suite.equal(len(order.known()), 1, f"{point}: one payment")
        suite.equal(order.charged(), int(end["status"] == "completed"), f"{point}: charged as often as it says")
        if told:
            suite.equal(end["status"], "completed", f"{point}: what the till was told stands")
        until(lambda: lan.get("/v1/status").json()["offlinePending"] == 0, f"{point}: nothing waits", 30)
    finally:
        again.stop()


def from_above(point: str) -> None:
    terminal = start(point)
    until(lambda: cloud.get(of()).json()["status"] == "online", "it is there", 30)
    until(serving, f"{point}: it serves", 30)
    card = "" if point == "CommandReceived" else "?simulateCard=none"
    reference = f"doom-{uuid.uuid4().hex[:10]}"
    made = cloud.post(f"/v1/terminal/payments{card}", {"terminalId": TERMINAL, "amount": 900, "currency": "USD", "reference": reference})
    id = made.json()["id"]
    if point != "CommandReceived":
        # Cancelled while the customer is asked.
        threading.Timer(0.0, lambda: cloud.post(f"/v1/terminal/payments/{id}/cancel", {})).start()
    if not died(terminal, point):
        return
    again = start()
    try:
        ends = ("completed", "failed", "cancelled")
        now = until(lambda: (lambda p: p if p["status"] in ends else None)(cloud.payment(id)), f"{point}: it ends", 150)
        charged = sum(1 for request in ledger.requests() if request.payment == id and request.net())
        suite.equal(charged, int(now["status"] == "completed"), f"{point}: charged as often as it says")
        if point != "CommandReceived":
            suite.equal(now["status"], "cancelled", f"{point}: called off")
        until(serving, f"{point}: it is back", 30)
        suite.true(Order().try_to(), f"{point}: the next customer can pay")
    finally:
        again.stop()


def beside(point: str) -> None:
    terminal = start(point)
    until(lambda: cloud.get(of()).json()["status"] == "online", "it is there", 30)
    until(serving, f"{point}: it serves", 30)
    action = cloud.post(of("/actions"), {"action": "lock"}).json()
    if not died(terminal, point):
        return
    again = start()
    try:
        path = of(f"/actions/{action['id']}")
        until(lambda: cloud.get(path).json()["status"] == "completed", f"{point}: it is locked after all", 60)
        suite.true(cloud.get(of()).json()["locked"], f"{point}: locked")
        cloud.post(of("/actions"), {"action": "unlock"})
        until(lambda: not cloud.get(of()).json()["locked"], f"{point}: unlocked", 30)
    finally:
        again.stop()


for title, points, play in (
    ("a payment that a till begins", ONLINE, online),
    ("one that the terminal approves alone", ALONE, alone),
    ("one that the cloud asks for", CLOUD, from_above),
    ("what is beside payments", UPKEEP, beside),
):
    with suite.group(f"killed in the middle of {title}"):
        for point in points:
            play(point)
with suite.group("and in the end"):
    suite.equal(ledger.anomalies(), [], "the issuer has nothing to complain of")
suite.finish()
