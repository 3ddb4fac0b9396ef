"""Terminals on the local network. Owns the names that reach them; which of them work in this version is said by their errors."""
from __future__ import annotations

from .reserved import AsyncLocalPayments, AsyncReaders, Connectivity, LocalPayments, Reader, Readers, only_cloud

__all__ = ["AsyncLocalPayments", "AsyncReaders", "Connectivity", "LocalPayments", "Reader", "Readers", "only_cloud"]
