"""Sends requests and waits, in threads and under asyncio. Owns the connections, and that no process and no event loop ever uses
those of another; decides nothing about what an answer means."""
from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import logging
import os
import socket
import ssl
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any, AsyncIterator, Awaitable, Callable, Dict, Generator, Iterator, Optional, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx2

from ._errors import ConfigurationError
from ._exchange import Do, Line, Outcome, Pause, Request, Send, Step
from ._objects import RawResponse
from ._retry import Lost, Silent, Unsent

log = logging.getLogger("vinr")
End = TypeVar("End")

#: What the HTTP client says of its progress, and what is noted beside it.
TLS_BEGINS, HEADED = "connection.start_tls.started", "head"
#: What one process keeps open at most; a charge that waits for a card holds one of them.
LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30.0)


@functools.lru_cache(maxsize=1)
def trust(process: int) -> ssl.SSLContext:
    """Whom this process trusts; read once for all clients."""
    return httpx2.create_ssl_context()


def how(line: Optional[Line]) -> dict[str, Any]:
    """How a client is made that speaks to the platform, or to a terminal: to that no proxy leads."""
    if line is None:
        return {"limits": LIMITS, "timeout": None, "verify": trust(os.getpid())}
    return {"limits": LIMITS, "timeout": None, "verify": line.verify, "trust_env": False}


def failure_of(thrown: Exception, timeout: float, handshake: bool = False, headed: bool = False) -> Outcome:
    """What a failure of the HTTP client means for the request; `handshake`: TLS had begun, `headed`: the head had come."""
    why = type(thrown).__name__ + (f": {thrown}" if str(thrown) else "")
    if isinstance(thrown, (httpx2.ConnectTimeout, httpx2.PoolTimeout)):
        return Unsent(f"no connection within {timeout:g} s", late=True, layer="tls" if handshake else "route")
    if isinstance(thrown, httpx2.TimeoutException):
        return Silent(timeout, headed)
    if isinstance(thrown, httpx2.ConnectError):
        return unsent(why, thrown, handshake)
    if isinstance(thrown, (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL, httpx2.ProxyError)):
        return Unsent(why, hopeless=not isinstance(thrown, httpx2.ProxyError))
    return Lost(why, headed)


def unsent(why: str, thrown: BaseException, handshake: bool) -> Unsent:
    """What kept a connection from being made."""
    causes = []
    found: Optional[BaseException] = thrown
    while found is not None:
        causes.append(found)
        found = found.__cause__ or found.__context__
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            # Not yet valid, or expired: the certificate, or the clock of this machine.
            layer = "clock" if cause.verify_code in (9, 10) else "certificate"
            told = cause.verify_message if isinstance(cause.verify_message, str) else why
            return Unsent(told, hopeless=True, layer=layer, code=getattr(cause, "code", "tls_untrusted"))
        if isinstance(cause, socket.gaierror):
            return Unsent(why, layer="name")
        if isinstance(cause, ConnectionRefusedError):
            return Unsent(why, layer="port")
    if handshake:
        return Unsent(why, layer="tls", code="tls_failed")
    return Unsent(why)


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

    def extend(self, end: float) -> None:
        """From now on until then."""
        self._end = end

    def __getitem__(self, phase: str) -> Optional[float]:
        if phase == "read" and self._quiet is not None:
            return self._quiet
        return max(self._end - time.monotonic(), 0.001)

    def get(self, phase: str, default: Any = None) -> Any:
        """The same."""
        return self[phase]


class _Ends(threading.local):
    """When the request of this thread has to be further than it is. The sockets of terminals look here before each wait, so a peer
    that says one byte now and then is not waited for any longer than one that says nothing."""

    at: Optional[float] = None


ENDS = _Ends()


class Transport:
    """For `Client`: safe to use from many threads, and again after a fork."""

    def __init__(
        self, given: Optional[httpx2.Client], sleep: Callable[[float], None] = time.sleep, line: Optional[Line] = None
    ) -> None:
        self._given = given
        self._sleep = sleep
        self._line = line
        self._lines: dict[Line, Transport] = {}
        self._busy = 0
        self._own: Optional[httpx2.Client] = None
        self._process = os.getpid()
        self._left: list[httpx2.Client] = []
        self._lock = threading.Lock()

    def run(self, steps: Generator[Step, Any, End]) -> End:
        """Takes steps to their end."""
        tell: Any = None
        raised: Optional[Exception] = None
        try:
            while True:
                step = steps.send(tell) if raised is None else steps.throw(raised)
                tell, raised = None, None
                if isinstance(step, Send):
                    tell = self.send(step.request)
                elif isinstance(step, Pause):
                    self._sleep(step.seconds)
                elif isinstance(step, Do):
                    try:
                        tell = step.work()
                    except Exception as thrown:  # it is the caller's to judge
                        raised = thrown
                else:
                    tell = self._together(step.steps)
        except StopIteration as ended:
            end: End = ended.value
            return end

    def _together(self, steps: Any) -> list[Any]:
        def run(one: Any) -> Any:
            try:
                return self.run(one)
            except Exception as thrown:  # it is the caller's to judge
                return thrown

        if len(steps) < 2:
            return [run(one) for one in steps]
        with ThreadPoolExecutor(min(len(steps), 32), "vinr") as pool:
            return list(pool.map(run, steps))

    def sleep(self, seconds: float) -> None:
        """Waits."""
        self._sleep(seconds)

    def send(self, request: Request) -> Outcome:
        """One attempt."""
        if request.line is not self._line:
            assert request.line is not None, "the platform is not asked over the line of a terminal"
            with self._of(request.line) as over:
                return over.send(request)
        self._client()  # Made before the clock runs: reading the certificates of the system takes its time.
        began = time.monotonic()
        handshake: list[str] = []
        headed = False
        head = min(request.head_timeout or request.timeout, request.timeout)
        if self._line is not None:
            ENDS.at = began + head
        try:
            with self.open(dataclasses.replace(request, timeout=head), seen=handshake) as response:
                headed = True
                if self._line is not None:
                    ENDS.at = began + request.timeout
                content = bytearray()
                response.request.extensions["timeout"].extend(began + request.timeout)
                for chunk in response.iter_bytes():
                    content += chunk
                    if time.monotonic() - began > request.timeout:
                        return _noted(request, Silent(request.timeout, headed), began)
                answer = RawResponse(response.status_code, dict(response.headers), bytes(content))
        except (httpx2.HTTPError, httpx2.InvalidURL) as thrown:
            waited = request.timeout if headed else head
            return _noted(request, failure_of(thrown, waited, bool(handshake), headed), began)
        finally:
            ENDS.at = None
        return _noted(request, answer, began)

    @contextlib.contextmanager
    def _of(self, line: Line) -> Iterator[Transport]:
        """The connections of a line; those of retired ones are closed when nobody uses them."""
        self._alone()
        with self._lock:
            found = self._lines.setdefault(line, Transport(None, self._sleep, line))
            found._busy += 1
        try:
            yield found
        finally:
            with self._lock:
                found._busy -= 1
                over = [one for one in self._lines if one.retired and not self._lines[one]._busy and one is not line]
                gone = [self._lines.pop(one) for one in over]
            for one in gone:
                one.close()

    @contextlib.contextmanager
    def open(self, request: Request, quiet: Optional[float] = None, seen: Optional[list[str]] = None) -> Iterator[httpx2.Response]:
        """An answer whose body has not been read; `quiet` is how long one that has no end may say nothing; `seen` is told when TLS
        begins."""
        extensions: dict[str, Any] = {"timeout": Deadline(request.timeout, quiet)}
        if self._line is not None and seen is not None:
            extensions["trace"] = lambda event, _: seen.append(event) if event == TLS_BEGINS else None
        with self._client().stream(
            request.method, request.url, headers=request.headers, content=request.content, follow_redirects=False,
            extensions=extensions,
        ) as response:
            yield response

    def close(self) -> None:
        """Closes the connections of this process. A client that was given stays open: it is the giver's."""
        for one in list(self._lines.values()):
            one.close()
        if self._own is not None and self._process == os.getpid():
            self._own.close()
        self._own = None

    def _alone(self) -> None:
        """In a child that was forked: the parent's connections stay untouched, for what is closed here would be said to the server in
        its name. The lock is new as well: another thread of the parent may have held it."""
        if self._process != os.getpid():
            self._lock = threading.Lock()
            self._busy = 0
            if self._own is not None:
                self._left.append(self._own)
            self._own, self._process = None, os.getpid()

    def _client(self) -> httpx2.Client:
        if self._process != os.getpid():
            _forked(self._given is not None)
        self._alone()
        if self._given is not None:
            return self._given
        with self._lock:
            if self._own is None:
                self._own = httpx2.Client(**how(self._line))
            return self._own


class AsyncTransport:
    """For `AsyncClient`: each event loop has connections of its own, and so has each process."""

    def __init__(
        self, given: Optional[httpx2.AsyncClient], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        line: Optional[Line] = None,
    ) -> None:
        self._given = given
        self._sleep = sleep
        self._line = line
        self._lines: dict[Line, AsyncTransport] = {}
        self._busy = 0
        self._own: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = weakref.WeakKeyDictionary()
        self._process = os.getpid()
        self._left: list[object] = []

    async def run(self, steps: Generator[Step, Any, End]) -> End:
        """Takes steps to their end."""
        tell: Any = None
        raised: Optional[Exception] = None
        try:
            while True:
                step = steps.send(tell) if raised is None else steps.throw(raised)
                tell, raised = None, None
                if isinstance(step, Send):
                    tell = await self.send(step.request)
                elif isinstance(step, Pause):
                    await self._sleep(step.seconds)
                elif isinstance(step, Do):
                    try:
                        tell = await asyncio.to_thread(step.work)
                    except Exception as thrown:  # it is the caller's to judge
                        raised = thrown
                else:
                    tell = await asyncio.gather(*(self.run(one) for one in step.steps), return_exceptions=True)
        except StopIteration as ended:
            end: End = ended.value
            return end

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._sleep(seconds)

    async def send(self, request: Request) -> Outcome:
        """One attempt."""
        if request.line is not self._line:
            assert request.line is not None, "the platform is not asked over the line of a terminal"
            async with self._of(request.line) as over:
                return await over.send(request)
        self._client()  # Made before the clock runs: reading the certificates of the system takes its time.
        began = time.monotonic()
        seen: list[str] = []
        try:
            answer = await asyncio.wait_for(self._attempt(request, seen), request.timeout)
        except (asyncio.TimeoutError, TimeoutError):
            headed = HEADED in seen
            waited = request.timeout if headed else request.head_timeout or request.timeout
            return _noted(request, Silent(waited, headed), began)
        except (httpx2.HTTPError, httpx2.InvalidURL) as thrown:
            return _noted(request, failure_of(thrown, request.timeout, TLS_BEGINS in seen, HEADED in seen), began)
        return _noted(request, answer, began)

    @contextlib.asynccontextmanager
    async def _of(self, line: Line) -> AsyncIterator[AsyncTransport]:
        """The connections of a line; those of retired ones are closed when nobody uses them."""
        found = self._lines.setdefault(line, AsyncTransport(None, self._sleep, line))
        found._busy += 1
        try:
            yield found
        finally:
            found._busy -= 1
            over = [one for one in self._lines if one.retired and not self._lines[one]._busy and one is not line]
            for one in [self._lines.pop(one) for one in over]:
                await one.close()

    async def _attempt(self, request: Request, seen: list[str]) -> RawResponse:
        head = min(request.head_timeout or request.timeout, request.timeout)
        async with contextlib.AsyncExitStack() as stack:
            with anyio.fail_after(head):
                response = await stack.enter_async_context(self.open(dataclasses.replace(request, timeout=head), seen=seen))
            seen.append(HEADED)
            content = await response.aread()
            return RawResponse(response.status_code, dict(response.headers), content)

    @contextlib.asynccontextmanager
    async def open(
        self, request: Request, quiet: Optional[float] = None, seen: Optional[list[str]] = None
    ) -> AsyncIterator[httpx2.Response]:
        """An answer whose body has not been read; `quiet` is how long one that has no end may say nothing; `seen` is told when TLS
        begins."""
        # A little earlier than the whole attempt, so that what never connected is told from what was never answered.
        timeout = httpx2.Timeout(None, connect=request.timeout * 0.95, pool=request.timeout * 0.95, read=quiet)
        extensions: dict[str, Any] = {}
        if self._line is not None and seen is not None:
            async def trace(event: str, _: object) -> None:
                if event == TLS_BEGINS:
                    seen.append(event)

            extensions["trace"] = trace
        async with self._client().stream(
            request.method, request.url, headers=request.headers, content=request.content, timeout=timeout,
            follow_redirects=False, extensions=extensions,
        ) as response:
            yield response

    async def close(self) -> None:
        """Closes the connections of this event loop. A client that was given stays open: it is the giver's."""
        for one in list(self._lines.values()):
            await one.close()
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
            own = self._own[loop] = httpx2.AsyncClient(**how(self._line))
        return own
