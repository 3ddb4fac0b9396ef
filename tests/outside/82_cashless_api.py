"""The Cashless API as an ECR uses it, by curl: every request of its page, field by field, and everything that can go wrong."""
from __future__ import annotations

import json
import threading
import time
import uuid
from typing import Any, Callable

from rig.checks import Suite, until
from rig.client import Answer, Client
from rig.curl import Curl
from rig.lan import Lan, context
from rig.processes import Dev
from rig.shapes import rfc3339, text, whole

suite = Suite("82_cashless_api", within_s=300)
dev = Dev("--pace-ms", "60", "--acquirer-answer-ms", "3000")
cloud = Client(dev.api, dev.key)
BASE, CA, KEY, TERMINAL = dev.ready["cashless"], dev.ready["caBundle"], dev.ready["cashlessKey"], dev.ready["terminalId"]
curl = Curl()
ORIGIN = BASE.removesuffix("/cashless/v1")
ecr = Lan(ORIGIN, context(CA), {"X-VINR-Cashless-Key": KEY})
TPAY, TRANSACTION = text(r"tpay_[0-9A-Za-z]+"), text(r"(tpay|re)_[0-9A-Za-z]+")
Test = Callable[[Any], bool]


def ask(path: str, body: Any = None, key: str = KEY) -> Answer:
    """The page's request, by curl."""
    return curl("--cacert", CA, "-X", "POST", f"{BASE}/{path}", "-H", "Content-Type: application/json", "-H",
                f"X-VINR-Cashless-Key: {key}", "-d", json.dumps({} if body is None else body))


def name() -> str:
    return f"POS-{uuid.uuid4().hex[:10]}"


def is_(got: Answer, http: int, what: str, /, optional: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """The body has exactly these fields (and may have the optional ones), each as it should be."""
    suite.equal(got.status, http, f"{what}: HTTP status ({got.body[:300]!r})")
    body: dict[str, Any] = got.json()
    suite.true(set(fields) <= set(body) <= set(fields) | set(optional), f"{what}: fields {sorted(body)}")
    for field, want in fields.items():
        if callable(want):
            suite.true(want(body.get(field)), f"{what}: {field} is {body.get(field)!r}")
        else:
            suite.equal(body.get(field), want, f"{what}: {field}")
    return body


def fails(got: Answer, status: int, code: str, what: str) -> None:
    suite.equal(got.status, status, f"{what}: status ({got.body[:300]!r})")
    error = got.json().get("error", {})
    suite.equal(error.get("code"), code, f"{what}: code")
    suite.true(isinstance(error.get("message"), str) and len(error["message"]) > 7, f"{what}: message")


def free() -> None:
    until(lambda: ask("status").json().get("status") == "ready", "the terminal is free", 20)


def is_receipt(value: Any) -> bool:
    texts = [value.get("merchantReceipt"), value.get("customerReceipt")] if isinstance(value, dict) else [None]
    return all(isinstance(one, str) and "\n" in one for one in texts) and "4242 4242" not in json.dumps(value)


def sale() -> None:
    with suite.group("status, sale, decline"):
        is_(ask("status"), 200, "ready", optional=("lastTransaction",), status="ready", terminalId=TERMINAL,
            model="simulator", softwareVersion=text(r"\d+\.\d+\.\d+.*"))
        reference = name()
        body = {"amount": 2500, "currency": "USD", "reference": reference, "tipAmount": 300, "printReceipt": True}
        sold = is_(ask("sale", body), 200, "sale", optional=("cardholderName",), status="approved", reference=reference,
                   transactionId=TPAY, amount=2500, tipAmount=300, totalAmount=2800, currency="USD",
                   authCode=text(r"[A-Z0-9]{4,8}"), entryMethod="contactless", cardScheme="visa",
                   maskedPan=text(r"\*{8,15}4242"), receiptData=is_receipt, completedAt=rfc3339)
        receipt = sold["receiptData"]["customerReceipt"]
        suite.true("25.00" in receipt and "28.00" in receipt and "3.00" in receipt, f"amounts on the receipt:\n{receipt}")
        suite.true(all(len(line) <= 48 for line in receipt.splitlines()), "it fits on the paper")
        last = ask("status").json()["lastTransaction"]
        suite.equal((last["reference"], last["status"]), (reference, "approved"), "the last transaction")
        suite.true(rfc3339(last["completedAt"]), "when it was")
        again = ask("sale", body).json()
        suite.equal((again["transactionId"], again.get("duplicate")), (sold["transactionId"], True), "repeated: no second charge")
        fails(ask("sale", {**body, "amount": 2600}), 409, "duplicate_reference", "another amount under the same reference")
        found = until(lambda: cloud.every_payment(reference=reference), "the cloud has it", 10)
        suite.equal([(one["id"], one["amount"]) for one in found], [(sold["transactionId"], 2800)], "once, tip included")
        by_reference = ask("status", {"reference": reference}).json()
        suite.true(reference in json.dumps(by_reference) and "approved" in json.dumps(by_reference), f"{by_reference}")
    with suite.group("declined, and tried again under the same reference"):
        reference = name()
        body = {"amount": 900, "currency": "EUR", "reference": reference}
        waiting = start("sale", body, card="card_declined")
        got = waiting()
        suite.equal(got.status, 402, f"{got.body[:200]!r}")
        is_(got, 402, "declined", optional=("receiptData", "transactionId"), status="declined", reference=reference,
            declineCode="card_declined", declineMessage=text(r".{5,}"), completedAt=rfc3339,
            error=lambda error: error.get("code") == "card_declined" and bool(error.get("message")))
        suite.equal(ask("sale", body).json().get("status"), "approved", "another card, the same reference")


def start(path: str, body: Any, card: str = "none") -> Callable[[], Answer]:
    """Asks on another thread, with a customer of the sandbox; the answer when it is wanted."""
    got: list[Answer] = []
    asked = threading.Thread(target=lambda: got.append(ecr.post(f"/cashless/v1/{path}?simulateCard={card}", body)), daemon=True)
    asked.start()

    def answer() -> Answer:
        asked.join(60)
        assert got, f"{path} was not answered"
        return got[0]

    return answer


def cancel() -> None:
    with suite.group("busy, cancelled, and too late to cancel"):
        reference = name()
        waiting = start("sale", {"amount": 700, "currency": "EUR", "reference": reference})
        busy = until(lambda: (lambda body: body if body["status"] == "busy" else None)(ask("status").json()), "it is busy", 10)
        suite.equal(busy["activeTransaction"]["reference"], reference, "busy")
        suite.true(rfc3339(busy["activeTransaction"]["startedAt"]), "since when")
        fails(ask("sale", {"amount": 1, "currency": "EUR", "reference": name()}), 409, "terminal_busy", "another sale")
        fails(ask("cancel", {"reference": name()}), 404, "transaction_not_found", "a cancel of something else")
        is_(ask("cancel", {"reference": reference}), 200, "cancel", optional=("transactionId",), status="cancelled", reference=reference, cancelledAt=rfc3339)
        ended = waiting()
        suite.equal((ended.status, ended.json()["status"]), (200, "cancelled"), "the sale is answered too")
        free()
        reference = name()
        waiting = start("sale", {"amount": 700, "currency": "EUR", "reference": reference})
        until(lambda: ask("status").json()["status"] == "busy", "it is busy", 10)
        is_(ask("cancel"), 200, "cancel of whatever is active", optional=("transactionId",), status="cancelled", reference=reference, cancelledAt=rfc3339)
        waiting()
        free()
        fails(ask("cancel"), 404, "transaction_not_found", "nothing to cancel")
        waiting = start("sale", {"amount": 700, "currency": "EUR", "reference": name()}, card="issuer_late")
        until(lambda: ask("status").json()["status"] == "busy", "it is busy", 10)
        time.sleep(0.5)  # the customer of the sandbox taps after 60 ms; the issuer says nothing for 3 s
        fails(ask("cancel"), 422, "cancel_not_allowed", "a cancel after the card")
        late = waiting()
        suite.true(late.status in (200, 503), f"the sale has an answer: {late.status} {late.body[:200]!r}")
        free()


def preauth() -> None:
    with suite.group("pre-authorisation: held, completed, cancelled"):
        reference, final = name(), name()
        held = is_(ask("preauth", {"amount": 10_000, "currency": "USD", "reference": reference}), 200, "preauth",
                   optional=("cardholderName", "receiptData"), status="approved", reference=reference, transactionId=TPAY,
                   amount=10_000, currency="USD", authCode=text(r"[A-Z0-9]{4,8}"), entryMethod="contactless",
                   cardScheme="visa", maskedPan=text(r"\*{8,15}4242"), expiresAt=rfc3339, completedAt=rfc3339)
        body = {"originalReference": reference, "captureAmount": 8750, "currency": "USD", "reference": final}
        fails(ask("preauth/complete", {**body, "captureAmount": 10_001}), 422, "amount_exceeds_original", "more than is held")
        fails(ask("preauth/complete", {**body, "currency": "EUR"}), 422, "currency_mismatch", "another currency")
        fails(ask("preauth/complete", {**body, "originalReference": name()}), 404, "transaction_not_found", "unknown")
        done = is_(ask("preauth/complete", body), 200, "complete", optional=("receiptData",), status="approved",
                   reference=final, transactionId=TRANSACTION, captureAmount=8750, currency="USD",
                   authCode=text(r"[A-Z0-9]{4,8}"), completedAt=rfc3339)
        again = ask("preauth/complete", body).json()
        suite.equal((again.get("transactionId"), again.get("duplicate")), (done["transactionId"], True), "repeated")
        fails(ask("preauth/complete", {**body, "reference": name()}), 422, "preauth_already_completed", "a second completion")
        until(lambda: cloud.payment(held["transactionId"])["status"] == "completed", "the cloud took it", 10)
        suite.equal(cloud.payment(held["transactionId"])["amountCaptured"], 8750, "so much")
        reference = name()
        held = ask("preauth", {"amount": 5_000, "currency": "USD", "reference": reference}).json()
        released = ask("preauth/cancel", {"originalReference": reference})
        suite.equal((released.status, released.json()["status"]), (200, "cancelled"), f"released: {released.body[:200]!r}")
        until(lambda: cloud.payment(held["transactionId"])["status"] == "cancelled", "voided in the cloud", 10)


def refund() -> None:
    with suite.group("refunds: partial, many, never too much"):
        reference = name()
        sold = ask("sale", {"amount": 2500, "currency": "USD", "reference": reference}).json()
        back = name()
        body = {"originalReference": reference, "amount": 1000, "currency": "USD", "reference": back, "printReceipt": False}
        first = is_(ask("refund", body), 200, "refund", optional=("receiptData",), status="approved", reference=back,
                    transactionId=TRANSACTION, amount=1000, currency="USD", originalTransactionId=sold["transactionId"],
                    completedAt=rfc3339)
        again = ask("refund", body).json()
        suite.equal((again.get("transactionId"), again.get("duplicate")), (first["transactionId"], True), "repeated: once")
        fails(ask("refund", {**body, "amount": 999}), 409, "duplicate_reference", "another amount under the same reference")
        fails(ask("refund", {**body, "reference": name(), "amount": 1501}), 422, "amount_exceeds_original", "too much")
        fails(ask("refund", {**body, "reference": name(), "currency": "EUR"}), 422, "currency_mismatch", "another currency")
        fails(ask("refund", {**body, "reference": name(), "originalReference": name()}), 404, "transaction_not_found", "unknown")
        suite.equal(ask("refund", {**body, "reference": name(), "amount": 1500}).json().get("status"), "approved", "the rest")
        fails(ask("refund", {**body, "reference": name(), "amount": 1}), 422, "amount_exceeds_original", "nothing is left")
        suite.equal(cloud.payment(sold["transactionId"])["amountRefunded"], 2500, "the cloud counted both")


def batch() -> None:
    with suite.group("the batch is closed once"):
        reference = name()
        closed = is_(ask("batch/close", {"reference": reference}), 200, "close", optional=("batches", "pendingCount"),
                     status="closed", batchId=text(r"batch_[0-9A-Za-z]+"), reference=reference, transactionCount=whole(),
                     totalAmount=whole(-10**9), currency=text(r"[A-Z]{3}"), closedAt=rfc3339)
        again = ask("batch/close", {"reference": reference}).json()
        suite.equal(again["batchId"], closed["batchId"], "the same reference: the same batch")
        empty = ask("batch/close", {"reference": name()}).json()
        suite.equal((empty["transactionCount"], empty["totalAmount"]), (0, 0), "nothing to settle")


def receipts() -> None:
    with suite.group("receipts: the last, and on paper"):
        reference = name()
        sold = ask("sale", {"amount": 1234, "currency": "EUR", "reference": reference}).json()
        last = is_(ask("receipt/last"), 200, "last", transactionId=sold["transactionId"], reference=reference,
                   status="approved", receiptData=lambda data: is_receipt(data) and data.get("signatureRequired") is False,
                   completedAt=rfc3339)
        suite.true("12.34" in last["receiptData"]["merchantReceipt"], last["receiptData"]["merchantReceipt"])
        for asked, wanted in (({"type": "customer"}, "customer"), ({}, "customer"), ({"type": "both"}, "both"),
                              ({"type": "merchant"}, "merchant")):
            is_(ask("receipt/reprint", asked), 200, f"reprint {asked}", status="printed", type=wanted)
        fails(ask("receipt/reprint", {"type": "poster"}), 400, "invalid_request", "a copy that is none")


def keys() -> None:
    with suite.group("bad requests name the field"):
        for what, path, body, param in (
            ("no amount", "sale", {"currency": "EUR", "reference": "x"}, "amount"),
            ("zero", "sale", {"amount": 0, "currency": "EUR", "reference": "x"}, "amount"),
            ("a typo", "sale", {"amount": 1, "currency": "EUR", "reference": "x", "tipAmuont": 1}, "tipAmuont"),
            ("no reference", "sale", {"amount": 1, "currency": "EUR"}, "reference"),
            ("no original", "refund", {"amount": 1, "currency": "EUR", "reference": "x"}, "originalReference"),
            ("a currency", "preauth", {"amount": 1, "currency": "EURO", "reference": "x"}, "currency"),
        ):
            answer = ask(path, body)
            fails(answer, 400, "invalid_request", what)
            suite.equal(answer.error().get("param"), param, f"{what}: param")
        big = ecr.send("POST", "/cashless/v1/sale", b"{" + b" " * 300_000 + b"}", {"Content-Type": "application/json"})
        suite.equal(big.status, 413, "too long")
        suite.equal(ecr.send("POST", "/cashless/v1/sale", b"a=1", {"Content-Type": "text/plain"}).status, 415, "not JSON")
        suite.equal(ecr.get("/cashless/v1/status").status, 405, "everything is a POST")
    with suite.group("the shared key: missing, wrong, replaced, guessed"):
        none = curl("--cacert", CA, "-X", "POST", f"{BASE}/status", "-H", "Content-Type: application/json", "-d", "{}")
        fails(none, 401, "invalid_key", "no key")
        fails(ask("status", key="ck_test_wrong"), 401, "invalid_key", "a wrong key")
        suite.equal(ask("status").status, 200, "the right one still works")
        made = cloud.post(f"/v1/terminals/{TERMINAL}/cashless-key", {})
        suite.true(made.status in (200, 201), f"regenerate: {made.status} {made.body[:200]!r}")
        fresh = made.json()["secret"]
        suite.true(text(r"ck_test_[0-9A-Za-z_-]{40,}")(fresh), "256 random bits")
        until(lambda: ask("status", key=fresh).status == 200, "the new key arrives", 10)
        fails(ask("status"), 401, "invalid_key", "the old key is dead")
        shown = cloud.get(f"/v1/terminals/{TERMINAL}/cashless-key")
        suite.true(fresh.encode() not in shown.body, "never shown again")
        answers = [ask("status", key=f"ck_test_{number}").status for number in range(30)]
        suite.true(429 in answers, f"guessing is locked out: {answers}")
        suite.true(ask("status", key=fresh).status == 429, "for a while, whatever the key")


for part in (sale, cancel, preauth, refund, batch, receipts, keys):
    part()
suite.finish()
