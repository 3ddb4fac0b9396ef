"""Lists that say more than what they list. Written by scripts/generate.py; not edited by hand."""
from __future__ import annotations

from .._paging import AsyncPage, Page
from .models import TerminalConfigState


class TerminalConfigProgress(Page[TerminalConfigState]):
    """How far the terminals of a location have come."""

    __slots__ = ()

    _fields = frozenset({"applied", "data", "failed", "has_more", "location_id", "object", "pending"})

    applied: int
    failed: int
    location_id: str
    pending: int


class AsyncTerminalConfigProgress(AsyncPage[TerminalConfigState]):
    """How far the terminals of a location have come."""

    __slots__ = ()

    _fields = frozenset({"applied", "data", "failed", "has_more", "location_id", "object", "pending"})

    applied: int
    failed: int
    location_id: str
    pending: int
