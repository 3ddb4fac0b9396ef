"""The calls of both clients that reach terminals on the local network: `readers.discover`, `create_local`, hybrid `create`, `resolve`
and `retrieve_by_reference`. Owns their parameters and what is sent for them; the ways are in `nearby.py` and `hybrid.py`."""
from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Generator, List, Literal, Mapping, NamedTuple, Optional, Sequence, TypedDict, cast

from .._errors import ApiConnectionError, ConfigurationError, InvalidRequestError, VinrError
from .._exchange import Answer, Call, Step, Steps
from .._resource import AsyncResource, Operation, Resource, call_of, checked_reference, steps_of
from .._settings import NOT_GIVEN, SYNC_CHARGE_TIMEOUT_S, CallOptions, NotGiven, Settings, seconds
from .._version import CURRENT
from .delegations import Order
from .hybrid import local_body, pay, resolve, ways
from .nearby import FIND_S, Reader

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._generated.models import TerminalPayment

LOCAL_TIMEOUT_MS = 2000
PAY = Operation("terminal.payments.create_local", "charge", "POST", "/v1/pay", CURRENT, money=True)


class Connectivity(TypedDict, total=False):
    """Which way a payment takes to its terminal."""

    #: `cloud`, or `hybrid`: over the local network first.
    mode: Literal["cloud", "hybrid"]
    #: How long the terminal may take to acknowledge the command, in milliseconds; 2000 unless given.
    local_timeout_ms: int


class TipConfigParams(TypedDict, total=False):
    """How this customer is asked for a tip."""

    mode: Literal["percentage", "fixed"]
    suggestions: Sequence[int]
    allow_custom: bool


class _LineItemRequired(TypedDict):
    name: str
    amount: int


class LineItemParams(_LineItemRequired, total=False):
    """What is sold, for the display of the terminal."""

    quantity: int


class Asked(NamedTuple):
    """A create, before it is known which way it goes."""

    operation: Operation
    connectivity: Optional[Connectivity]
    options: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]


def _charging(settings: Settings, query: Mapping[str, Any], body: Mapping[str, Any], options: Mapping[str, Any]) -> Call:
    """The call that charges at a terminal: it waits for the outcome, as long as a customer may take."""
    call = call_of(settings, PAY, (), query, body, options)
    assert call.charge is not None, "it is a charge"
    timeout = call.timeout if options.get("timeout") is not None else max(settings.timeout, SYNC_CHARGE_TIMEOUT_S)
    return dataclasses.replace(call, charge=dataclasses.replace(call.charge, waits=True), timeout=timeout)


def created(settings: Settings, asked: Asked) -> Steps:
    """The steps of a create."""
    mode = (asked.connectivity or {}).get("mode", "cloud")
    if mode == "cloud":
        return steps_of(settings, asked.operation, (), asked.query, asked.body, asked.options)
    if mode != "hybrid":
        raise ConfigurationError("connectivity mode is 'cloud' or 'hybrid'", code="parameter_invalid", param="connectivity.mode")
    return _hybrid(settings, asked)


def _hybrid(settings: Settings, asked: Asked) -> Steps:
    given = (asked.connectivity or {}).get("local_timeout_ms", LOCAL_TIMEOUT_MS)
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not math.isfinite(given) or given <= 0:
        raise ConfigurationError(
            "local_timeout_ms is a number of milliseconds above 0", code="parameter_invalid", param="connectivity.local_timeout_ms"
        )
    body = {name: value for name, value in asked.body.items() if not isinstance(value, NotGiven) and value is not None}
    if not isinstance(body.get("terminalId"), str) or "terminalGroup" in body:
        raise ConfigurationError("a hybrid payment is for one terminal", code="parameter_invalid", param="terminal_id")
    if body.get("responseMode") == "async":
        raise ConfigurationError(
            "a hybrid payment is answered with its outcome: leave response_mode out", code="parameter_invalid", param="response_mode"
        )
    token = body.pop("clientToken", None)
    metadata = dict(body.get("metadata") or {})

    def local(intent: str) -> Call:
        return _charging(settings, asked.query, {**local_body(body), "clientToken": intent}, asked.options)

    def cloud(intent: str) -> Call:
        whole = {**body, "clientToken": intent, "responseMode": "sync", "metadata": {**metadata, "connectionMode": "cloud"}}
        return call_of(settings, asked.operation, (), asked.query, whole, asked.options)

    local("00000000-0000-7000-8000-000000000000")  # What is wrong with it is said before anything is written down.
    order = Order(body["terminalId"], body["amount"], body["currency"], body.get("reference"))
    patience = asked.options.get("timeout") or SYNC_CHARGE_TIMEOUT_S
    return pay(ways(settings), order, token, given / 1000, local, cloud, max(patience, given / 1000))


def _locally(settings: Settings, reader_id: str, query: Mapping[str, Any], body: Mapping[str, Any], options: Mapping[str, Any]) -> Steps:
    return settings.nearby.charge(reader_id, _charging(settings, query, {"terminalId": reader_id, **body}, options))


def _by_reference(settings: Settings, operation: Operation, reference: str, options: Mapping[str, Any]) -> Steps:
    """Asks the terminal that charged this reference, else the cloud, else every terminal that is known."""
    checked_reference(reference)
    nearby = settings.nearby
    here = yield from nearby.charged_here(reference)
    if here is not None:
        return here
    try:
        page = yield from steps_of(settings, operation, (), {"reference": reference, "limit": 1}, None, options)
    except ApiConnectionError:
        found = yield from nearby.anywhere(reference)
        if found is None:
            raise
        return found
    listed = page.data.get("data")
    if isinstance(listed, list) and listed:
        return Answer(listed[0], page.response)
    found = yield from nearby.anywhere(reference)
    if found is not None:
        return found
    raise InvalidRequestError(
        f"there is no payment with the reference {reference!r}", code="not_found", status_code=404, param="reference",
        request_id=page.response.request_id,
    )


def _resolved(settings: Settings, client_token: str, timeout: Optional[float]) -> Steps:
    if not isinstance(client_token, str) or not client_token:
        raise ConfigurationError("a client token is a UUID", code="parameter_missing", param="client_token")
    return resolve(ways(settings), client_token, SYNC_CHARGE_TIMEOUT_S if timeout is None else seconds(timeout))


def _discovered(
    settings: Settings, network: str, static_hosts: Optional[Sequence[str]], timeout: Optional[float]
) -> Generator[Step, Any, List[Reader]]:
    if network != "local":
        raise ConfigurationError("network has to be 'local'", code="parameter_invalid", param="network")
    if isinstance(static_hosts, str):
        raise ConfigurationError("static_hosts is a list of addresses", code="parameter_invalid", param="static_hosts")
    return settings.nearby.discover(static_hosts, FIND_S if timeout is None else seconds(timeout))


def _payment(answer: Answer) -> TerminalPayment:
    from .._generated.models import TerminalPayment

    return TerminalPayment._from_wire(answer.data, answer.response)


def _query(simulate_card: Optional[str], simulate_delay: Optional[int]) -> Mapping[str, Any]:
    return {"simulateCard": simulate_card, "simulateDelay": simulate_delay}


def _body(given: Mapping[str, Any]) -> Mapping[str, Any]:
    names = {
        "amount": "amount", "currency": "currency", "reference": "reference", "captureMethod": "capture_method",
        "description": "description", "metadata": "metadata", "clientToken": "client_token", "tipConfig": "tip_config",
        "lineItems": "line_items",
    }
    return {wire: NOT_GIVEN if given[name] is None else given[name] for wire, name in names.items()}


class LocalPayments(Resource):
    """Payments over the local network."""

    def create_local(
        self, *, reader_id: str, amount: int, currency: str, reference: Optional[str] = None,
        capture_method: Optional[Literal["automatic", "manual"]] = None, description: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None, client_token: Optional[str] = None,
        tip_config: Optional[TipConfigParams] = None, line_items: Optional[Sequence[LineItemParams]] = None,
        simulate_card: Optional[str] = None, simulate_delay: Optional[int] = None, **options: Unpack[CallOptions],
    ) -> TerminalPayment:
        """Collect a payment at a terminal on the local network, and wait for its outcome.

        reader_id: The terminal, as `readers.discover` names it; it is looked for when it is not known yet.
        """
        body, query = _body(locals()), _query(simulate_card, simulate_delay)
        return _payment(self._transport.run(_locally(self._settings, reader_id, query, body, cast(Mapping[str, Any], options))))

    def resolve(self, client_token: str, *, timeout: Optional[float] = None) -> TerminalPayment:
        """What became of a hybrid payment: asks the terminal and the cloud until one of them knows. It makes no payment; one that
        neither of them knows is an `InvalidRequestError` with the code `payment_not_found`."""
        return self._told(_resolved(self._settings, client_token, timeout))

    def _create(self, asked: Asked) -> TerminalPayment:
        return self._told(created(self._settings, asked))

    def _told(self, steps: Steps) -> TerminalPayment:
        try:
            return _payment(self._transport.run(steps))
        except VinrError as error:
            token = error.client_token
            if error.outcome_unknown and token is not None:
                error._resolver = lambda: self.resolve(token)
            raise

    def _by_reference(self, operation: Operation, reference: str, options: Mapping[str, Any]) -> TerminalPayment:
        return _payment(self._transport.run(_by_reference(self._settings, operation, reference, options)))


class AsyncLocalPayments(AsyncResource):
    """Payments over the local network."""

    async def create_local(
        self, *, reader_id: str, amount: int, currency: str, reference: Optional[str] = None,
        capture_method: Optional[Literal["automatic", "manual"]] = None, description: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None, client_token: Optional[str] = None,
        tip_config: Optional[TipConfigParams] = None, line_items: Optional[Sequence[LineItemParams]] = None,
        simulate_card: Optional[str] = None, simulate_delay: Optional[int] = None, **options: Unpack[CallOptions],
    ) -> TerminalPayment:
        """Collect a payment at a terminal on the local network, and wait for its outcome.

        reader_id: The terminal, as `readers.discover` names it; it is looked for when it is not known yet.
        """
        body, query = _body(locals()), _query(simulate_card, simulate_delay)
        return _payment(await self._transport.run(_locally(self._settings, reader_id, query, body, cast(Mapping[str, Any], options))))

    async def resolve(self, client_token: str, *, timeout: Optional[float] = None) -> TerminalPayment:
        """What became of a hybrid payment: asks the terminal and the cloud until one of them knows. It makes no payment; one that
        neither of them knows is an `InvalidRequestError` with the code `payment_not_found`."""
        return await self._told(_resolved(self._settings, client_token, timeout))

    async def _create(self, asked: Asked) -> TerminalPayment:
        return await self._told(created(self._settings, asked))

    async def _told(self, steps: Steps) -> TerminalPayment:
        try:
            return _payment(await self._transport.run(steps))
        except VinrError as error:
            token = error.client_token
            if error.outcome_unknown and token is not None:
                error._resolver = lambda: self.resolve(token)
            raise

    async def _by_reference(self, operation: Operation, reference: str, options: Mapping[str, Any]) -> TerminalPayment:
        return _payment(await self._transport.run(_by_reference(self._settings, operation, reference, options)))


class Readers(Resource):
    """`terminal.readers`"""

    def discover(
        self, *, network: Literal["local"] = "local", static_hosts: Optional[Sequence[str]] = None, timeout: Optional[float] = None
    ) -> List[Reader]:
        """Find the terminals on the local network.

        static_hosts: Addresses to ask (`host` or `host:port`, 8443 unless given); without any, multicast DNS is listened to.
        timeout: How long to listen, in seconds; 2 unless given.
        """
        return self._transport.run(_discovered(self._settings, network, static_hosts, timeout))


class AsyncReaders(AsyncResource):
    """`terminal.readers`"""

    async def discover(
        self, *, network: Literal["local"] = "local", static_hosts: Optional[Sequence[str]] = None, timeout: Optional[float] = None
    ) -> List[Reader]:
        """Find the terminals on the local network.

        static_hosts: Addresses to ask (`host` or `host:port`, 8443 unless given); without any, multicast DNS is listened to.
        timeout: How long to listen, in seconds; 2 unless given.
        """
        return await self._transport.run(_discovered(self._settings, network, static_hosts, timeout))
