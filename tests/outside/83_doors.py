"""Who opens and closes a terminal's doors: the location's switch, the terminal's own word before it, and what follows when an
account is suspended or a terminal is taken out of service."""
from __future__ import annotations

import json
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import PAYMENTS, Answer, Client
from rig.lan import Lan, context
from rig.processes import Dev, Terminal, directory, free_port

COUNTER = "term_doors"
OF = f"/v1/terminals/{COUNTER}"
OPERATOR = "ok_vinr_dev"

suite = Suite("83_doors", within_s=240)
dev = Dev("--external", COUNTER, "--pace-ms", "50")
cloud, operator = Client(dev.api, dev.key), Client(dev.api, OPERATOR)
port, wire = free_port(), free_port()
device = Terminal(dev.data / "terminals" / COUNTER, "--listen", f"127.0.0.1:{port}", "--open-wire", f"127.0.0.1:{wire}",
                  "--announce", "off", "--pace-ms", "50")
files = directory()


def put(path: str, body: Any, client: Client = cloud) -> dict[str, Any]:
    answer = client.send("PUT", path, json.dumps(body), {"Content-Type": "application/json"})
    suite.equal(answer.status, 200, f"PUT {path}: {answer.body[:200]!r}")
    answered: dict[str, Any] = answer.json()
    return answered


def configure(body: Any) -> None:
    answer = cloud.post(f"{OF}/configure", body)
    suite.equal(answer.status, 200, f"configure: {answer.body[:200]!r}")


def location(body: Any) -> None:
    put("/v1/locations/loc_dev/terminal-config", body)


def in_sync() -> bool:
    return bool(cloud.get(f"{OF}/lan").json().get("status") == "in_sync")


def says(key: str) -> tuple[Any, Any]:
    """What holds for a door, and who says so."""
    told = cloud.get(f"{OF}/effective-config").json()["config"][key]["enabled"]
    return told["value"], told["source"]


def till() -> tuple[Lan, dict[str, Any]]:
    """A till with a certificate of its own."""
    made = cloud.post(f"{OF}/client-certificates", {"name": "Till 1"}).json()
    pem = files / f"{made['id']}.pem"
    pem.write_text(made["certificate"] + made["privateKey"])
    pem.chmod(0o600)
    return Lan(f"https://127.0.0.1:{port}", context(dev.ready["caBundle"], str(pem))), made


def asked(lan: Lan, method: str, path: str, body: Any = None) -> Optional[Answer]:
    """The answer; nothing when nobody listens."""
    try:
        return lan.send(method, path, body, timeout_s=30)
    except OSError:
        return None


def served(lan: Lan) -> bool:
    answer = asked(lan, "GET", PAYMENTS)
    return answer is not None and answer.status == 200


def cashless(secret: str) -> Lan:
    return Lan(f"https://127.0.0.1:{port}", context(dev.ready["caBundle"]), {"X-VINR-Cashless-Key": secret})


def by_location(lan: Lan) -> None:
    with suite.group("a location opens the doors of its terminals"):
        configure({"localApi": None, "cashlessApi": None})
        until(in_sync, "what the sandbox said is taken away", 20)
        suite.equal(says("localApi"), (False, "model_default"), "nobody says anything")
        until(lambda: not served(lan), "nothing is served", 20)
        location({"localApi": {"enabled": True}})
        until(lambda: served(lan), "the Local API is served", 20)
        until(in_sync, "and the terminal has said so", 20)
        suite.equal((says("localApi"), says("cashlessApi")), ((True, "location"), (False, "model_default")), "who says so")
        paid = lan.post("/v1/pay", {"terminalId": COUNTER, "amount": 500, "currency": "USD", "reference": "doors-1"})
        suite.equal((paid.status, paid.json().get("status")), (200, "completed"), "a till pays")
    with suite.group("the terminal's own word goes before it, whichever way it is said"):
        own = put(f"{OF}/lan", {"cashless": {"enabled": True}})
        suite.equal((own["localApi"]["enabled"], own["cashless"]["enabled"]), (False, True), "as it was put")
        until(lambda: not served(lan), "the Local API is closed", 20)
        suite.equal((says("localApi"), says("cashlessApi")), ((False, "terminal"), (True, "terminal")), "who says so")
        configure({"localApi": {"enabled": True}})
        until(lambda: served(lan), "the Local API is open again", 20)
        suite.equal(cloud.get(f"{OF}/lan").json()["localApi"]["enabled"], True, "one truth on both paths")
    with suite.group("without the terminal's word, the location's holds again"):
        location({"cashlessApi": {"enabled": True}})
        suite.true(served(lan), "the terminal's own word still holds")
        configure({"localApi": None})
        until(lambda: not served(lan), "closed, as the location says nothing of it", 20)
        location({"localApi": {"enabled": True}, "cashlessApi": {"enabled": True}})
        configure({"cashlessApi": None})
        until(lambda: served(lan), "open, as the location says", 20)
        until(in_sync, "and the terminal has said so", 20)


def suspended(lan: Lan, ecr: Lan) -> None:
    order = {"terminalId": COUNTER, "amount": 900, "currency": "USD", "reference": "doors-2"}
    sale = {"amount": 900, "currency": "USD", "reference": "POS-2"}
    with suite.group("tills of a suspended account are told so, may look, and go on when it does"):
        sold = ecr.post("/cashless/v1/sale", {**sale, "reference": "POS-1"})
        suite.equal((sold.status, sold.json().get("status")), (200, "approved"), f"before: {sold.body[:200]!r}")
        account = operator.get("/v1/operator/accounts").json()["data"][-1]["id"]
        stop = operator.post(f"/v1/operator/accounts/{account}", {"suspended": True})
        suite.equal(stop.status, 200, f"suspend: {stop.body[:200]!r}")
        refund = ecr.post("/cashless/v1/refund", {"amount": 100, "currency": "USD", "reference": "BACK-1", "originalReference": "POS-1"})
        suite.equal((refund.status, refund.error().get("code")), (403, "account_suspended"), "a refund, at once")

        def told() -> bool:
            answer = lan.post("/v1/pay", order)
            if answer.status == 200:
                suite.equal((answer.json()["status"], answer.json().get("declineCode")), ("failed", "account_suspended"), "until then")
            return answer.status == 403

        until(told, "the terminal knows", 15)
        refused = lan.post("/v1/pay", order)
        suite.equal((refused.status, refused.error().get("code")), (403, "account_suspended"), "an order")
        refused = ecr.post("/cashless/v1/sale", sale)
        suite.equal((refused.status, refused.error().get("code")), (403, "account_suspended"), "a cash register's sale")
        suite.equal(lan.get(PAYMENTS, reference="doors-1").json()["data"][0]["status"], "completed", "looking works")
        operator.post(f"/v1/operator/accounts/{account}", {"suspended": False})
        until(lambda: ecr.post("/cashless/v1/sale", sale).status == 200, "it goes on", 15)
        again = ecr.post("/cashless/v1/refund", {"amount": 100, "currency": "USD", "reference": "BACK-1", "originalReference": "POS-1"})
        suite.equal(again.status, 200, f"the refund: {again.body[:200]!r}")


def capped() -> None:
    with suite.group("an operator's cap bounds what waits in all"):
        account = operator.get("/v1/operator/accounts").json()["data"][-1]["id"]
        operator.post(f"/v1/operator/accounts/{account}", {"offlineCap": {"maxTotal": 4000}})
        location({"localApi": {"enabled": True}, "cashlessApi": {"enabled": True},
                  "offlineMode": {"enabled": True, "maxAmount": 3000, "maxQueue": 9}})

        def total() -> Any:
            return cloud.get(f"{OF}/effective-config").json()["config"]["offlineMode"]["maxTotal"]

        until(lambda: total() == {"value": 4000, "source": "account_cap"}, f"the cap is what holds: {total()}", 10)
        operator.post(f"/v1/operator/accounts/{account}", {"offlineCap": {"maxTotal": None}})
        until(lambda: total()["value"] == 27000, "without it, what the location allows", 10)


def out_of_service(lan: Lan, ecr: Lan, made: dict[str, Any]) -> None:
    with suite.group("a terminal that goes out of service lets nobody in any more, at once, and the lists say why"):
        suite.true(served(lan), "served before")
        gone = cloud.post(f"{OF}/deactivate", {})
        suite.equal(gone.status, 200, f"deactivate: {gone.body[:200]!r}")
        until(lambda: not served(lan), "the till is refused", 2)
        sale = asked(ecr, "POST", "/cashless/v1/sale", {"amount": 1, "currency": "USD", "reference": "POS-9"})
        suite.true(sale is None or sale.status in (401, 403, 404), f"the cash register is refused: {sale}")
        shown = cloud.get(f"{OF}/client-certificates/{made['id']}").json()
        suite.equal((shown["status"], shown["revokedReason"]), ("revoked", "terminal_deactivated"), "the certificate")
        key = cloud.get(f"{OF}/cashless-key").json()
        suite.equal((key["hint"], key["revoked"]["reason"]), (None, "terminal_deactivated"), "the key")
    with suite.group("nor after a start of its own"):
        device.kill()
        again = Terminal(dev.data / "terminals" / COUNTER, "--listen", f"127.0.0.1:{port}", "--announce", "off", "--cloud",
                         f"127.0.0.1:{free_port()}")
        until(lambda: "terminal" in again.errors() or again.said, "it has started", 20)
        suite.true(not served(lan), "the till is let in by a terminal that cannot reach the cloud")
        again.stop()


def main() -> None:
    until(lambda: cloud.get(OF).json().get("status") == "online", "the terminal is online", 30)
    moved = cloud.post(OF, {"locationId": "loc_dev"})
    suite.equal(moved.status, 200, f"{moved.body[:200]!r}")
    lan, made = till()
    by_location(lan)
    ecr = cashless(cloud.post(f"{OF}/cashless-key", {}).json()["secret"])
    until(in_sync, "the key has arrived", 10)
    suspended(lan, ecr)
    capped()
    out_of_service(lan, ecr, made)
    suite.finish()


main()
