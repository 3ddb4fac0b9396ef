"""What is sent again, what is looked up instead, and how long to pause (sdks/conformance/README.md). Pure: it decides, the
exchange acts."""
from __future__ import annotations

import dataclasses
from typing import Literal, Optional, Union

Kind = Literal["read", "write", "delete", "charge"]
Verdict = Literal["again", "look_up", "give_up"]

LONGEST_RETRY_AFTER_S = 60
SHORTEST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
_NOT_ABOUT_THE_REQUEST = (401, 403, 429)


@dataclasses.dataclass(frozen=True)
class Unsent:
    """No connection was made: nothing can have happened."""

    why: str
    #: Whether the next attempt would fail the same way.
    hopeless: bool = False
    #: Whether it was the connecting that took too long.
    late: bool = False
    #: Which layer of the network failed (`LocalConnectionError.layer`).
    layer: str = "route"
    #: Which failure exactly, where there is a name for it.
    code: str = "not_connected"


@dataclasses.dataclass(frozen=True)
class Lost:
    """The connection was lost before the answer was complete."""

    why: str
    #: Whether the head of the answer had come.
    headed: bool = False


@dataclasses.dataclass(frozen=True)
class Silent:
    """No answer in time."""

    after_s: float
    #: Whether the head of the answer had come.
    headed: bool = False


@dataclasses.dataclass(frozen=True)
class Refused:
    """An answer that is not a success, or a success that cannot be read."""

    status: int
    #: Whether it is the API's own error, and not that of something in front of it.
    ours: bool
    #: What the API says about sending it again.
    retry: Optional[str]
    money_may_have_moved: bool
    retry_after: Optional[int]


Failure = Union[Unsent, Lost, Silent, Refused]


def decide(kind: Kind, failure: Failure) -> Verdict:
    """What to do after an attempt failed."""
    if isinstance(failure, Unsent):
        return "give_up" if failure.hopeless else "again"
    if isinstance(failure, Refused):
        return _after_answer(kind, failure)
    return _after_silence(kind)


def _after_silence(kind: Kind) -> Verdict:
    if kind == "charge":
        return "look_up"
    return "give_up" if kind == "delete" else "again"


def _after_answer(kind: Kind, answer: Refused) -> Verdict:
    if answer.retry_after is not None and answer.retry_after > LONGEST_RETRY_AFTER_S:
        return "give_up"
    if 200 <= answer.status < 300:
        return _after_silence(kind)
    failed_midway = answer.retry == "ask_first" and answer.status >= 500
    if answer.ours:
        if kind == "charge" and (answer.money_may_have_moved or failed_midway):
            return "look_up"
        return "again" if answer.retry == "later" or (failed_midway and kind == "read") else "give_up"
    if answer.status == 429:
        return "again"
    return _after_silence(kind) if answer.status in (500, 502, 503, 504) else "give_up"


def in_doubt(kind: Kind, failure: Failure) -> Optional[bool]:
    """Whether the request may have been carried out; nothing when this failure does not say more than those before."""
    if kind == "read":
        return False
    if isinstance(failure, Unsent):
        return None
    if not isinstance(failure, Refused):
        return True
    if failure.money_may_have_moved or 200 <= failure.status < 300:
        return True
    if failure.status >= 500:
        return None if failure.ours and failure.retry == "later" else True
    # A refusal of what the request says holds for every request of the same name; one of who sends it does not.
    definite = failure.ours and failure.retry != "later" and failure.status not in _NOT_ABOUT_THE_REQUEST
    return False if definite else None


def pause_s(nth: int, failure: Failure, drawn: float) -> float:
    """How long to pause before the n-th retry, in seconds; `drawn` is from 0 to 1."""
    after = failure.retry_after if isinstance(failure, Refused) else None
    if after:
        return after + drawn * SHORTEST_PAUSE_S
    least = min(SHORTEST_PAUSE_S * 2.0 ** (nth - 1), LONGEST_PAUSE_S)
    return min(least * (1 + drawn), LONGEST_PAUSE_S)
