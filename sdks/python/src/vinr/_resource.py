"""From a method's arguments to a call, and from its answer to an object. Owns paths, queries, bodies and the options of a call; the
methods themselves are generated and say only what is theirs."""
from __future__ import annotations

import dataclasses
import json
from typing import Any, Callable, Mapping, Optional, Sequence, Type, TypeVar, cast
from urllib.parse import quote, urlencode

from ._errors import ConfigurationError, InvalidRequestError
from ._exchange import Answer, Call, Charge, Do, Steps, perform
from ._identity import checked_key, new_identity
from ._names import METADATA, body_to_wire
from ._objects import RawResponse, VinrObject
from ._paging import AsyncPage, AsyncPages, Page, Query, page_of
from ._retry import Kind
from ._settings import SYNC_CHARGE_TIMEOUT_S, CallOptions, NotGiven, Settings, retries, seconds
from ._stream import AsyncEventStream, EventStream
from ._transport import AsyncTransport, Transport

Made = TypeVar("Made", bound=VinrObject)
P = TypeVar("P", bound=Page[Any])
AP = TypeVar("AP", bound=AsyncPage[Any])
T = TypeVar("T", bound=VinrObject)

_OPTIONS = frozenset(CallOptions.__annotations__)


@dataclasses.dataclass(frozen=True)
class Operation:
    """What is the same in every call of one method."""

    name: str
    kind: Kind
    method: str
    path: str
    version: str
    money: bool = False
    #: The field by which the next page is asked for; nothing when there is only one.
    cursor: Optional[str] = None
    #: What is asked for when it is no JSON.
    media: Optional[str] = None


def steps_of(
    settings: Settings, operation: Operation, path: Sequence[str], query: Query, body: Optional[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> Steps:
    """The steps of a call."""
    call = call_of(settings, operation, path, query, body, options)
    return perform(settings, call) if settings.prepare is None else _prepared(settings, settings.prepare, call)


def _prepared(settings: Settings, prepare: Callable[[], object], call: Call) -> Steps:
    yield Do(prepare)
    return (yield from perform(settings, call))


def call_of(
    settings: Settings, operation: Operation, path: Sequence[str], query: Query, body: Optional[Mapping[str, Any]],
    options: Mapping[str, Any],
) -> Call:
    """A call, ready to be sent."""
    unknown = next((name for name in options if name not in _OPTIONS), None)
    if unknown is not None:
        raise TypeError(f"{operation.name}() got an unexpected keyword argument {unknown!r}")
    timeout = seconds(options["timeout"]) if options.get("timeout") is not None else None
    given = options.get("max_retries")
    fields: Optional[dict[str, Any]] = None
    if body is not None:
        fields = {name: _value(name, value) for name, value in body.items() if not isinstance(value, NotGiven)}
        fields.update(options.get("extra_body") or {})
    charge = _charge(fields) if operation.kind == "charge" and fields is not None else None
    if timeout is None:
        timeout = max(settings.timeout, SYNC_CHARGE_TIMEOUT_S) if charge and charge.waits else settings.timeout
    key = options.get("idempotency_key")
    return Call(
        kind=operation.kind, money=operation.money, method=operation.method, path=_path(operation.path, path),
        version=operation.version, timeout=timeout, max_retries=settings.max_retries if given is None else retries(given),
        query=_query({**query, **(options.get("extra_query") or {})}),
        body=None if fields is None else json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(),
        idempotency_key=_key(operation, key), extra_headers=options.get("extra_headers") or {}, charge=charge,
        media=operation.media,
    )


def _value(name: str, value: Any) -> Any:
    return dict(value) if name == METADATA and isinstance(value, Mapping) else body_to_wire(value)


def _key(operation: Operation, given: Optional[str]) -> Optional[str]:
    if operation.method not in ("POST", "PUT"):
        return None
    return new_identity() if given is None else checked_key(given)


def _charge(fields: dict[str, Any]) -> Charge:
    """Names a charge, unless the caller did; from here on every request for it bears this name."""
    if not isinstance(fields.get("clientToken"), str):
        fields["clientToken"] = new_identity()
    terminal, reference = fields.get("terminalId"), fields.get("reference")
    return Charge(
        client_token=fields["clientToken"], terminal_id=terminal if isinstance(terminal, str) else None,
        reference=reference if isinstance(reference, str) else None, waits=fields.get("responseMode") == "sync",
    )


def _path(template: str, parts: Sequence[str]) -> str:
    quoted = []
    for part in parts:
        if not isinstance(part, str) or not part:
            raise ConfigurationError("an id is a string that is not empty", code="parameter_missing", param="id")
        if part in (".", ".."):
            raise ConfigurationError(f"{part!r} is no id", code="parameter_invalid", param="id")
        quoted.append(quote(part, safe=""))
    return template.format(*quoted)


def _query(query: Query) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        if isinstance(value, Mapping):
            pairs += [(f"{name}[{inner}]", _word(one)) for inner, one in value.items() if one is not None]
        elif isinstance(value, (list, tuple)):
            pairs += [(name, _word(one)) for one in value]
        elif value is not None and not isinstance(value, NotGiven):
            pairs.append((name, _word(value)))
    return urlencode(pairs)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def made(cls: Type[Made], answer: Answer) -> Made:
    """The object that an answer is."""
    return cls._from_wire(answer.data, answer.response)


def text_of(answer: Answer) -> str:
    """An answer that is a text."""
    return answer.response.content.decode("utf-8", "replace")


def either(first: Type[VinrObject], second: Type[VinrObject], name: str, answer: Answer) -> Any:
    """The object that an answer is, when it may be of two kinds: the second calls itself `name`."""
    return made(second if answer.data.get("object") == name else first, answer)


def newest(cls: Type[Made], listed: Sequence[Made], response: Optional[RawResponse], reference: str) -> Made:
    """The first of a list of one; an error like that of the API when there is none."""
    if listed:
        return cls(listed[0]._data, response)
    raise InvalidRequestError(
        f"there is no payment with the reference {reference!r}", code="not_found", status_code=404, param="reference",
        request_id=response.request_id if response else None,
    )


def checked_reference(reference: str) -> str:
    """A reference that is one: without any, the newest payment of all would be found."""
    if not isinstance(reference, str) or not reference:
        raise ConfigurationError("a reference is a string that is not empty", code="parameter_missing", param="reference")
    return reference


class Resource:
    """The calls of one kind of object, in `Client`."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self._settings = settings
        self._transport = transport

    def _ask(
        self, operation: Operation, options: CallOptions, path: Sequence[str] = (), query: Query = {},
        body: Optional[Mapping[str, Any]] = None,
    ) -> Answer:
        return self._transport.run(steps_of(self._settings, operation, path, query, body, cast(Mapping[str, Any], options)))

    def _page(
        self, operation: Operation, options: CallOptions, cls: Type[P], item: Type[VinrObject], path: Sequence[str] = (),
        query: Query = {},
    ) -> P:
        answer = self._ask(operation, options, path, query)

        def again(next_query: Query) -> P:
            return self._page(operation, options, cls, item, path, next_query)

        return page_of(cls, item, answer.data, answer.response, query, operation.cursor, again)

    def _text(self, operation: Operation, options: CallOptions) -> str:
        return text_of(self._ask(operation, options))

    def _stream(self, operation: Operation, options: CallOptions, query: Query) -> EventStream:
        call = call_of(self._settings, operation, (), query, None, cast(Mapping[str, Any], options))
        return EventStream(self._settings, self._transport, call)


class AsyncResource:
    """The calls of one kind of object, in `AsyncClient`."""

    def __init__(self, settings: Settings, transport: AsyncTransport) -> None:
        self._settings = settings
        self._transport = transport

    async def _ask(
        self, operation: Operation, options: CallOptions, path: Sequence[str] = (), query: Query = {},
        body: Optional[Mapping[str, Any]] = None,
    ) -> Answer:
        steps = steps_of(self._settings, operation, path, query, body, cast(Mapping[str, Any], options))
        return await self._transport.run(steps)

    def _pages(
        self, operation: Operation, options: CallOptions, cls: Type[AP], item: Type[T], path: Sequence[str] = (),
        query: Query = {},
    ) -> AsyncPages[AP, T]:
        async def page(asked: Query) -> AP:
            answer = await self._ask(operation, options, path, asked)
            return page_of(cls, item, answer.data, answer.response, asked, operation.cursor, page)

        return AsyncPages(lambda: page(query))

    async def _text(self, operation: Operation, options: CallOptions) -> str:
        return text_of(await self._ask(operation, options))

    def _stream(self, operation: Operation, options: CallOptions, query: Query) -> AsyncEventStream:
        call = call_of(self._settings, operation, (), query, None, cast(Mapping[str, Any], options))
        return AsyncEventStream(self._settings, self._transport, call)


