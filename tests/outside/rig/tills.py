"""Tills that never give up: each order is sent under one key until a whole answer came, whatever dies in between. They
write down every answer; judging them is for the suite."""
from __future__ import annotations

import random
import threading
import time
from typing import Any, NamedTuple, Optional

from .client import PAYMENTS, Answer, Client
from .shapes import FINAL

#: What an order can be, and how often it is drawn.
KINDS = {
    "sync": 50, "async": 15, "declined": 8, "capture": 10, "void": 4, "cancel": 6, "late": 3, "silent": 2, "pin": 2,
}
#: Why a payment failed before any card was asked for.
NOT_RUN = {"terminal_offline", "terminal_busy"}
CARDS = {"declined": "card_declined", "cancel": "none", "late": "issuer_late", "silent": "issuer_silent", "pin": "online_pin"}


class Told(NamedTuple):
    """What a till was told about a payment."""

    path: str
    key: Optional[str]
    asked: Optional[dict[str, Any]]
    status: int
    payment: dict[str, Any]


class Shop:
    """What all tills share: how many orders are wanted, and what they were told."""

    def __init__(self, client: Client, terminals: list[str], wanted: int, seed: int) -> None:
        self.client = client
        self.terminals = terminals
        self.wanted = wanted
        self.seed = seed
        self.told: list[Told] = []
        self.refused: list[str] = []
        self.by_kind: dict[str, int] = {}
        self.retries = 0
        self._run = 0
        self._lock = threading.Lock()
        self.over = threading.Event()

    def tell(self, told: Told) -> None:
        with self._lock:
            self.told.append(told)

    def refuse(self, what: str) -> None:
        with self._lock:
            self.refused.append(what)

    def retried(self) -> None:
        with self._lock:
            self.retries += 1

    def count(self, kind: str) -> None:
        with self._lock:
            self._run += 1
            self.by_kind[kind] = self.by_kind.get(kind, 0) + 1

    def done(self) -> bool:
        with self._lock:
            return self._run >= self.wanted or self.over.is_set()

    def run_so_far(self) -> int:
        with self._lock:
            return self._run


class Till(threading.Thread):
    """One till. Without a terminal of its own it uses any."""

    def __init__(self, shop: Shop, number: int, terminal: Optional[str]) -> None:
        super().__init__(daemon=True, name=f"till {number}")
        self.shop = shop
        self.number = number
        self.terminal = terminal
        self.random = random.Random(f"{shop.seed}/{number}")
        self.orders = 0

    def run(self) -> None:
        kinds, weights = list(KINDS), list(KINDS.values())
        while not self.shop.done():
            kind = self.random.choices(kinds, weights)[0]
            self.orders += 1
            try:
                payment = self.order(kind)
            except Gone:
                return
            if payment.get("declineCode") in NOT_RUN:
                time.sleep(0.1)
            else:
                self.shop.count(kind)

    def order(self, kind: str) -> dict[str, Any]:
        """Carries one order through to the payment's end, or to where it cannot run."""
        name = f"{self.shop.seed}-{self.number}-{self.orders}"
        asked = {
            "terminalId": self.terminal or self.random.choice(self.shop.terminals),
            "amount": self.random.randint(1_000, 9_000),
            "currency": "EUR",
            "reference": f"order_{name}",
            "responseMode": "async" if kind in ("async", "cancel") else "sync",
            "captureMethod": "manual" if kind in ("capture", "void") else "automatic",
        }
        card = CARDS.get(kind)
        path = PAYMENTS + (f"?simulateCard={card}" if card else "")
        payment = self.insist(path, asked, f"create-{name}")
        id = payment["id"]
        if kind == "cancel" and payment["status"] == "pending":
            self.insist(f"{PAYMENTS}/{id}/cancel", None, f"cancel-{name}")
        if kind in ("capture", "void"):
            payment = self.follow(id, FINAL | {"authorized"})
            if payment["status"] == "authorized":
                self.settle(kind, payment, name)
        return self.follow(id, FINAL)

    def settle(self, kind: str, payment: dict[str, Any], name: str) -> None:
        """Takes what is held, less or more of it, or lets it go."""
        if kind == "void":
            self.insist(f"{PAYMENTS}/{payment['id']}/cancel", None, f"void-{name}")
            return
        amount = payment["amountCapturable"] * self.random.choice((80, 100, 115)) // 100
        self.insist(f"{PAYMENTS}/{payment['id']}/capture", {"amount": amount}, f"capture-{name}")

    def insist(self, path: str, asked: Optional[dict[str, Any]], key: str) -> dict[str, Any]:
        """Sends the same request under the same key until it is answered."""
        while True:
            answer = self.attempt(lambda: self.shop.client.post(path, asked, key, timeout_s=20))
            if answer.status in (200, 202):
                payment: dict[str, Any] = answer.json()
                self.shop.tell(Told(path, key, asked, answer.status, payment))
                return payment
            if answer.status == 422 and path.endswith("/cancel"):
                # The card was faster than the cancel: a documented answer, and the payment goes on.
                return {}
            if answer.status < 500:
                self.shop.refuse(f"{path} {key}: {answer.status} {answer.body[:200]!r}")
                raise Gone
            time.sleep(0.05)

    def follow(self, id: str, until: set[str]) -> dict[str, Any]:
        """Retrieves the payment until it is there."""
        while True:
            answer = self.attempt(lambda: self.shop.client.get(f"{PAYMENTS}/{id}", timeout_s=10))
            if answer.status == 200:
                payment: dict[str, Any] = answer.json()
                self.shop.tell(Told(f"{PAYMENTS}/{id}", None, None, 200, payment))
                if payment["status"] in until:
                    return payment
            elif answer.status < 500:
                self.shop.refuse(f"retrieve {id}: {answer.status} {answer.body[:200]!r}")
                raise Gone
            time.sleep(0.1)

    def attempt(self, send: Any) -> Answer:
        """Sends until something comes back."""
        while True:
            if self.shop.over.is_set():
                raise Gone
            try:
                answer: Answer = send()
                return answer
            except OSError:
                self.shop.retried()
                time.sleep(0.05)


class Gone(Exception):
    """The suite is over, or a request was refused that must not be: this till stops."""
