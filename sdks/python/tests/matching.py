"""How the conformance files say what must hold, in Python's names. Owns names, matchers and placeholders; calls nothing."""
from __future__ import annotations

import re
from typing import Any, Mapping

from vinr._names import METADATA, from_wire

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "nothing"})()
_WHOLE = re.compile(r"\$\{([^}]+)\}")
_TYPES: dict[str, Any] = {"string": str, "number": (int, float), "boolean": bool, "object": dict, "array": list}


def pythonic(value: Any) -> Any:
    """Names as Python writes them. `has_more: absent` says that the wire's own spelling is gone: Python's may be the same."""
    if isinstance(value, dict):
        gone = {"$absent": True}
        return {
            name if name.startswith("$") else from_wire(name): inner if name == METADATA else pythonic(inner)
            for name, inner in value.items() if not ("_" in name and inner == gone)
        }
    if isinstance(value, list):
        return [pythonic(inner) for inner in value]
    return value


def mismatch(wanted: Any, found: Any, place: str = "it") -> str:
    """Where and how something does not match; empty when it does."""
    if isinstance(wanted, dict):
        word = next((name for name in wanted if name.startswith("$")), None)
        if word is not None:
            return "" if _holds(word, wanted[word], found) else f"{place} is {found!r}, not {wanted}"
        if not isinstance(found, dict):
            return f"{place} is {found!r}, not an object with {sorted(wanted)}"
        return next(filter(None, (mismatch(one, found.get(name, MISSING), f"{place}.{name}") for name, one in wanted.items())), "")
    if isinstance(wanted, list):
        if not isinstance(found, list) or len(found) != len(wanted):
            return f"{place} is {found!r}, not {len(wanted)} elements"
        return next(filter(None, (mismatch(a, b, f"{place}[{n}]") for n, (a, b) in enumerate(zip(wanted, found)))), "")
    same = found is not MISSING and found == wanted and isinstance(found, bool) == isinstance(wanted, bool)
    return "" if same else f"{place} is {found!r}, not {wanted!r}"


def _holds(word: str, value: Any, found: Any) -> bool:
    if word == "$absent":
        return (found is MISSING) is bool(value)
    if found is MISSING:
        return False
    if word == "$type":
        return isinstance(found, _TYPES[value]) and (value == "boolean" or not isinstance(found, bool))
    if word == "$matches":
        return isinstance(found, str) and re.search(value, found) is not None
    if word == "$gte":
        return isinstance(found, (int, float)) and found >= value
    if word == "$oneOf":
        return any(not mismatch(one, found) for one in value)
    if word == "$length":
        return bool(len(found) == value)
    if word == "$contains":
        return isinstance(found, list) and any(not mismatch(value, one) for one in found)
    raise AssertionError(f"nobody knows the matcher {word}")


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with its placeholders replaced; one that is nothing else becomes the value itself."""
    if isinstance(value, dict):
        return {name: filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, known) for inner in value]
    if isinstance(value, str):
        whole = _WHOLE.fullmatch(value)
        return at(whole[1], known) if whole else _WHOLE.sub(lambda found: str(at(found[1], known)), value)
    return value


def at(path: str, known: Mapping[str, Any]) -> Any:
    """What a path leads to."""
    if path in known:
        return known[path]
    found: Any = known
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part if part in found else from_wire(part)]
    return found
