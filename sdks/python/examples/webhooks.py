"""Asynchronous payments with webhooks: registers an endpoint on this machine, pays, and believes what is signed, and only that.

The platform must be allowed to reach this machine, as `vinr dev` is."""
from __future__ import annotations

import asyncio
import os
import uuid
from typing import Optional

import vinr

TERMINAL = os.environ.get("VINR_TERMINAL", "term_test_simulator")


class Receiver:
    """A small web server for one path. Yours is that of your framework; what matters is to hand over the bytes as they came."""

    def __init__(self) -> None:
        self.secret: Optional[str] = None
        self.events: asyncio.Queue[vinr.Event] = asyncio.Queue()
        self._seen: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
        headers = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in head) if name}
        length = next((int(value) for name, value in headers.items() if name.lower() == "content-length"), 0)
        status = self.judge(await reader.readexactly(length), headers)
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def judge(self, body: bytes, headers: dict[str, str]) -> str:
        """First the answer, then the work: what takes long is done elsewhere."""
        if self.secret is None:
            return "503 Service Unavailable"
        try:
            event = vinr.Webhook.construct_event(body, headers, self.secret)
        except vinr.SignatureVerificationError as error:
            return f"400 {error.code}"
        # At least once means that it may come twice.
        if event.id not in self._seen:
            self._seen.add(event.id)
            self.events.put_nowait(event)
        return "204 No Content"


async def main() -> None:
    """An endpoint, a payment, its events; and a post that nobody signed."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with vinr.AsyncClient(secret_key=os.environ["VINR_SECRET_KEY"]) as client:
        endpoint = await client.webhook_endpoints.create(
            url=f"http://127.0.0.1:{port}/vinr", enabled_events=["terminal_payment.completed", "terminal_payment.failed"]
        )
        receiver.secret = endpoint.secret  # shown this once: keep it
        try:
            payment = await client.terminal.payments.create(
                terminal_id=TERMINAL, amount=2500, currency="USD", reference=f"order {uuid.uuid4()}"
            )
            print("created:", payment.status)
            event = await asyncio.wait_for(receiver.events.get(), 60)
            print("told:", event.type, event.data.object.id == payment.id, event.data.object.last4)
            print("unsigned:", receiver.judge(b"{}", {"Vinr-Signature": "t=1,v1=00"}))
        finally:
            await client.webhook_endpoints.delete(endpoint.id)
            server.close()
            await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
