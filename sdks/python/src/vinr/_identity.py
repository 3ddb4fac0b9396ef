"""The names that requests carry: client tokens and idempotency keys. Owns their making and the check of those that callers bring.
Every name is drawn from the system, so processes that were forked draw different ones."""
from __future__ import annotations

import os
import re
import time
import uuid
from typing import Optional

from ._errors import ConfigurationError

_KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")


def new_identity() -> str:
    """A UUID of version 7: ordered by time, and never drawn twice."""
    milliseconds = time.time_ns() // 1_000_000
    drawn = int.from_bytes(os.urandom(10), "big")
    number = (milliseconds & (2**48 - 1)) << 80 | drawn
    number = number & ~(0xF << 76) | 7 << 76
    number = number & ~(3 << 62) | 2 << 62
    return str(uuid.UUID(int=number))


def made_at(token: str) -> Optional[int]:
    """The Unix second in which a UUID of version 7 was made; nothing for those of other versions."""
    try:
        number = uuid.UUID(token)
    except ValueError:
        return None
    return (number.int >> 80) // 1000 if number.version == 7 else None


def checked_key(key: str) -> str:
    """A caller's idempotency key, if it can be a header."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ConfigurationError(
            "an idempotency key has 1 to 255 visible ASCII characters, and spaces only between them",
            code="parameter_invalid", param="idempotency_key",
        )
    return key
