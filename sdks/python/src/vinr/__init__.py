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
    PermissionDeniedError,
    RateLimitError,
    SignatureVerificationError,
    VinrError,
)
from ._generated.models import Event, LegacyTerminalPayment, Location, Refund, Terminal, TerminalPayment, WebhookEndpoint
from ._local import Connectivity, Reader
from ._objects import RawResponse, VinrObject
from ._paging import AsyncPage, AsyncPages, Page
from ._settings import NOT_GIVEN, CallOptions, NotGiven, TerminalOptions
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
    "Event",
    "EventStream",
    "InvalidRequestError",
    "LegacyTerminalPayment",
    "Location",
    "NotGiven",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "Reader",
    "Refund",
    "SignatureVerificationError",
    "Terminal",
    "TerminalOptions",
    "TerminalPayment",
    "VinrError",
    "VinrObject",
    "Webhook",
    "WebhookEndpoint",
    "__version__",
    "models",
    "params",
]
