"""The calls that reach terminals on the local network, before this version can make them. They refuse before anything is sent and
say what to call instead; none of them pretends."""
from __future__ import annotations

from typing import TYPE_CHECKING, List, Literal, Mapping, NoReturn, Optional, Sequence, TypedDict

from .._errors import ConfigurationError
from .._objects import VinrObject
from .._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from .._generated.models import TerminalPayment


class Connectivity(TypedDict, total=False):
    """Which way a payment takes to its terminal."""

    #: `cloud`, or `hybrid`: over the local network first.
    mode: Literal["cloud", "hybrid"]
    #: How long the terminal may take to acknowledge the command, in milliseconds.
    local_timeout_ms: int


class Reader(VinrObject):
    """A terminal on the local network."""

    __slots__ = ()

    _fields = frozenset({"id", "ip", "model", "status"})

    id: str
    ip: str
    model: Optional[str]
    status: Optional[str]


def only_cloud(connectivity: Optional[Connectivity]) -> None:
    """Refuses every way but the one over the cloud."""
    mode = None if connectivity is None else connectivity.get("mode", "cloud")
    if mode not in (None, "cloud"):
        _refuse(f"connectivity mode {mode!r}", "connectivity", "leave connectivity out")


def _refuse(what: str, param: Optional[str], instead: str) -> NoReturn:
    raise ConfigurationError(
        f"{what} is not available in this version of the package; {instead}", code="not_supported", param=param,
    )


_CREATE = "client.terminal.payments.create_sync(terminal_id=…) drives the same terminal over the cloud"
_DISCOVER = "client.terminals.list(status='online') lists the terminals of the account"


class LocalPayments(Resource):
    """Payments over the local network."""

    def create_local(
        self, *, reader_id: str, amount: int, currency: str, reference: Optional[str] = None,
        capture_method: Optional[Literal["automatic", "manual"]] = None, description: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None, client_token: Optional[str] = None, timeout: Optional[float] = None,
    ) -> TerminalPayment:
        """Pay at a terminal on the local network."""
        _refuse("create_local", None, _CREATE)


class AsyncLocalPayments(AsyncResource):
    """Payments over the local network."""

    async def create_local(
        self, *, reader_id: str, amount: int, currency: str, reference: Optional[str] = None,
        capture_method: Optional[Literal["automatic", "manual"]] = None, description: Optional[str] = None,
        metadata: Optional[Mapping[str, str]] = None, client_token: Optional[str] = None, timeout: Optional[float] = None,
    ) -> TerminalPayment:
        """Pay at a terminal on the local network."""
        _refuse("create_local", None, _CREATE)


class Readers(Resource):
    """`terminal.readers`"""

    def discover(self, *, network: Literal["local"] = "local", static_hosts: Optional[Sequence[str]] = None) -> List[Reader]:
        """Find the terminals on the local network."""
        _refuse("readers.discover", None, _DISCOVER)


class AsyncReaders(AsyncResource):
    """`terminal.readers`"""

    async def discover(
        self, *, network: Literal["local"] = "local", static_hosts: Optional[Sequence[str]] = None
    ) -> List[Reader]:
        """Find the terminals on the local network."""
        _refuse("readers.discover", None, _DISCOVER)
