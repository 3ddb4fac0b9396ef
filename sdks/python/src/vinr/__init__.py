"""In-person card payments with VINR: `vinr.Client`, `vinr.AsyncClient`, and `vinr.Webhook` for what the platform posts."""
from __future__ import annotations

from . import models, params
from ._client import AsyncClient, Client
from ._errors import (
    ApiConnectionError,
    ApiError,
    ApiTimeoutError,
    AuthenticationError,
    CardError,
    ConfigurationError,
    ConflictError,
    InvalidRequestError,
    LocalConnectionError,
    LocalTimeoutError,
    PermissionDeniedError,
    RateLimitError,
    SignatureVerificationError,
    VinrError,
)
from ._generated.models import Event, LegacyTerminalPayment, Location, Refund, Terminal, TerminalPayment, WebhookEndpoint
from ._local import Connectivity, Delegation, DelegationFiles, DelegationStore, Order, Reader
from ._objects import RawResponse, VinrObject
from ._paging import AsyncPage, AsyncPages, Page
from ._settings import NOT_GIVEN, CallOptions, NotGiven, TerminalOptions, TerminalParams
from ._stream import AsyncEventStream, EventStream
from ._version import VERSION as __version__
from ._webhook import Webhook

__all__ = [
    "NOT_GIVEN",
    "ApiConnectionError",
    "ApiError",
    "ApiTimeoutError",
    "AsyncClient",
    "AsyncEventStream",
    "AsyncPage",
    "AsyncPages",
    "AuthenticationError",
    "CallOptions",
    "CardError",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "Connectivity",
    "Delegation",
    "DelegationFiles",
    "DelegationStore",
    "Event",
    "EventStream",
    "InvalidRequestError",
    "LegacyTerminalPayment",
    "LocalConnectionError",
    "LocalTimeoutError",
    "Location",
    "NotGiven",
    "Order",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "Reader",
    "Refund",
    "SignatureVerificationError",
    "Terminal",
    "TerminalOptions",
    "TerminalParams",
    "TerminalPayment",
    "VinrError",
    "VinrObject",
    "Webhook",
    "WebhookEndpoint",
    "__version__",
    "models",
    "params",
]
