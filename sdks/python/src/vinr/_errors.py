"""Every way in which a call can fail. Owns the classes and what they tell; decides nothing about sending again. No error holds a
key, a header or a body."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional, Type, Union

if TYPE_CHECKING:
    from ._generated.models import LegacyTerminalPayment, TerminalPayment

_FACTS = (
    "type", "code", "decline_code", "param", "request_id", "status_code", "retry_after", "doc_url", "outcome_unknown",
    "money_may_have_moved", "payment_id", "client_token", "idempotency_key", "payment", "layer", "local_failure",
)


class VinrError(Exception):
    """What a call fails with."""

    #: What kind of failure, in the words of the API: `card_error`, `timeout_error`, …
    type: str
    #: Which failure exactly; programs decide by it.
    code: Optional[str]
    #: Why the card was declined.
    decline_code: Optional[str]
    #: The parameter that is wrong.
    param: Optional[str]
    #: What names the request in the logs of the platform.
    request_id: Optional[str]
    #: The status of HTTP; nothing when there was no answer.
    status_code: Optional[int]
    #: Seconds after which to ask again.
    retry_after: Optional[int]
    #: Where the failure is explained.
    doc_url: Optional[str]
    #: Whether the request may have been carried out although nobody can tell from here.
    outcome_unknown: bool
    #: Whether, beside that, money may have moved.
    money_may_have_moved: bool
    #: The payment that is in the way.
    payment_id: Optional[str]
    #: The identity of a charge whose answer was lost. The same token again joins that charge, it never starts another.
    client_token: Optional[str]
    #: The key of a request whose answer was lost.
    idempotency_key: Optional[str]
    #: The payment, when it could be looked up.
    payment: Optional[Union[TerminalPayment, LegacyTerminalPayment]]
    #: Where on the way to a terminal it failed: `name`, `route`, `port`, `tls`, `certificate`, `clock`, `http` or `terminal`.
    layer: Optional[str]
    #: Why a hybrid payment left the local network.
    local_failure: Optional[VinrError]

    default_type = "vinr_error"

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        #: For people.
        self.message = message
        for name in _FACTS:
            setattr(self, name, facts.get(name))
        self.type = facts.get("type") or self.default_type
        self.outcome_unknown = bool(facts.get("outcome_unknown"))
        self.money_may_have_moved = bool(facts.get("money_may_have_moved"))
        self._resolver: Optional[Callable[[], Any]] = None

    def resolve(self) -> Any:
        """What became of the hybrid payment whose outcome is unknown: asks the terminal and the cloud until one of them knows. The
        same as `client.terminal.payments.resolve(error.client_token)`, and awaited under asyncio."""
        if self._resolver is None:
            raise ConfigurationError("there is nothing to resolve: only hybrid payments are", code="nothing_to_resolve") from None
        return self._resolver()

    def __str__(self) -> str:
        named = [f"{name}={value}" for name in ("code", "layer", "request_id") if (value := getattr(self, name)) is not None]
        return f"{self.message} ({', '.join(named)})" if named else self.message

    def __repr__(self) -> str:
        facts = ((name, getattr(self, name)) for name in _FACTS if name not in ("doc_url", "payment", "local_failure"))
        told = ", ".join(f"{name}={value!r}" for name, value in facts if value is not None)
        return f"{type(self).__name__}({self.message!r}, {told})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self.message, {name: getattr(self, name) for name in _FACTS})


class AuthenticationError(VinrError):
    """The key is missing, wrong or ended (401)."""

    default_type = "authentication_error"


class PermissionDeniedError(VinrError):
    """The key may not do this (403)."""

    default_type = "permission_error"


class InvalidRequestError(VinrError):
    """The request is wrong, or not possible in this state (400, 404, 405, 413, 415, 422)."""

    default_type = "invalid_request_error"


class ConflictError(VinrError):
    """The request meets another one (409): a name in use, or a change that happened meanwhile."""

    default_type = "conflict_error"


class CardError(VinrError):
    """The card was declined (402)."""

    default_type = "card_error"


class RateLimitError(VinrError):
    """Too much was asked for (429)."""

    default_type = "rate_limit_error"


class ApiError(VinrError):
    """The platform failed, or what answered is not the platform."""

    default_type = "api_error"


class ApiConnectionError(VinrError):
    """No answer came."""

    default_type = "connection_error"


class ApiTimeoutError(ApiConnectionError):
    """No answer came in time."""

    default_type = "timeout_error"


class LocalConnectionError(ApiConnectionError):
    """A terminal on the local network gave no answer; `layer` says where it failed."""


class LocalTimeoutError(LocalConnectionError, ApiTimeoutError):
    """A terminal on the local network gave no answer in time; `layer` says where it was waited for."""


class SignatureVerificationError(VinrError):
    """A post is not to be believed; `code` is `malformed`, `not_fresh` or `no_match`."""

    default_type = "signature_error"


class ConfigurationError(VinrError):
    """A client or a call is set up wrongly. Nothing was sent."""

    default_type = "configuration_error"


_BY_TYPE: dict[str, Type[VinrError]] = {
    cls.default_type: cls
    for cls in (
        AuthenticationError, PermissionDeniedError, InvalidRequestError, ConflictError, CardError, RateLimitError, ApiError,
    )
}
_BY_STATUS = {401: AuthenticationError, 402: CardError, 403: PermissionDeniedError, 409: ConflictError, 429: RateLimitError}


def class_of_type(type: str) -> Type[VinrError]:
    """The class of an error that says its type; one that nobody knows yet is an `ApiError`."""
    return _BY_TYPE.get(type, ApiError)


def class_of_status(status: int) -> Type[VinrError]:
    """The class of an error that says nothing but its status."""
    fallback = InvalidRequestError if 400 <= status < 500 else ApiError
    return _BY_STATUS.get(status, fallback)


def _restored(cls: Type[VinrError], message: str, facts: dict[str, Any]) -> VinrError:
    return cls(message, **facts)
