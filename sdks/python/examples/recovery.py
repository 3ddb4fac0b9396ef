"""What to do when no answer came: the payment has a name of its own, and is looked up under it. Nobody is charged twice."""
from __future__ import annotations

import os
import uuid
from typing import Union

import vinr

TERMINAL = os.environ.get("VINR_TERMINAL", "term_test_simulator")
Payment = Union[vinr.TerminalPayment, vinr.LegacyTerminalPayment]


def pay(client: vinr.Client, token: str, timeout: float) -> Payment:
    """A payment whose customer takes three seconds. `token` is written down before: it also survives a crash of this program."""
    try:
        return client.terminal.payments.create_sync(
            terminal_id=TERMINAL, amount=2500, currency="USD", reference=f"order {token}", client_token=token,
            simulate_delay=3, timeout=timeout,
        )
    except vinr.VinrError as error:
        if not error.outcome_unknown:
            raise
        print("unknown:", type(error).__name__, error.money_may_have_moved, error.payment and error.payment.status)
        # The same name joins the payment that is there, whether it runs or is over; one that never arrived is made.
        return client.terminal.payments.create_sync(
            terminal_id=TERMINAL, amount=2500, currency="USD", reference=f"order {token}", client_token=token,
            simulate_delay=3,
        )


def main() -> None:
    """Too impatient, and yet one payment."""
    with vinr.Client(secret_key=os.environ["VINR_SECRET_KEY"]) as client:
        token = str(uuid.uuid4())
        payment = pay(client, token, timeout=0.7)
        print("outcome:", payment.status, payment.client_token == token)
        print("payments:", sum(1 for _ in client.terminal.payments.list(reference=f"order {token}")))
        found = client.terminal.payments.retrieve_by_reference(f"order {token}")
        print("the same:", found.id == payment.id)


if __name__ == "__main__":
    main()
