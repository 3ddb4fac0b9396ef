"""Refunds and batches over real HTTP: both renderings, hundreds of refunds at once, SIGKILL in the middle. Afterwards the
issuer's own ledger says the same as the API: nothing given back twice or over, nothing settled twice or missed."""
from __future__ import annotations

import random
import threading
import time
import urllib.parse
from typing import Any

from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.ledger import Ledger
from rig.processes import Dev, directory, free_port

AMOUNT = 5_000


def pay(client: Client, terminal: str, card: str = "visa_approved", amount: int = AMOUNT) -> dict[str, Any]:
    body = {"terminalId": terminal, "amount": amount, "currency": "EUR", "responseMode": "sync"}
    answer = client.post(f"{PAYMENTS}?simulateCard={card}", body)
    assert answer.status == 200 and answer.json()["status"] == "completed", answer.body
    found: dict[str, Any] = answer.json()
    return found


def ended(client: Client, id: str, within_s: float = 60.0) -> dict[str, Any]:
    """The refund once it is pending no more."""
    until(lambda: client.get(f"/v1/refunds/{id}").json()["status"] != "pending", f"{id} has ended", within_s)
    found: dict[str, Any] = client.get(f"/v1/refunds/{id}").json()
    return found


def every(client: Client, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more = True
    while more:
        cursor = {"starting_after": found[-1]["id"]} if found else {}
        query = urllib.parse.urlencode({"limit": 100, **cursor})
        page = client.get(f"{path}{'&' if '?' in path else '?'}{query}").json()
        found, more = found + page["data"], page["has_more"]
    return found


def shapes(suite: Suite, dev: Dev, client: Client) -> None:
    """Every operation, in both renderings, and what is refused."""
    payment = pay(client, dev.terminal)
    answer = client.post("/v1/refunds", {"payment": payment["id"], "amount": 1_200, "reason": "duplicate"})
    suite.equal(answer.status, 202, "the status of a new refund")
    refund = answer.json()
    suite.equal((refund["object"], refund["status"], refund["sequence"]), ("refund", "pending", 1), "a new refund")
    suite.true("updatedAt" not in refund and isinstance(refund["createdAt"], str), f"the newer rendering: {refund}")
    done = ended(client, refund["id"])
    suite.equal((done["status"], done["sequence"]), ("succeeded", 2), "how it ended")
    old = Client(dev.api, dev.key, "header").get(f"/v1/refunds/{refund['id']}").json()
    suite.true(isinstance(old["createdAt"], int) and old["failureReason"] is None, f"the older rendering: {old}")
    suite.equal(client.payment(payment["id"])["amountRefunded"], 1_200, "what the payment says")
    named = client.post(f"/v1/refunds/{refund['id']}", {"metadata": {"ticket": "7"}}).json()
    suite.equal(named["metadata"], {"ticket": "7"}, "metadata")
    for body, status, code in (
        ({"payment": payment["id"], "amount": 3_801}, 422, "amount_too_large"),
        ({"payment": payment["id"], "amount": -1}, 400, "parameter_invalid"),
        ({"payment": "tpay_00000000000000000000000000"}, 404, "not_found"),
        ({"payment": payment["id"], "reason": "because"}, 400, "parameter_invalid"),
    ):
        refused = client.post("/v1/refunds", body)
        suite.equal((refused.status, refused.error().get("code")), (status, code), f"{body}")
    suite.equal(client.post("/v1/refunds", {"payment": payment["id"]}).json()["amount"], 3_800, "the rest")

    closed_card = pay(client, dev.terminal, "refund_declined")
    declined = client.post("/v1/refunds", {"payment": closed_card["id"]}).json()
    failed = ended(client, declined["id"])
    suite.equal((failed["status"], failed["failureReason"]), ("failed", "declined"), "a declined refund")
    suite.equal(client.payment(closed_card["id"]).get("amountRefunded", 0), 0, "nothing was refunded of it")


def crowd(suite: Suite, dev: Dev, client: Client, ledger: Ledger) -> None:
    """Hundreds of refunds at once on one payment."""
    payment, answers = pay(client, dev.terminal), []

    def ask(number: int) -> None:
        answers.append(client.post("/v1/refunds", {"payment": payment["id"], "amount": 20 + number % 3 * 10}))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    suite.equal(sorted({answer.status for answer in answers}), [202, 422], "what racing refunds are answered")
    taken = [answer.json() for answer in answers if answer.status == 202]
    total = sum(refund["amount"] for refund in taken)
    suite.true(AMOUNT - 40 < total <= AMOUNT, f"{total} of {AMOUNT} were refunded")
    for refund in taken:
        suite.equal(ended(client, refund["id"])["status"], "succeeded", refund["id"])
    given = ledger.refunds()
    suite.equal(sum(given.get(refund["id"], 0) for refund in taken), total, "what the issuer gave back")
    suite.equal(len(every(client, f"/v1/refunds?payment={payment['id']}")), len(taken), "refunds of the payment")


def killed(suite: Suite, dev: Dev, ports: tuple[int, int]) -> Dev:
    """Refunds and closings go on while the server is killed; each is sent again under its key until it is answered."""
    client = Client(dev.api, dev.key)
    payments = [pay(client, dev.terminal) for _ in range(20)]
    over = threading.Event()
    answers: list[int] = []

    def insist(path: str, body: dict[str, Any], key: str) -> None:
        while not over.is_set():
            try:
                answer = client.post(path, body, key, timeout_s=20)
            except OSError:
                time.sleep(0.05)
                continue
            if answer.status < 500:
                answers.append(answer.status)
                return
            time.sleep(0.05)

    def refunds(number: int) -> None:
        for turn in range(10):
            body = {"payment": payments[(number + turn) % 20]["id"], "amount": 50 + number}
            insist("/v1/refunds", body, f"refund-{number}-{turn}")

    def closings(number: int) -> None:
        for turn in range(6):
            insist("/v1/batches/close", {"terminalId": dev.terminal, "reference": f"close-{turn}"}, f"c-{number}-{turn}")
            time.sleep(0.2)

    threads = [threading.Thread(target=refunds, args=(number,)) for number in range(20)]
    threads += [threading.Thread(target=closings, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    moments = random.Random(7)
    for _ in range(5):
        time.sleep(moments.uniform(0.1, 0.6))
        dev.kill()
        dev = Dev(data=dev.data, ports=ports)
    for thread in threads:
        thread.join(120)
    over.set()
    suite.equal(len(answers), 20 * 10 + 3 * 6, "requests that came to an answer")
    suite.equal(sorted(set(answers)), [200, 202], "what they were answered")
    return dev


def agree(suite: Suite, dev: Dev, client: Client, ledger: Ledger) -> None:
    """API and issuer say the same."""
    until(lambda: not [r for r in every(client, "/v1/refunds") if r["status"] == "pending"], "no refund is pending", 90)
    succeeded = {r["id"]: r["amount"] for r in every(client, "/v1/refunds") if r["status"] == "succeeded"}
    suite.equal(ledger.refunds(), succeeded, "refunds at the issuer and on the API")
    for payment in client.every_payment():
        mine = [r["amount"] for r in every(client, f"/v1/refunds?payment={payment['id']}") if r["status"] == "succeeded"]
        suite.equal(payment.get("amountRefunded", 0), sum(mine), payment["id"])
    suite.equal(client.post("/v1/batches/close", {"terminalId": dev.terminal}).status, 200, "the last closing")
    empty = client.post("/v1/batches/close", {"terminalId": dev.terminal}).json()
    suite.equal((empty["salesCount"], empty["refundsCount"], empty["netTotal"]), (0, 0, 0), "nothing is left")
    full = lambda: [b for b in every(client, "/v1/batches?status=closed") if b["salesCount"] + b["refundsCount"]]  # noqa: E731
    until(lambda: all(batch["settledAt"] for batch in full()), "every batch is settled", 60)
    told = {
        id: (line["sales_count"], line["sales_minor"], line["refunds_count"], line["refunds_minor"])
        for id, line in ledger.settlements().items()
    }
    shown = {b["id"]: (b["salesCount"], b["salesTotal"], b["refundsCount"], b["refundsTotal"]) for b in full()}
    suite.equal(told, shown, "settlements at the issuer and on the API")
    taken = [request.taken() for request in ledger.requests() if request.taken()]
    sums = [sum(figures) for figures in zip(*shown.values())]
    suite.equal(sums, [len(taken), sum(taken), len(succeeded), sum(succeeded.values())], "all batches together")
    suite.equal(ledger.anomalies(), [], "what the platform did that it must not")


def main() -> None:
    suite = Suite("35_refunds_batches", within_s=600)
    ports = (free_port(), free_port())
    dev = Dev(data=directory() / "data", ports=ports)
    client, ledger = Client(dev.api, dev.key), Ledger(dev.data)
    with suite.group("every operation, in both renderings"):
        shapes(suite, dev, client)
    with suite.group("hundreds of refunds at once"):
        crowd(suite, dev, client, ledger)
    with suite.group("the same reference closes the same batch"):
        batch = client.post("/v1/batches/close", {"terminalId": dev.terminal, "reference": "day 1"})
        again = client.post("/v1/batches/close", {"terminalId": dev.terminal, "reference": "day 1"})
        suite.equal((batch.status, again.json()["id"]), (200, batch.json()["id"]), "closed again")
    with suite.group("refunds and closings go on while the server is killed"):
        dev = killed(suite, dev, ports)
    with suite.group("the issuer's ledger agrees"):
        agree(suite, dev, client, ledger)
        suite.true("panicked" not in dev.errors(), "something panicked")
    suite.finish()


main()
