"""Terminals on the local network. Owns the way to them: who they are, what is said to them, and which way a payment takes."""
from __future__ import annotations

from .calls import (
    Asked,
    AsyncLocalPayments,
    AsyncReaders,
    Connectivity,
    LineItemParams,
    LocalPayments,
    Readers,
    TipConfigParams,
)
from .delegations import Delegation, DelegationFiles, DelegationStore, Order
from .nearby import Reader

__all__ = [
    "Asked", "AsyncLocalPayments", "AsyncReaders", "Connectivity", "Delegation", "DelegationFiles", "DelegationStore", "LineItemParams",
    "LocalPayments", "Order", "Reader", "Readers", "TipConfigParams",
]
