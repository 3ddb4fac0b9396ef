"""How names are written: in Python (`amount_captured`) and on the wire (`amountCaptured`). Owns the two directions and the
exception of metadata, whose keys belong to the caller; decides nothing about values."""
from __future__ import annotations

import functools
import keyword
import re
from typing import Any, Mapping

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SNAKE = re.compile(r"_([a-z0-9])")

#: What is in here is the caller's own and is never renamed.
METADATA = "metadata"


@functools.lru_cache(maxsize=4096)
def from_wire(name: str) -> str:
    """A name of the API as Python writes it; a keyword gets an underscore behind it."""
    snake = _HUMP.sub(r"_\1", name).lower()
    return f"{snake}_" if keyword.iskeyword(snake) else snake


@functools.lru_cache(maxsize=4096)
def to_wire(name: str) -> str:
    """A name of Python as most of the API writes it."""
    return _SNAKE.sub(lambda found: found.group(1).upper(), name.rstrip("_"))


def body_to_wire(value: Any) -> Any:
    """A value with the names inside it as the API writes them; metadata stays as it is."""
    if isinstance(value, Mapping):
        return {
            to_wire(str(name)): dict(inner) if name == METADATA and isinstance(inner, Mapping) else body_to_wire(inner)
            for name, inner in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [body_to_wire(inner) for inner in value]
    return value
