"""The documented form of a terminal payment and of an error, in both renderings, as checks."""
from __future__ import annotations

import datetime
import re
from typing import Any, Callable, Mapping, Optional

from .checks import Suite
from .client import Answer

OLD, NEW = "2025-05-31", "2026-06-11"
STATUSES = {"pending", "processing", "authorized", "completed", "failed", "cancelled", "expired"}
FINAL = {"completed", "failed", "cancelled", "expired"}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ID = r"tpay_[0-9A-Za-z]+"
AUTH_CODE = r"[A-Z][0-9]{5}"


def whole(least: int = 0) -> Callable[[Any], bool]:
    """A whole number, and not a truth value."""
    return lambda value: type(value) is int and value >= least


def text(pattern: str) -> Callable[[Any], bool]:
    """A text that the pattern describes entirely."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(words: set[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in words


def anything(value: Any) -> bool:
    return value is not None


def rfc3339(value: Any) -> bool:
    return text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")(value) and seconds(value) > 0


def unix_seconds(value: Any) -> bool:
    return whole(1_600_000_000)(value) and value < 253_402_300_799


def seconds(value: Any) -> int:
    """The moment in Unix seconds, however it is written."""
    if isinstance(value, int):
        return value
    moment = datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _method(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"type", "card", "entryMode"}
        and value["type"] == "card"
        and set(value["card"]) == {"brand", "last4"}
        and text(r"[a-z_]+")(value["card"]["brand"])
        and text(r"\d{4}")(value["card"]["last4"])
        and one_of({"contactless", "chip", "swipe", "manual_key"})(value["entryMode"])
    )


def _tip(value: Any) -> bool:
    fields = isinstance(value, dict) and set(value) == {"amount", "mode"}
    return fields and whole()(value["amount"]) and value["mode"] in {"preset", "custom", "none"}


def _metadata(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(inside, str) for inside in value.values())


#: Every field of the object, what it must look like, and whether it may be unset. Times are told by the version.
FIELDS: Mapping[str, tuple[Optional[Callable[[Any], bool]], bool]] = {
    "id": (text(ID), False),
    "object": (one_of({"terminal_payment"}), False),
    "livemode": (_flag, False),
    "terminalId": (text(r".{1,64}"), False),
    "amount": (whole(1), False),
    "currency": (text(r"[A-Z]{3}"), False),
    "status": (one_of(STATUSES), False),
    "captureMethod": (one_of({"automatic", "manual"}), False),
    "amountCaptured": (whole(), True),
    "amountCapturable": (whole(), True),
    "amountRefunded": (whole(), True),
    "reference": (text(r".{1,255}"), True),
    "description": (text(r"(?s).{0,500}"), True),
    "responseMode": (one_of({"sync", "async"}), False),
    "paymentMethod": (_method, True),
    "entryMethod": (one_of({"contactless", "chip", "swipe", "manual_key"}), True),
    "last4": (text(r"\d{4}"), True),
    "brand": (text(r"[a-z_]+"), True),
    "authCode": (text(AUTH_CODE), True),
    "tip": (_tip, True),
    "tipAmount": (whole(), True),
    "declineCode": (text(r"[a-z_]+"), True),
    "outcomeUnknown": (_flag, True),
    "metadata": (_metadata, True),
    "createdAt": (None, False),
    "completedAt": (None, True),
    "failedAt": (None, True),
    "cancelledAt": (None, True),
    "expiresAt": (None, True),
    "sequence": (whole(1), False),
    "clientToken": (text(UUID), False),
}
#: Never null, not even where unset is written as null.
NEVER_NULL = {"amountCaptured", "amountCapturable", "amountRefunded", "outcomeUnknown", "metadata"}


def payment(suite: Suite, got: Any, version: str, what: str, absent: tuple[str, ...] = (), **expected: Any) -> None:
    """The object is a payment as `version` writes it; `expected` says what fields hold (a value or a test), and the
    fields in `absent` are unset."""
    if not suite.true(isinstance(got, dict), f"{what}: not an object: {got!r}"):
        return
    suite.true(set(got) <= set(FIELDS), f"{what}: fields that do not exist: {sorted(set(got) - set(FIELDS))}")
    time = unix_seconds if version == OLD else rfc3339
    for name, (test, may_be_unset) in FIELDS.items():
        if got.get(name) is not None:
            suite.true((test or time)(got[name]), f"{what}: {name} is {got[name]!r}")
        elif version == OLD:
            unset = may_be_unset and name not in NEVER_NULL
            suite.true(name in got and unset, f"{what}: {name} is {got.get(name, 'left out')!r} in {OLD}")
        else:
            suite.true(name not in got, f"{what}: {name} is null in {NEW}, not left out")
            suite.true(may_be_unset, f"{what}: {name} is left out")
    for name, want in expected.items():
        value = got.get(name)
        if callable(want):
            suite.true(want(value), f"{what}: {name} is {value!r}")
        else:
            suite.equal(value, want, f"{what}: {name}")
    for name in absent:
        suite.true(got.get(name) is None, f"{what}: {name} is {got.get(name)!r}, not unset")


#: Which type belongs to a status.
TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    402: "card_error",
    409: "conflict_error",
    429: "rate_limit_error",
    **dict.fromkeys((400, 404, 405, 413, 415, 422), "invalid_request_error"),
}
REQUIRED = {"type", "code", "message", "doc_url", "request_id"}
ALLOWED = REQUIRED | {"param", "decline_code", "payment", "retry", "money_may_have_moved"}


def error(suite: Suite, got: Answer, what: str, status: int, code: str, param: Optional[str] = None) -> dict[str, Any]:
    """The answer is the error with this status, code and field at fault, complete in every part."""
    suite.equal(got.status, status, f"{what}: status ({got.body[:160]!r})")
    suite.true(got.headers.get("content-type", "").startswith("application/json"), f"{what}: not sent as JSON")
    try:
        whole_body = got.json()
    except ValueError as reason:
        suite.true(False, f"{what}: the body is no JSON: {reason} {got.body[:80]!r}")
        return {}
    suite.equal(sorted(whole_body), ["error"], f"{what}: the outermost fields")
    inside = got.error()
    suite.true(REQUIRED <= set(inside) <= ALLOWED, f"{what}: fields of the error are {sorted(inside)}")
    suite.equal(inside.get("type"), TYPES[status], f"{what}: type")
    suite.equal(inside.get("code"), code, f"{what}: code")
    suite.equal(inside.get("param"), param, f"{what}: param")
    suite.true(text(r"(?s).{8,}")(inside.get("message")), f"{what}: message is {inside.get('message')!r}")
    suite.true(str(inside.get("doc_url")).endswith(f"/docs/errors#{code}"), f"{what}: doc_url is {inside.get('doc_url')}")
    suite.true(text(r"req_[0-9A-Za-z]+")(inside.get("request_id")), f"{what}: request_id is {inside.get('request_id')!r}")
    suite.equal(got.headers.get("x-request-id"), inside.get("request_id"), f"{what}: X-Request-Id")
    suite.equal(inside.get("money_may_have_moved"), False, f"{what}: money_may_have_moved")
    return inside
