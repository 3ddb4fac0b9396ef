"""The two clients. Own their settings and their connections; what can be called on them is generated."""
from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Optional, Type, Union

import httpx2

from ._generated.async_calls import AsyncCalls
from ._generated.calls import Calls
from ._settings import Settings, TerminalOptions, TerminalParams
from ._transport import AsyncTransport, Transport
from ._webhook import Webhook


class Client(Calls):
    """The API of VINR. One client serves a whole program: it is safe in threads and after a fork.

    `secret_key` is a secret key (`sk_…`), a restricted one (`rk_…`) or an operator's (`ok_…`). `timeout` is in seconds, for one
    attempt; a charge that is answered with its outcome has 150 s of its own. `max_retries` counts requests after the first.
    `http_client` replaces the client that sends requests (a proxy, other certificates); whoever made it closes it. `terminal` says
    how terminals on the local network are reached, or that a simulator is to be one.
    """

    def __init__(
        self, *, secret_key: Optional[str], base_url: Optional[str] = None, timeout: Optional[float] = None,
        max_retries: Optional[int] = None, http_client: Optional[httpx2.Client] = None,
        terminal: Union[TerminalOptions, TerminalParams, None] = None,
    ) -> None:
        self._settings = Settings(secret_key, base_url, timeout, max_retries, terminal)
        self._transport = Transport(http_client)
        super().__init__(self._settings, self._transport)
        #: Believes signed posts.
        self.webhooks = Webhook()

    def close(self) -> None:
        """Closes the connections, and ends the simulator of this client."""
        self._transport.close()
        if self._settings.simulator is not None:
            self._settings.simulator.end()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"vinr.Client(secret_key='***', base_url={self._settings.base_url!r})"


class AsyncClient(AsyncCalls):
    """The API of VINR under asyncio. Takes what `Client` takes; each event loop has connections of its own."""

    def __init__(
        self, *, secret_key: Optional[str], base_url: Optional[str] = None, timeout: Optional[float] = None,
        max_retries: Optional[int] = None, http_client: Optional[httpx2.AsyncClient] = None,
        terminal: Union[TerminalOptions, TerminalParams, None] = None,
    ) -> None:
        self._settings = Settings(secret_key, base_url, timeout, max_retries, terminal)
        self._transport = AsyncTransport(http_client)
        super().__init__(self._settings, self._transport)
        #: Believes signed posts.
        self.webhooks = Webhook()

    async def close(self) -> None:
        """Closes the connections of this event loop, and ends the simulator of this client."""
        await self._transport.close()
        if self._settings.simulator is not None:
            await asyncio.to_thread(self._settings.simulator.end)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"vinr.AsyncClient(secret_key='***', base_url={self._settings.base_url!r})"
