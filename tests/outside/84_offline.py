"""Payments without the internet: within the limits they go on, each ends as what it is, and none is lost or doubled,
whatever is killed in between."""
from __future__ import annotations

import json
import pathlib
import time
import uuid
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import Client
from rig.lan import Lan, context
from rig.processes import Dev, Terminal, free_port

suite = Suite("84_offline", within_s=300)
ports = (free_port(), free_port(), free_port())
dev = Dev("--pace-ms", "60", ports=ports)
cloud = Client(dev.api, dev.key)
TERMINAL, CA = dev.ready["terminalId"], dev.ready["caBundle"]
lan = Lan(dev.ready["local"], context(CA, dev.ready["clientCert"], dev.ready["clientKey"]))


def internet(connected: bool) -> None:
    answer = lan.post("/v1/test/internet", {"connected": connected})
    assert answer.status == 200, f"{answer.status} {answer.body[:200]!r}"
    until(lambda: lan.get("/v1/status").json()["online"] is connected, f"online: {connected}", 20)


def configure(**offline: Any) -> None:
    body = {"offlineMode": offline}
    answer = cloud.post(f"/v1/terminals/{TERMINAL}/configure", body)
    assert answer.status == 200, f"{answer.status} {answer.body[:300]!r}"

    def in_force() -> bool:
        status = cloud.get(f"/v1/terminals/{TERMINAL}/effective-config").json()
        return bool(status.get("appliedVersion") == status.get("version"))

    until(in_force, "the configuration is in force", 10)


def sell(amount: int = 1500, card: Optional[str] = None, **changes: Any) -> dict[str, Any]:
    body = {"terminalId": TERMINAL, "amount": amount, "currency": "USD", "reference": f"off-{uuid.uuid4().hex[:10]}", **changes}
    answer = lan.post("/v1/pay" + (f"?simulateCard={card}" if card else ""), body)
    assert answer.status == 200, f"{answer.status} {answer.body[:200]!r}"
    sold: dict[str, Any] = answer.json()
    return sold


def settled(id: str) -> dict[str, Any]:
    def look() -> Optional[dict[str, Any]]:
        answer = cloud.get(f"/v1/terminal/payments/{id}")
        body: dict[str, Any] = answer.json()
        return body if answer.status == 200 and body["status"] in ("completed", "failed") else None

    return until(look, f"{id} is settled", 30)


def limits() -> None:
    with suite.group("without offline mode nothing is approved alone"):
        internet(False)
        refused = sell()
        suite.equal((refused["status"], bool(refused.get("declineCode"))), ("failed", True), f"{refused}")
        internet(True)
    with suite.group("within the limits the shop goes on selling"):
        configure(enabled=True, maxAmount=5000, maxQueue=3, maxTotal=9000, maxAgeSeconds=3600)
        internet(False)
        sold = [sell(1500), sell(2500)]
        suite.equal([one["status"] for one in sold], ["processing", "processing"], "approved alone, and not final")
        suite.true(all(one.get("offline") is True for one in sold), "and says so")
        for what, amount in (("amount", 5001), ("total", 5000 + 1)):
            refused = sell(amount)
            suite.equal((refused["status"], refused.get("declineCode")), ("failed", "offline_limit_exceeded"), what)
        sold.append(sell(1000))
        suite.equal(sell(100).get("declineCode"), "offline_limit_exceeded", "count")
        suite.equal(lan.get("/v1/status").json()["offlinePending"], 3, "three wait")
        suite.true(cloud.get(f"/v1/terminal/payments/{sold[0]['id']}").status == 404, "the cloud cannot know yet")
        internet(True)
        for one in sold:
            now = settled(one["id"])
            suite.equal((now["status"], now["amount"], now.get("offline")), ("completed", one["amount"], True), "taken")
            suite.equal(len(cloud.every_payment(reference=one["reference"])), 1, "once")
        until(lambda: lan.get("/v1/status").json()["offlinePending"] == 0, "nothing waits any more", 20)


def declined_later() -> None:
    with suite.group("declined by the issuer afterwards"):
        internet(False)
        sold = sell(1000, card="offline_then_declined")
        suite.equal((sold["status"], sold.get("offline")), ("processing", True), "approved alone")
        internet(True)
        now = settled(sold["id"])
        suite.equal((now["status"], now.get("declineCode")), ("failed", "offline_auth_declined"), "and then not")
        events = cloud.get("/v1/events", type="terminal_payment.failed", limit=20).json()["data"]
        suite.true(any(event["data"]["object"]["id"] == sold["id"] for event in events), "whoever listens is told")


def killed() -> None:
    with suite.group("an approval given alone outlives a power cut of everything"):
        global dev, cloud, lan
        internet(False)
        sold = [sell(1100), sell(1200)]
        dev.kill()
        dev = Dev("--pace-ms", "60", data=dev.data, ports=ports)
        cloud = Client(dev.api, dev.key)
        lan = Lan(dev.ready["local"], context(CA, dev.ready["clientCert"], dev.ready["clientKey"]))
        for one in sold:
            suite.equal(settled(one["id"])["status"], "completed", "taken after the restart")
            suite.equal(len(cloud.every_payment(reference=one["reference"])), 1, "once")
    with suite.group("no card number stands in any file"):
        hits = [path for path in dev.data.rglob("*") if path.is_file() and b"4242424242424242" in path.read_bytes()]
        suite.equal(hits, [], "files with a card number")


def flushed() -> None:
    with suite.group("flush forwards at once and is reported as an action"):
        action = cloud.post(f"/v1/terminals/{TERMINAL}/actions", {"action": "flush"})
        suite.true(action.status in (200, 201, 202), f"{action.status} {action.body[:200]!r}")
        id = action.json()["id"]
        until(lambda: cloud.get(f"/v1/terminals/{TERMINAL}/actions/{id}").json()["status"] == "completed", "it is done", 20)
        internet(False)
        sold = [sell(1100), sell(1200)]
        internet(True)
        id = cloud.post(f"/v1/terminals/{TERMINAL}/actions", {"action": "flush"}).json()["id"]
        until(lambda: cloud.get(f"/v1/terminals/{TERMINAL}/actions/{id}").json()["status"] == "completed", "it is done", 30)
        ends = [cloud.payment(one["id"])["status"] for one in sold]
        suite.equal(ends, ["completed", "completed"], "when it is done everything has been decided")


for part in (limits, declined_later, killed, flushed):
    part()
suite.finish()
