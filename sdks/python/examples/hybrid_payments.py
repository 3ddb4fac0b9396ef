"""Hybrid payments under asyncio: over the local network first, through the cloud when the terminal is not there, one charge either way."""
from __future__ import annotations

import asyncio
import os
import uuid

import vinr

TERMINAL = os.environ.get("VINR_TERMINAL", "term_test_simulator")


def degraded(layer: str, failure: vinr.VinrError) -> None:
    """Somebody should look at the shop's network before customers notice."""
    print("the local network failed:", layer, type(failure).__name__)


async def pay(client: vinr.AsyncClient, reference: str) -> vinr.TerminalPayment:
    """One payment, whatever happens. After a crash of this program the same call takes the payment up again."""
    try:
        return await client.terminal.payments.create(
            terminal_id=TERMINAL, amount=2500, currency="USD", reference=reference,
            connectivity={"mode": "hybrid", "local_timeout_ms": 2000},
        )
    except vinr.VinrError as error:
        if not error.outcome_unknown or error.client_token is None:
            raise
        # Both ways failed after the terminal may have heard: ask until one of them knows. Not a new payment.
        return await client.terminal.payments.resolve(error.client_token)


async def main() -> None:
    """With a terminal that is there, and with one that is not."""
    till: vinr.TerminalParams = {
        "local_cert_path": os.environ["VINR_LOCAL_CERT"], "local_cert_passphrase": os.environ["VINR_LOCAL_CERT_PASSPHRASE"],
        "state_dir": os.environ["VINR_STATE_DIR"], "on_local_failure": degraded,
    }
    key = os.environ["VINR_SECRET_KEY"]
    async with vinr.AsyncClient(secret_key=key, terminal={**till, "static_hosts": [os.environ["VINR_LOCAL_HOST"]]}) as client:
        payment = await pay(client, f"order_{uuid.uuid4()}")
        print("paid:", payment.status, payment.metadata["connectionMode"])
        found = await client.terminal.payments.resolve(payment.client_token)
        print("resolved:", found.id == payment.id, found.status)
    async with vinr.AsyncClient(secret_key=key, terminal={**till, "static_hosts": ["127.0.0.1:9"]}) as client:
        payment = await pay(client, f"order_{uuid.uuid4()}")
        print("paid:", payment.status, payment.metadata["connectionMode"])


if __name__ == "__main__":
    asyncio.run(main())
