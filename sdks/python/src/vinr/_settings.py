"""What a client is made with, checked before anything is sent. Keeps the key where neither a log nor an error finds it."""
from __future__ import annotations

import dataclasses
import math
import os
import re
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional, Sequence, TypedDict, Union
from urllib.parse import urlsplit

from ._errors import ConfigurationError, VinrError

if TYPE_CHECKING:
    from ._local.delegations import DelegationStore
    from ._local.simulator import Simulated, Simulator

DEFAULT_BASE_URL = "https://api.vinr.com"
BASE_URL_VARIABLE = "VINR_BASE_URL"
DEFAULT_TIMEOUT_S = 30.0
DEFAULT_RETRIES = 2
#: How long a charge is waited for that is answered with its outcome: the longest interaction with a card, and more.
SYNC_CHARGE_TIMEOUT_S = 150.0

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_KEY = re.compile(r"[!-~]{8,512}")


class NotGiven:
    """The value of a parameter that was left out, where `None` says something of its own: that a value is taken away."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN = NotGiven()


class CallOptions(TypedDict, total=False):
    """What every call takes beside its parameters."""

    #: Seconds that one attempt may take.
    timeout: float
    #: The name of this change: the same key is carried out once. Made by the SDK unless given.
    idempotency_key: str
    #: How often the request may be sent again.
    max_retries: int
    #: Headers of your own, such as those of a trace.
    extra_headers: Mapping[str, str]
    #: Fields of the body that this version does not know, under the names of the API.
    extra_body: Mapping[str, Any]
    #: Parameters of the query that this version does not know, under the names of the API.
    extra_query: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class TerminalOptions:
    """How the client reaches terminals on the local network."""

    #: The `.p12` bundle of the client certificate.
    local_cert_path: Optional[str] = None
    #: What opens the bundle.
    local_cert_passphrase: Optional[str] = dataclasses.field(default=None, repr=False)
    #: The authority of the terminals (PEM), where the cloud is not to be asked for it.
    local_ca_path: Optional[str] = None
    #: Addresses of terminals (`host` or `host:port`); without any they are found by multicast DNS.
    static_hosts: Optional[Sequence[str]] = None
    #: Run the bundled simulator on this machine, for this client alone.
    local_simulator: bool = False
    #: Take the internet away from the simulator.
    simulate_offline: bool = False
    #: The program of the simulator, where it is not to be looked for.
    simulator_path: Optional[str] = None
    #: Where delegations are kept; `$XDG_STATE_HOME/vinr` or `~/.local/state/vinr` unless given.
    state_dir: Optional[str] = None
    #: Keeps delegations instead of files.
    delegations: Optional[DelegationStore] = None
    #: Told why a hybrid payment leaves the local network: the layer that failed, and the failure.
    on_local_failure: Optional[Callable[[str, VinrError], None]] = None


class TerminalParams(TypedDict, total=False):
    """`TerminalOptions`, as a dictionary."""

    local_cert_path: Optional[str]
    local_cert_passphrase: Optional[str]
    local_ca_path: Optional[str]
    static_hosts: Optional[Sequence[str]]
    local_simulator: bool
    simulate_offline: bool
    simulator_path: Optional[str]
    state_dir: Optional[str]
    delegations: Optional[DelegationStore]
    on_local_failure: Optional[Callable[[str, VinrError], None]]


class Settings:
    """The checked settings of a client. Prints without its key."""

    __slots__ = ("__weakref__", "_authorization", "_base_url", "max_retries", "nearby", "prepare", "simulator", "terminal", "timeout")

    def __init__(
        self, secret_key: Optional[str], base_url: Optional[str], timeout: Optional[float], max_retries: Optional[int],
        terminal: Union[TerminalOptions, TerminalParams, None],
    ) -> None:
        #: The value of the header, behind a call: what is not an attribute is in no listing of attributes.
        self._authorization: Callable[[], str] = _authorization(secret_key)
        given = os.environ.get(BASE_URL_VARIABLE) if base_url is None else base_url
        self._base_url = _base_url(given or DEFAULT_BASE_URL, self._authorization)
        self.timeout = DEFAULT_TIMEOUT_S if timeout is None else seconds(timeout)
        self.max_retries = DEFAULT_RETRIES if max_retries is None else retries(max_retries)
        self.terminal = _terminal(terminal)
        from ._local.nearby import Nearby

        #: What this client knows of the local network.
        self.nearby = Nearby(self)
        #: The simulator of this client, if it has one.
        self.simulator: Optional[Simulator] = None
        #: Makes the platform ready to be asked, where the simulator is the platform.
        self.prepare: Optional[Callable[[], Simulated]] = None
        if self.terminal.local_simulator or self.terminal.simulate_offline:
            self.simulator = self._simulated()
            self.prepare = None if given else self.simulator.started

    @property
    def base_url(self) -> str:
        """Where the platform is."""
        return self._base_url if self.prepare is None else self.prepare().api

    @property
    def line(self) -> None:
        """The platform is reached over the ordinary connections."""

    def authorization(self) -> str:
        """The header that says who asks."""
        return self._authorization() if self.prepare is None else f"Bearer {self.prepare().secret_key}"

    def _simulated(self) -> Simulator:
        if not re.match(r"Bearer [sr]k_test_", self._authorization()):
            raise ConfigurationError(
                "the simulator is for test keys (sk_test_…, rk_test_…): it moves no money", code="test_mode_only", param="secret_key"
            )
        from ._local.simulator import Simulator

        return Simulator(self.terminal.simulator_path, self.terminal.simulate_offline)

    def __repr__(self) -> str:
        return f"Settings(base_url={self._base_url!r}, timeout={self.timeout}, max_retries={self.max_retries})"

    def __reduce__(self) -> str:
        raise TypeError("a client holds a secret key and is not pickled; make one where it is needed")


def _terminal(given: Union[TerminalOptions, TerminalParams, None]) -> TerminalOptions:
    if given is None or isinstance(given, TerminalOptions):
        return given or TerminalOptions()
    known = {field.name for field in dataclasses.fields(TerminalOptions)}
    for name in given:
        if name not in known:
            raise ConfigurationError(f"terminal has no option {name!r}", code="parameter_unknown", param=f"terminal.{name}")
    return TerminalOptions(**given)


def seconds(value: Union[int, float]) -> float:
    """A time-out, if it is one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
        raise ConfigurationError("timeout is a number of seconds above 0", code="parameter_invalid", param="timeout")
    return float(value)


def retries(value: int) -> int:
    """A number of retries, if it is one."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError("max_retries is a number from 0", code="parameter_invalid", param="max_retries")
    return value


def _authorization(secret_key: Optional[str]) -> Callable[[], str]:
    if not secret_key:
        raise ConfigurationError(
            "a client needs a secret key: vinr.Client(secret_key=os.environ['VINR_SECRET_KEY'])",
            code="parameter_missing", param="secret_key",
        )
    if not isinstance(secret_key, str) or not _KEY.fullmatch(secret_key):
        raise ConfigurationError(
            "the secret key has characters that no key has; was it copied with a line break?",
            code="parameter_invalid", param="secret_key",
        )
    value = f"Bearer {secret_key}"
    return lambda: value


def _base_url(base_url: str, authorization: Callable[[], str]) -> str:
    wrong = ConfigurationError(
        "base_url is the address of the API: https://api.vinr.com, without user, query or fragment",
        code="parameter_invalid", param="base_url",
    )
    try:
        parts = urlsplit(base_url)
        parts.port  # noqa: B018: raises when it is no number
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise wrong
    if parts.scheme == "http" and "_live_" in authorization() and parts.hostname not in _THIS_MACHINE:
        raise ConfigurationError(
            "a live key goes over https only, except to this machine", code="parameter_invalid", param="base_url"
        )
    return base_url.rstrip("/")
