"""What a client is made with, checked before anything is sent. Keeps the key where neither a log nor an error finds it."""
from __future__ import annotations

import dataclasses
import math
import os
import re
from typing import Any, Callable, Mapping, Optional, TypedDict, Union
from urllib.parse import urlsplit

from ._errors import ConfigurationError

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
    #: Run the bundled simulator on this machine.
    local_simulator: bool = False
    #: Let the simulator believe that the internet is gone.
    simulate_offline: bool = False


class Settings:
    """The checked settings of a client. Prints without its key."""

    __slots__ = ("authorization", "base_url", "max_retries", "terminal", "timeout")

    def __init__(
        self, secret_key: Optional[str], base_url: Optional[str], timeout: Optional[float], max_retries: Optional[int],
        terminal: Optional[TerminalOptions],
    ) -> None:
        #: The value of the header, behind a call: what is not an attribute is in no listing of attributes.
        self.authorization: Callable[[], str] = _authorization(secret_key)
        given = os.environ.get(BASE_URL_VARIABLE) if base_url is None else base_url
        self.base_url = _base_url(given or DEFAULT_BASE_URL, self.authorization)
        self.timeout = DEFAULT_TIMEOUT_S if timeout is None else seconds(timeout)
        self.max_retries = DEFAULT_RETRIES if max_retries is None else retries(max_retries)
        self.terminal = terminal or TerminalOptions()

    def __repr__(self) -> str:
        return f"Settings(base_url={self.base_url!r}, timeout={self.timeout}, max_retries={self.max_retries})"

    def __reduce__(self) -> str:
        raise TypeError("a client holds a secret key and is not pickled; make one where it is needed")


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
