"""Terminals on the local network: found, charged, asked again when an answer was lost. Needs the till's certificate
(`POST /v1/terminals/{id}/client-certificates`, or `vinr dev --json`) and `pip install 'vinr[local]'`."""
from __future__ import annotations

import os
import uuid

import vinr


def pay(client: vinr.Client, reader_id: str, reference: str, token: str, timeout: float) -> vinr.TerminalPayment:
    """A payment whose customer takes two seconds. When the till gives up before, the terminal still has the payment."""
    try:
        return client.terminal.payments.create_local(
            reader_id=reader_id, amount=2500, currency="USD", reference=reference, client_token=token, simulate_delay=2, timeout=timeout,
        )
    except vinr.LocalConnectionError as error:
        print("not heard:", error.layer, error.outcome_unknown)
        # Never a new payment: the same name joins the one that is there.
        found = client.terminal.payments.retrieve_by_reference(reference)
        print("it is there:", found.status)
        return client.terminal.payments.create_local(
            reader_id=reader_id, amount=2500, currency="USD", reference=reference, client_token=token, simulate_delay=2,
        )


def main() -> None:
    """The whole way."""
    terminal: vinr.TerminalParams = {
        "local_cert_path": os.environ["VINR_LOCAL_CERT"], "local_cert_passphrase": os.environ["VINR_LOCAL_CERT_PASSPHRASE"],
        # Without static_hosts terminals are found by multicast DNS.
        "static_hosts": [os.environ["VINR_LOCAL_HOST"]],
    }
    with vinr.Client(secret_key=os.environ["VINR_SECRET_KEY"], terminal=terminal) as client:
        reader = client.terminal.readers.discover(network="local")[0]
        print("found:", reader.id, reader.model, reader.status)
        payment = client.terminal.payments.create_local(
            reader_id=reader.id, amount=2500, currency="USD", reference=f"order_{uuid.uuid4()}",
            line_items=[{"name": "Flat white", "amount": 450, "quantity": 2}, {"name": "Beans", "amount": 1600}],
        )
        print("paid:", payment.status, payment.last4, payment.brand, payment.metadata["connectionMode"])
        token = str(uuid.uuid4())
        print("recovered:", pay(client, reader.id, f"order_{token}", token, timeout=0.8).status)
        try:
            client.terminal.payments.create_local(reader_id="term_elsewhere", amount=1, currency="USD")
        except vinr.VinrError as error:
            print("somebody else:", error.layer, error.code, error.outcome_unknown)


if __name__ == "__main__":
    main()
