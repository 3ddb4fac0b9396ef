"""What a shop relies on beside the sale itself: a reference of last week is not charged again, progress in every stream, receipts
of refunds, payments without the internet through a cash register, and terminals that are found in the network."""
from __future__ import annotations

import json
import threading
import uuid
from typing import Any, Callable

from rig.checks import Suite, until
from rig.client import Answer, Client
from rig.lan import Lan, Stream, context
from rig.mdns import Browser
from rig.processes import Dev, Terminal, free_port

suite = Suite("85_shop", within_s=240)
ports = (free_port(), free_port(), free_port())
PACE = ("--pace-ms", "60")
dev = Dev(*PACE, ports=ports)
TERMINAL, CA = dev.ready["terminalId"], dev.ready["caBundle"]


def doors() -> None:
    """Who speaks to whom, for this life of the platform."""
    global cloud, till, ecr
    cloud = Client(dev.api, dev.key)
    till = Lan(dev.ready["local"], context(CA, dev.ready["clientCert"], dev.ready["clientKey"]))
    ecr = Lan(dev.ready["cashless"].removesuffix("/cashless/v1"), context(CA), {"X-VINR-Cashless-Key": dev.ready["cashlessKey"]})


doors()


def ask(path: str, body: Any = None) -> Answer:
    return ecr.post(f"/cashless/v1/{path}", {} if body is None else body)


def name(kind: str = "POS") -> str:
    return f"{kind}-{uuid.uuid4().hex[:10]}"


def later(ask: Callable[[], Answer]) -> Callable[[], Answer]:
    """Asks on another thread; the answer when it is wanted."""
    got: list[Answer] = []
    asked = threading.Thread(target=lambda: got.append(ask()), daemon=True)
    asked.start()

    def answer() -> Answer:
        asked.join(60)
        assert got, "not answered"
        return got[0]

    return answer


def refunds() -> None:
    with suite.group("a refund has receipts of its own"):
        reference, back = name(), name("BACK")
        sold = ask("sale", {"amount": 2500, "currency": "USD", "reference": reference}).json()
        body = {"originalReference": reference, "amount": 700, "currency": "USD", "reference": back, "printReceipt": True}
        given = ask("refund", body)
        suite.equal((given.status, given.json()["status"]), (200, "approved"), f"{given.body[:200]!r}")
        receipt = given.json()["receiptData"]["customerReceipt"]
        suite.true("REFUND\nAmount: $7.00\n" in receipt and f"Reference: {back}" in receipt, receipt)
        suite.true(sold["transactionId"] in receipt, "it names the sale")
        last = ask("receipt/last", {"image": True}).json()
        suite.equal((last["transactionId"], last["reference"], last["status"]), (given.json()["transactionId"], back, "approved"), "last")
        suite.equal(last["receiptData"]["customerReceipt"], receipt, "the same receipt")
        suite.true(last["receiptData"]["customerImage"].startswith("iVBORw0KGgo"), "as an image too")
        suite.equal(ask("receipt/reprint", {"type": "both"}).json(), {"status": "printed", "type": "both"}, "printed again")


def progress() -> None:
    with suite.group("how far a payment is, in the streams of the cloud and of the terminal"):
        bearer = {"Authorization": f"Bearer {dev.key}"}
        wanted = "/v1/events/stream?enabled_events[]=terminal_payment.progress&enabled_events[]=terminal_payment.completed"
        above = Stream(Lan(dev.api, None, bearer), wanted)
        plain = Stream(Lan(dev.api, None, bearer), "/v1/events/stream")
        here = Stream(till)
        suite.equal((above.status, plain.status, here.status), (200, 200, 200), "streams")
        asked = {"amount": 1200, "currency": "USD"}
        local = till.post("/v1/pay?simulateCard=online_pin", {**asked, "terminalId": TERMINAL}).json()
        register = ask("sale", {**asked, "reference": name()}).json()
        remote = cloud.post("/v1/terminal/payments", {**asked, "terminalId": TERMINAL, "responseMode": "sync"}).json()
        paid = {"local": local["id"], "cashless": register["transactionId"], "cloud": remote["id"]}

        def stages(stream: Stream, id: str) -> list[str]:
            return [data["data"]["stage"] for _, kind, data in list(stream.said)
                    if kind == "terminal_payment.progress" and data["data"]["object"]["id"] == id]

        for way, id in paid.items():
            steps = ["awaiting_card", "card_presented", "pin_entry", "authorizing"] if way == "local" else ["awaiting_card", "authorizing"]
            for where, stream in (("the cloud", above), ("the terminal", here)):
                until(lambda: stages(stream, id)[-1:] == ["authorizing"], f"{way}: {where} tells", 10)
                suite.equal(stages(stream, id), steps, f"{way}: {where}")
            until(lambda: any(kind == "terminal_payment.completed" and data["data"]["object"]["id"] == id
                              for _, kind, data in list(above.said)), f"{way}: and then the event", 10)
        told = [data for _, kind, data in list(above.said) if kind == "terminal_payment.progress"]
        suite.true(all(data["object"] == "event" and data["livemode"] is False and "id" not in data for data in told), "no ids")
        suite.true(all(data["data"]["object"]["terminalId"] == TERMINAL for data in told), "the terminal is named")
        until(lambda: any(kind == "terminal_payment.completed" for _, kind, _ in list(plain.said)), "who does not name it", 10)
        suite.true(all(kind != "terminal_payment.progress" for _, kind, _ in list(plain.said)), "is not told")
        listed = cloud.get("/v1/events", limit=100).json()["data"]
        suite.true(all(event["type"] != "terminal_payment.progress" for event in listed), "nothing of it is kept")
        for stream in (above, plain, here):
            stream.end()


def forgotten() -> None:
    with suite.group("what the terminal has forgotten is not charged again"):
        global dev
        reference, stay, key = name(), name("STAY"), name("key")
        sale = {"amount": 2500, "currency": "USD", "reference": reference, "tipAmount": 300}
        hold = {"amount": 9000, "currency": "USD", "reference": stay}
        order = {"terminalId": TERMINAL, "amount": 1300, "currency": "USD", "reference": name("till")}
        sold, held = ask("sale", sale).json(), ask("preauth", hold).json()
        paid = till.post("/v1/pay", order, Idempotency_Key=key).json()
        suite.equal((sold["status"], held["status"], paid["status"]), ("approved", "approved", "completed"), "sold")
        until(lambda: all(cloud.get(f"/v1/terminal/payments/{id}").status == 200
                          for id in (sold["transactionId"], held["transactionId"], paid["id"])), "the cloud has them", 10)
        dev.stop()
        journals = [path for path in dev.data.rglob("journal") if TERMINAL in path.parts]
        suite.equal(len(journals), 1, f"{journals}")
        for path in journals:
            path.unlink()
        dev = Dev(*PACE, data=dev.data, ports=ports)
        doors()
        until(lambda: till.get("/v1/status").json().get("online") is True, "it is connected again", 20)
        again = ask("sale", sale)
        suite.equal(again.status, 200, f"{again.body[:200]!r}")
        suite.equal({field: again.json().get(field) for field in ("transactionId", "duplicate", "amount", "tipAmount", "totalAmount", "authCode")},
                    {**{field: sold[field] for field in ("transactionId", "amount", "tipAmount", "totalAmount", "authCode")}, "duplicate": True},
                    "the sale's own result")
        other = ask("sale", {**sale, "amount": 2600})
        suite.equal((other.status, other.error().get("code")), (409, "duplicate_reference"), "other amounts")
        again = ask("preauth", hold).json()
        suite.equal((again["transactionId"], again.get("duplicate")), (held["transactionId"], True), "the hold's")
        again = till.post("/v1/pay", order, Idempotency_Key=key)
        suite.equal((again.status, again.json().get("id")), (200, paid["id"]), f"the till's {again.body[:200]!r}")
        suite.equal(again.headers.get("idempotent-replayed"), "true", "and says so")
        done = {"originalReference": stay, "captureAmount": 8000, "currency": "USD", "reference": name("FINAL")}
        suite.equal(ask("preauth/complete", done).json().get("status"), "approved", "a forgotten hold is completed")
        twice = ask("preauth/complete", done).json()
        suite.equal((twice.get("status"), twice.get("duplicate")), ("approved", True), "once")
        for one in (reference, stay, order["reference"]):
            suite.equal(len(cloud.every_payment(reference=one)), 1, f"{one} was charged once")
        suite.equal(ask("sale", {**sale, "reference": name()}).json().get("status"), "approved", "and the next sale goes on")


def without_the_internet() -> None:
    with suite.group("a cash register sells without the internet"):
        limits = {"offlineMode": {"enabled": True, "maxAmount": 5000, "maxQueue": 3}}
        suite.equal(cloud.post(f"/v1/terminals/{TERMINAL}/configure", limits).status, 200, "offline mode")
        config = f"/v1/terminals/{TERMINAL}/effective-config"
        until(lambda: (lambda now: now.get("appliedVersion") == now.get("version"))(cloud.get(config).json()), "in force", 10)
        connected(False)
        reference = name()
        body = {"amount": 1500, "currency": "USD", "reference": reference, "printReceipt": True}
        sold = ask("sale", body)
        suite.equal((sold.status, sold.json().get("status"), sold.json().get("offline")), (200, "approved", True), f"{sold.body[:300]!r}")
        suite.true("authCode" not in sold.json(), "nobody has authorized it yet")
        suite.true("APPROVED OFFLINE" in sold.json()["receiptData"]["customerReceipt"], "and the receipt says so")
        again = ask("sale", body).json()
        suite.equal((again["transactionId"], again.get("duplicate")), (sold.json()["transactionId"], True), "once")
        too_much = ask("sale", {**body, "amount": 5001, "reference": name()})
        suite.equal((too_much.status, too_much.json().get("declineCode")), (402, "offline_limit_exceeded"), "over the limit")
        back = ask("refund", {"originalReference": reference, "amount": 1500, "currency": "USD", "reference": name()})
        suite.equal((back.status, back.error().get("code")), (503, "communication_error"), "a refund has to wait")
        connected(True)
        id = sold.json()["transactionId"]
        settled = until(lambda: (lambda got: got.json() if got.status == 200 and got.json()["status"] == "completed" else None)(
            cloud.get(f"/v1/terminal/payments/{id}")), "it is settled", 30)
        suite.equal((settled["amount"], settled.get("offline"), len(cloud.every_payment(reference=reference))), (1500, True, 1), "once")
        until(lambda: "offline" not in ask("status", {"reference": reference}).json(), "the register is told", 10)
        suite.true(ask("status", {"reference": reference}).json().get("authCode"), "now with the issuer's code")


def discovered() -> None:
    with suite.group("terminals of one machine are found by multicast DNS, and withdrawn"):
        names = ("term_found_one", "term_found_two")
        other = Dev("--external", names[0], "--external", names[1])
        office = Client(other.api, other.key)
        programs = [Terminal(other.data / "terminals" / name, "--listen", f"127.0.0.1:{free_port()}", "--announce", "loopback", "--log", "info")
                    for name in names]

        def doors_of(name: str, local: bool, cashless: bool) -> None:
            body = json.dumps({"localApi": {"enabled": local}, "cashless": {"enabled": cashless}})
            set_ = office.send("PUT", f"/v1/terminals/{name}/lan", body, {"Content-Type": "application/json"})
            suite.equal(set_.status, 200, f"{name}: {set_.body[:200]!r}")

        browser = Browser("_vinr-terminal._tcp.local.")
        try:
            for name in names:
                until(lambda: office.get(f"/v1/terminals/{name}").json()["status"] == "online", f"{name} is online", 20)
                doors_of(name, True, name == names[0])

            def mine(name: str) -> dict[str, Any]:
                return {key: one for key, one in browser.found().items() if one.texts.get("id") == name}

            for name, modes in zip(names, ("local,cashless", "local")):
                one = until(lambda: next(iter(mine(name).values()), None), f"{name} is announced", 30)
                suite.equal(one.texts, {"id": name, "model": "simulator", "modes": modes, "protocol": "1"}, f"{name}: what it says")
                suite.true(f"127.0.0.1:{one.port}" in " ".join(map(str, programs[names.index(name)].arguments)), f"{name}: port {one.port}")
            log = programs[0].log.read_text("utf-8", "replace")
            suite.true("announced" in log and "Loopback" in log, "the interfaces are in the log")
            doors_of(names[0], False, False)
            until(lambda: not mine(names[0]), "withdrawn with its doors", 30)
            suite.true(mine(names[1]), "the other stays")
            programs[1].stop()
            until(lambda: not mine(names[1]), "withdrawn with its program", 30)
        finally:
            browser.close()
            for program in programs:
                program.stop()
            other.stop()


def connected(there: bool) -> None:
    suite.equal(till.post("/v1/test/internet", {"connected": there}).status, 200, f"internet: {there}")
    until(lambda: till.get("/v1/status").json()["online"] is there, f"online: {there}", 20)


for part in (refunds, progress, forgotten, without_the_internet, discovered):
    part()
suite.finish()
