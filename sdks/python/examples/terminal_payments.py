"""Every call of the reference page of terminal payments, which speaks version 2025-05-31: Unix seconds, and null for what is unset."""
from __future__ import annotations

import os
import time
import uuid

import vinr

TERMINAL = os.environ.get("VINR_TERMINAL", "term_test_simulator")


def settled(client: vinr.Client, payment: vinr.LegacyTerminalPayment) -> vinr.LegacyTerminalPayment:
    """The payment when its card has been read, or it was called off."""
    while payment.status in ("pending", "processing"):
        time.sleep(0.1)
        payment = client.terminal_payments.retrieve(payment.id)
    return payment


def main() -> None:
    """Create, retrieve, capture, cancel, list."""
    with vinr.Client(secret_key=os.environ["VINR_SECRET_KEY"]) as client:
        run = uuid.uuid4()
        payment = client.terminal_payments.create(
            terminal_id=TERMINAL, amount=4200, currency="EUR", reference=f"order_1099 {run}", metadata={"cost_center": "7"}
        )
        print("created:", payment.status, payment.completed_at, payment.metadata)

        payment = settled(client, client.terminal_payments.retrieve(payment.id))
        assert payment.payment_method is not None and payment.tip is not None and payment.completed_at is not None
        card = payment.payment_method.card
        print("retrieved:", payment.status, card.brand, card.last4, payment.payment_method.entry_mode, payment.tip.mode)
        print("seconds:", payment.completed_at >= payment.created_at)

        held = settled(client, client.terminal_payments.create(
            terminal_id=TERMINAL, amount=4200, currency="EUR", reference=f"order_1100 {run}", capture_method="manual"
        ))
        print("captured:", client.terminal_payments.capture(held.id).amount_captured)

        waiting = client.terminal_payments.create(
            terminal_id=TERMINAL, amount=4200, currency="EUR", reference=f"order_1101 {run}", simulate_card="none"
        )
        print("cancelled:", settled(client, client.terminal_payments.cancel(waiting.id)).status)

        payments = client.terminal_payments.list(terminal_id=TERMINAL, limit=10)
        print("listed:", payments.object, payments.data[0].id == waiting.id)


if __name__ == "__main__":
    main()
