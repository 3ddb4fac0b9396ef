"""Sends requests and waits, in threads and under asyncio. Owns the connections, and that no process and no event loop ever uses
those of another; decides nothing about what an answer means."""
from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import ssl
import threading
import time
import weakref
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, Iterator, Optional
from urllib.parse import urlsplit

import httpx2

from ._errors import ConfigurationError
from ._exchange import Answer, Outcome, Pause, Request, Steps
from ._objects import RawResponse
from ._retry import Lost, Silent, Unsent

log = logging.getLogger("vinr")

#: What one process keeps open at most; a charge that waits for a card holds one of them.
LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0)


@functools.lru_cache(maxsize=1)
def trust(process: int) -> ssl.SSLContext:
    """Whom this process trusts; read once for all clients."""
    return httpx2.create_ssl_context()


def failure_of(thrown: Exception, timeout: float) -> Outcome:
    """What a failure of the HTTP client means for the request."""
    why = type(thrown).__name__ + (f": {thrown}" if str(thrown) else "")
    if isinstance(thrown, (httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        return Unsent(f"no connection within {timeout:g} s", late=True)
    if isinstance(thrown, httpx2.TimeoutException):
        return Silent(timeout)
    if isinstance(thrown, httpx2.ConnectError):
        return Unsent(why, hopeless=_untrusted(thrown))
    if isinstance(thrown, (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL, httpx2.ProxyError)):
        return Unsent(why, hopeless=not isinstance(thrown, httpx2.ProxyError))
    return Lost(why)


def _untrusted(thrown: Optional[BaseException]) -> bool:
    while thrown is not None:
        if isinstance(thrown, ssl.SSLCertVerificationError):
            return True
        thrown = thrown.__cause__ or thrown.__context__
    return False


def _noted(request: Request, outcome: Outcome, began: float) -> Outcome:
    if log.isEnabledFor(logging.DEBUG):
        path = urlsplit(request.url).path
        told = f"{outcome.status_code} {outcome.request_id}" if isinstance(outcome, RawResponse) else repr(outcome)
        log.debug("%s %s: %s after %.0f ms", request.method, path, told, (time.monotonic() - began) * 1000)
    return outcome


def _forked(given: bool) -> None:
    if given:
        raise ConfigurationError(
            "this process was forked from the one that made http_client, and must not share its connections: make a client here",
            code="http_client_forked", param="http_client",
        )


class Deadline(Dict[str, Optional[float]]):
    """The time-outs of the phases of one attempt, asked for by the HTTP client as each begins: what is left of the whole."""

    def __init__(self, seconds: float, quiet: Optional[float] = None) -> None:
        super().__init__({phase: seconds for phase in ("connect", "pool", "read", "write")})
        self._end = time.monotonic() + seconds
        #: For a stream: how long it may be quiet, whatever has passed.
        self._quiet = quiet

    def __getitem__(self, phase: str) -> Optional[float]:
        if phase == "read" and self._quiet is not None:
            return self._quiet
        return max(self._end - time.monotonic(), 0.001)

    def get(self, phase: str, default: Any = None) -> Any:
        """The same."""
        return self[phase]


class Transport:
    """For `Client`: safe to use from many threads, and again after a fork."""

    def __init__(self, given: Optional[httpx2.Client], sleep: Callable[[float], None] = time.sleep) -> None:
        self._given = given
        self._sleep = sleep
        self._own: Optional[httpx2.Client] = None
        self._process = os.getpid()
        self._left: list[httpx2.Client] = []
        self._lock = threading.Lock()

    def run(self, steps: Steps) -> Answer:
        """Takes the steps of a call to their end."""
        try:
            step = next(steps)
            while True:
                if isinstance(step, Pause):
                    self._sleep(step.seconds)
                    step = steps.send(None)
                else:
                    step = steps.send(self.send(step.request))
        except StopIteration as ended:
            answer: Answer = ended.value
            return answer

    def sleep(self, seconds: float) -> None:
        """Waits."""
        self._sleep(seconds)

    def send(self, request: Request) -> Outcome:
        """One attempt."""
        self._client()  # Made before the clock runs: reading the certificates of the system takes its time.
        began = time.monotonic()
        try:
            with self.open(request) as response:
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if time.monotonic() - began > request.timeout:
                        return _noted(request, Silent(request.timeout), began)
                answer = RawResponse(response.status_code, dict(response.headers), bytes(content))
        except (httpx2.HTTPError, httpx2.InvalidURL) as thrown:
            return _noted(request, failure_of(thrown, request.timeout), began)
        return _noted(request, answer, began)

    @contextlib.contextmanager
    def open(self, request: Request, quiet: Optional[float] = None) -> Iterator[httpx2.Response]:
        """An answer whose body has not been read; `quiet` is how long one that has no end may say nothing."""
        with self._client().stream(
            request.method, request.url, headers=request.headers, content=request.content, follow_redirects=False,
            extensions={"timeout": Deadline(request.timeout, quiet)},
        ) as response:
            yield response

    def close(self) -> None:
        """Closes the connections of this process. A client that was given stays open: it is the giver's."""
        if self._own is not None and self._process == os.getpid():
            self._own.close()
        self._own = None

    def _client(self) -> httpx2.Client:
        if self._process != os.getpid():
            _forked(self._given is not None)
            # The parent's connections stay untouched: what is closed here would be said to the server in its name. The lock is
            # new as well: another thread of the parent may have held it.
            self._lock = threading.Lock()
            if self._own is not None:
                self._left.append(self._own)
            self._own, self._process = None, os.getpid()
        if self._given is not None:
            return self._given
        with self._lock:
            if self._own is None:
                self._own = httpx2.Client(limits=LIMITS, timeout=None, verify=trust(os.getpid()))
            return self._own


class AsyncTransport:
    """For `AsyncClient`: each event loop has connections of its own, and so has each process."""

    def __init__(
        self, given: Optional[httpx2.AsyncClient], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._given = given
        self._sleep = sleep
        self._own: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = weakref.WeakKeyDictionary()
        self._process = os.getpid()
        self._left: list[object] = []

    async def run(self, steps: Steps) -> Answer:
        """Takes the steps of a call to their end."""
        try:
            step = next(steps)
            while True:
                if isinstance(step, Pause):
                    await self._sleep(step.seconds)
                    step = steps.send(None)
                else:
                    step = steps.send(await self.send(step.request))
        except StopIteration as ended:
            answer: Answer = ended.value
            return answer

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._sleep(seconds)

    async def send(self, request: Request) -> Outcome:
        """One attempt."""
        self._client()  # Made before the clock runs: reading the certificates of the system takes its time.
        began = time.monotonic()
        try:
            answer = await asyncio.wait_for(self._attempt(request), request.timeout)
        except (asyncio.TimeoutError, TimeoutError):
            return _noted(request, Silent(request.timeout), began)
        except (httpx2.HTTPError, httpx2.InvalidURL) as thrown:
            return _noted(request, failure_of(thrown, request.timeout), began)
        return _noted(request, answer, began)

    async def _attempt(self, request: Request) -> RawResponse:
        async with self.open(request) as response:
            content = await response.aread()
            return RawResponse(response.status_code, dict(response.headers), content)

    @contextlib.asynccontextmanager
    async def open(self, request: Request, quiet: Optional[float] = None) -> AsyncIterator[httpx2.Response]:
        """An answer whose body has not been read; `quiet` is how long one that has no end may say nothing."""
        # A little earlier than the whole attempt, so that what never connected is told from what was never answered.
        timeout = httpx2.Timeout(None, connect=request.timeout * 0.95, pool=request.timeout * 0.95, read=quiet)
        async with self._client().stream(
            request.method, request.url, headers=request.headers, content=request.content, timeout=timeout,
            follow_redirects=False,
        ) as response:
            yield response

    async def close(self) -> None:
        """Closes the connections of this event loop. A client that was given stays open: it is the giver's."""
        own = self._own.pop(asyncio.get_running_loop(), None)
        if own is not None and self._process == os.getpid():
            await own.aclose()

    def _client(self) -> httpx2.AsyncClient:
        if self._process != os.getpid():
            _forked(self._given is not None)
            self._left.append(self._own)
            self._own, self._process = weakref.WeakKeyDictionary(), os.getpid()
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        own = self._own.get(loop)
        if own is None:
            own = self._own[loop] = httpx2.AsyncClient(limits=LIMITS, timeout=None, verify=trust(os.getpid()))
        return own
