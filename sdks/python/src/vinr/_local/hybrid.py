"""One hybrid payment: over the local network first, through the cloud when the terminal is not there, under one name. Carries out what
`decision.py` decides and says what came of it; whatever is decided is written down before it is done."""
from __future__ import annotations

import collections
import dataclasses
import logging
import time
from typing import TYPE_CHECKING, Any, Callable, Deque, Generator, Mapping, Optional

from .._errors import ApiConnectionError, ConfigurationError, InvalidRequestError, LocalConnectionError, VinrError
from .._exchange import (
    DAY_S,
    Answer,
    Call,
    Charge,
    Do,
    Pause,
    Send,
    Step,
    Steps,
    error_of,
    judged,
    look_up,
    perform,
    place,
    request,
)
from .._identity import made_at
from .._retry import Lost, Refused, Silent, Unsent
from .._version import CURRENT
from .decision import Act, Event, State, Todo, decide
from .delegations import OVER, Delegation, DelegationStore, Order, named, now_ms
from .nearby import LOOK_S, Nearby, Terminal

if TYPE_CHECKING:
    from .._settings import Settings

#: How long a terminal that had acknowledged is asked without an answer.
SILENCE_S = 10.0
SHORTEST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 2.0
#: How many pages of payments are looked through for one.
PAGES = 100
log = logging.getLogger("vinr")

#: A call of this payment: over the local network, or to the cloud.
Calls = Callable[[str], Call]


@dataclasses.dataclass(frozen=True)
class Ways:
    """What hybrid payments of one client need."""

    settings: Settings
    nearby: Nearby
    store: DelegationStore


def ways(settings: Settings) -> Ways:
    """The ways of a client."""
    return Ways(settings, settings.nearby, settings.nearby.delegations)


def pay(
    used: Ways, order: Order, client_token: Optional[str], local_timeout: float, local: Calls, cloud: Calls, seconds: float
) -> Steps:
    """Makes the payment of an order, or resumes the one that was begun."""
    store = used.store
    if client_token is None:
        records = yield Do(lambda: store.find(order))
    else:
        token = client_token.lower()
        found = yield Do(lambda: store.load(token))
        records = [] if found is None else [found]
    intent, record = named(records, order, client_token)
    sale = _Sale(used, intent, order, record, local_timeout, local, cloud, seconds)
    return (yield from sale.driven(Event("create", record=record.state if record else None)))


def resolve(used: Ways, client_token: str, seconds: float) -> Steps:
    """What became of the payment of this name: asks both paths until one of them knows, and makes nothing."""
    intent = client_token.lower()
    record: Optional[Delegation] = yield Do(lambda: used.store.load(intent))
    sale = _Sale(used, intent, record.order if record else None, record, LOOK_S, None, None, seconds)
    return (yield from sale.driven(Event("resolve", record=record.state if record else None)))


class _Sale:
    """A payment on its way."""

    def __init__(
        self, used: Ways, intent: str, order: Optional[Order], record: Optional[Delegation], local_timeout: float,
        local: Optional[Calls], cloud: Optional[Calls], seconds: float,
    ) -> None:
        self._used = used
        self._intent = intent
        self._order = order
        self._record = record
        self._local_timeout = local_timeout
        self._local = local
        self._cloud = cloud
        self._seconds = seconds
        #: What has happened and was not decided upon.
        self._events: Deque[Event] = collections.deque()
        self._answer: Optional[Answer] = None
        self._error: Optional[VinrError] = None
        self._local_failure: Optional[VinrError] = None
        self._began = self._heard = time.monotonic()
        self._asked = 0

    def driven(self, event: Event) -> Steps:
        """Decides and acts until it is over."""
        state = State("new")
        while True:
            state, todo = decide(state, event)
            if todo.save is not None:
                yield from self._written(state, todo.save)
            if todo.told is not None:
                self._tell(todo.told)
            if todo.action == "return":
                return self._returned(todo)
            if todo.action == "throw":
                raise self._thrown(todo)
            event = yield from self._acted(state, todo.action)

    def _acted(self, state: State, action: Act) -> Generator[Step, Any, Event]:
        if action == "send_local":
            yield from self._send_local()
        elif action == "send_cloud":
            yield from self._send_cloud()
        elif action in ("ask_local", "ask_cloud"):
            yield from self._ask(state, action)
        return self._events.popleft()

    def _written(self, state: State, save: str) -> Generator[Step, Any, None]:
        """Writes it down before anything else is done. What fails before a way is taken keeps it from being taken; what fails when it
        is over keeps nobody from hearing how it ended."""
        store, intent = self._used.store, self._intent
        now, order, known = now_ms(), self._order, self._record
        if save == "erased":
            self._record = None
            yield from self._tried(lambda: store.erase(intent))
            return
        if known is None and order is None:
            # Resolved without a record: there is nothing to keep.
            return
        if known is None:
            assert order is not None
            known = Delegation(intent, order.terminal_id, order.amount, order.currency, "local", now, now, order.reference)
        record = self._record = dataclasses.replace(known, state=save, updated_at=now)  # type: ignore[arg-type]
        if save in OVER:
            yield from self._tried(lambda: store.save(record))
            return
        try:
            yield Do(lambda: store.save(record))
        except VinrError as thrown:
            raise self._unknown(thrown) if state.sent else thrown from None

    def _tried(self, work: Callable[[], None]) -> Generator[Step, Any, None]:
        try:
            yield Do(work)
        except Exception:
            # The record says less than is known; whoever reads it asks again, and learns the same.
            log.exception("what became of a hybrid payment could not be written down")

    def _send_local(self) -> Generator[Step, Any, None]:
        """Sends the payment to its terminal; the local time-out counts from here, the search for the address included."""
        assert self._local is not None and self._order is not None
        began = time.monotonic()
        call = self._local(self._intent)
        nearby, terminal_id = self._used.nearby, self._order.terminal_id
        nearby.charged(self._order.reference, terminal_id)
        try:
            terminal: Terminal = yield from nearby.find(terminal_id, self._local_timeout)
        except VinrError as thrown:
            self._failed_before(thrown)
            return
        left = max(began + self._local_timeout - time.monotonic(), 0.001)
        outcome = yield Send(request(terminal, dataclasses.replace(call, head_timeout=left), "application/json"))
        attempt = judged(outcome, False)
        if isinstance(attempt, Answer):
            self._events.append(Event("head"))
            self._paid("local_payment", attempt)
            return
        failure, where = attempt.failure, place(terminal)
        if not isinstance(failure, Refused):
            nearby.forget(terminal)
        if _headed(failure):
            self._events.append(Event("head"))
            self._events.append(Event("body_lost"))
            self._began = self._heard = time.monotonic()
        elif isinstance(failure, Refused):
            self._refused(error_of(call, attempt, False, None, where), failure)
        else:
            self._failed(error_of(call, attempt, not isinstance(failure, Unsent), None, where), not isinstance(failure, Unsent))

    def _refused(self, error: VinrError, failure: Refused) -> None:
        """An answer that is no payment: whose fault it is decides whether another path cures it."""
        code = error.code or ""
        if not failure.ours or (failure.status >= 500 and (failure.status != 503 or failure.money_may_have_moved)):
            error.layer = "http"
            self._failed(error, True)
        elif failure.status == 403 and code.startswith("certificate_"):
            self._failed(error, False)
        elif failure.status in (404, 429, 503):
            self._failed(error, failure.money_may_have_moved)
        else:
            self._error = error
            self._events.append(Event("local_refused", code=code))

    def _failed_before(self, thrown: VinrError) -> None:
        if isinstance(thrown, ConfigurationError):
            code = thrown.code or ""
            if code in ("parameter_invalid", "parameter_missing", "client_closed", "simulator_not_available", "simulator_failed"):
                self._error = thrown
                self._events.append(Event("local_refused", code=code))
                return
            thrown.layer = "certificate" if code.startswith("local_") and code != "local_extra_missing" else "name"
        elif thrown.layer is None:
            # The authority of the terminals could not be fetched: without it nobody there is to be trusted.
            thrown.layer = "certificate"
        self._failed(thrown, False)

    def _failed(self, error: VinrError, sent: bool) -> None:
        self._local_failure = error
        self._events.append(Event("local_failed", layer=error.layer, sent=sent))

    def _paid(self, kind: Any, answer: Answer) -> None:
        self._answer = answer
        self._heard = time.monotonic()
        offline = answer.data.get("status") == "processing" and answer.data.get("offline") is True
        self._events.append(Event(kind, status="offline" if offline else str(answer.data.get("status"))))

    def _send_cloud(self) -> Generator[Step, Any, None]:
        assert self._cloud is not None
        call = self._cloud(self._intent)
        settings = self._used.settings
        try:
            if settings.prepare is not None:
                yield Do(settings.prepare)
            answer = yield from perform(settings, call)
        except VinrError as thrown:
            self._error = thrown
            if _definite(thrown):
                self._events.append(Event("cloud_refused", code=thrown.code))
            else:
                self._events.append(Event("cloud_failed", sent=thrown.outcome_unknown))
            return
        self._paid("cloud_payment", answer)

    def _ask(self, state: State, action: Act) -> Generator[Step, Any, None]:
        """One question, after a pause unless it is the first."""
        if self._asked:
            yield Pause(min(SHORTEST_PAUSE_S * 2.0 ** (self._asked - 1), LONGEST_PAUSE_S))
        self._asked += 1
        now = time.monotonic()
        if now - self._began > self._seconds or (state.phase == "asking" and now - self._heard > SILENCE_S):
            self._events.append(Event("asked_long_enough"))
            return
        seconds = min(LOOK_S, max(self._began + self._seconds - now, 0.1))
        where = "local" if action == "ask_local" else "cloud"
        order, settings = self._order, self._used.settings
        charge = Charge(self._intent, order.terminal_id if order else None, order.reference if order else None, True)
        try:
            if where == "cloud":
                if settings.prepare is not None:
                    yield Do(settings.prepare)
                found = yield from look_up(settings, charge, CURRENT, 0, timeout=seconds, since=self._since(), pages=PAGES)
            else:
                found = yield from self._look_nearby(charge, seconds)
        except VinrError as thrown:
            self._error = thrown
            if where == "cloud" and _definite(thrown):
                self._events.append(Event("cloud_refused", code=thrown.code))
            elif where == "cloud":
                self._events.append(Event("cloud_failed", sent=False))
            else:
                self._events.append(Event("local_failed", layer=thrown.layer, sent=False))
            return
        if found is not None:
            self._paid(f"{where}_payment", found)
        else:
            self._events.append(Event("local_absent" if where == "local" else "cloud_absent"))

    def _since(self) -> int:
        """The second from which on the payment can have been made, a day earlier for clocks that differ: what is told to have never been
        made has to be looked for from its beginning."""
        made = self._record.created_at // 1000 if self._record is not None else made_at(self._intent)
        return 0 if made is None else max(made - DAY_S, 0)

    def _look_nearby(self, charge: Charge, seconds: float) -> Generator[Step, Any, Optional[Answer]]:
        if charge.terminal_id is None:
            return None
        return (yield from self._used.nearby.look_up(charge.terminal_id, charge, seconds))

    def _tell(self, layer: str) -> None:
        failure = self._local_failure or LocalConnectionError("the terminal's answer was lost", code="connection_lost", layer=layer)
        self._local_failure = failure
        log.warning("a hybrid payment leaves the local network: %s", failure)
        told = self._used.settings.terminal.on_local_failure
        if told is None:
            return
        try:
            told(layer, failure)
        except Exception:
            # The payment is on its way: what is wrong with the listener is not the payment's failure.
            log.exception("on_local_failure failed")

    def _returned(self, todo: Todo) -> Answer:
        answer = self._answer
        assert answer is not None, "a payment is returned"
        if todo.connection_mode is None:
            return answer
        metadata = answer.data.get("metadata")
        marked = {**(metadata if isinstance(metadata, dict) else {}), "connectionMode": todo.connection_mode}
        return Answer({**answer.data, "metadata": marked}, answer.response)

    def _thrown(self, todo: Todo) -> VinrError:
        error = self._error
        if todo.throw == "payment_not_found":
            return InvalidRequestError(
                "neither the cloud nor the terminal has a payment with this client_token: it was never charged", code="payment_not_found",
                param="client_token",
            )
        if todo.throw == "outcome_unknown" or error is None:
            error = ApiConnectionError(
                "neither the cloud nor the terminal could tell what became of the payment: resolve it, and create no other",
                code="outcome_unknown", money_may_have_moved=True,
            )
        error.local_failure = self._local_failure
        error.outcome_unknown = todo.outcome_unknown
        return self._unknown(error) if todo.outcome_unknown else error

    def _unknown(self, error: VinrError) -> VinrError:
        error.outcome_unknown = error.money_may_have_moved = True
        error.client_token = self._intent
        return error


def _headed(failure: object) -> bool:
    """Whether the head of a success had come: an answer that cannot be read counts, for it began as one."""
    if isinstance(failure, (Lost, Silent)):
        return failure.headed
    return isinstance(failure, Refused) and 200 <= failure.status < 300


def _definite(error: VinrError) -> bool:
    """Whether the cloud itself refused."""
    return not error.outcome_unknown and error.status_code is not None and 400 <= error.status_code < 500 and not (
        error.code or ""
    ).startswith("http_")


def local_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a terminal is told of an order that was written for the cloud."""
    return {name: value for name, value in body.items() if name not in ("responseMode", "terminalGroup")}
