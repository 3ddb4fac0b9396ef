"""Payments for a group of terminals: the first that is free takes them, and while all are busy they wait, in order, for
a bounded time, across restarts, each at one terminal."""
from __future__ import annotations

import concurrent.futures
import json
import time
import uuid
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import FORM, PAYMENTS, Answer, Client
from rig.ledger import Ledger
from rig.processes import Dev, free_port

A, B, GONE = "term_till_a", "term_till_b", "term_till_gone"

suite = Suite("27_groups", within_s=420)
ports = (free_port(), free_port())
dev = Dev("--terminal", A, "--terminal", B, "--external", GONE, "--pace-ms", "50", ports=ports)
client, old = Client(dev.api, dev.key), Client(dev.api, dev.key, "x-api-key")


def order(*terminals: str, **changes: Any) -> dict[str, Any]:
    return {"terminalGroup": list(terminals), "amount": 1500, "currency": "EUR", **changes}


def ask(*terminals: str, card: Optional[str] = None, key: Optional[str] = None, **changes: Any) -> Answer:
    """Asks for a payment of the group; with a card, of that simulated customer."""
    query = f"?simulateCard={card}" if card else ""
    return client.post(PAYMENTS + query, order(*terminals, **changes), key)


def made(answer: Answer) -> dict[str, Any]:
    assert answer.status in (200, 202), f"{answer.status} {answer.body[:200]!r}"
    body: dict[str, Any] = answer.json()
    return body


def occupy(terminal: str) -> str:
    """A payment on the terminal whose customer presents nothing."""
    body = {"terminalId": terminal, "amount": 1500, "currency": "EUR"}
    payment = made(client.post(f"{PAYMENTS}?simulateCard=none", body))
    assert payment["status"] == "pending", payment
    id: str = payment["id"]
    return id


def cancel(id: str) -> dict[str, Any]:
    client.post(f"{PAYMENTS}/{id}/cancel", {})
    return reached(id, "cancelled")


def reached(id: str, status: str, within_s: float = 30) -> dict[str, Any]:
    until(lambda: client.payment(id)["status"] == status, f"{id} becomes {status}", within_s)
    return client.payment(id)


def place(id: str) -> tuple[Any, Any]:
    now = client.payment(id)
    return now.get("terminalId"), now.get("queuePosition")


def both_free() -> None:
    """Waits until no payment is under way, so that each group of checks begins alike."""
    for payment in client.every_payment(status="pending"):
        client.post(f"{PAYMENTS}/{payment['id']}/cancel", {})
    until(lambda: not client.every_payment(status="pending"), "nothing waits any more", 30)
    time.sleep(0.2)


def picks() -> None:
    with suite.group("the first of the group that is free takes it"):
        payment = made(ask(B, A, responseMode="sync"))
        suite.equal(payment["terminalId"], B, "in the order of the group")
        suite.equal(payment["terminalGroup"], [B, A], "the group comes back")
        suite.equal((payment["status"], payment.get("queuePosition")), ("completed", None), "it is paid and waits no more")
        busy = occupy(A)
        suite.equal(made(ask(A, B, responseMode="sync"))["terminalId"], B, "a busy terminal is passed over")
        suite.equal(made(ask(GONE, "term_till_unknown", B, responseMode="sync"))["terminalId"], B, "so are those not there")
        suite.equal(client.payment(busy)["status"], "pending", "whoever was there stays")
        listed = [one["id"] for one in client.every_payment(terminalId=B)]
        suite.true(payment["id"] in listed, "it is listed under the terminal that took it")
        cancel(busy)
    with suite.group("a group that cannot run fails as a terminal would"):
        for group, code in (((GONE,), "terminal_offline"), (("term_till_unknown", "term_2"), "terminal_not_found")):
            payment = made(ask(*group, responseMode="sync"))
            suite.equal((payment["status"], payment.get("declineCode")), ("failed", code), f"{group}")
            suite.equal((payment.get("terminalId"), payment["terminalGroup"]), (None, list(group)), f"{group}")
    with suite.group("the same in a form, and as the reference page writes it"):
        body = f"terminalGroup[]={B}&terminalGroup[]={A}&amount=1500&currency=EUR&responseMode=sync"
        answer = old.send("POST", PAYMENTS, body, {"Content-Type": FORM})
        payment = answer.json()
        suite.equal((answer.status, payment["terminalId"], payment["terminalGroup"]), (200, B, [B, A]), "form")
        suite.equal(payment.get("queuePosition", "absent"), None, "unset fields are null")
        alone = old.post(PAYMENTS, {"terminalId": A, "amount": 5, "currency": "EUR", "responseMode": "sync"}).json()
        suite.true("terminalGroup" not in alone and "queuePosition" not in alone, "no word of groups without one")


def refuses() -> None:
    with suite.group("a group that is none is refused and named"):
        for changes, param in (
            ({"terminalId": A}, "terminalGroup"),
            ({"terminalGroup": []}, "terminalGroup"),
            ({"terminalGroup": [f"term_{n}" for n in range(17)]}, "terminalGroup"),
            ({"terminalGroup": [A, B, A]}, "terminalGroup[2]"),
            ({"terminalGroup": [A, ""]}, "terminalGroup[1]"),
            ({"terminalGroup": A}, "terminalGroup"),
            ({"terminalGroup": None}, "terminalId"),
        ):
            answer = ask(A, B, **changes)
            suite.equal((answer.status, answer.error().get("param")), (400, param), f"{changes}")


def waits() -> None:
    with suite.group("while all are busy it waits, says where, and the oldest is served first"):
        busy = {terminal: occupy(terminal) for terminal in (A, B)}
        first = made(ask(A, B))
        suite.equal((first["status"], first.get("terminalId"), first["sequence"]), ("pending", None, 1), "it waits")
        suite.true(first["expiresAt"] > first["createdAt"], "until when it waits")
        suite.true("queuePosition" not in first, "an answer that is repeated says nothing of the moment")
        second, other, third = (made(ask(*group))["id"] for group in ((B, A), (A,), (B,)))
        suite.equal(place(first["id"]), (None, 1), "the first is next")
        suite.equal(place(second), (None, 2), "the second behind it")
        suite.equal(place(other), (None, 3), "behind both at A")
        suite.equal(place(third), (None, 3), "behind both at B; nobody else's group counts")
        read = old.get(f"{PAYMENTS}/{second}").json()
        suite.equal((read["terminalId"], read["queuePosition"]), (None, 2), "2025-05-31 writes it too")
        listed = {one["id"]: one.get("queuePosition") for one in client.every_payment(status="pending")}
        suite.equal((listed[first["id"]], listed[third], listed[busy[A]]), (1, 3, None), "and so do lists")
        cancel(busy[B])
        suite.equal(reached(first["id"], "completed")["terminalId"], B, "the oldest has what was free first")
        suite.equal(reached(second, "completed")["terminalId"], B, "then the next")
        suite.equal(reached(third, "completed")["terminalId"], B, "then the one that B alone can serve")
        suite.equal(place(other), (None, 1), "who wants A waits for A")
        suite.equal(client.payment(busy[A])["status"], "pending", "A is as it was")
        cancel(busy[A])
        suite.equal(reached(other, "completed")["terminalId"], A, "and gets it")
        ledger = Ledger(dev.data)
        charged = [ledger.net(id) for id in (first["id"], second, third, other)]
        suite.equal(charged, [1500] * 4, "each is charged once")
    with suite.group("a sync request waits with its payment"):
        busy = {terminal: occupy(terminal) for terminal in (A, B)}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            asked = pool.submit(ask, A, B, responseMode="sync", key="sync-waits")
            until(lambda: len(client.every_payment(status="pending")) == 3, "it waits", 10)
            cancel(busy[A])
            answer = asked.result(60)
        payment = made(answer)
        suite.equal((answer.status, payment["status"], payment["terminalId"]), (200, "completed", A), "the outcome")
        again = ask(A, B, responseMode="sync", key="sync-waits")
        suite.equal((again.body, again.headers.get("idempotent-replayed")), (answer.body, "true"), "again, word for word")
        cancel(busy[B])


def leaves() -> None:
    with suite.group("cancel leaves the queue at once"):
        busy = {terminal: occupy(terminal) for terminal in (A, B)}
        first = ask(A, B, key="leaves")
        one, two = made(first)["id"], made(ask(A, B))["id"]
        answer = client.post(f"{PAYMENTS}/{one}/cancel", {}, "leave-it")
        body = made(answer)
        suite.equal((answer.status, body["status"], body.get("terminalId")), (200, "cancelled", None), "over at once")
        suite.equal(place(two), (None, 1), "the next moves up")
        again = client.post(f"{PAYMENTS}/{one}/cancel", {}, "leave-it")
        suite.equal((again.status, again.body), (200, answer.body), "the same cancel, said again")
        replayed = ask(A, B, key="leaves")
        suite.equal((replayed.status, replayed.body), (202, first.body), "the create is answered as it was")
        late = client.post(f"{PAYMENTS}/{one}/cancel", {})
        suite.equal((late.status, late.error()["code"]), (422, "cancel_not_allowed"), "it cannot be cancelled twice")
        cancel(busy[B])
        suite.equal(reached(two, "completed")["terminalId"], B, "the next is served")
        suite.equal(client.payment(one)["status"], "cancelled", "who left stays away")
        cancel(busy[A])


def crowd() -> None:
    with suite.group("sixty from twelve tills over two terminals: each is served once, by one of its own"):
        groups = ((A, B), (B, A), (A, B), (B,), (A,))
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            jobs = [pool.submit(ask, *groups[n % 5], responseMode="sync", reference=f"crowd_{n}") for n in range(60)]
            answers = [made(job.result(150)) for job in jobs]
        ledger = Ledger(dev.data)
        bad = [
            one for n, one in enumerate(answers)
            if one["status"] != "completed" or one["terminalId"] not in groups[n % 5] or ledger.net(one["id"]) != 1500
        ]
        suite.equal(bad, [], "all of them are paid, once, where they may be")
        used = {one["terminalId"] for one in answers}
        suite.equal(used, {A, B}, "both terminals work")


def restarts() -> None:
    global dev
    with suite.group("after kill -9 they wait in the same order"):
        busy = [occupy(terminal) for terminal in (A, B)]
        ids = [made(ask(A, B, reference=f"restart_{uuid.uuid4().hex}"))["id"] for _ in range(4)]
        dev.kill()
        # What the customers were told died with the program: from now on each takes this long to present a card.
        dev = Dev("--terminal", A, "--terminal", B, "--external", GONE, "--pace-ms", "3000", data=dev.data, ports=ports)
        suite.equal([place(id) for id in ids], [(None, n) for n in (1, 2, 3, 4)], "their places")
        done = [reached(id, "completed", 60) for id in ids]
        suite.equal({one["terminalId"] for one in done}, {A, B}, "served by both, when those before were done")
        times = [one["completedAt"] for one in done]
        suite.equal(times, sorted(times), "in their order")
        ledger = Ledger(dev.data)
        suite.equal([ledger.net(id) for id in busy + ids], [1500] * 6, "each is charged once")


def ends() -> None:
    with suite.group("a wait has an end, and the queue a limit"):
        wait_ms = 12_000
        short = Dev("--terminal", A, "--queue-wait-ms", str(wait_ms), "--no-simulator")
        its = Client(short.api, short.key)
        until(lambda: not is_offline(its), "the terminal is there", 20)
        began = time.monotonic()
        waiting = made(its.post(f"{PAYMENTS}?simulateCard=none", order(A)))
        suite.equal(waiting["terminalId"], A, "it occupies the terminal")
        body = json.dumps(order(A))
        headers = {"Content-Type": "application/json"}
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            statuses = [a for a in pool.map(lambda _: its.send("POST", PAYMENTS, body, headers), range(1_010))]
        counts = {status: sum(a.status == status for a in statuses) for status in (202, 429)}
        took = time.monotonic() - began
        if suite.true(took < wait_ms / 1000, f"asked for 1,010 in {took:.1f} s, before any wait was over"):
            suite.equal(counts, {202: 1_000, 429: 10}, "a thousand wait, the others are refused")
        refused = next(a for a in statuses if a.status == 429)
        suite.equal(refused.error()["code"], "queue_full", "and told why")
        suite.true(int(refused.headers.get("retry-after", "0")) >= 1, "and when to ask again")
        some = [a.json()["id"] for a in statuses if a.status == 202][::100]
        for id in some:
            until(lambda: its.payment(id)["status"] == "failed", f"the wait of {id} ends", 60)
        suite.equal({its.payment(id)["declineCode"] for id in some}, {"terminal_busy"}, "nobody was free in time")
        suite.equal(its.payment(waiting["id"])["status"], "pending", "who has the terminal keeps it")
        suite.equal(made(its.post(PAYMENTS, order(A)))["status"], "pending", "there is room again")
        short.stop()


def is_offline(its: Client) -> bool:
    probe = its.post(f"{PAYMENTS}?simulateCard=none", order(A))
    payment = made(probe)
    if payment["status"] == "failed":
        return True
    its.post(f"{PAYMENTS}/{payment['id']}/cancel", {})
    until(lambda: its.payment(payment["id"])["status"] == "cancelled", "the probe is over", 20)
    return False


until(lambda: not is_offline(client), "the terminals are there", 20)
for part in (picks, refuses, waits, leaves, crowd, restarts, ends):
    part()
    if part is not ends:
        both_free()
suite.finish()
