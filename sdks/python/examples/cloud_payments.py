"""A server drives a terminal over the cloud: every call of the Cloud API.

VINR_SECRET_KEY and VINR_BASE_URL say whom to ask; `vinr dev` prints both.
"""
from __future__ import annotations

import os
import time
import uuid

import vinr

TERMINAL = os.environ.get("VINR_TERMINAL", "term_test_simulator")


def name(order: str) -> str:
    """The name of an order; new in every run."""
    return f"{order} {uuid.uuid4()}"


def asynchronous(client: vinr.Client) -> None:
    """Create, and look later. In production a webhook says when (see webhooks.py)."""
    payment = client.terminal.payments.create(
        terminal_id=TERMINAL, amount=2500, currency="USD", reference=name("order_8821")
    )
    print("created:", payment.status)
    while payment.status in ("pending", "processing"):
        time.sleep(0.2)
        payment = client.terminal.payments.retrieve(payment.id)
    print("asynchronous:", payment.status, payment.brand, payment.last4)


def synchronous(client: vinr.Client) -> None:
    """Create, and wait for the outcome: both ways of writing it."""
    payment = client.terminal.payments.create_sync(
        terminal_id=TERMINAL, amount=2500, currency="USD", reference=name("order_8822")
    )
    print("synchronous:", payment.status, payment.brand, payment.last4, payment.auth_code is not None)
    payment = client.terminal.payments.create(
        terminal_id=TERMINAL, amount=2500, currency="USD", reference=name("order_8823"), response_mode="sync"
    )
    print("response_mode:", payment.status)


def declined(client: vinr.Client) -> None:
    """A decline is a payment like any other, not an error."""
    payment = client.terminal.payments.create_sync(
        terminal_id=TERMINAL, amount=2500, currency="USD", reference=name("order_8824"), simulate_card="insufficient_funds"
    )
    print("declined:", payment.status, payment.decline_code)


def cancelled(client: vinr.Client) -> None:
    """Nobody presents a card; then it is too late to cancel another one."""
    waiting = client.terminal.payments.create(
        terminal_id=TERMINAL, amount=2500, currency="USD", reference=name("order_8825"), simulate_card="none"
    )
    payment = client.terminal.payments.cancel(waiting.id)
    while payment.status == "pending":
        time.sleep(0.1)
        payment = client.terminal.payments.retrieve(payment.id)
    print("cancelled:", payment.status)
    paid = client.terminal.payments.create_sync(
        terminal_id=TERMINAL, amount=2500, currency="USD", reference=name("order_8826")
    )
    try:
        client.terminal.payments.cancel(paid.id)
    except vinr.InvalidRequestError as error:
        print("too late:", error.code)
        client.refunds.create(payment=paid.id, reason="requested_by_customer")


def manual_capture(client: vinr.Client) -> None:
    """Authorize at the table, capture with the tip."""
    held = client.terminal.payments.create_sync(
        terminal_id=TERMINAL, amount=2500, currency="USD", reference=name("table_12"), capture_method="manual"
    )
    print("held:", held.status, held.amount_capturable)
    payment = client.terminal.payments.capture(held.id, amount=2875)
    print("captured:", payment.status, payment.amount_captured)


def group(client: vinr.Client) -> None:
    """The first terminal that is free."""
    payment = client.terminal.payments.create_sync(
        terminal_group=[TERMINAL], amount=1500, currency="USD", reference=name("order_8827")
    )
    print("group:", payment.status, payment.terminal_id == TERMINAL)


def looked_up(client: vinr.Client) -> None:
    """By one's own name for the order, and in lists that go on over their pages."""
    reference = name("order_8828")
    client.terminal.payments.create_sync(terminal_id=TERMINAL, amount=2500, currency="USD", reference=reference)
    print("by reference:", client.terminal.payments.retrieve_by_reference(reference).status)
    listed = sum(payment.terminal_id == TERMINAL for payment in client.terminal.payments.list(terminal_id=TERMINAL, limit=3))
    print("listed:", listed >= 8)


def main() -> None:
    """All of them."""
    with vinr.Client(secret_key=os.environ["VINR_SECRET_KEY"]) as client:
        for run in (asynchronous, synchronous, declined, cancelled, manual_capture, group, looked_up):
            run(client)


if __name__ == "__main__":
    main()
