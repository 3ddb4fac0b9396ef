"""The same request again is the same payment: one after the other, all at once, after a crash, after hanging up, and by
client token."""
from __future__ import annotations

import json
import socket
import threading
import uuid
from typing import Any, Callable, Optional

from rig import shapes
from rig.checks import Suite, until
from rig.client import PAYMENTS, Answer, Client
from rig.ledger import Ledger
from rig.processes import Dev, directory, free_port

THREADS = 20

suite = Suite("30_idempotency", within_s=240)
data, ports = directory() / "data", (free_port(), free_port())
options = ("--pace-ms", "100", "--acquirer-answer-ms", "2000")
dev = Dev(*options, data=data, ports=ports)
client = Client(dev.api, dev.key)
ledger = Ledger(data)


def order(**fields: Any) -> dict[str, Any]:
    return {"terminalId": dev.terminal, "amount": 2500, "currency": "EUR", "reference": uuid.uuid4().hex, **fields}


def a_key() -> str:
    return f"till-{uuid.uuid4()}"


def final(id: str) -> dict[str, Any]:
    until(lambda: client.payment(id)["status"] in shapes.FINAL, f"{id} is final", 40)
    return client.payment(id)


def same(first: Answer, again: Answer, what: str) -> None:
    """The second answer is the first one, and says so."""
    suite.equal(again.status, first.status, f"{what}: status")
    suite.equal(again.body, first.body, f"{what}: body")
    suite.equal(first.headers.get("idempotent-replayed"), None, f"{what}: the first one says that it is a replay")
    suite.equal(again.headers.get("idempotent-replayed"), "true", f"{what}: Idempotent-Replayed")
    suite.true(again.headers["x-request-id"] != first.headers["x-request-id"], f"{what}: the request's id is replayed")


def once(reference: str, amount: int, what: str) -> str:
    """One payment with this reference, charged once. Returns its id."""
    found = client.every_payment(reference=reference)
    if not suite.equal(len(found), 1, f"{what}: payments"):
        return ""
    id: str = final(found[0]["id"])["id"]
    until(lambda: ledger.net(id) == amount, f"{what}: charged {amount}, not {ledger.net(id)}")
    suite.equal(len(ledger.net_by("payment").get(id, [])), 1 if amount else 0, f"{what}: charges")
    return id


def at_once(send: Callable[[], Answer]) -> list[Answer]:
    """Sends from many threads at the same moment."""
    gate, answers = threading.Barrier(THREADS), []

    def go() -> None:
        gate.wait()
        answers.append(send())

    threads = [threading.Thread(target=go) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(150)
    return answers


def one_after_the_other() -> None:
    for mode, status in (("async", 202), ("sync", 200)):
        with suite.group(f"create {mode}, again with the same key"):
            asked, key = order(responseMode=mode), a_key()
            first = client.post(PAYMENTS, asked, key)
            suite.equal(first.status, status, "status")
            same(first, client.post(PAYMENTS, asked, key), "at once")
            id = once(asked["reference"], 2500, mode)
            suite.equal(id, first.json()["id"], "id")
            same(first, client.post(PAYMENTS, asked, key), "when it is over")
            old = Client(dev.api, dev.key, "x-api-key").post(PAYMENTS, asked, key)
            shapes.payment(suite, old.json(), shapes.OLD, "in the other rendering", id=id, status=first.json()["status"])
    with suite.group("a declined payment stays declined under its key"):
        asked, key = order(responseMode="sync"), a_key()
        url = f"{PAYMENTS}?simulateCard=insufficient_funds"
        first = client.post(url, asked, key)
        suite.equal(first.json().get("declineCode"), "insufficient_funds", "outcome")
        same(first, client.post(url, asked, key), "declined")
        once(asked["reference"], 0, "declined")
    with suite.group("capture, again with the same key"):
        held = client.post(PAYMENTS, order(responseMode="sync", captureMethod="manual"), a_key()).json()
        url, key = f"{PAYMENTS}/{held['id']}/capture", a_key()
        first = client.post(url, {"amount": 2875}, key)
        suite.equal((first.status, first.json().get("amountCaptured")), (200, 2875), "captured")
        same(first, client.post(url, {"amount": 2875}, key), "capture")
        shapes.error(suite, client.post(url, {"amount": 2875}, a_key()), "another key", 422, "already_captured")
        shapes.error(suite, client.post(url, {"amount": 2000}, key), "another amount", 409, "idempotency_key_reused", "Idempotency-Key")
        once(held["reference"], 2875, "captured")
    with suite.group("cancel, again with the same key"):
        asked = order()
        id = client.post(f"{PAYMENTS}?simulateCard=none", asked, a_key()).json()["id"]
        url, key = f"{PAYMENTS}/{id}/cancel", a_key()
        first = client.post(url, None, key)
        suite.equal((first.status, first.json()["status"]), (200, "cancelled"), "cancelled")
        same(first, client.post(url, None, key), "cancel")
        shapes.error(suite, client.post(url, None, a_key()), "another key", 422, "cancel_not_allowed")
        once(asked["reference"], 0, "cancelled")


def scope_of_a_key() -> None:
    with suite.group("a key belongs to its method and path, and to its body"):
        key = a_key()
        asked = order(responseMode="sync", captureMethod="manual")
        held = client.post(PAYMENTS, asked, key)
        suite.equal(client.post(f"{PAYMENTS}/{held.json()['id']}/capture", None, key).status, 200, "same key, other path")
        before = len(client.every_payment())
        answer = client.post(PAYMENTS, {**asked, "amount": 2501}, key)
        shapes.error(suite, answer, "other body", 409, "idempotency_key_reused", "Idempotency-Key")
        suite.equal(len(client.every_payment()), before, "payments after the refusal")
        once(asked["reference"], 2500, "both")
    with suite.group("a refused request does not use up its key"):
        key, wrong = a_key(), order(responseMode="sync", amount=0)
        shapes.error(suite, client.post(PAYMENTS, wrong, key), "wrong", 400, "parameter_invalid", "amount")
        right = client.post(PAYMENTS, {**wrong, "amount": 2500}, key)
        suite.equal((right.status, right.json().get("status")), (200, "completed"), "put right, same key")


def concurrently() -> None:
    for mode, status in (("async", 202), ("sync", 200)):
        with suite.group(f"{THREADS} at the same moment with one key, {mode}: one payment, one charge, one answer"):
            asked, key = order(responseMode=mode), a_key()
            answers = at_once(lambda: client.post(PAYMENTS, asked, key))
            suite.equal([answer.status for answer in answers], [status] * THREADS, "statuses")
            suite.equal(len({answer.body for answer in answers}), 1, "different bodies")
            fresh = [answer for answer in answers if "idempotent-replayed" not in answer.headers]
            suite.equal(len(fresh), 1, "answers that are not a replay")
            once(asked["reference"], 2500, mode)
    with suite.group(f"{THREADS} captures at the same moment with keys of their own: one is carried out"):
        held = client.post(PAYMENTS, order(responseMode="sync", captureMethod="manual")).json()
        answers = at_once(lambda: client.post(f"{PAYMENTS}/{held['id']}/capture", {"amount": 2600}, a_key()))
        codes = sorted(answer.status for answer in answers)
        suite.equal(codes, [200] + [422] * (THREADS - 1), "statuses")
        once(held["reference"], 2600, "captured")
    with suite.group(f"{THREADS} creates at the same moment with one reference: one payment"):
        asked = order()
        answers = at_once(lambda: client.post(f"{PAYMENTS}?simulateDelay=1", asked, a_key()))
        codes = sorted(answer.status for answer in answers)
        suite.equal(codes, [202] + [409] * (THREADS - 1), "statuses")
        once(asked["reference"], 2500, "referenced")


def after_a_crash() -> Dev:
    with suite.group("after SIGKILL and a new start: the same answers under the same keys"):
        kept: list[tuple[str, Optional[dict[str, Any]], str, Answer]] = []

        def keep(path: str, asked: Optional[dict[str, Any]]) -> Answer:
            key = a_key()
            kept.append((path, asked, key, client.post(path, asked, key)))
            return kept[-1][-1]

        keep(PAYMENTS, order(responseMode="sync"))
        keep(f"{PAYMENTS}?simulateCard=card_declined", order(responseMode="sync"))
        held = keep(PAYMENTS, order(responseMode="sync", captureMethod="manual")).json()["id"]
        keep(f"{PAYMENTS}/{held}/capture", {"amount": 2000})
        waits = keep(f"{PAYMENTS}?simulateCard=none", order()).json()["id"]
        keep(f"{PAYMENTS}/{waits}/cancel", None)
        final(keep(PAYMENTS, order()).json()["id"])
        dev.kill()
        again = Dev(*options, data=data, ports=ports)
        count = len(client.every_payment())
        for path, asked, key, first in kept:
            same(first, client.post(path, asked, key), f"{path} {json.dumps(asked)[:40]}")
        suite.equal(len(client.every_payment()), count, "payments after the replays")
    with suite.group("killed while a sync request waits: the retry with the same key is the same payment"):
        asked, key = order(responseMode="sync"), a_key()
        lost: list[Optional[Exception]] = []

        def send() -> None:
            try:
                client.post(f"{PAYMENTS}?simulateDelay=2", asked, key)
                lost.append(None)
            except OSError as error:
                lost.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        first = until(lambda: client.every_payment(reference=asked["reference"]), "the payment exists")[0]
        again.kill()
        sender.join(30)
        suite.true(lost and lost[0] is not None, "the first request was answered although the server was killed")
        again = Dev(*options, data=data, ports=ports)
        answer = client.post(f"{PAYMENTS}?simulateDelay=2", asked, key)
        suite.equal(answer.json().get("id"), first["id"], f"the retry's payment ({answer.status})")
        settled = final(first["id"])
        once(asked["reference"], 2500 if settled["status"] == "completed" else 0, "after the crash")
    return again


def hang_up() -> None:
    with suite.group("a client that hangs up during a sync request changes nothing"):
        asked, key = order(responseMode="sync"), a_key()
        body = json.dumps(asked).encode()
        head = (
            f"POST {PAYMENTS}?simulateDelay=1 HTTP/1.1\r\nHost: {client.host}\r\nAuthorization: Bearer {dev.key}\r\n"
            f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection((client.host, client.port), 10) as connection:
            connection.sendall(head.encode() + body)
            until(lambda: client.every_payment(reference=asked["reference"]), "the payment exists")
        id = once(asked["reference"], 2500, "hung up")
        suite.equal(client.payment(id)["status"], "completed", "what retrieve says")
        again = client.post(f"{PAYMENTS}?simulateDelay=1", asked, key)
        suite.equal((again.status, again.json()["id"], again.json()["status"]), (200, id, "completed"), "the same key later")


def client_tokens() -> None:
    with suite.group("a client token names the payment on every path: attached, never started anew"):
        token = str(uuid.uuid4())
        asked = order(responseMode="sync", clientToken=token)
        first = client.post(PAYMENTS, asked)
        suite.equal(first.json()["clientToken"], token, "clientToken")
        again = client.post(PAYMENTS, asked)
        suite.equal((again.status, again.json()["id"]), (200, first.json()["id"]), "without any key")
        again = client.post(PAYMENTS, asked, a_key())
        suite.equal((again.status, again.json()["id"]), (200, first.json()["id"]), "with a key of its own")
        once(asked["reference"], 2500, "token")
        for change in ({"amount": 1}, {"currency": "USD"}, {"reference": "another"}):
            answer = client.post(PAYMENTS, {**asked, **change})
            inside = shapes.error(suite, answer, f"with {change}", 409, "client_token_reused", "clientToken")
            suite.equal(inside.get("payment"), first.json()["id"], "the payment in the way")
        suite.equal(client.every_payment(reference="another"), [], "payments of the refused requests")
    with suite.group(f"{THREADS} at the same moment with one client token and no key: one payment"):
        asked = order(responseMode="sync", clientToken=str(uuid.uuid4()))
        answers = at_once(lambda: client.post(PAYMENTS, asked))
        suite.equal(len({(answer.status, answer.json().get("id")) for answer in answers}), 1, "different answers")
        suite.equal(answers[0].status, 200, f"status ({answers[0].body[:120]!r})")
        once(asked["reference"], 2500, "token")


one_after_the_other()
scope_of_a_key()
concurrently()
hang_up()
client_tokens()
dev = after_a_crash()
with suite.group("no intent was charged twice, and the issuer found nothing odd"):
    twice = {intent: found for intent, found in ledger.net_by("intent").items() if len(found) > 1}
    suite.equal(twice, {}, "charged twice")
    suite.equal(ledger.anomalies(), [], "anomalies")
suite.finish()
