"""Every call of the Cloud API guide and of the terminal payments reference, made with the real curl, compared field by
field: both ways to send the key, both kinds of body, both renderings, every documented outcome."""
from __future__ import annotations

import json
import time
import uuid
from typing import Any

from rig import shapes
from rig.checks import Suite, until
from rig.client import PAYMENTS, Answer, Client
from rig.curl import Curl
from rig.ledger import Ledger
from rig.processes import Dev
from rig.shapes import NEW, OLD

ABSENT_TERMINAL = "term_test_outside"

suite = Suite("10_contract_curls", within_s=300)
curl = Curl()
dev = Dev("--external", ABSENT_TERMINAL, "--acquirer-answer-ms", "1000", "--pace-ms", "50")
base = dev.api + PAYMENTS
bearer = ("-H", f"Authorization: Bearer {dev.key}")
api_key = ("-H", f"X-Api-Key: {dev.key}")
new, old = Client(dev.api, dev.key), Client(dev.api, dev.key, "x-api-key")
ledger = Ledger(dev.data)

#: One call per documented field of the 2026-06-11 examples.
ORDER: dict[str, Any] = {"terminalId": dev.terminal, "amount": 2500, "currency": "USD", "reference": "order_8821"}


def as_json(**fields: Any) -> tuple[str, ...]:
    return ("-H", "Content-Type: application/json", "-d", json.dumps(fields))


def as_form(**fields: Any) -> tuple[str, ...]:
    return tuple(part for name, value in fields.items() for part in ("-d", f"{name}={value}"))


def settled(id: str, status: str = "") -> dict[str, Any]:
    """The payment once it is final, or has reached `status`."""
    wanted = {status} if status else shapes.FINAL
    found: dict[str, Any] = {}

    def reached() -> bool:
        found.update(new.payment(id))
        return found["status"] in wanted

    until(reached, f"{id} reaches {sorted(wanted)}, not only {found.get('status')}", 40)
    return new.payment(id)


def answered(got: Answer, status: int, version: str, what: str) -> dict[str, Any]:
    """What every success has beside its body."""
    suite.equal(got.status, status, f"{what}: status ({got.body[:200]!r})")
    suite.equal(got.headers.get("vinr-version"), version, f"{what}: Vinr-Version")
    suite.equal(got.headers.get("content-type"), "application/json", f"{what}: Content-Type")
    suite.true(got.headers.get("x-request-id", "").startswith("req_"), f"{what}: X-Request-Id")
    body: dict[str, Any] = got.json()
    return body


def waiting(**changes: Any) -> str:
    """A payment whose customer presents nothing."""
    made = new.post(f"{PAYMENTS}?simulateCard=none", {**ORDER, "reference": f"wait_{uuid.uuid4().hex}", **changes})
    assert made.status == 202, made
    id: str = made.json()["id"]
    return id


def create_async() -> None:
    with suite.group("create, JSON, Bearer: 202 and pending"):
        before = int(time.time())
        body = answered(curl(base, *bearer, *as_json(**ORDER)), 202, NEW, "async")
        shapes.payment(
            suite, body, NEW, "async", **ORDER, status="pending", responseMode="async", livemode=False,
            captureMethod="automatic", sequence=1, absent=("completedAt", "failedAt", "last4", "authCode", "declineCode"),
        )
        suite.true(before - 1 <= shapes.seconds(body["createdAt"]) <= time.time() + 1, "createdAt is not the present")
        shapes.payment(suite, settled(body["id"]), NEW, "async, later", **ORDER, status="completed", id=body["id"])
    with suite.group("create, form, X-Api-Key: 202 and pending, unset fields null"):
        order = {"terminalId": dev.terminal, "amount": 4200, "currency": "EUR", "reference": "order_1099"}
        body = answered(curl("-X", "POST", base, *api_key, *as_form(**order)), 202, OLD, "form")
        shapes.payment(
            suite, body, OLD, "form", **order, status="pending", captureMethod="automatic", amountCaptured=0,
            amountCapturable=0, amountRefunded=0, metadata={}, outcomeUnknown=False,
            absent=("paymentMethod", "tip", "completedAt", "failedAt", "cancelledAt", "expiresAt", "declineCode"),
        )
        settled(body["id"])
        late = answered(curl(f"{base}/{body['id']}", *api_key), 200, OLD, "form, later")
        shapes.payment(
            suite, late, OLD, "form, later", **order, id=body["id"], status="completed", captureMethod="automatic",
            amountCaptured=4200, amountCapturable=0, createdAt=body["createdAt"], completedAt=shapes.unix_seconds,
            paymentMethod={"type": "card", "card": {"brand": "visa", "last4": "4242"}, "entryMode": "contactless"},
            tip={"amount": 0, "mode": "none"}, metadata={},
        )
        suite.true(late["completedAt"] >= late["createdAt"], "completed before it was created")


def create_sync() -> None:
    with suite.group("create sync, approved: 200 with the whole outcome"):
        call = (base, *bearer, "--max-time", "150", *as_json(**ORDER, responseMode="sync"))
        body = answered(curl(*call), 200, NEW, "approved")
        shapes.payment(
            suite, body, NEW, "approved", **ORDER, amountCaptured=2500, status="completed", captureMethod="automatic",
            responseMode="sync", entryMethod="contactless", last4="4242", brand="visa",
            authCode=shapes.text(shapes.AUTH_CODE), completedAt=shapes.rfc3339,
            absent=("failedAt", "cancelledAt", "expiresAt", "declineCode", "outcomeUnknown"),
        )
        suite.equal(ledger.net(body["id"]), 2500, "what the issuer charged")
        suite.equal(new.payment(body["id"]), body, "retrieve right after it")
    with suite.group("create sync, declined: 200, failed, and why"):
        call = (f"{base}?simulateCard=4000000000000002", *bearer, *as_json(**ORDER, responseMode="sync"))
        body = answered(curl(*call), 200, NEW, "declined")
        shapes.payment(
            suite, body, NEW, "declined", **ORDER, status="failed", responseMode="sync", declineCode="card_declined",
            failedAt=shapes.rfc3339, absent=("completedAt", "cancelledAt", "authCode", "amountCaptured", "expiresAt"),
        )
        suite.equal(ledger.net(body["id"]), 0, "what the issuer charged")


def documented_cards() -> None:
    outcomes = [
        ("4242 4242 4242 4242", "", "visa", "4242"), ("4000 0000 0000 0002", "card_declined", "visa", "0002"),
        ("4000 0000 0000 9995", "insufficient_funds", "visa", "9995"),
        ("4000 0000 0000 0069", "expired_card", "visa", "0069"),
        ("4100 0000 0000 0019", "lost_or_stolen", "visa", "0019"),
        ("5555 5555 5555 4444", "", "mastercard", "4444"), ("3782 822463 10005", "", "amex", "0005"),
        ("online_pin", "", "visa", None), ("incorrect_pin", "incorrect_pin", "visa", None),
    ]
    for card, decline, brand, last4 in outcomes:
        with suite.group(f"test card {card}: {decline or 'approved'}"):
            url = f"{base}?simulateCard={card.replace(' ', '%20')}"
            body = answered(curl(url, *bearer, *as_json(**ORDER, responseMode="sync")), 200, NEW, card)
            status = "failed" if decline else "completed"
            shapes.payment(suite, body, NEW, card, **ORDER, status=status, brand=brand)
            suite.equal(body.get("declineCode"), decline or None, "declineCode")
            suite.true(last4 in (None, body.get("last4")), f"last4 is {body.get('last4')}")
            suite.equal(ledger.net(body["id"]), 0 if decline else 2500, "what the issuer charged")
    with suite.group("test card with a partial approval: half of it, and no more is charged"):
        answer = curl(f"{base}?simulateCard=partial_approval", *bearer, *as_json(**{**ORDER, "amount": 2501}, responseMode="sync"))
        body = answered(answer, 200, NEW, "partial")
        shapes.payment(suite, body, NEW, "partial", status="completed", amountCaptured=1251)
        suite.equal(ledger.net(body["id"]), 1251, "what the issuer charged")


def outcomes_without_a_card() -> None:
    for mode, status in (("sync", 200), ("async", 202)):
        for terminal, code in (("term_01HZ5QXYZ", "terminal_not_found"), (ABSENT_TERMINAL, "terminal_offline")):
            with suite.group(f"{code}, {mode}: {status} with a failed payment"):
                order = {**ORDER, "terminalId": terminal, "responseMode": mode}
                body = answered(curl(base, *bearer, *as_json(**order)), status, NEW, code)
                shapes.payment(
                    suite, body, NEW, code, **order, status="failed", declineCode=code, failedAt=shapes.rfc3339,
                    sequence=1, absent=("completedAt", "last4", "authCode", "amountCaptured", "paymentMethod"),
                )
                suite.equal(new.payment(body["id"]), body, "retrieve")
    with suite.group("terminal_busy while another payment is at the terminal"):
        first = waiting()
        body = answered(curl(base, *bearer, *as_json(**ORDER, responseMode="sync")), 200, NEW, "busy")
        shapes.payment(suite, body, NEW, "busy", status="failed", declineCode="terminal_busy")
        suite.equal(new.payment(first)["status"], "pending", "the other payment")
        new.post(f"{PAYMENTS}/{first}/cancel")
        settled(first)
    with suite.group("a silent issuer: 202, processing, outcomeUnknown; in the end failed and reversed"):
        answer = curl(f"{base}?simulateCard=issuer_silent", *bearer, *as_json(**ORDER, responseMode="sync"))
        body = answered(answer, 202, NEW, "silent")
        shapes.payment(suite, body, NEW, "silent", status="processing", outcomeUnknown=True, absent=("declineCode",))
        late = settled(body["id"])
        shapes.payment(
            suite, late, NEW, "silent, later", status="failed", declineCode="communication_error", absent=("authCode",)
        )
        until(lambda: ledger.net(body["id"]) == 0, "the issuer has reversed it")


def cancel_and_present() -> None:
    with suite.group("cancel while pending: 200 and cancelled, both renderings"):
        for head, version in ((bearer, NEW), (api_key, OLD)):
            id = waiting()
            body = answered(curl("-X", "POST", f"{base}/{id}/cancel", *head), 200, version, f"cancel {version}")
            ended = "cancelledAt" if version == NEW else "completedAt"
            time_is = shapes.rfc3339 if version == NEW else shapes.unix_seconds
            expected: dict[str, Any] = {"id": id, "status": "cancelled", "amount": 2500, ended: time_is}
            if version == OLD:
                expected.update(amountCaptured=0, amountCapturable=0, metadata={}, captureMethod="automatic")
            absent = ("paymentMethod", "tip", "declineCode", "authCode", "failedAt")
            shapes.payment(suite, body, version, f"cancel {version}", absent=absent, **expected)
            suite.equal(ledger.net(id), 0, "what the issuer charged")
    with suite.group("present-card takes the waiting payment, by number and entry mode"):
        id = waiting(amount=4200, currency="EUR", captureMethod="manual")
        url = f"{dev.api}/v1/test/terminals/{dev.terminal}/present-card"
        answer = until(lambda: prompting(url), "the terminal waits for a card", 10)
        body = answered(answer, answer.status, NEW, "present-card")
        suite.equal(body.get("id"), id, "which payment took the card")
        held = settled(id, "authorized")
        shapes.payment(
            suite, held, NEW, "held", status="authorized", brand="mastercard", last4="4444", entryMethod="chip",
            amountCapturable=4200, expiresAt=shapes.rfc3339, absent=("amountCaptured", "completedAt"),
        )
        suite.equal(shapes.seconds(held["expiresAt"]) - shapes.seconds(held["createdAt"]) >= 7 * 86400, True, "holds 7 days")
        captured = answered(curl("-X", "POST", f"{base}/{id}/capture", *api_key), 200, OLD, "capture all")
        shapes.payment(
            suite, captured, OLD, "capture all", id=id, status="completed", captureMethod="manual", amount=4200,
            amountCaptured=4200, amountCapturable=0, tip={"amount": 0, "mode": "none"}, completedAt=shapes.unix_seconds,
            paymentMethod={"type": "card", "card": {"brand": "mastercard", "last4": "4444"}, "entryMode": "chip"},
        )
        until(lambda: ledger.net(id) == 4200, "the issuer knows of the capture")


def prompting(url: str) -> Any:
    answer = curl(url, *bearer, *as_json(card="5555 5555 5555 4444", entryMode="chip"))
    return answer if answer.status in (200, 202) else None


def manual_capture() -> None:
    cases: list[tuple[str, tuple[str, ...], int]] = [
        ("with a tip, 2500 becomes 2875", as_json(amount=2875), 2875), ("of less, as a form", as_form(amount=1000), 1000),
        ("of all, empty JSON object", as_json(), 2500), ("up to the tolerance of 20 %", as_json(amount=3000), 3000),
    ]
    for title, body, amount in cases:
        with suite.group(f"manual capture {title}"):
            order = {**ORDER, "reference": "table_12", "captureMethod": "manual", "responseMode": "sync"}
            held = answered(curl(base, *bearer, *as_json(**order)), 200, NEW, "authorize")
            shapes.payment(suite, held, NEW, "authorized", **order, status="authorized", amountCapturable=2500)
            suite.equal(ledger.net(held["id"]), 2500, "what the issuer holds")
            done = answered(curl("-X", "POST", f"{base}/{held['id']}/capture", *bearer, *body), 200, NEW, "capture")
            shapes.payment(
                suite, done, NEW, "captured", id=held["id"], status="completed", amountCaptured=amount,
                completedAt=shapes.rfc3339, authCode=held["authCode"], absent=("amountCapturable", "failedAt"),
            )
            until(lambda: ledger.net(held["id"]) == amount, f"the issuer has charged {amount}")
    with suite.group("cancelling an authorized payment voids the hold"):
        order = {**ORDER, "captureMethod": "manual", "responseMode": "sync"}
        held = answered(curl(base, *bearer, *as_json(**order)), 200, NEW, "authorize")
        done = answered(curl("-X", "POST", f"{base}/{held['id']}/cancel", *bearer), 200, NEW, "void")
        shapes.payment(suite, done, NEW, "voided", id=held["id"], status="cancelled", absent=("completedAt", "amountCaptured"))
        until(lambda: ledger.net(held["id"]) == 0, "the issuer has released the hold")


def retrieve_and_versions() -> None:
    id = curl(base, *bearer, *as_json(**ORDER, responseMode="sync", metadata={"table": "7"})).json()["id"]
    with suite.group("retrieve: either header, either rendering, the same payment"):
        bodies = {}
        for head, asked, version in (
            (bearer, "", NEW), (api_key, "", OLD), (bearer, OLD, OLD), (api_key, NEW, NEW), (bearer + api_key, "", NEW),
        ):
            more = ("-H", f"Vinr-Version: {asked}") if asked else ()
            what = f"{head[1].split(':')[0]} {asked}"
            body = answered(curl(f"{base}/{id}", *head, *more), 200, version, what)
            shapes.payment(suite, body, version, what, id=id, status="completed", metadata={"table": "7"})
            suite.equal(bodies.setdefault(version, body), body, f"{what}: the same as before")
        for name, value in bodies[NEW].items():
            if name.endswith("At"):
                value = shapes.seconds(value)
            suite.equal(bodies[OLD][name], value, f"{name} in both renderings")
    with suite.group("a form with metadata in brackets, text in UTF-8, and numbers by the field's type"):
        body = curl(
            base, *api_key, *as_form(terminalId=dev.terminal, amount=100, currency="EUR", responseMode="sync"),
            "--data-urlencode", "metadata[till no.]=1 & 2", "--data-urlencode", "description=zwölf Brötchen ☕",
            "-d", "metadata[amount]=007",
        ).json()
        wanted = {"till no.": "1 & 2", "amount": "007"}
        shapes.payment(suite, body, OLD, "form", amount=100, metadata=wanted, description="zwölf Brötchen ☕", status="completed")


def lists() -> None:
    everything = new.every_payment()
    with suite.group("list: the documented call, envelope, order, the objects as retrieve writes them"):
        body = answered(curl(f"{base}?terminalId={dev.terminal}&limit=10", *api_key), 200, OLD, "list")
        suite.equal(sorted(body), ["data", "has_more", "object"], "fields of the envelope")
        suite.equal((body["object"], body["has_more"], len(body["data"])), ("list", True, 10), "envelope")
        for item in body["data"]:
            shapes.payment(suite, item, OLD, item["id"], terminalId=dev.terminal)
        suite.equal(body["data"][0], old.payment(body["data"][0]["id"]), "first of the list, retrieved")
        times = [item["createdAt"] for item in body["data"]]
        suite.equal(times, sorted(times, reverse=True), "newest first")
    with suite.group("list: pages forwards and backwards cover everything once"):
        ids = [item["id"] for item in everything]
        forwards, query = [], ""
        while True:
            page = curl(f"{base}?limit=7{query}", *bearer).json()
            forwards += [item["id"] for item in page["data"]]
            if not page["has_more"]:
                break
            query = f"&starting_after={forwards[-1]}"
        suite.equal(forwards, ids, "forwards")
        page = curl(f"{base}?limit=3&ending_before={ids[5]}", *bearer).json()
        suite.equal([item["id"] for item in page["data"]], ids[2:5], "the page before the sixth")
        suite.equal(page["has_more"], True, "more before that")
        page = curl(f"{base}?limit=3&ending_before={ids[2]}", *bearer).json()
        suite.equal(([item["id"] for item in page["data"]], page["has_more"]), (ids[:2], False), "the first page")
        suite.equal(len(curl(base, *bearer).json()["data"]), min(10, len(ids)), "without a limit")
    with suite.group("list: every filter"):
        for status in sorted(shapes.STATUSES):
            got = [item["id"] for item in new.every_payment(status=status)]
            suite.equal(got, [item["id"] for item in everything if item["status"] == status], f"status={status}")
        middle = shapes.seconds(everything[len(everything) // 2]["createdAt"])
        for name, keeps in (("fromDate", lambda at: at >= middle), ("toDate", lambda at: at <= middle)):
            got = [item["id"] for item in new.every_payment(**{name: middle})]
            suite.equal(got, [item["id"] for item in everything if keeps(shapes.seconds(item["createdAt"]))], name)
        got = [item["id"] for item in new.every_payment(reference="table_12")]
        wanted = [item["id"] for item in everything if item.get("reference") == "table_12"]
        suite.true(wanted and got == wanted, f"reference: {got}, not {wanted}")
        suite.equal(new.every_payment(reference="nobody_has_this"), [], "unknown reference")
        suite.equal(new.every_payment(locationId="loc_of_nobody"), [], "unknown location")
        got = [item["id"] for item in new.every_payment(terminalId=ABSENT_TERMINAL)]
        suite.equal(got, [item["id"] for item in everything if item["terminalId"] == ABSENT_TERMINAL], "terminalId")


def simulated_pace() -> None:
    with suite.group("?simulateDelay= holds the sync answer for that long"):
        began = time.monotonic()
        body = answered(curl(f"{base}?simulateDelay=2", *bearer, *as_json(**ORDER, responseMode="sync")), 200, NEW, "delay")
        suite.true(time.monotonic() - began >= 2, f"answered after {time.monotonic() - began:.2f} s")
        suite.equal(body["status"], "completed", "status")
    with suite.group("a client that gives up after ?simulateDelay=30 finds the payment pending by its reference"):
        order = {**ORDER, "reference": "gives_up", "responseMode": "sync"}
        curl(f"{base}?simulateDelay=30", *bearer, "--max-time", "1", *as_json(**order), exit_status=28)
        found = curl(f"{base}?reference=gives_up", *bearer).json()["data"]
        suite.equal([item["status"] for item in found], ["pending"], "by reference")
        answered(curl("-X", "POST", f"{base}/{found[0]['id']}/cancel", *bearer), 200, NEW, "cancel")
        suite.equal(new.payment(found[0]["id"])["status"], "cancelled", "afterwards")


for part in (
    create_async, create_sync, documented_cards, outcomes_without_a_card, cancel_and_present, manual_capture,
    retrieve_and_versions, simulated_pace, lists,
):
    try:
        part()
    except Exception as reason:  # outside of any group
        suite.true(False, f"{part.__name__}: {reason}")
        print(f"FAIL {part.__name__}: {type(reason).__name__}: {reason}")
with suite.group("the issuer found nothing odd"):
    suite.equal(ledger.anomalies(), [], "anomalies")
suite.finish()
