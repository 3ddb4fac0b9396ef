"""What the API answers. Written by scripts/generate.py; not edited by hand."""
from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional

from .._objects import Freeform, VinrObject, known


class Card(VinrObject):
    """What may be known of a card."""

    __slots__ = ()

    _fields = frozenset({"brand", "last4"})
    _nested = {}

    #: The network.
    brand: str
    #: The last four digits.
    last4: str


class PaymentMethod(VinrObject):
    """The instrument that was presented."""

    __slots__ = ()

    _fields = frozenset({"card", "entry_mode", "type"})
    _nested = {"card": Card}

    card: Card
    #: How the card is read.
    entry_mode: Literal["contactless", "chip", "swipe", "manual_key"]
    type: Literal["card"]


class Tip(VinrObject):
    """A tip chosen at the terminal."""

    __slots__ = ()

    _fields = frozenset({"amount", "mode"})
    _nested = {}

    #: In the smallest unit; included in the payment's `amount`.
    amount: int
    #: How the tip was chosen.
    mode: Literal["preset", "custom", "none"]


@known("terminal_payment")
class TerminalPayment(VinrObject):
    """A terminal payment."""

    __slots__ = ()

    _fields = frozenset({"amount", "amount_capturable", "amount_captured", "amount_refunded", "auth_code", "brand", "cancelled_at", "capture_method", "client_token", "completed_at", "created_at", "currency", "decline_code", "description", "entry_method", "expires_at", "failed_at", "id", "last4", "livemode", "metadata", "object", "offline", "outcome_unknown", "payment_method", "queue_position", "reference", "response_mode", "sequence", "status", "terminal_group", "terminal_id", "tip", "tip_amount"})
    _nested = {"payment_method": PaymentMethod, "tip": Tip}

    #: What is to be collected, in the smallest unit; includes the tip once it is chosen.
    amount: int
    #: Held and still to be captured.
    amount_capturable: Optional[int]
    #: Captured so far.
    amount_captured: Optional[int]
    #: Given back so far, or on its way back: a refund counts from its creation until it has failed.
    amount_refunded: Optional[int]
    #: The issuer's approval code.
    auth_code: Optional[str]
    #: The card's network.
    brand: Optional[str]
    cancelled_at: Optional[str]
    #: `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
    capture_method: Literal["automatic", "manual"]
    #: The payment's identity on every path.
    client_token: str
    #: 2025-05-31: when it reached any final status.
    completed_at: Optional[str]
    created_at: str
    #: Three-letter ISO 4217 code.
    currency: str
    #: Why the payment failed.
    decline_code: Optional[Literal["terminal_not_found", "terminal_offline", "terminal_busy", "terminal_locked", "card_declined", "insufficient_funds", "expired_card", "lost_or_stolen", "incorrect_pin", "pin_try_exceeded", "communication_error", "offline_auth_declined", "offline_limit_exceeded", "account_suspended"]]
    #: Free text.
    description: Optional[str]
    #: How the card is read.
    entry_method: Optional[Literal["contactless", "chip", "swipe", "manual_key"]]
    expires_at: Optional[str]
    failed_at: Optional[str]
    id: str
    #: The card's last four digits.
    last4: Optional[str]
    #: Live or test data.
    livemode: bool
    #: Your own key-value pairs; never interpreted.
    metadata: Dict[str, str]
    object: Literal["terminal_payment"]
    #: Its terminal approved it without asking the issuer, because it had no connection.
    offline: Optional[bool]
    #: Whether money may have moved without an answer from the acquirer.
    outcome_unknown: Optional[bool]
    payment_method: Optional[PaymentMethod]
    #: How many payments that wait for one of the same terminals are to be served before, and this one: 1 is next.
    queue_position: Optional[int]
    #: Your own name for the order.
    reference: Optional[str]
    #: `async` (default) answers while pending, `sync` once the outcome is known.
    response_mode: Literal["async", "sync"]
    #: Counts the changes of this payment, from 1 without a gap.
    sequence: int
    #: Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final.
    status: Literal["pending", "processing", "authorized", "completed", "failed", "cancelled", "expired"]
    #: The terminals of which the first that is free collects the payment.
    terminal_group: Optional[List[str]]
    #: The terminal that collects the payment.
    terminal_id: Optional[str]
    tip: Optional[Tip]
    #: The tip's amount.
    tip_amount: Optional[int]


class LegacyTerminalPayment(VinrObject):
    """The same, as version 2025-05-31 writes it: times in Unix seconds."""

    __slots__ = ()

    _fields = frozenset({"amount", "amount_capturable", "amount_captured", "amount_refunded", "auth_code", "brand", "cancelled_at", "capture_method", "client_token", "completed_at", "created_at", "currency", "decline_code", "description", "entry_method", "expires_at", "failed_at", "id", "last4", "livemode", "metadata", "object", "offline", "outcome_unknown", "payment_method", "queue_position", "reference", "response_mode", "sequence", "status", "terminal_group", "terminal_id", "tip", "tip_amount"})
    _nested = {"payment_method": PaymentMethod, "tip": Tip}

    #: What is to be collected, in the smallest unit; includes the tip once it is chosen.
    amount: int
    #: Held and still to be captured.
    amount_capturable: Optional[int]
    #: Captured so far.
    amount_captured: Optional[int]
    #: Given back so far, or on its way back: a refund counts from its creation until it has failed.
    amount_refunded: Optional[int]
    #: The issuer's approval code.
    auth_code: Optional[str]
    #: The card's network.
    brand: Optional[str]
    cancelled_at: Optional[int]
    #: `automatic` (default) authorizes and captures in one step, `manual` waits for a capture.
    capture_method: Literal["automatic", "manual"]
    #: The payment's identity on every path.
    client_token: str
    #: 2025-05-31: when it reached any final status.
    completed_at: Optional[int]
    created_at: int
    #: Three-letter ISO 4217 code.
    currency: str
    #: Why the payment failed.
    decline_code: Optional[Literal["terminal_not_found", "terminal_offline", "terminal_busy", "terminal_locked", "card_declined", "insufficient_funds", "expired_card", "lost_or_stolen", "incorrect_pin", "pin_try_exceeded", "communication_error", "offline_auth_declined", "offline_limit_exceeded", "account_suspended"]]
    #: Free text.
    description: Optional[str]
    #: How the card is read.
    entry_method: Optional[Literal["contactless", "chip", "swipe", "manual_key"]]
    expires_at: Optional[int]
    failed_at: Optional[int]
    id: str
    #: The card's last four digits.
    last4: Optional[str]
    #: Live or test data.
    livemode: bool
    #: Your own key-value pairs; never interpreted.
    metadata: Dict[str, str]
    object: Literal["terminal_payment"]
    #: Its terminal approved it without asking the issuer, because it had no connection.
    offline: Optional[bool]
    #: Whether money may have moved without an answer from the acquirer.
    outcome_unknown: Optional[bool]
    payment_method: Optional[PaymentMethod]
    #: How many payments that wait for one of the same terminals are to be served before, and this one: 1 is next.
    queue_position: Optional[int]
    #: Your own name for the order.
    reference: Optional[str]
    #: `async` (default) answers while pending, `sync` once the outcome is known.
    response_mode: Literal["async", "sync"]
    #: Counts the changes of this payment, from 1 without a gap.
    sequence: int
    #: Where the payment stands; `completed`, `failed`, `cancelled` and `expired` are final.
    status: Literal["pending", "processing", "authorized", "completed", "failed", "cancelled", "expired"]
    #: The terminals of which the first that is free collects the payment.
    terminal_group: Optional[List[str]]
    #: The terminal that collects the payment.
    terminal_id: Optional[str]
    tip: Optional[Tip]
    #: The tip's amount.
    tip_amount: Optional[int]


class TerminalOffline(VinrObject):
    """What waits on a terminal to be forwarded."""

    __slots__ = ()

    _fields = frozenset({"amount", "currency", "oldest_at", "pending"})
    _nested = {}

    #: Together, in the smallest unit of the currency.
    amount: int
    #: Three-letter ISO 4217 code.
    currency: Optional[str]
    #: Since when the oldest waits, in Unix seconds.
    oldest_at: Optional[int]
    #: How many payments.
    pending: int


@known("terminal")
class Terminal(VinrObject):
    """A terminal."""

    __slots__ = ()

    _fields = frozenset({"attention", "battery_level", "created_at", "display_name", "id", "last_seen", "livemode", "location_id", "locked", "model", "object", "offline", "round_trip_ms", "sequence", "serial_number", "software_version", "status"})
    _nested = {"offline": TerminalOffline}

    #: Why somebody should look after it; empty when nothing is wrong.
    attention: List[Literal["battery_low", "paper_out", "reader_fault", "clock_unsynced", "storage_low", "certificate_expiring", "configuration_refused", "offline_for_long", "offline_records", "offline_voided"]]
    #: Charge of the battery in percent; `null` when it does not run on a battery.
    battery_level: Optional[int]
    #: When it was first activated, in Unix seconds.
    created_at: int
    #: What people call it.
    display_name: Optional[str]
    #: Its name.
    id: str
    #: The last sign of life, in Unix seconds; `null` before it was first connected.
    last_seen: Optional[int]
    #: Live or test data.
    livemode: bool
    #: The location that it is assigned to.
    location_id: Optional[str]
    #: Whether it refuses new payments until it is unlocked.
    locked: bool
    #: Hardware model.
    model: str
    object: Literal["terminal"]
    offline: Optional[TerminalOffline]
    #: How long a frame takes to it and back, in milliseconds; `null` while it is not connected.
    round_trip_ms: Optional[int]
    #: Counts its events, from 1 without a gap; 0 before the first.
    sequence: int
    #: The maker's number, printed on the device.
    serial_number: str
    #: The software that it runs; `null` before it was first connected.
    software_version: Optional[str]
    #: Whether the terminal is there.
    status: Literal["online", "offline", "needs_attention", "deactivated"]


class TerminalConfigValue(VinrObject):
    """A value and who says it."""

    __slots__ = ()

    _fields = frozenset({"source", "value"})
    _nested = {}

    #: Who says so.
    source: Literal["account", "location", "terminal", "model_default", "account_cap"]
    #: The value; `null` where a limit has none.
    value: Any


class TerminalConfigChange(VinrObject):
    """What changes for one key."""

    __slots__ = ()

    _fields = frozenset({"from_", "key", "to"})
    _nested = {"from_": TerminalConfigValue, "to": TerminalConfigValue}

    #: What holds now.
    from_: TerminalConfigValue
    #: The key, in bracket notation.
    key: str
    #: What would hold.
    to: TerminalConfigValue


class TerminalDryRun(VinrObject):
    """What a change would do to one terminal."""

    __slots__ = ()

    _fields = frozenset({"changes", "terminal_id"})
    _nested = {"changes": TerminalConfigChange}

    #: What would change for it.
    changes: List[TerminalConfigChange]
    #: The terminal.
    terminal_id: str


@known("terminal_config_dry_run")
class TerminalConfigDryRun(VinrObject):
    """What a change would do."""

    __slots__ = ()

    _fields = frozenset({"changed", "data", "has_more", "object", "unchanged"})
    _nested = {"data": TerminalDryRun}

    #: For how many terminals something would change.
    changed: int
    #: The first hundred terminals for which something would change, by their ids.
    data: List[TerminalDryRun]
    #: Whether there are more than those.
    has_more: bool
    object: Literal["terminal_config_dry_run"]
    #: For how many nothing would.
    unchanged: int


@known("terminal_effective_config")
class TerminalEffectiveConfig(VinrObject):
    """What holds for a terminal, key by key, and whether the terminal has it."""

    __slots__ = ()

    _fields = frozenset({"applied_at", "applied_version", "config", "error", "object", "status", "terminal_id", "version"})
    _nested = {"config": Freeform}

    #: When it was confirmed, in Unix seconds.
    applied_at: Optional[int]
    #: The newest version that the terminal has confirmed; `null` before the first.
    applied_version: Optional[int]
    config: Freeform
    #: Why it could not apply the newest version.
    error: Optional[str]
    object: Literal["terminal_effective_config"]
    #: Whether the terminal has what holds.
    status: Literal["in_sync", "pending", "failed"]
    #: The terminal.
    terminal_id: str
    #: Rises whenever what holds for the terminal changes.
    version: int


@known("terminal_action")
class TerminalAction(VinrObject):
    """A remote action on a terminal."""

    __slots__ = ()

    _fields = frozenset({"action", "already_up_to_date", "completed_at", "created_at", "expires_at", "failure_reason", "id", "livemode", "object", "sequence", "software_version", "status", "terminal_id"})
    _nested = {}

    #: `reboot` starts the terminal over, `update` installs newer software if there is any, `lock` refuses new payments from now on, `unlock` takes them again, `flush` forwards what was approved without a connection.
    action: Literal["reboot", "update", "lock", "unlock", "flush"]
    #: Whether an update found nothing newer; `null` until it has ended, and for other actions.
    already_up_to_date: Optional[bool]
    #: When it ended, in Unix seconds.
    completed_at: Optional[int]
    #: When it was asked for, in Unix seconds.
    created_at: int
    #: Until when it may be begun, in Unix seconds.
    expires_at: int
    #: Why it failed: `cancelled`, `expired`, `no_report`, or what the terminal says.
    failure_reason: Optional[str]
    #: Its name.
    id: str
    #: Live or test data.
    livemode: bool
    object: Literal["terminal_action"]
    #: Counts its events, from 1 without a gap.
    sequence: int
    #: The version that an update installs, once it is decided.
    software_version: Optional[str]
    status: Literal["queued", "processing", "completed", "failed"]
    #: The terminal.
    terminal_id: str


class TerminalCashless(VinrObject):
    """The Cashless API of a terminal."""

    __slots__ = ()

    _fields = frozenset({"enabled", "key_hint"})
    _nested = {}

    #: Whether it is served.
    enabled: bool
    #: First and last characters of the shared key; `null`: there is none, and every request is refused.
    key_hint: Optional[str]


class TerminalListener(VinrObject):
    """The certificate of a terminal's listener in the merchant's network."""

    __slots__ = ()

    _fields = frozenset({"addresses", "expires_at", "serial_number"})
    _nested = {}

    #: The addresses that the terminal had in the merchant's network when it asked.
    addresses: List[str]
    #: When it ends, in Unix seconds; the terminal asks for another long before.
    expires_at: int
    #: Its serial number, hexadecimal.
    serial_number: str


class TerminalLocalApi(VinrObject):
    """The Local API of a terminal."""

    __slots__ = ()

    _fields = frozenset({"enabled", "open_wire"})
    _nested = {}

    #: Whether it is served.
    enabled: bool
    #: Whether it is also served without TLS, under `X-Device-Certificate`.
    open_wire: bool


@known("terminal_lan")
class TerminalLan(VinrObject):
    """What a terminal serves in the merchant's network, and whether it does so yet."""

    __slots__ = ()

    _fields = frozenset({"applied_at", "applied_version", "cashless", "error", "listener", "livemode", "local_api", "object", "status", "terminal_id", "version"})
    _nested = {"cashless": TerminalCashless, "listener": TerminalListener, "local_api": TerminalLocalApi}

    #: When it was confirmed, in Unix seconds.
    applied_at: Optional[int]
    #: The newest version that the terminal has confirmed.
    applied_version: Optional[int]
    #: For cash registers with the shared key.
    cashless: TerminalCashless
    #: Why the terminal could not.
    error: Optional[str]
    listener: Optional[TerminalListener]
    #: Live or test data.
    livemode: bool
    #: For tills with a client certificate.
    local_api: TerminalLocalApi
    object: Literal["terminal_lan"]
    status: Literal["in_sync", "pending", "failed"]
    #: Which terminal.
    terminal_id: str
    #: Rises whenever the terminal has to be told something new; 0 before the first time.
    version: int


@known("client_certificate")
class ClientCertificate(VinrObject):
    """A certificate with which a till may speak to one terminal."""

    __slots__ = ()

    _fields = frozenset({"certificate", "created_at", "expires_at", "fingerprint", "id", "livemode", "name", "object", "passphrase", "pkcs12", "private_key", "revoked_at", "revoked_reason", "serial_number", "status", "terminal_id"})
    _nested = {}

    #: The certificate and its issuer, PEM.
    certificate: str
    #: When it was made, in Unix seconds.
    created_at: int
    #: When it ends, in Unix seconds.
    expires_at: int
    #: SHA-256 of the certificate, hexadecimal.
    fingerprint: str
    #: Its name.
    id: str
    #: Live or test data.
    livemode: bool
    #: What people call it.
    name: Optional[str]
    object: Literal["client_certificate"]
    #: The passphrase of `pkcs12`: as `privateKey`.
    passphrase: Optional[str]
    #: Key and certificate as a PKCS #12 file in base64, under `passphrase`: as `privateKey`.
    pkcs12: Optional[str]
    #: The private key, PEM: only in the first answer to the request that made it, and only when the platform made the key.
    private_key: Optional[str]
    #: When it was revoked, in Unix seconds.
    revoked_at: Optional[int]
    revoked_reason: Optional[Literal["requested", "terminal_deactivated"]]
    #: Hexadecimal.
    serial_number: str
    status: Literal["active", "expiring", "expired", "revoked"]
    #: The one terminal that may be spoken to.
    terminal_id: str


class RevokedCashlessKey(VinrObject):
    """A shared key that opens nothing any more."""

    __slots__ = ()

    _fields = frozenset({"hint", "reason", "revoked_at"})
    _nested = {}

    #: First and last characters.
    hint: str
    reason: Literal["requested", "terminal_deactivated"]
    #: Since when, in Unix seconds.
    revoked_at: int


@known("cashless_key")
class CashlessKey(VinrObject):
    """The shared key of a terminal's Cashless API, without its text."""

    __slots__ = ()

    _fields = frozenset({"created_at", "hint", "livemode", "object", "revoked", "secret", "terminal_id"})
    _nested = {"revoked": RevokedCashlessKey}

    #: When it was made, in Unix seconds.
    created_at: Optional[int]
    #: First and last characters; `null`: there is no key.
    hint: Optional[str]
    #: Live or test data.
    livemode: bool
    object: Literal["cashless_key"]
    revoked: Optional[RevokedCashlessKey]
    #: The key itself: only in the first answer to the request that made it, never again.
    secret: Optional[str]
    #: Which terminal.
    terminal_id: str


class OfflineLimits(VinrObject):
    """The limits of payments without the cloud that hold unless they are configured otherwise."""

    __slots__ = ()

    _fields = frozenset({"currency", "max_amount", "max_queue"})
    _nested = {}

    #: A terminal that settles in another currency has no limits until they are configured.
    currency: str
    #: The most that one payment may be, in the smallest unit of the currency.
    max_amount: int
    #: How many payments may wait for the cloud.
    max_queue: int


@known("terminal_model")
class TerminalModel(VinrObject):
    """A model and what it can do."""

    __slots__ = ()

    _fields = frozenset({"battery", "columns", "display_name", "id", "object", "offline", "printer"})
    _nested = {"offline": OfflineLimits}

    #: Whether it runs on a battery.
    battery: bool
    #: Characters in a line of its receipts.
    columns: int
    #: The maker's name for it.
    display_name: str
    #: The hardware model.
    id: Literal["nexgo_ct20", "nexgo_ct20p", "nexgo_n92", "nexgo_n86pro", "ciontek_cm30", "simulator"]
    object: Literal["terminal_model"]
    offline: Optional[OfflineLimits]
    #: Whether it has a printer of its own.
    printer: bool


class Address(VinrObject):
    """Where a shop is."""

    __slots__ = ()

    _fields = frozenset({"city", "country", "line1", "line2", "postal_code"})
    _nested = {}

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


@known("location")
class Location(VinrObject):
    """A location."""

    __slots__ = ()

    _fields = frozenset({"address", "created_at", "display_name", "end_of_day", "id", "livemode", "metadata", "object", "terminal_config", "time_zone"})
    _nested = {"address": Address, "terminal_config": Freeform}

    address: Optional[Address]
    #: When it was made, in Unix seconds.
    created_at: int
    #: What people call it.
    display_name: str
    #: When its day ends and its batches are settled, `HH:MM` in its time zone; `null`: the default.
    end_of_day: Optional[str]
    #: Its name.
    id: str
    #: Live or test data.
    livemode: bool
    #: Your own key-value pairs; never interpreted.
    metadata: Dict[str, str]
    object: Literal["location"]
    #: What is configured for the terminals that stand there; `null`: nothing.
    terminal_config: Optional[Freeform]
    #: Its time zone, a name of the IANA database; `null`: the account's.
    time_zone: Optional[str]


class Deleted(VinrObject):
    """What is left of an object that was deleted."""

    __slots__ = ()

    _fields = frozenset({"deleted", "id", "object"})
    _nested = {}

    #: `true`
    deleted: bool
    #: Its name.
    id: str
    #: What it was.
    object: str


class TerminalConfigCashlessApi(VinrObject):
    """How an existing ECR reaches the terminal."""

    __slots__ = ()

    _fields = frozenset({"enabled"})
    _nested = {}

    #: Whether it can ask for payments.
    enabled: Optional[bool]


class TerminalConfigDisplay(VinrObject):
    """What the screen shows."""

    __slots__ = ()

    _fields = frozenset({"idle_message"})
    _nested = {}

    #: The text of the idle screen; no control characters.
    idle_message: Optional[str]


class TerminalConfigLocalApi(VinrObject):
    """How the merchant's network reaches the terminal."""

    __slots__ = ()

    _fields = frozenset({"enabled", "plain_http"})
    _nested = {}

    #: Whether it can ask for payments.
    enabled: Optional[bool]
    #: Whether it may do so without TLS: a bearer secret on an open wire.
    plain_http: Optional[bool]


class TerminalConfigOfflineMode(VinrObject):
    """What the terminal may do without the cloud."""

    __slots__ = ()

    _fields = frozenset({"enabled", "max_age_seconds", "max_amount", "max_queue", "max_total"})
    _nested = {}

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


class TerminalConfigReceipt(VinrObject):
    """How receipts are given."""

    __slots__ = ()

    _fields = frozenset({"channels", "require_consent"})
    _nested = {}

    #: What the terminal offers, and nothing else.
    channels: Optional[List[Literal["print", "email", "sms"]]]
    #: Whether no receipt goes anywhere before the customer has chosen.
    require_consent: Optional[bool]


class TerminalConfigTip(VinrObject):
    """How the customer is asked for a tip."""

    __slots__ = ()

    _fields = frozenset({"allow_custom", "mode", "suggestions"})
    _nested = {}

    #: Whether the customer may enter a tip of their own.
    allow_custom: Optional[bool]
    #: Whether suggestions are percentages of the amount, or amounts.
    mode: Optional[Literal["percentage", "fixed"]]
    #: Up to four suggestions: percentages from 1 to 100, or amounts in the smallest unit.
    suggestions: Optional[List[int]]


class TerminalConfig(VinrObject):
    """The configuration of one level."""

    __slots__ = ()

    _fields = frozenset({"cashless_api", "display", "local_api", "offline_mode", "receipt", "tip"})
    _nested = {"cashless_api": TerminalConfigCashlessApi, "display": TerminalConfigDisplay, "local_api": TerminalConfigLocalApi, "offline_mode": TerminalConfigOfflineMode, "receipt": TerminalConfigReceipt, "tip": TerminalConfigTip}

    cashless_api: Optional[TerminalConfigCashlessApi]
    display: Optional[TerminalConfigDisplay]
    local_api: Optional[TerminalConfigLocalApi]
    offline_mode: Optional[TerminalConfigOfflineMode]
    receipt: Optional[TerminalConfigReceipt]
    tip: Optional[TerminalConfigTip]


class TerminalConfigState(VinrObject):
    """How far one terminal has come."""

    __slots__ = ()

    _fields = frozenset({"applied_at", "applied_version", "error", "status", "terminal_id", "version"})
    _nested = {}

    #: When it was confirmed, in Unix seconds.
    applied_at: Optional[int]
    #: The newest version that the terminal has confirmed; `null` before the first.
    applied_version: Optional[int]
    #: Why it could not apply the newest version.
    error: Optional[str]
    #: Whether the terminal has what holds.
    status: Literal["in_sync", "pending", "failed"]
    #: The terminal.
    terminal_id: str
    #: Rises whenever what holds for the terminal changes.
    version: int


@known("refund")
class Refund(VinrObject):
    """A refund."""

    __slots__ = ()

    _fields = frozenset({"amount", "created_at", "currency", "failure_reason", "id", "livemode", "metadata", "object", "payment", "reason", "sequence", "status", "terminal_id", "updated_at"})
    _nested = {}

    #: How much, in the smallest unit.
    amount: int
    created_at: str
    #: Three-letter ISO 4217 code.
    currency: str
    #: Why the refund failed: `declined` by the card's issuer, or `rejected` by the acquirer.
    failure_reason: Optional[Literal["declined", "rejected"]]
    id: str
    #: Live or test data.
    livemode: bool
    #: Your own key-value pairs; never interpreted.
    metadata: Dict[str, str]
    object: Literal["refund"]
    #: The terminal payment that is given back of.
    payment: str
    #: Why the money is given back.
    reason: Optional[Literal["duplicate", "fraudulent", "requested_by_customer"]]
    #: Counts the changes of this refund, from 1 without a gap.
    sequence: int
    #: Where the refund stands; `succeeded` and `failed` are final.
    status: Literal["pending", "succeeded", "failed"]
    #: The terminal that took it.
    terminal_id: str
    updated_at: Optional[str]


@known("batch")
class Batch(VinrObject):
    """A batch: what a terminal took and gave back in one currency between two settlements."""

    __slots__ = ()

    _fields = frozenset({"closed_at", "currency", "id", "livemode", "location_id", "net_total", "object", "opened_at", "pending_count", "reference", "refunds_count", "refunds_total", "sales_count", "sales_total", "sequence", "settled_at", "status", "terminal_id"})
    _nested = {}

    #: When its sums became final.
    closed_at: Optional[int]
    #: Three-letter ISO 4217 code.
    currency: str
    #: Its name.
    id: str
    #: Live or test data.
    livemode: bool
    #: Where that terminal stood when the batch was opened.
    location_id: Optional[str]
    #: Sales less refunds; negative when more was given back than taken.
    net_total: int
    object: Literal["batch"]
    #: When its first transaction ended.
    opened_at: int
    #: Transactions that are left for the next batch because their outcome is not known.
    pending_count: int
    #: Your own name for closing it.
    reference: Optional[str]
    #: How many succeeded refunds it holds.
    refunds_count: int
    #: What they gave back, in the smallest unit.
    refunds_total: int
    #: How many completed payments it holds.
    sales_count: int
    #: What they took, in the smallest unit.
    sales_total: int
    #: Counts the changes of this batch.
    sequence: int
    #: When the acquirer agreed to them.
    settled_at: Optional[int]
    #: Where the batch stands.
    status: Literal["open", "closing", "closed"]
    #: Whose transactions it holds.
    terminal_id: str


@known("batch")
class ClosedBatches(VinrObject):
    """What closing is answered: the batch in the terminal's settlement currency, and those in other currencies."""

    __slots__ = ()

    _fields = frozenset({"closed_at", "currency", "id", "livemode", "location_id", "net_total", "object", "opened_at", "pending_count", "reference", "refunds_count", "refunds_total", "sales_count", "sales_total", "sequence", "settled_at", "status", "terminal_id", "batches"})
    _nested = {"batches": Batch}

    #: When its sums became final.
    closed_at: Optional[int]
    #: Three-letter ISO 4217 code.
    currency: str
    #: Its name.
    id: str
    #: Live or test data.
    livemode: bool
    #: Where that terminal stood when the batch was opened.
    location_id: Optional[str]
    #: Sales less refunds; negative when more was given back than taken.
    net_total: int
    object: Literal["batch"]
    #: When its first transaction ended.
    opened_at: int
    #: Transactions that are left for the next batch because their outcome is not known.
    pending_count: int
    #: Your own name for closing it.
    reference: Optional[str]
    #: How many succeeded refunds it holds.
    refunds_count: int
    #: What they gave back, in the smallest unit.
    refunds_total: int
    #: How many completed payments it holds.
    sales_count: int
    #: What they took, in the smallest unit.
    sales_total: int
    #: Counts the changes of this batch.
    sequence: int
    #: When the acquirer agreed to them.
    settled_at: Optional[int]
    #: Where the batch stands.
    status: Literal["open", "closing", "closed"]
    #: Whose transactions it holds.
    terminal_id: str
    #: Those in other currencies.
    batches: List[Batch]


class Event(VinrObject):
    """Something that happened."""

    __slots__ = ()

    _fields = frozenset({"created", "data", "id", "livemode", "object", "sequence", "type"})
    _nested = {"data": Freeform}

    #: When, in Unix seconds.
    created: int
    #: For payments and refunds `object` is the whole object at that moment; otherwise the object itself.
    data: Freeform
    id: str
    #: Live or test data.
    livemode: bool
    #: `event`.
    object: str
    #: Its place among the events of its object.
    sequence: int
    #: What happened.
    type: str


class WebhookEndpoint(VinrObject):
    """A webhook endpoint."""

    __slots__ = ()

    _fields = frozenset({"api_version", "created", "description", "disabled_reason", "enabled_events", "failing_since", "id", "livemode", "metadata", "object", "secret", "status", "url"})
    _nested = {}

    #: How payments in the events are written.
    api_version: str
    #: When it was made, in Unix seconds.
    created: int
    #: Free text.
    description: Optional[str]
    #: `failing` when it was disabled because nothing but failures came back for a week.
    disabled_reason: Optional[str]
    #: Which events: types, categories (`terminal.*`), or `*`.
    enabled_events: List[str]
    #: Since when nothing but failures came back, in Unix seconds.
    failing_since: Optional[int]
    #: Its name.
    id: str
    #: Live or test events.
    livemode: bool
    #: Your own key-value pairs.
    metadata: Dict[str, str]
    #: `webhook_endpoint`.
    object: str
    #: What its messages are signed with.
    secret: Optional[str]
    #: `enabled` or `disabled`.
    status: str
    #: Where events are posted to.
    url: str


class DeletedWebhookEndpoint(VinrObject):
    """What is left of a deleted endpoint."""

    __slots__ = ()

    _fields = frozenset({"deleted", "id", "object"})
    _nested = {}

    #: `true`.
    deleted: bool
    id: str
    #: `webhook_endpoint`.
    object: str


class WebhookDelivery(VinrObject):
    """What became of one event for one endpoint."""

    __slots__ = ()

    _fields = frozenset({"attempts", "created", "duration_ms", "endpoint", "error", "event", "event_type", "http_status", "id", "last_attempt_at", "next_attempt_at", "object", "response", "status"})
    _nested = {}

    #: How often it was tried.
    attempts: int
    #: When the event happened, in Unix seconds.
    created: int
    #: How long the last attempt took, in milliseconds.
    duration_ms: Optional[int]
    #: The endpoint.
    endpoint: str
    #: Why the last attempt failed.
    error: Optional[str]
    #: The event.
    event: str
    #: The event's type.
    event_type: str
    #: What the endpoint answered last.
    http_status: Optional[int]
    #: Its name; unique for the endpoint.
    id: str
    #: When it was tried last, in Unix seconds.
    last_attempt_at: Optional[int]
    #: When it is tried next, in Unix seconds.
    next_attempt_at: Optional[int]
    #: `webhook_delivery`.
    object: str
    #: The beginning of the endpoint's last answer.
    response: Optional[str]
    #: `pending`: it is tried again, or waits behind an earlier event of its object; `delivered`; `failed`: it is not tried again by itself.
    status: str


@known("api_key")
class ApiKey(VinrObject):
    """An API key, without its text."""

    __slots__ = ()

    _fields = frozenset({"created_at", "expires_at", "hint", "id", "last_used_at", "livemode", "name", "object", "replaced_by", "revoked_at", "scopes", "secret", "status", "type"})
    _nested = {}

    #: When it was made, in Unix seconds.
    created_at: int
    #: When it will stop working, in Unix seconds.
    expires_at: Optional[int]
    #: Its first and last characters, to tell it from others.
    hint: str
    #: Its name.
    id: str
    #: When it was last used, in Unix seconds, to the minute; `null` when it never was.
    last_used_at: Optional[int]
    #: Live or test data.
    livemode: bool
    #: What people call it.
    name: Optional[str]
    object: Literal["api_key"]
    #: The key that took its place.
    replaced_by: Optional[str]
    #: When it stopped working, in Unix seconds.
    revoked_at: Optional[int]
    #: What a restricted key may do; empty for a secret key.
    scopes: List[str]
    #: The key itself: only in the first answer to the request that made it, never again.
    secret: Optional[str]
    status: Literal["active", "expiring", "revoked"]
    type: Literal["secret", "restricted"]


class OfflineCap(VinrObject):
    """What an operator allows terminals to take while they are offline, whatever is configured."""

    __slots__ = ()

    _fields = frozenset({"max_amount", "max_queue", "max_total"})
    _nested = {}

    #: The most that one payment may take, in the smallest unit of the terminal's currency; `null`: no cap.
    max_amount: Optional[int]
    #: The most payments that a terminal may keep; `null`: no cap.
    max_queue: Optional[int]
    #: The most that a terminal may keep in all, in the smallest unit of its currency; `null`: no cap.
    max_total: Optional[int]


class WebhookPolicy(VinrObject):
    """How webhooks of the account are delivered."""

    __slots__ = ()

    _fields = frozenset({"disable_after_days", "retry_after_seconds"})
    _nested = {}

    #: After how many days of nothing but failures an endpoint is disabled.
    disable_after_days: int
    #: Seconds from each failed attempt to the next; after the last one the delivery has failed.
    retry_after_seconds: List[int]


@known("account")
class Account(VinrObject):
    """An account with its settings in one of the two modes."""

    __slots__ = ()

    _fields = frozenset({"created_at", "default_currency", "display_name", "id", "livemode", "object", "offline_cap", "over_capture_percent", "suspended", "time_zone", "webhook_policy"})
    _nested = {"offline_cap": OfflineCap, "webhook_policy": WebhookPolicy}

    #: When it was opened, in Unix seconds.
    created_at: int
    #: The currency of whatever names none.
    default_currency: Optional[str]
    #: What people call it.
    display_name: str
    #: Its name.
    id: str
    #: Which settings these are: those for live data, or those for test data.
    livemode: bool
    object: Literal["account"]
    #: What its terminals may take offline at most; set by the operator of this server.
    offline_cap: OfflineCap
    #: How far a capture may exceed its authorization, in percent.
    over_capture_percent: int
    #: Whether the operator has stopped it: its keys may look, and change nothing.
    suspended: bool
    #: The time zone of locations that have none of their own, a name of the IANA database.
    time_zone: str
    #: How its webhooks are delivered.
    webhook_policy: WebhookPolicy


class AuditActor(VinrObject):
    """Who did something."""

    __slots__ = ()

    _fields = frozenset({"hint", "id", "request", "type"})
    _nested = {}

    #: The key as people are shown it.
    hint: Optional[str]
    #: Which one.
    id: str
    #: With which request (`req_…`).
    request: Optional[str]
    #: `api_key`, `operator`, `person`, `terminal` or `system`.
    type: str


@known("audit_entry")
class AuditEntry(VinrObject):
    """One line of the audit log."""

    __slots__ = ()

    _fields = frozenset({"account", "action", "after", "before", "by", "created_at_ms", "hash", "id", "livemode", "number", "object", "object_id", "previous_hash"})
    _nested = {"after": Freeform, "before": Freeform, "by": AuditActor}

    #: Whose log it is.
    account: str
    #: What was done.
    action: str
    #: What it was made; absent when it is gone.
    after: Optional[Freeform]
    #: What the object was; absent when it was not there.
    before: Optional[Freeform]
    #: Who did it.
    by: AuditActor
    #: When, in Unix milliseconds.
    created_at_ms: int
    #: The hash of this line.
    hash: str
    #: Its name.
    id: str
    #: Whether it is about live data.
    livemode: bool
    #: Its place in the log, from 1 without a gap.
    number: int
    object: Literal["audit_entry"]
    #: To what.
    object_id: str
    #: The hash of the line before; 64 zeros for the first.
    previous_hash: str


@known("audit_verification")
class AuditVerification(VinrObject):
    """What a walk along an audit log found."""

    __slots__ = ()

    _fields = frozenset({"broken_at", "entries", "intact", "last_hash", "object"})
    _nested = {}

    #: The place of the first line that is not in order.
    broken_at: Optional[int]
    #: How many lines are in order, counted from the first.
    entries: int
    #: Whether every line is what was written, and none is missing between the first and the last.
    intact: bool
    #: The hash of the last line that is in order; `null` when there is none.
    last_hash: Optional[str]
    object: Literal["audit_verification"]


@known("operated_account")
class OperatedAccount(VinrObject):
    """An account as its operator sees it: what holds for both modes."""

    __slots__ = ()

    _fields = frozenset({"created_at", "display_name", "id", "object", "offline_cap", "suspended"})
    _nested = {"offline_cap": OfflineCap}

    #: When it was opened, in Unix seconds.
    created_at: int
    #: What the operator calls it, and the merchant until it says otherwise.
    display_name: str
    #: Its name.
    id: str
    object: Literal["operated_account"]
    #: What its terminals may take offline at most.
    offline_cap: OfflineCap
    #: Whether it is stopped: its keys may look, and change nothing.
    suspended: bool


@known("release")
class Release(VinrObject):
    """A version of the software of one model of terminals."""

    __slots__ = ()

    _fields = frozenset({"created_at", "halted", "id", "min_version", "model", "not_after", "object", "rollout_percent", "sha256", "size", "url", "version"})
    _nested = {}

    #: When it was registered, in Unix seconds.
    created_at: int
    #: Whether it is installed by no more terminals.
    halted: bool
    #: Its name.
    id: str
    #: The oldest version that it may be installed over.
    min_version: Optional[str]
    #: For which model.
    model: str
    #: Until when it may be installed, in Unix seconds.
    not_after: int
    object: Literal["release"]
    #: How many of a hundred terminals may install it; which ones does not change while the figure rises.
    rollout_percent: int
    #: SHA-256 of the image, hexadecimal.
    sha256: str
    #: Size of the image, in bytes.
    size: int
    #: Where terminals find the image; `null` when the maker delivers it another way.
    url: Optional[str]
    #: Its version.
    version: str


__all__ = ["Account", "Address", "ApiKey", "AuditActor", "AuditEntry", "AuditVerification", "Batch", "Card", "CashlessKey", "ClientCertificate", "ClosedBatches", "Deleted", "DeletedWebhookEndpoint", "Event", "LegacyTerminalPayment", "Location", "OfflineCap", "OfflineLimits", "OperatedAccount", "PaymentMethod", "Refund", "Release", "RevokedCashlessKey", "Terminal", "TerminalAction", "TerminalCashless", "TerminalConfig", "TerminalConfigCashlessApi", "TerminalConfigChange", "TerminalConfigDisplay", "TerminalConfigDryRun", "TerminalConfigLocalApi", "TerminalConfigOfflineMode", "TerminalConfigReceipt", "TerminalConfigState", "TerminalConfigTip", "TerminalConfigValue", "TerminalDryRun", "TerminalEffectiveConfig", "TerminalLan", "TerminalListener", "TerminalLocalApi", "TerminalModel", "TerminalOffline", "TerminalPayment", "Tip", "WebhookDelivery", "WebhookEndpoint", "WebhookPolicy"]
