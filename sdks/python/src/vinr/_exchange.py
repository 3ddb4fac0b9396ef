"""Carries out one call: attempts, pauses, lookups, and the error in the end. Written once for both clients as a generator that
says what to do next (`Send`, `Pause`) and is told what came of it; it touches no socket and no clock."""
from __future__ import annotations

import dataclasses
import json
import random
import time
from typing import Any, Callable, Generator, Mapping, Optional, Protocol, Sequence, Union
from urllib.parse import urlencode

from ._errors import (
    ApiConnectionError,
    ApiTimeoutError,
    LocalConnectionError,
    LocalTimeoutError,
    VinrError,
    class_of_status,
    class_of_type,
)
from ._objects import RawResponse
from ._retry import Failure, Kind, Lost, Refused, Silent, Unsent, decide, in_doubt, pause_s

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
    #: Seconds until the head of the answer has to be there, where that is asked for.
    head_timeout: Optional[float] = None


@dataclasses.dataclass(frozen=True)
class Charge:
    """What a charge is known by."""

    client_token: str
    terminal_id: Optional[str]
    reference: Optional[str]
    #: Whether the call waits for the outcome.
    waits: bool


class Line:
    """The way to one terminal on the local network: whom its connections trust, and what they present. A key of the transports:
    whoever holds the same line shares its connections."""

    def __init__(self, verify: Any) -> None:
        #: The `ssl.SSLContext` of its connections.
        self.verify = verify
        #: Whether nobody will take it again: its connections are closed when those who use them are done.
        self.retired = False


class Peer(Protocol):
    """Who is asked: the platform, or a terminal."""

    @property
    def base_url(self) -> str:
        """Where it is."""

    @property
    def timeout(self) -> float:
        """Seconds that a lookup may take."""

    @property
    def line(self) -> Optional[Line]:
        """The way to a terminal; nothing for the platform."""

    def authorization(self) -> Optional[str]:
        """The header that says who asks; nothing where a certificate does."""


@dataclasses.dataclass(frozen=True)
class Request:
    """One request, for a transport."""

    method: str
    url: str
    headers: dict[str, str] = dataclasses.field(repr=False)
    content: Optional[bytes] = dataclasses.field(repr=False)
    timeout: float
    #: Seconds until the head of the answer has to be there; nothing when only the whole is bounded.
    head_timeout: Optional[float] = None
    #: Over which connections; nothing for those to the platform.
    line: Optional[Line] = None


@dataclasses.dataclass(frozen=True)
class Send:
    """Send this; tell the answer or the failure."""

    request: Request


@dataclasses.dataclass(frozen=True)
class Pause:
    """Wait so many seconds."""

    seconds: float


@dataclasses.dataclass(frozen=True)
class Do:
    """Do this, which may block; what it returns is told, and what it raises is raised."""

    work: Callable[[], Any]


@dataclasses.dataclass(frozen=True)
class Together:
    """Take all of these to their ends at once; their results are told, or the errors that they ended with."""

    steps: Sequence[Generator[Any, Any, Any]]


@dataclasses.dataclass(frozen=True)
class Answer:
    """A success: what it says, beside how it came."""

    data: dict[str, Any]
    response: RawResponse


Outcome = Union[RawResponse, Failure]
Step = Union[Send, Pause, Do, Together]
Steps = Generator[Step, Any, Answer]


@dataclasses.dataclass(frozen=True)
class Failed:
    """An attempt that failed, and what the answer said."""

    failure: Failure
    told: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    request_id: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class _Found:
    answer: Answer
    settled: bool


def perform(peer: Peer, call: Call) -> Steps:
    """The steps of a call; they end with its answer, or with a `VinrError`."""
    doubt = False
    retry = 0
    while True:
        retry += 1
        attempt = judged((yield Send(request(peer, call, call.media or JSON))), call.media is not None)
        if isinstance(attempt, Answer):
            return attempt
        failure = attempt.failure
        now = in_doubt(call.kind, failure)
        doubt = doubt if now is None else now
        verdict = decide(call.kind, failure)
        found: Optional[_Found] = None
        if verdict == "look_up":
            found = yield from _looked_up(peer, call)
            if found is not None and found.settled:
                return found.answer
            verdict = "give_up" if isinstance(failure, Silent) else "again"
        if verdict == "give_up" or retry > call.max_retries:
            raise error_of(call, attempt, doubt, found.answer if found else None, place(peer))
        yield Pause(pause_s(retry, failure, random.random()))


def request(peer: Peer, call: Call, accept: str) -> Request:
    """The request of a call. Its own headers go last: nobody replaces the key or the version by accident."""
    headers = {name.lower(): value for name, value in call.extra_headers.items()}
    headers.pop("authorization", None)
    headers.update({"accept": accept, "vinr-version": call.version, "user-agent": USER_AGENT})
    authorization = peer.authorization()
    if authorization is not None:
        headers["authorization"] = authorization
    if call.body is not None:
        headers["content-type"] = "application/json"
    if call.idempotency_key is not None:
        headers["idempotency-key"] = call.idempotency_key
    url = f"{peer.base_url}{call.path}" + (f"?{call.query}" if call.query else "")
    return Request(call.method, url, headers, call.body, call.timeout, call.head_timeout, peer.line)


def place(peer: Peer) -> Optional[str]:
    """Where a terminal is; nothing for the platform."""
    return None if peer.line is None else peer.base_url.partition("://")[2]


def _looked_up(peer: Peer, call: Call) -> Generator[Step, Any, Optional[_Found]]:
    charge = call.charge
    assert charge is not None, "a charge is always known by something"
    try:
        found = yield from look_up(peer, charge, call.version, call.max_retries, call.extra_headers)
    except VinrError:
        # What is raised is the charge's own failure: it says that the outcome is not known.
        return None
    if found is None:
        return None
    return _Found(found, not charge.waits or not unfinished(found.data))


def unfinished(payment: Mapping[str, Any]) -> bool:
    """Whether a payment is still to have an outcome. One that was approved without the internet has it, for who sells."""
    return payment.get("status") in UNFINISHED and payment.get("offline") is not True


def look_up(
    peer: Peer, charge: Charge, version: str, max_retries: int, extra_headers: Optional[Mapping[str, str]] = None,
    timeout: Optional[float] = None, since: Optional[int] = None, pages: int = 1,
) -> Generator[Step, Any, Optional[Answer]]:
    """The payment that bears the name of this charge, read and never made; nothing when this peer has none. `since`: made at this Unix
    second or later, a day ago unless given. With more than one of `pages`, nothing is answered only when all have been read."""
    asked: dict[str, str] = {}
    if charge.terminal_id is not None and peer.line is None:
        asked["terminalId"] = charge.terminal_id
    if charge.reference is not None:
        asked["reference"] = charge.reference
    if peer.line is None:
        asked["fromDate"] = str(int(time.time()) - DAY_S if since is None else since)
    asked["limit"] = "100"
    for _ in range(pages):
        look = Call(
            kind="read", money=False, method="GET", path=PAYMENTS, version=version, timeout=timeout or peer.timeout,
            max_retries=max_retries, query=urlencode(asked), extra_headers=extra_headers or {},
        )
        page = yield from perform(peer, look)
        listed = page.data.get("data")
        held = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        for payment in held:
            if str(payment.get("clientToken")).lower() == charge.client_token.lower():
                return Answer(payment, page.response)
        if not page.data.get("has_more") or not held:
            return None
        asked["starting_after"] = str(held[-1].get("id"))
    if pages == 1:
        return None
    raise ApiConnectionError(f"there are more than {pages * 100} payments to look through", code="too_many_payments")


def judged(outcome: Optional[Outcome], text: bool) -> Union[Answer, Failed]:
    assert outcome is not None, "a request is always told what came of it"
    if not isinstance(outcome, RawResponse):
        return Failed(outcome)
    success = 200 <= outcome.status_code < 300
    if success and text:
        return Answer({}, outcome)
    body = _json(outcome.content)
    if success and isinstance(body, dict):
        return Answer(body, outcome)
    return refused(outcome, body)


def refused(response: RawResponse, body: Any) -> Failed:
    """The failure that an answer is: in the words of the API, or by its status when they are not its words."""
    error = body.get("error") if isinstance(body, dict) else None
    told = error if isinstance(error, dict) and isinstance(error.get("type"), str) and isinstance(error.get("code"), str) else {}
    after = response.headers.get("retry-after", "").strip()
    failure = Refused(
        status=response.status_code, ours=bool(told), retry=told.get("retry"),
        money_may_have_moved=told.get("money_may_have_moved") is True,
        retry_after=int(after) if after.isascii() and after.isdecimal() else None,
    )
    return Failed(failure, told, response.request_id)


def refused_answer(response: RawResponse) -> Failed:
    """The same, of an answer whose body has not been looked at."""
    return refused(response, _json(response.content))


def failed(failure: Failure) -> Failed:
    """A failure without an answer."""
    return Failed(failure)


def error_of(call: Call, attempt: Failed, doubt: bool, found: Optional[Answer], where: Optional[str] = None) -> VinrError:
    """The error that a call ends with; `where` a terminal was asked."""
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
    local = where is not None
    if local:
        what += f" at the terminal {where}"
    if isinstance(failure, Refused):
        if local:
            facts["layer"] = layer_of(failure, str(attempt.told.get("code")))
        return _answered(failure, attempt, facts)
    if local:
        facts["layer"] = failure.layer if isinstance(failure, Unsent) else "terminal" if isinstance(failure, Silent) else "http"
    late: type[VinrError] = LocalTimeoutError if local else ApiTimeoutError
    gone: type[VinrError] = LocalConnectionError if local else ApiConnectionError
    if isinstance(failure, Silent):
        return late(f"no answer to {what} within {failure.after_s:g} s{advice}", code="timeout", **facts)
    if isinstance(failure, Lost):
        return gone(f"the connection was lost during {what} ({failure.why}){advice}", code="connection_lost", **facts)
    code = failure.code if local else "not_connected"
    return (late if failure.late else gone)(f"could not connect for {what} ({failure.why})", code=code, **facts)


def layer_of(failure: Refused, code: str) -> str:
    """Where a terminal's answer that is no success comes from."""
    if not failure.ours:
        return "http"
    if code.startswith("certificate_"):
        return "clock" if code in ("certificate_expired", "certificate_not_yet_valid") else "certificate"
    return "terminal"


def _answered(failure: Refused, attempt: Failed, facts: dict[str, Any]) -> VinrError:
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
