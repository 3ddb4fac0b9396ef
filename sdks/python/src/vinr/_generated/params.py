"""What calls take inside their parameters. Written by scripts/generate.py; not edited by hand."""
from __future__ import annotations

from typing import Literal, Mapping, Optional, Sequence, TypedDict


class CashlessApiParams(TypedDict, total=False):
    """How an existing ECR reaches the terminal."""

    #: Whether it can ask for payments.
    enabled: Optional[bool]


class DisplayParams(TypedDict, total=False):
    """What the screen shows."""

    #: The text of the idle screen; no control characters.
    idle_message: Optional[str]


class LocalApiParams(TypedDict, total=False):
    """How the merchant's network reaches the terminal."""

    #: Whether it can ask for payments.
    enabled: Optional[bool]
    #: Whether it may do so without TLS: a bearer secret on an open wire.
    plain_http: Optional[bool]


class OfflineModeParams(TypedDict, total=False):
    """What the terminal may do without the cloud."""

    #: Whether it may approve payments by itself.
    enabled: Optional[bool]
    #: How long one may wait, in seconds; older ones are voided.
    max_age_seconds: Optional[int]
    #: The most that one of them may be, in the smallest unit.
    max_amount: Optional[int]
    #: How many of them may wait for the cloud.
    max_queue: Optional[int]
    #: How much may wait for the cloud, in the smallest unit.
    max_total: Optional[int]


class ReceiptParams(TypedDict, total=False):
    """How receipts are given."""

    #: What the terminal offers, and nothing else.
    channels: Optional[Sequence[Literal["print", "email", "sms"]]]
    #: Whether no receipt goes anywhere before the customer has chosen.
    require_consent: Optional[bool]


class TipParams(TypedDict, total=False):
    """How the customer is asked for a tip."""

    #: Whether the customer may enter a tip of their own.
    allow_custom: Optional[bool]
    #: Whether suggestions are percentages of the amount, or amounts.
    mode: Optional[Literal["percentage", "fixed"]]
    #: Up to four suggestions: percentages from 1 to 100, or amounts in the smallest unit.
    suggestions: Optional[Sequence[int]]


class PutCashlessParamsRequired(TypedDict):
    """What is always there of the next."""

    #: Whether it is to be served.
    enabled: bool


class PutCashlessParams(PutCashlessParamsRequired, total=False):
    """The Cashless API of a terminal."""


class PutLocalApiParamsRequired(TypedDict):
    """What is always there of the next."""

    #: Whether it is to be served.
    enabled: bool


class PutLocalApiParams(PutLocalApiParamsRequired, total=False):
    """The Local API of a terminal."""

    #: Whether it is also to be served without TLS; only together with `enabled`.
    open_wire: bool


class AddressParams(TypedDict, total=False):
    """Where a shop is."""

    #: Town.
    city: Optional[str]
    #: Two letters (ISO 3166-1 alpha-2).
    country: Optional[str]
    #: Street and number.
    line1: Optional[str]
    #: Floor, building.
    line2: Optional[str]
    #: Post code.
    postal_code: Optional[str]


class CreatedParams(TypedDict, total=False):
    """When they happened, `created[gte]` and `created[lte]`."""

    #: At this Unix second or later.
    gte: int
    #: At this Unix second or earlier.
    lte: int


class UpdateWebhookPolicyParams(TypedDict, total=False):
    """Changes to how webhooks are delivered."""

    #: After how many days of nothing but failures an endpoint is disabled.
    disable_after_days: Optional[int]
    #: Seconds from each failed attempt to the next, 1 to 604800 each.
    retry_after_seconds: Optional[Sequence[int]]


class UpdateOfflineCapParams(TypedDict, total=False):
    """Changes to what terminals may take offline; `null` takes a cap away."""

    #: The most that one payment may take, in the smallest unit of the terminal's currency.
    max_amount: Optional[int]
    #: The most payments that a terminal may keep.
    max_queue: Optional[int]
    #: The most that a terminal may keep in all, in the smallest unit of its currency.
    max_total: Optional[int]


__all__ = ["AddressParams", "CashlessApiParams", "CreatedParams", "DisplayParams", "LocalApiParams", "OfflineModeParams", "PutCashlessParams", "PutLocalApiParams", "ReceiptParams", "TipParams", "UpdateOfflineCapParams", "UpdateWebhookPolicyParams"]
