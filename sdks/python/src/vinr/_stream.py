"""Events as they happen, in both clients. Owns the reading of server-sent events and the coming back after a lost connection, behind
the last event that was handed out, so none is missed and none comes twice."""
from __future__ import annotations

import asyncio
import dataclasses
import json
import random
from typing import Any, AsyncGenerator, AsyncIterator, Generator, Iterator, Optional, Union

import httpx2

from ._exchange import Call, Request, error_of, failed, refused_answer, request
from ._generated.models import Event
from ._objects import RawResponse
from ._retry import Failure, Lost, decide, pause_s
from ._settings import Settings
from ._transport import AsyncTransport, Transport, failure_of

ACCEPT = "text/event-stream"
#: The platform says every 15 seconds that it is still there; who hears less than this comes back.
QUIET_S = 45.0
#: A line longer than this is none of the platform's.
LONGEST_LINE = 4 * 1024 * 1024


class Parser:
    """Server-sent events out of the bytes that come."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._data: list[str] = []
        self._id: Optional[str] = None

    def feed(self, chunk: bytes) -> Iterator[tuple[Optional[str], str]]:
        """The events that these bytes complete: id and data."""
        self._rest += chunk
        while (end := self._rest.find(b"\n")) >= 0:
            line = bytes(self._rest[:end]).rstrip(b"\r").decode("utf-8", "replace")
            del self._rest[: end + 1]
            if line:
                self._field(line)
            elif self._data:
                yield self._id, "\n".join(self._data)
                self._data = []
        if len(self._rest) > LONGEST_LINE:
            raise httpx2.RemoteProtocolError("a line of the stream has no end")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            self._data.append(value)
        elif name == "id":
            self._id = value


class _Course:
    """Where a stream is, and what comes after a failure. Touches no socket."""

    def __init__(self, settings: Settings, call: Call) -> None:
        self._settings = settings
        #: Makes the platform ready to be asked, where that is this program's business.
        self.prepare = settings.prepare
        self._call = call
        self._last: Optional[str] = None
        self._failures = 0

    def request(self) -> Request:
        call = self._call
        if self._last is not None:
            call = dataclasses.replace(call, extra_headers={**call.extra_headers, "last-event-id": self._last})
        return request(self._settings, call, ACCEPT)

    def event(self, id: Optional[str], data: str) -> Optional[Event]:
        try:
            value: Any = json.loads(data)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            return None
        self._last, self._failures = id or self._last, 0
        return Event._from_wire(value)

    def after(self, failure: Union[Failure, RawResponse]) -> float:
        """How long to pause before coming back; raises when that is hopeless."""
        attempt = refused_answer(failure) if isinstance(failure, RawResponse) else failed(failure)
        self._failures += 1
        if decide("read", attempt.failure) == "give_up" or self._failures > self._call.max_retries:
            raise error_of(self._call, attempt, False, None)
        return pause_s(self._failures, attempt.failure, random.random())


class EventStream:
    """Events as they happen. Iterate it; close it, or leave its `with`, when enough was seen."""

    def __init__(self, settings: Settings, transport: Transport, call: Call) -> None:
        self._course = _Course(settings, call)
        self._transport = transport
        self._events = self._read()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the stream."""
        self._events.close()

    def _read(self) -> Generator[Event, None, None]:
        if self._course.prepare is not None:
            self._course.prepare()
        while True:
            asked = self._course.request()
            failure: Union[Failure, RawResponse]
            try:
                with self._transport.open(asked, quiet=QUIET_S) as response:
                    if response.status_code == 200:
                        parser = Parser()
                        for chunk in response.iter_raw():
                            for id, data in parser.feed(chunk):
                                event = self._course.event(id, data)
                                if event is not None:
                                    yield event
                        failure = Lost("the stream ended")
                    else:
                        failure = RawResponse(response.status_code, dict(response.headers), response.read())
            except httpx2.HTTPError as thrown:
                failure = failure_of(thrown, QUIET_S)
            self._transport.sleep(self._course.after(failure))


class AsyncEventStream:
    """Events as they happen. Iterate it; close it, or leave its `async with`, when enough was seen."""

    def __init__(self, settings: Settings, transport: AsyncTransport, call: Call) -> None:
        self._course = _Course(settings, call)
        self._transport = transport
        self._events = self._read()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._events.__anext__()

    async def __aenter__(self) -> AsyncEventStream:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the stream."""
        await self._events.aclose()

    async def _read(self) -> AsyncGenerator[Event, None]:
        if self._course.prepare is not None:
            await asyncio.to_thread(self._course.prepare)
        while True:
            asked = self._course.request()
            failure: Union[Failure, RawResponse]
            try:
                async with self._transport.open(asked, quiet=QUIET_S) as response:
                    if response.status_code == 200:
                        parser = Parser()
                        async for chunk in response.aiter_raw():
                            for id, data in parser.feed(chunk):
                                event = self._course.event(id, data)
                                if event is not None:
                                    yield event
                        failure = Lost("the stream ended")
                    else:
                        failure = RawResponse(response.status_code, dict(response.headers), await response.aread())
            except httpx2.HTTPError as thrown:
                failure = failure_of(thrown, QUIET_S)
            await self._transport.sleep(self._course.after(failure))
