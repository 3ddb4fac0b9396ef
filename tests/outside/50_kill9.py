"""SIGKILL of the server or of a terminal at random moments while tills take payments. Afterwards every answer that a till
got is still true, nothing is unfinished, and the issuer charged each completed payment once and no other at all."""
from __future__ import annotations

import os
import random
import threading
import time
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.ledger import Ledger
from rig.processes import Dev, Terminal, directory, free_port
from rig.shapes import FINAL
from rig.tills import NOT_RUN, Shop, Till

WANTED = int(os.environ.get("VINR_KILL9_PAYMENTS", "1000"))
SEED = int(os.environ.get("VINR_KILL9_SEED") or random.SystemRandom().randint(1, 10**9))
TERMINALS = [f"term_test_lane{number}" for number in range(1, 7)]
TILLS = 8
#: How long taking the payments may last, and settling what is open after that.
TAKING_S, SETTLING_S = 300.0, 60.0
RANK = {"pending": 0, "processing": 1, "authorized": 2, **dict.fromkeys(FINAL, 3)}


class Machines:
    """The server and the terminals, each of which can die and come back with its files as they are."""

    def __init__(self) -> None:
        self.data, self.ports = directory() / "data", (free_port(), free_port())
        self.server = self._server()
        self.lives: list[Terminal] = []
        self.terminals = {name: self._terminal(name) for name in TERMINALS}
        self.killed = {"server": 0, "terminal": 0}

    def _server(self) -> Dev:
        external = [word for name in TERMINALS for word in ("--external", name)]
        waits = ("--prompt-timeout-ms", "4000", "--acquirer-answer-ms", "1500", "--no-simulator")
        return Dev(*external, *waits, data=self.data, ports=self.ports)

    def _terminal(self, name: str) -> Terminal:
        terminal = Terminal(self.data / "terminals" / name, "--pace-ms", "20", "--prompt-timeout-ms", "4000")
        self.lives.append(terminal)
        return terminal

    def kill_server(self, pause_s: float) -> None:
        self.server.kill()
        self.killed["server"] += 1
        time.sleep(pause_s)
        self.server = self._server()

    def kill_terminal(self, name: str, pause_s: float) -> None:
        self.terminals[name].kill()
        self.killed["terminal"] += 1
        time.sleep(pause_s)
        self.terminals[name] = self._terminal(name)


class Chaos(threading.Thread):
    """Kills, at moments drawn from the seed."""

    def __init__(self, machines: Machines) -> None:
        super().__init__(daemon=True, name="chaos")
        self.machines = machines
        self.random = random.Random(f"{SEED}/chaos")
        self.over = threading.Event()
        self.failure: Optional[Exception] = None

    def run(self) -> None:
        try:
            while not self.over.wait(self.random.uniform(0.1, 1.6)):
                pause_s = self.random.choice((0.0, 0.0, 0.1, 0.4))
                if self.random.random() < 0.35:
                    self.machines.kill_server(pause_s)
                else:
                    self.machines.kill_terminal(self.random.choice(TERMINALS), pause_s)
        except Exception as error:  # told to the suite: without chaos it shows nothing
            self.failure = error


def take_payments(suite: Suite, machines: Machines, shop: Shop) -> None:
    """Runs tills and chaos until the orders are through."""
    tills = [Till(shop, number, TERMINALS[number] if number < len(TERMINALS) else None) for number in range(TILLS)]
    chaos = Chaos(machines)
    began = time.monotonic()
    for thread in (*tills, chaos):
        thread.start()
    for till in tills:
        till.join(max(0.1, began + TAKING_S - time.monotonic()))
    shop.wanted = 0
    chaos.over.set()
    chaos.join(90)
    for till in tills:
        till.join(SETTLING_S)
    stuck = [till.name for till in tills if till.is_alive()]
    shop.over.set()
    suite.equal(stuck, [], "tills whose last order never came to an end")
    suite.equal(chaos.failure, None, "chaos itself")
    suite.equal(shop.refused, [], "requests refused that must not be")
    suite.true(shop.run_so_far() >= WANTED, f"only {shop.run_so_far()} of {WANTED} orders in {TAKING_S:.0f} s")
    suite.true(machines.killed["server"] >= 5 and machines.killed["terminal"] >= 10 or WANTED < 500, f"killed: {machines.killed}")
    suite.true(shop.retries > 0, "no till ever had to send a request again")
    print(f"     {shop.run_so_far()} orders {shop.by_kind}, killed {machines.killed}, {shop.retries} requests sent again")


def approvals_shown(machines: Machines, shop: Shop) -> list[str]:
    """Approval codes that a terminal's screen showed and that no payment was ever approved with."""
    known = {told.payment.get("authCode") for told in shop.told}
    shown = [line for terminal in machines.lives for line in terminal.said if "APPROVED" in line]
    assert shown, "no screen ever said that a payment is approved"
    return [line for line in shown if line.rsplit("code ", 1)[-1] not in known]


def unfinished(client: Client) -> list[str]:
    return [f"{payment['id']} {payment['status']}" for payment in client.every_payment() if payment["status"] not in FINAL]


def discrepancies(payments: dict[str, dict[str, Any]], ledger: Ledger) -> list[str]:
    """Where the API and the issuer disagree about money."""
    found, charged = [], ledger.net_by("payment")
    for id, payment in payments.items():
        requests = charged.pop(id, [])
        says = f"{id} {payment['status']} {payment.get('declineCode', '')}".strip()
        if payment["status"] != "completed":
            if requests:
                found.append(f"{says}, yet charged: {requests}")
        elif len(requests) != 1:
            found.append(f"{says}, charged {len(requests)} times: {requests}")
        elif requests[0].taken() != payment["amountCaptured"]:
            found.append(f"{says} with {payment['amountCaptured']}, the issuer has taken {requests[0].taken()}")
    return found + [f"{id} charged, unknown to the API" for id in charged]


def broken_words(shop: Shop, payments: dict[str, dict[str, Any]]) -> list[str]:
    """Answers that tills got and that are no longer true."""
    found = []
    for told in shop.told:
        was, id = told.payment, told.payment["id"]
        now = payments.get(id)
        if now is None:
            found.append(f"{id} was answered {was['status']} and is gone")
        elif RANK[was["status"]] == 3 and any(was.get(name) != now.get(name) for name in set(was) | set(now)):
            found.append(f"{id} was answered {was['status']} and is now {now['status']}: {was} {now}")
        elif RANK[was["status"]] > RANK[now["status"]]:
            found.append(f"{id} was answered {was['status']} and is now {now['status']}")
        elif was["status"] == "authorized" and now["status"] == "failed":
            found.append(f"{id} was authorized and has failed")
    return found


def replays(shop: Shop, client: Client) -> list[str]:
    """Keys that no longer name the payment they named."""
    found = []
    keyed = [told for told in shop.told if told.key]
    for told in random.Random(SEED).sample(keyed, min(200, len(keyed))):
        answer = client.post(told.path, told.asked, told.key)
        if answer.status not in (200, 202) or answer.json()["id"] != told.payment["id"]:
            found.append(f"{told.key}: {told.payment['id']} became {answer.status} {answer.body[:120]!r}")
        elif answer.headers.get("idempotent-replayed") != "true":
            found.append(f"{told.key}: not marked as a replay")
    return found


def judge(suite: Suite, machines: Machines, shop: Shop) -> None:
    """The invariants, once nothing moves any more."""
    client, ledger = shop.client, Ledger(machines.data)
    with suite.group("nothing stays unfinished"):
        finish(client)
        suite.equal(unfinished(client), [], "unfinished")
    payments = {payment["id"]: payment for payment in client.every_payment()}
    with suite.group("the issuer charged every completed payment once, and no other"):
        settle(payments, ledger)
        suite.equal(discrepancies(payments, ledger), [], "API and issuer disagree")
        twice = [intent for intent, requests in ledger.net_by("intent").items() if len(requests) > 1]
        suite.equal(twice, [], "intents charged twice")
        suite.equal(ledger.anomalies(), [], "anomalies at the issuer")
    with suite.group("every answer that a till got is still true"):
        suite.equal(broken_words(shop, payments), [], "answers")
        references = [payment["reference"] for payment in payments.values()]
        suite.equal(len(references), len(set(references)), "payments per order")
        suite.equal(replays(shop, client), [], "keys")
        suite.equal(approvals_shown(machines, shop), [], "approvals on a screen that no payment knows")
    with suite.group("the payments were worth killing for"):
        outcomes: dict[str, int] = {}
        for payment in payments.values():
            outcome = payment.get("declineCode") or payment["status"]
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
        print(f"     {len(payments)} payments: {outcomes}")
        ran = sum(count for outcome, count in outcomes.items() if outcome not in NOT_RUN)
        suite.true(outcomes.get("completed", 0) * 2 > ran, "less than half of what ran was completed")
    with suite.group("every terminal takes a payment again"):
        for name in TERMINALS:
            order = {"terminalId": name, "amount": 100, "currency": "EUR", "responseMode": "sync"}
            until(lambda: client.post(PAYMENTS, order).json()["status"] == "completed", f"{name} completes one", 60, 0.5)
            suite.true(True, name)


def finish(client: Client) -> None:
    """Waits until every payment is final, or it takes too long."""
    deadline = time.monotonic() + SETTLING_S
    while unfinished(client) and time.monotonic() < deadline:
        time.sleep(0.5)


def settle(payments: dict[str, dict[str, Any]], ledger: Ledger) -> None:
    """Waits for captures and reversals that the issuer has not acknowledged yet."""
    deadline = time.monotonic() + SETTLING_S
    while discrepancies(payments, ledger) and time.monotonic() < deadline:
        time.sleep(0.5)


def main() -> None:
    print(f"seed {SEED} (VINR_KILL9_SEED), {WANTED} payments (VINR_KILL9_PAYMENTS)", flush=True)
    suite = Suite("50_kill9", within_s=700)
    machines = Machines()
    client = Client(machines.server.api, machines.server.key)
    shop = Shop(client, TERMINALS, WANTED, SEED)
    with suite.group("tills take payments while everything dies"):
        take_payments(suite, machines, shop)
    judge(suite, machines, shop)
    with suite.group("no process died on its own"):
        suite.true(not machines.server.ended(), "the server has ended")
        dead = [name for name, terminal in machines.terminals.items() if terminal.ended()]
        suite.equal(dead, [], "terminals that have ended")
        logs = machines.server.errors() + "".join(terminal.errors() for terminal in machines.terminals.values())
        suite.true("panicked" not in logs, "something panicked")
    suite.finish()


main()
