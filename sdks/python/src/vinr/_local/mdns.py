"""Finds terminals by multicast DNS. What it finds is a hint: who is there, the certificate says."""
from __future__ import annotations

import dataclasses
import queue
import time
from typing import Any, List, Optional, Tuple

from .._errors import ConfigurationError

SERVICE = "_vinr-terminal._tcp.local."


@dataclasses.dataclass(frozen=True)
class Hint:
    """An announcement."""

    terminal_id: str
    model: Optional[str]
    #: Where it says it is: addresses, IPv4 first, and a port.
    places: Tuple[Tuple[str, int], ...]


def announced(seconds: float, wanted: Optional[str] = None) -> List[Hint]:
    """What is announced within so many seconds; no longer than until the terminal that is wanted was heard of."""
    try:
        from zeroconf import ServiceBrowser, ServiceStateChange, Zeroconf
    except ImportError:
        raise ConfigurationError(
            "terminals are found by zeroconf: pip install 'vinr[local]', or pass static_hosts", code="local_extra_missing",
            param="static_hosts",
        ) from None
    names: queue.SimpleQueue[str] = queue.SimpleQueue()

    def heard(zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        if state_change in (ServiceStateChange.Added, ServiceStateChange.Updated):
            names.put(name)

    deadline = time.monotonic() + seconds
    found: dict[str, Hint] = {}
    try:
        network = Zeroconf()
    except OSError as thrown:
        raise ConfigurationError(
            f"multicast DNS is not possible here ({thrown}): pass static_hosts", code="mdns_unavailable", param="static_hosts"
        ) from None
    try:
        browser = ServiceBrowser(network, SERVICE, handlers=[heard])
        while (left := deadline - time.monotonic()) > 0:
            try:
                name = names.get(timeout=left)
            except queue.Empty:
                break
            hint = _hint(network.get_service_info(SERVICE, name, int(max(deadline - time.monotonic(), 0.05) * 1000)))
            if hint is not None:
                found[name] = hint
                if hint.terminal_id == wanted:
                    break
        browser.cancel()
    finally:
        network.close()
    return list(found.values())


def _hint(info: Any) -> Optional[Hint]:
    if info is None or not info.port:
        return None
    told = info.decoded_properties
    terminal_id = told.get("id")
    # A name that could not be one is not repeated to anybody.
    if not terminal_id or not terminal_id.replace("_", "").replace("-", "").isalnum() or len(terminal_id) > 64:
        return None
    addresses = sorted(info.parsed_scoped_addresses(), key=lambda address: (":" in address, address))
    return Hint(terminal_id, told.get("model"), tuple((address, info.port) for address in addresses)) if addresses else None
