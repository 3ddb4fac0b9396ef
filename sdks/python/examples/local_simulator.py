"""A till without hardware, network or account: the bundled simulator runs on this machine for as long as the client is open."""
from __future__ import annotations

import vinr


def main() -> None:
    """A terminal of one's own, and one without internet."""
    with vinr.Client(secret_key="sk_test_anything", terminal={"local_simulator": True}) as client:
        for reader in client.terminal.readers.discover(network="local"):
            print("found:", reader.id, reader.ip, reader.model)
        payment = client.terminal.payments.create_local(
            reader_id="term_local_simulator", amount=1000, currency="USD", reference="local_test_001",
        )
        print("paid:", payment.status, payment.last4)
        declined = client.terminal.payments.create_local(
            reader_id="term_local_simulator", amount=1000, currency="USD", reference="local_test_002", simulate_card="card_declined",
        )
        print("declined:", declined.status, declined.decline_code)
        print("in the cloud:", client.terminal.payments.retrieve(payment.id).status)
    with vinr.Client(secret_key="sk_test_anything", terminal={"local_simulator": True, "simulate_offline": True}) as client:
        payment = client.terminal.payments.create_local(
            reader_id="term_local_simulator", amount=1000, currency="USD", reference="local_test_003",
        )
        print("without internet:", payment.status)


if __name__ == "__main__":
    main()
