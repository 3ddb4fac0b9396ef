"""What is written down about hybrid payments, so that a crash neither loses one nor makes another. Owns the records, their files and
which name an order gets; decides nothing about paths."""
from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import time
from typing import Any, List, Literal, Mapping, Optional, Protocol, Sequence, Tuple

from .._errors import ConfigurationError
from .._identity import new_identity

DelegationState = Literal["local", "delegated", "final_local", "final_cloud"]
OVER = ("final_local", "final_cloud")
_STATES = ("local", "delegated", *OVER)
_INTENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KEPT_MS = 24 * 60 * 60 * 1000


@dataclasses.dataclass(frozen=True)
class Order:
    """What an order is recognized by."""

    terminal_id: str
    amount: int
    currency: str
    reference: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Delegation:
    """Which way a payment went, as it is written down. Times are Unix milliseconds."""

    intent: str
    terminal_id: str
    amount: int
    currency: str
    state: DelegationState
    created_at: int
    updated_at: int
    reference: Optional[str] = None

    @property
    def order(self) -> Order:
        """The order that it is about."""
        return Order(self.terminal_id, self.amount, self.currency, self.reference)

    def to_json(self) -> dict[str, Any]:
        """The record, as it is in the files of every SDK."""
        told: dict[str, Any] = {"v": 1, "intent": self.intent, "terminalId": self.terminal_id}
        if self.reference is not None:
            told["reference"] = self.reference
        told.update({
            "amount": self.amount, "currency": self.currency, "state": self.state, "createdAt": self.created_at,
            "updatedAt": self.updated_at,
        })
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Delegation:
        """The record in a file; `ValueError` when it is none of this version."""
        try:
            made = cls(
                intent=told["intent"], terminal_id=told["terminalId"], amount=told["amount"], currency=told["currency"],
                state=told["state"], created_at=told["createdAt"], updated_at=told["updatedAt"], reference=told.get("reference"),
            )
        except (KeyError, TypeError) as thrown:
            raise ValueError(f"no delegation: {thrown}") from None
        if told.get("v") != 1 or made.state not in _STATES or not isinstance(made.intent, str) or not _INTENT.fullmatch(made.intent):
            raise ValueError("no delegation of version 1")
        return made


class DelegationStore(Protocol):
    """Where delegations are kept. What `save` was given has to survive a power cut when it returns. Called from several threads."""

    def load(self, intent: str) -> Optional[Delegation]:
        """What is written down under this name."""

    def find(self, order: Order) -> Sequence[Delegation]:
        """What is written down about this order; records that are over may be left out."""

    def save(self, record: Delegation) -> None:
        """Writes it down, in place of what is there under its name."""

    def erase(self, intent: str) -> None:
        """Forgets it."""


class DelegationFiles:
    """Delegations in a directory, one file for each; those that are over are erased after a day."""

    def __init__(self, directory: Optional[str] = None) -> None:
        self._directory = pathlib.Path(directory) if directory else _standard()
        self._swept = 0.0
        #: Names whose records are known to be over: nothing in them changes any more, so a busy day is not read again for each sale.
        self._over: set[str] = set()

    def load(self, intent: str) -> Optional[Delegation]:
        """What is written down under this name; a file that cannot be read is an error, not an absent record."""
        return self._read(self._path(intent))

    def find(self, order: Order) -> List[Delegation]:
        """What is written down about this order and not over."""
        try:
            paths = sorted(self._directory.glob("*.json"))
        except OSError as thrown:
            raise self._unusable(thrown) from None
        found = []
        for path in paths:
            if not _INTENT.fullmatch(path.stem) or path.stem in self._over:
                continue
            record = self._read(path)
            if record is not None and record.state in OVER:
                self._over.add(record.intent)
            elif record is not None and record.order == order:
                found.append(record)
        self._over.intersection_update(path.stem for path in paths)
        return found

    def save(self, record: Delegation) -> None:
        """Writes it beside, syncs, and puts it into its place."""
        path = self._path(record.intent)
        if record.state not in OVER:
            self._over.discard(record.intent)
        beside = path.with_name(f".{path.stem}.{os.getpid()}.{os.urandom(4).hex()}.new")
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(record.to_json(), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
            self._sync()
        except OSError as thrown:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise self._unusable(thrown) from None
        self._sweep()

    def erase(self, intent: str) -> None:
        """Removes its file."""
        try:
            self._path(intent).unlink(missing_ok=True)
        except OSError as thrown:
            raise self._unusable(thrown) from None

    def _path(self, intent: str) -> pathlib.Path:
        if not _INTENT.fullmatch(intent):
            raise ConfigurationError("a client token is a UUID", code="parameter_invalid", param="client_token")
        return self._directory / f"{intent}.json"

    def _read(self, path: pathlib.Path) -> Optional[Delegation]:
        try:
            return Delegation.from_json(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as thrown:
            raise self._unusable(thrown, path) from None

    def _sync(self) -> None:
        if os.name != "posix":
            return
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _sweep(self) -> None:
        """Erases what has been over for a day; looks once an hour."""
        if time.monotonic() - self._swept < 3600 and self._swept:
            return
        self._swept = time.monotonic()
        for path in self._directory.glob("*.json"):
            try:
                record = Delegation.from_json(json.loads(path.read_text("utf-8")))
                if record.state in OVER and record.updated_at < now_ms() - KEPT_MS:
                    path.unlink(missing_ok=True)
            except (OSError, ValueError):
                continue

    def _unusable(self, thrown: Exception, path: Optional[pathlib.Path] = None) -> ConfigurationError:
        return ConfigurationError(
            f"delegations cannot be kept at {path or self._directory} ({type(thrown).__name__}: {thrown}); without them a crash could "
            "charge twice, so nothing was sent", code="delegations_unusable", param="terminal.state_dir",
        )


def _standard() -> pathlib.Path:
    given = os.environ.get("XDG_STATE_HOME", "")
    base = pathlib.Path(given) if os.path.isabs(given) else pathlib.Path.home() / ".local" / "state"
    return base / "vinr"


def now_ms() -> int:
    """The time of a record."""
    return time.time_ns() // 1_000_000


def named(records: Sequence[Delegation], order: Order, client_token: Optional[str]) -> Tuple[str, Optional[Delegation]]:
    """The name of an order, and what is written down under it: the caller's, or that of the same order which is not over, or a new
    one. A name that belongs to another order is refused."""
    if client_token is not None:
        intent = client_token.lower()
        found = next((one for one in records if one.intent == intent), None)
        if found is not None and found.order != order:
            raise ConfigurationError(
                "this client_token names a payment of another terminal, amount, currency or reference; nothing was sent",
                code="client_token_reused", param="client_token",
            )
        return intent, found
    open_ones = [one for one in records if order.reference is not None and one.order == order and one.state not in OVER]
    if not open_ones:
        return new_identity(), None
    newest = max(open_ones, key=lambda one: one.created_at)
    return newest.intent, newest
