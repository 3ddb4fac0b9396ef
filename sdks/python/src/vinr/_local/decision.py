"""What hybrid mode does next (sdks/conformance/README.md, "Hybrid mode"). Pure: `(state, event)` to `(state, what to do)`; the flow in
`hybrid.py` carries it out and says what came of it."""
from __future__ import annotations

import dataclasses
from typing import Literal, Optional, Tuple

Phase = Literal["new", "local", "acknowledged", "asking", "cloud", "looking_local", "looking_cloud", "done"]
Kind = Literal[
    "create", "resolve", "head", "local_payment", "cloud_payment", "body_lost", "local_failed", "local_refused", "cloud_refused",
    "local_absent", "cloud_absent", "cloud_failed", "asked_long_enough", "late_local_answer", "aborted",
]
Act = Literal["send_local", "wait_body", "ask_local", "ask_cloud", "send_cloud", "return", "throw", "ignore"]
Save = Literal["local", "delegated", "final_local", "final_cloud", "erased"]

#: A payment that is so will not be anything else.
OUTCOMES = ("completed", "failed", "authorized", "cancelled", "expired")
#: The same at its terminal: what that approved without the internet is its word, and the cloud would void it if it were asked first.
LOCAL_OUTCOMES = (*OUTCOMES, "offline")


@dataclasses.dataclass(frozen=True)
class State:
    """Where a payment is."""

    phase: Phase
    #: Whether a terminal may have heard of it, or the cloud in `done`.
    sent: bool = False
    #: Whether the other path does not know it.
    absent: bool = False
    #: Whether it was over before.
    final: bool = False


@dataclasses.dataclass(frozen=True)
class Event:
    """What happened."""

    type: Kind
    #: What is written down about the payment.
    record: Optional[str] = None
    status: Optional[str] = None
    layer: Optional[str] = None
    code: Optional[str] = None
    sent: bool = False


@dataclasses.dataclass(frozen=True)
class Todo:
    """What to do: write down first, then act."""

    action: Act
    save: Optional[Save] = None
    #: Under which way the payment is returned.
    connection_mode: Optional[Literal["local", "cloud"]] = None
    #: The layer that the caller is told about.
    told: Optional[str] = None
    #: What is raised: the event's own error, or one of our own.
    throw: Optional[Literal["given", "outcome_unknown", "payment_not_found"]] = None
    outcome_unknown: bool = False


Decision = Tuple[State, Todo]


def decide(state: State, event: Event) -> Decision:
    """The next state, and what to do."""
    if event.type == "late_local_answer":
        # The cloud has been asked since: its row decides, and the terminal joins it.
        return state, Todo("ignore")
    if event.type == "aborted":
        return _aborted(state, event)
    if state.phase == "new":
        return _begun(event)
    if state.phase in ("local", "acknowledged"):
        return _at_terminal(state, event)
    if state.phase == "asking":
        return _asking(state, event)
    if state.phase == "cloud":
        return _in_cloud(state, event)
    if state.phase in ("looking_local", "looking_cloud"):
        return _looking(state, event)
    raise AssertionError(f"{event.type} comes too late: the payment is {state.phase}")


def _aborted(state: State, event: Event) -> Decision:
    heard = state.sent or event.sent
    save: Optional[Save] = None if heard else "erased"
    return State("done", sent=heard), Todo("throw", save, throw="given", outcome_unknown=heard)


def _begun(event: Event) -> Decision:
    record = event.record
    if record in ("final_local", "final_cloud"):
        return _looking_at("local" if record == "final_local" else "cloud", final=True)
    if event.type == "create":
        if record == "delegated":
            return State("cloud", sent=True), Todo("send_cloud")
        if record == "local":
            return State("local", sent=True), Todo("send_local")
        return State("local"), Todo("send_local", save="local")
    if record is None:
        # No terminal was told: it counts as one that does not know.
        return State("looking_cloud", sent=True, absent=True), Todo("ask_cloud")
    return _looking_at("local" if record == "local" else "cloud")


def _looking_at(where: Literal["local", "cloud"], absent: bool = False, final: bool = False) -> Decision:
    if where == "local":
        return State("looking_local", sent=True, absent=absent, final=final), Todo("ask_local")
    return State("looking_cloud", sent=True, absent=absent, final=final), Todo("ask_cloud")


def _at_terminal(state: State, event: Event) -> Decision:
    if event.type == "head":
        return State("acknowledged", sent=state.sent), Todo("wait_body")
    if event.type == "local_failed":
        heard = state.sent or event.sent
        return State("cloud", sent=heard), Todo("send_cloud", save="delegated", told=event.layer)
    if event.type == "local_refused":
        if event.code == "client_token_reused":
            # The name belongs to another payment: what is written down about that one stays.
            return State("done", sent=state.sent), Todo("throw", throw="given")
        return State("done", sent=state.sent), Todo("throw", save="erased", throw="given")
    if event.type == "body_lost":
        return State("asking", sent=True), Todo("ask_local")
    assert event.type == "local_payment", event.type
    return _paid(event, "final_local", "local", State("asking", sent=True))


def _paid(event: Event, save: Save, mode: Literal["local", "cloud"], waits: Optional[State]) -> Decision:
    if event.status in (LOCAL_OUTCOMES if mode == "local" else OUTCOMES):
        return State("done", sent=True), Todo("return", save=save, connection_mode=mode)
    if waits is not None and event.status == "pending":
        return waits, Todo("ask_local")
    return State("done", sent=True), Todo("return", connection_mode=mode)


def _asking(state: State, event: Event) -> Decision:
    if event.type == "local_payment" and event.status in LOCAL_OUTCOMES:
        return State("done", sent=True), Todo("return", save="final_local", connection_mode="local")
    if event.type in ("local_absent", "asked_long_enough"):
        return State("cloud", sent=True), Todo("send_cloud", save="delegated", told="http")
    assert event.type in ("local_payment", "local_failed"), event.type
    return state, Todo("ask_local")


def _in_cloud(state: State, event: Event) -> Decision:
    if event.type == "cloud_payment":
        return _paid(event, "final_cloud", "cloud", None)
    assert event.type in ("cloud_refused", "cloud_failed"), event.type
    heard = state.sent or event.sent
    save: Optional[Save] = None if heard else "erased"
    return State("done", sent=heard), Todo("throw", save, throw="given", outcome_unknown=heard)


def _looking(state: State, event: Event) -> Decision:
    here: Literal["local", "cloud"] = "local" if state.phase == "looking_local" else "cloud"
    there: Literal["local", "cloud"] = "cloud" if here == "local" else "local"
    if event.type == f"{here}_payment":
        if event.status in (LOCAL_OUTCOMES if here == "local" else OUTCOMES):
            known: Save = "final_local" if here == "local" else "final_cloud"
            return State("done", sent=True), Todo("return", save=None if state.final else known)
        return _looking_at(here, final=state.final)
    if event.type == f"{here}_absent":
        if not state.absent:
            return _looking_at(there, absent=True, final=state.final)
        if state.final:
            return State("done", sent=True), Todo("throw", throw="outcome_unknown", outcome_unknown=True)
        return State("done", sent=True), Todo("throw", save="erased", throw="payment_not_found")
    if event.type == f"{here}_failed":
        return _looking_at(there, final=state.final)
    if event.type == "asked_long_enough":
        return State("done", sent=True), Todo("throw", throw="outcome_unknown", outcome_unknown=True)
    assert event.type in ("cloud_refused", "local_refused"), event.type
    return State("done", sent=True), Todo("throw", throw="given", outcome_unknown=True)
