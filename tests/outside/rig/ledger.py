"""Reads the sandbox issuer's own ledger, line by line, and says what was charged: independent of what the API says."""
from __future__ import annotations

import json
import pathlib
from typing import Any, NamedTuple, Optional

#: What names a request to the issuer.
RequestKey = tuple[str, int, int]


class Request(NamedTuple):
    """One approved request for an authorization, with all that became of it."""

    payment: str
    intent: str
    authorized_minor: int
    taken_at_once: bool
    captured_minor: Optional[int]
    reversed: bool
    refunded_minor: int = 0

    def net(self) -> int:
        """What the cardholder is without, in minor units: taken, or still held."""
        if self.reversed:
            return 0
        return self.authorized_minor if self.captured_minor is None else self.captured_minor

    def taken(self) -> int:
        """What has been taken; a hold is not."""
        if self.reversed:
            return 0
        if self.captured_minor is not None:
            return self.captured_minor
        return self.authorized_minor if self.taken_at_once else 0


class Ledger:
    """The ledger in the data directory of a `vinr dev`. Read anew for every question."""

    def __init__(self, data: pathlib.Path) -> None:
        self.path = data / "sandbox" / "issuer.jsonl"

    def _read(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        whole, _, _torn = self.path.read_bytes().rpartition(b"\n")
        return [json.loads(line) for line in whole.split(b"\n") if line]

    def lines(self) -> int:
        """How many decisions it holds."""
        return len(self._read())

    def anomalies(self) -> list[str]:
        """What acquirers did that they must not."""
        return [str(line["what"]) for line in self._read() if line["op"] in ("anomaly", "anomalies")]

    def requests(self) -> list[Request]:
        """Every approved request."""
        found: dict[RequestKey, Request] = {}
        for line in self._read():
            if line["op"] in ("ledger", "anomaly", "anomalies", "settle"):
                continue
            key = (line["terminal"], line["generation"], line["stan"])
            if line["op"] in ("authorize", "standing"):
                approved = line["outcome"].get("approved")
                if approved is None:
                    continue
                assert key not in found, f"the issuer decided twice about {key}"
                found[key] = Request(
                    line["payment"], line["intent"], approved["authorized_minor"], line["capture"],
                    line.get("captured_minor"), line.get("reversed", False),
                )
            elif line["op"] == "capture":
                found[key] = found[key]._replace(captured_minor=line["amount_minor"])
            elif line["op"] == "refund":
                if not line["declined"]:
                    found[key] = found[key]._replace(
                        refunded_minor=found[key].refunded_minor + line["amount_minor"])
            elif line["op"] == "reverse":
                if key in found:
                    found[key] = found[key]._replace(reversed=True)
            else:
                raise AssertionError(f"a line that means nothing to this test: {line['op']}")
        return list(found.values())

    def refunds(self) -> dict[str, int]:
        """What was given back, by refund; each at most once."""
        found: dict[str, int] = {}
        for line in self._read():
            if line["op"] == "refund" and not line["declined"]:
                assert line["refund"] not in found, f"the issuer gave back twice for {line['refund']}"
                found[line["refund"]] = line["amount_minor"]
        return found

    def settlements(self) -> dict[str, dict[str, Any]]:
        """The sums it agreed to, by batch; each at most once."""
        found: dict[str, dict[str, Any]] = {}
        for line in self._read():
            if line["op"] == "settle":
                assert line["batch"] not in found, f"the issuer settled {line['batch']} twice"
                found[line["batch"]] = line
        return found

    def net(self, payment: str) -> int:
        """What the cardholder is without for this payment."""
        return sum(request.net() for request in self.requests() if request.payment == payment)

    def net_by(self, name: str) -> dict[str, list[Request]]:
        """The requests that cost the cardholder something, by `payment` or `intent`."""
        found: dict[str, list[Request]] = {}
        for request in self.requests():
            if request.net():
                found.setdefault(getattr(request, name), []).append(request)
        return found
