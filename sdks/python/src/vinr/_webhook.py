"""Believes signed posts, and nothing else. Owns both signatures, `Vinr-Signature` and those of Standard Webhooks; reads the body as
bytes, because what was signed is bytes."""
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from typing import Any, Callable, Mapping, NamedTuple, Optional, Union

from ._errors import ConfigurationError, SignatureVerificationError
from ._generated.models import Event

TOLERANCE_S = 300
HEADER = "vinr-signature"
_PREFIX = "whsec_"
_HEX = re.compile(r"[0-9a-fA-F]+")
_TIME = re.compile(r"[0-9]{1,15}")

Body = Union[bytes, bytearray, memoryview, str]


class _Signed(NamedTuple):
    text: bytes
    time: int
    signatures: list[bytes]


class Webhook:
    """What a server does with the posts that it gets."""

    @staticmethod
    def construct_event(
        payload: Body, signature: Union[str, Mapping[str, str], None], secret: str, tolerance: float = TOLERANCE_S, *,
        now: Optional[Callable[[], float]] = None,
    ) -> Event:
        """The event of a post, if its signature fits and it is fresh.

        `payload` is the body as it came, before anything parsed it. `signature` is the header `Vinr-Signature`, or all headers:
        then those of Standard Webhooks are good too. `tolerance` is how old the post may be, in seconds. Raises
        `SignatureVerificationError`, whose `code` is `malformed`, `not_fresh` or `no_match`.
        """
        if isinstance(payload, str):
            payload = payload.encode()
        elif not isinstance(payload, (bytes, bytearray, memoryview)):
            raise ConfigurationError(
                "payload is the body as it came, in bytes; an object that a framework made of it cannot be checked",
                code="parameter_invalid", param="payload",
            )
        body = bytes(payload)
        signed, fitting = _read(body, signature, _key(secret))
        if not any(hmac.compare_digest(fitting, given) for given in signed.signatures):
            raise _unbelieved("no_match", "the signature does not fit: another secret, or a body that was changed on its way")
        if abs((now or time.time)() - signed.time) > tolerance:
            raise _unbelieved("not_fresh", f"the post was signed more than {tolerance:g} s ago, or in the future")
        return _event(body)


def _key(secret: str) -> bytes:
    try:
        if not secret.startswith(_PREFIX):
            raise ValueError
        return base64.b64decode(secret[len(_PREFIX):], validate=True)
    except (AttributeError, ValueError):
        problem = "the secret of a webhook endpoint is whsec_ and base64 behind it; it is shown when the endpoint is created"
    raise ConfigurationError(problem, code="parameter_invalid", param="secret")


def _read(body: bytes, signature: Union[str, Mapping[str, str], None], key: bytes) -> tuple[_Signed, bytes]:
    if isinstance(signature, str) or signature is None:
        return _ours(body, signature or "", key)
    headers = {str(name).lower(): value for name, value in signature.items()}
    if HEADER in headers:
        return _ours(body, headers[HEADER], key)
    return _standard(body, headers, key)


def _ours(body: bytes, header: str, key: bytes) -> tuple[_Signed, bytes]:
    when: Optional[str] = None
    given: list[bytes] = []
    for part in header.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals:
            raise _unbelieved("malformed", "the header Vinr-Signature is not one: t=…,v1=…")
        if name == "t":
            when = value
        elif name == "v1":
            if not _HEX.fullmatch(value) or len(value) % 2:
                raise _unbelieved("malformed", "a signature v1 is hexadecimal")
            given.append(bytes.fromhex(value))
    signed = _Signed(f"{when}.".encode() + body, _seconds(when), given)
    if not given:
        raise _unbelieved("malformed", "there is no signature that this version knows (v1)")
    return signed, hmac.new(key, signed.text, hashlib.sha256).digest()


def _standard(body: bytes, headers: Mapping[str, str], key: bytes) -> tuple[_Signed, bytes]:
    name, when, signatures = (headers.get(f"webhook-{part}") for part in ("id", "timestamp", "signature"))
    if not name or not signatures:
        raise _unbelieved("malformed", "neither Vinr-Signature nor the headers of Standard Webhooks are there")
    given: list[bytes] = []
    for part in signatures.split():
        version, _, value = part.partition(",")
        if version == "v1":
            try:
                given.append(base64.b64decode(value, validate=True))
            except (binascii.Error, ValueError):
                raise _unbelieved("malformed", "a signature v1 is base64") from None
    signed = _Signed(f"{name}.{when}.".encode() + body, _seconds(when), given)
    if not given:
        raise _unbelieved("malformed", "there is no signature that this version knows (v1)")
    return signed, hmac.new(key, signed.text, hashlib.sha256).digest()


def _seconds(when: Optional[str]) -> int:
    if when is None or not _TIME.fullmatch(when):
        raise _unbelieved("malformed", "the time of the signature is not one")
    return int(when)


def _event(body: bytes) -> Event:
    try:
        value: Any = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise _unbelieved("malformed", "the body is signed, but no JSON object")
    return Event._from_wire(value)


def _unbelieved(code: str, message: str) -> SignatureVerificationError:
    return SignatureVerificationError(message, code=code)
