"""Carries out one call: attempts, pauses, lookups, and the error in the end. Written once for both clients as a generator that
says what to do next (`Send`, `Pause`) and is told what came of it; it touches no socket and no clock."""
from __future__ import annotations

import dataclasses
import json
import random
import time
from typing import Any, Generator, Mapping, Optional, Union
from urllib.parse import urlencode

from ._errors import ApiConnectionError, ApiTimeoutError, VinrError, class_of_status, class_of_type
from ._objects import RawResponse
from ._retry import Failure, Kind, Lost, Refused, Silent, Unsent, decide, in_doubt, pause_s
from ._settings import Settings

DAY_S = 24 * 60 * 60
PAYMENTS = "/v1/terminal/payments"
JSON = "application/json"
UNFINISHED = ("pending", "processing")


@dataclasses.dataclass(frozen=True)
class Call:
    """A call, ready to be sent. Its body is bytes already: every attempt sends the same ones."""

    kind: Kind
    #: Whether it moves money when it is carried out.
    money: bool
    method: str
    path: str
    version: str
    #: Seconds that one attempt may take.
    timeout: float
    max_retries: int
    query: str = ""
    body: Optional[bytes] = None
    idempotency_key: Optional[str] = None
    extra_headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    #: How to find a charge whose answer was lost.
    charge: Optional[Charge] = None
    #: What is asked for when it is no JSON.
    media: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Charge:
    """What a charge is known by."""

    client_token: str
    terminal_id: Optional[str]
    reference: Optional[str]
    #: Whether the call waits for the outcome.
    waits: bool


@dataclasses.dataclass(frozen=True)
class Request:
    """One request, for a transport."""

    method: str
    url: str
    headers: dict[str, str] = dataclasses.field(repr=False)
    content: Optional[bytes] = dataclasses.field(repr=False)
    timeout: float


@dataclasses.dataclass(frozen=True)
class Send:
    """Send this; tell the answer or the failure."""

    request: Request


@dataclasses.dataclass(frozen=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclasses.dataclass(frozen=True)
class Answer:
    """A success: what it says, beside how it came."""

    data: dict[str, Any]
    response: RawResponse


Outcome = Union[RawResponse, Failure]
Steps = Generator[Union[Send, Pause], Optional[Outcome], Answer]


@dataclasses.dataclass(frozen=True)
class _Failed:
    failure: Failure
    told: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    request_id: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class _Found:
    answer: Answer
    settled: bool


def perform(settings: Settings, call: Call) -> Steps:
    """The steps of a call; they end with its answer, or with a `VinrError`."""
    doubt = False
    retry = 0
    while True:
        retry += 1
        attempt = _judged((yield Send(request(settings, call, call.media or JSON))), call.media is not None)
        if isinstance(attempt, Answer):
            return attempt
        failure = attempt.failure
        now = in_doubt(call.kind, failure)
        doubt = doubt if now is None else now
        verdict = decide(call.kind, failure)
        found: Optional[_Found] = None
        if verdict == "look_up":
            found = yield from _looked_up(settings, call)
            if found is not None and found.settled:
                return found.answer
            verdict = "give_up" if isinstance(failure, Silent) else "again"
        if verdict == "give_up" or retry > call.max_retries:
            raise error_of(call, attempt, doubt, found.answer if found else None)
        yield Pause(pause_s(retry, failure, random.random()))


def request(settings: Settings, call: Call, accept: str) -> Request:
    """The request of a call. Its own headers go last: nobody replaces the key or the version by accident."""
    headers = {name.lower(): value for name, value in call.extra_headers.items()}
    headers.update({
        "authorization": settings.authorization(), "accept": accept, "vinr-version": call.version,
        "user-agent": USER_AGENT,
    })
    if call.body is not None:
        headers["content-type"] = "application/json"
    if call.idempotency_key is not None:
        headers["idempotency-key"] = call.idempotency_key
    url = f"{settings.base_url}{call.path}" + (f"?{call.query}" if call.query else "")
    return Request(call.method, url, headers, call.body, call.timeout)


def _looked_up(settings: Settings, call: Call) -> Generator[Union[Send, Pause], Optional[Outcome], Optional[_Found]]:
    charge = call.charge
    assert charge is not None, "a charge is always known by something"
    asked: dict[str, str] = {}
    if charge.terminal_id is not None:
        asked["terminalId"] = charge.terminal_id
    if charge.reference is not None:
        asked["reference"] = charge.reference
    asked.update({"fromDate": str(int(time.time()) - DAY_S), "limit": "100"})
    look = Call(
        kind="read", money=False, method="GET", path=PAYMENTS, version=call.version, timeout=settings.timeout,
        max_retries=call.max_retries, query=urlencode(asked), extra_headers=call.extra_headers,
    )
    try:
        page = yield from perform(settings, look)
    except VinrError:
        # What is raised is the charge's own failure: it says that the outcome is not known.
        return None
    listed = page.data.get("data")
    for payment in listed if isinstance(listed, list) else ():
        if isinstance(payment, dict) and payment.get("clientToken") == charge.client_token:
            settled = not charge.waits or payment.get("status") not in UNFINISHED
            return _Found(Answer(payment, page.response), settled)
    return None


def _judged(outcome: Optional[Outcome], text: bool) -> Union[Answer, _Failed]:
    assert outcome is not None, "a request is always told what came of it"
    if not isinstance(outcome, RawResponse):
        return _Failed(outcome)
    success = 200 <= outcome.status_code < 300
    if success and text:
        return Answer({}, outcome)
    body = _json(outcome.content)
    if success and isinstance(body, dict):
        return Answer(body, outcome)
    return refused(outcome, body)


def refused(response: RawResponse, body: Any) -> _Failed:
    """The failure that an answer is: in the words of the API, or by its status when they are not its words."""
    error = body.get("error") if isinstance(body, dict) else None
    told = error if isinstance(error, dict) and isinstance(error.get("type"), str) and isinstance(error.get("code"), str) else {}
    after = response.headers.get("retry-after", "").strip()
    failure = Refused(
        status=response.status_code, ours=bool(told), retry=told.get("retry"),
        money_may_have_moved=told.get("money_may_have_moved") is True,
        retry_after=int(after) if after.isascii() and after.isdecimal() else None,
    )
    return _Failed(failure, told, response.request_id)


def refused_answer(response: RawResponse) -> _Failed:
    """The same, of an answer whose body has not been looked at."""
    return refused(response, _json(response.content))


def failed(failure: Failure) -> _Failed:
    """A failure without an answer."""
    return _Failed(failure)


def error_of(call: Call, attempt: _Failed, doubt: bool, found: Optional[Answer]) -> VinrError:
    """The error that a call ends with."""
    failure = attempt.failure
    told = isinstance(failure, Refused) and failure.money_may_have_moved
    facts: dict[str, Any] = {"outcome_unknown": doubt or told, "money_may_have_moved": (doubt and call.money) or told}
    if facts["outcome_unknown"]:
        facts["idempotency_key"] = call.idempotency_key
        facts["client_token"] = call.charge.client_token if call.charge else None
        facts["payment"] = _payment(call, found)
    unknown = doubt and call.kind == "charge"
    advice = "; the payment may have been made: retrieve it before creating another" if unknown else ""
    what = f"{call.method} {call.path}"
    if isinstance(failure, Refused):
        return _answered(failure, attempt, facts)
    if isinstance(failure, Silent):
        return ApiTimeoutError(f"no answer to {what} within {failure.after_s:g} s{advice}", code="timeout", **facts)
    if isinstance(failure, Lost):
        message = f"the connection was lost during {what} ({failure.why}){advice}"
        return ApiConnectionError(message, code="connection_lost", **facts)
    cls = ApiTimeoutError if failure.late else ApiConnectionError
    return cls(f"could not connect for {what} ({failure.why})", code="not_connected", **facts)


def _answered(failure: Refused, attempt: _Failed, facts: dict[str, Any]) -> VinrError:
    told = {name: value for name, value in attempt.told.items() if isinstance(value, str)}
    success = 200 <= failure.status < 300
    fallback = class_of_status(failure.status)
    cls = class_of_type(told["type"]) if told else fallback
    message = f"the answer {failure.status} is not one of the API's: is base_url right, or something in between?"
    return cls(
        told.get("message", message), type=told.get("type", fallback.default_type),
        code=told.get("code", "unreadable_answer" if success else f"http_{failure.status}"),
        decline_code=told.get("decline_code"), param=told.get("param"), payment_id=told.get("payment"),
        doc_url=told.get("doc_url"), request_id=told.get("request_id") or attempt.request_id,
        status_code=failure.status, retry_after=failure.retry_after, **facts,
    )


def _payment(call: Call, found: Optional[Answer]) -> Any:
    if found is None:
        return None
    from ._generated.models import LegacyTerminalPayment, TerminalPayment
    from ._version import EARLIER

    return (LegacyTerminalPayment if call.version == EARLIER else TerminalPayment)._from_wire(found.data, found.response)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _user_agent() -> str:
    import platform

    from ._version import VERSION

    return f"vinr-python/{VERSION} python/{platform.python_version()}"


USER_AGENT = _user_agent()
