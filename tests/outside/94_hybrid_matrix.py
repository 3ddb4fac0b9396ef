"""Hybrid payments of every SDK through faults: what breaks, where, and when the till is killed. Whatever happens, the customer is charged
at most once, and the till learns the truth or holds an error by which it can. VINR_MATRIX=full runs every case."""
from __future__ import annotations

import dataclasses
import os
import threading
import time
from typing import Any, Callable, Optional

from rig.checks import Suite, until
from rig.faults import Kind, Where
from rig.lanes import Case, Lane
from rig.processes import ROOT
from rig.sdks import NODE, PYTHON, PYTHON_TOOL, node_tools, python_tools, run, told

FULL = os.environ.get("VINR_MATRIX") == "full"
suite = Suite("94_hybrid_matrix", within_s=1800 if FULL else 600)


@dataclasses.dataclass(frozen=True)
class Trial:
    """A case of the matrix. `play` breaks things and returns what the till ended with."""

    title: str
    play: Callable[[Case], dict[str, Any]]
    #: By which way the payment has to have come; nothing when either is right.
    mode: Optional[str] = None
    #: What has to have happened on the wires.
    near: str = ""
    far: str = ""


def learned(case: Case, said: dict[str, Any]) -> dict[str, Any]:
    """What the till knows in the end: an outcome that is unknown is resolved, over wires that work."""
    error = said.get("error")
    if error is None or not error["outcomeUnknown"]:
        return said
    assert error["clientToken"], f"an unknown outcome without a name: {error}"
    case.lane.near.up()
    case.lane.far.up()
    case.lane.cardholder()
    return case.till.call("resolve", {"clientToken": error["clientToken"]})


def paid_in(case: Case) -> dict[str, Any]:
    """The customer pays, and the till says what it ended with."""
    case.lane.cardholder()
    return case.outcome()


def clean(case: Case) -> dict[str, Any]:
    case.begin()
    return paid_in(case)


def refused(case: Case) -> dict[str, Any]:
    case.lane.near.down()
    case.begin()
    return paid_in(case)


def swallowed(case: Case) -> dict[str, Any]:
    case.lane.near.swallow()
    case.begin(in_vain=True)
    return paid_in(case)


def answer(kind: Kind) -> Callable[[Case], dict[str, Any]]:
    """The terminal has the order, and its headers do not come as they should; then the cloud joins what runs."""
    def play(case: Case) -> dict[str, Any]:
        case.know()
        case.lane.near.arm(kind, "before_headers")
        case.begin(in_vain=True)
        case.heard()
        return paid_in(case)

    return play


def behind_headers(kind: Kind, where: Where, other: bool = False) -> Callable[[Case], dict[str, Any]]:
    """The headers came, and then the body does not; `other`: and the terminal is not there any more either."""
    def play(case: Case) -> dict[str, Any]:
        case.know()
        case.begin()
        case.acknowledged()
        if where == "after_headers":
            case.lane.near.strike(kind)
        else:
            before = case.lane.near.happened.get(kind, 0)
            case.lane.near.arm(kind, where)
            case.lane.cardholder()
            until(lambda: case.lane.near.happened.get(kind, 0) > before, f"{kind} in the body", 10)
        if other:
            case.lane.near.down()
        return paid_in(case)

    return play


def killed_while_asked(then: str) -> Callable[[Case], dict[str, Any]]:
    """The till is killed while the terminal waits for the card; it is started again and told to sell the same."""
    def play(case: Case) -> dict[str, Any]:
        case.begin()
        case.acknowledged()
        if then == "dead":
            case.lane.near.down()
        case.killed()
        assert case.recorded() == ["local"], f"written down: {case.recorded()}"
        case.begin()
        return paid_in(case)

    return play


def killed_after_the_card(case: Case) -> dict[str, Any]:
    """The outcome is there, and never reached the till that was killed."""
    case.begin()
    case.acknowledged()
    case.lane.near.strike("half_open")
    case.lane.cardholder()
    until(lambda: case.lane.status() == "ready", "the customer has paid", 15)
    case.killed()
    case.begin()
    return case.outcome()


def killed_after_delegation(case: Case) -> dict[str, Any]:
    """The till is killed while the cloud has the order. Started again it goes to the cloud alone, though the terminal is there."""
    case.know()
    case.lane.near.arm("half_open", "before_headers")
    case.begin(in_vain=True)
    until(lambda: case.recorded() == ["delegated"], "it is written down as delegated", 15)
    until(lambda: case.lane.cloud.every_payment(reference=case.reference), "the cloud has the order", 15)
    case.killed()
    case.lane.near.up()
    case.lane.far.up()
    connected = case.lane.near.accepted
    case.begin()
    said = paid_in(case)
    assert case.lane.near.accepted == connected, "what was delegated went to the terminal again"
    return said


def cloud_breaks(kind: Kind, where: Where) -> Callable[[Case], dict[str, Any]]:
    """The terminal is not there, and the cloud's answer breaks too."""
    def play(case: Case) -> dict[str, Any]:
        case.lane.near.down()
        case.lane.far.arm(kind, where)
        case.begin()
        return paid_in(case)

    return play


def both_break(case: Case) -> dict[str, Any]:
    """The terminal has the order and is not heard; the cloud is not there. The till holds an error, and learns the truth by it."""
    case.know()
    case.lane.near.arm("half_open", "before_headers")
    case.lane.far.down()
    case.begin(in_vain=True)
    case.heard()
    said = case.outcome()
    assert said.get("error", {}).get("outcomeUnknown") is True, f"the terminal may charge, and the till was told {said}"
    return said


def nobody_is_there(case: Case) -> dict[str, Any]:
    """Nothing could be sent to anybody: that is certain, and said so."""
    case.lane.near.down()
    case.lane.far.down()
    case.begin()
    said = case.outcome()
    assert said.get("error", {}).get("outcomeUnknown") is False, f"nothing was sent, and the till was told {said}"
    return said


TRIALS = [
    Trial("no fault", clean, "local"),
    Trial("refused", refused, "cloud", near="refused"),
    Trial("swallowed before the handshake", swallowed, "cloud", near="swallowed"),
    Trial("half-open before the headers", answer("half_open"), "cloud", near="half_open"),
    Trial("reset before the headers", answer("reset"), "cloud", near="reset"),
    Trial("headers that come too late", answer("delay"), "cloud", near="delay"),
    Trial("reset after the headers", behind_headers("reset", "after_headers"), "local", near="reset"),
    Trial("reset in the middle of the body", behind_headers("reset", "in_body"), "local", near="reset"),
    Trial("a body that drips", behind_headers("drip", "in_body"), "local", near="drip"),
    Trial("killed while the customer is asked", killed_while_asked("same"), "local"),
    Trial("killed while the customer is asked, then no terminal", killed_while_asked("dead"), "cloud", near="refused"),
    Trial("killed after the card, before the outcome came", killed_after_the_card, "local", near="half_open"),
    Trial("killed after it was delegated", killed_after_delegation, None, near="half_open"),
    Trial("no terminal, and the cloud's answer is reset", cloud_breaks("reset", "before_headers"), "cloud", far="reset"),
    Trial("the terminal is not heard and the cloud is gone", both_break, None, near="half_open", far="refused"),
    Trial("neither is there", nobody_is_there, None, near="refused", far="refused"),
]
MORE = [
    Trial("headers that drip", answer("drip"), None, near="drip"),
    Trial("reset after the headers, then no terminal", behind_headers("reset", "after_headers", other=True), "cloud", near="reset"),
    Trial("reset in the body, then no terminal", behind_headers("reset", "in_body", other=True), "cloud", near="reset"),
    Trial("a body that is late", behind_headers("delay", "in_body"), "local", near="delay"),
    Trial("no terminal, and the cloud's answer is cut after its headers", cloud_breaks("reset", "after_headers"), "cloud", far="reset"),
    Trial("no terminal, and the cloud's answer is cut in its body", cloud_breaks("reset", "in_body"), "cloud", far="reset"),
    Trial("no terminal, and the cloud's answer drips", cloud_breaks("drip", "before_headers"), "cloud", far="drip"),
    Trial("no terminal, and the cloud's answer is late", cloud_breaks("delay", "before_headers"), "cloud", far="delay"),
]


class Row(threading.Thread):
    """All trials with one SDK. Keeps what it finds until it is told about."""

    def __init__(self, name: str, command: list[str]) -> None:
        super().__init__(daemon=True)
        self.sdk, self.command = name, command
        self.found: list[tuple[str, list[str], float]] = []
        self.failed: Optional[BaseException] = None
        self.happened: dict[str, int] = {}

    def run(self) -> None:
        try:
            lane = Lane(self.sdk, self.command)
            try:
                for trial in [*TRIALS, *(MORE if FULL else ())]:
                    began = time.monotonic()
                    self.found.append((trial.title, self.tried(lane, trial), time.monotonic() - began))
            finally:
                lane.close()
        except BaseException as thrown:
            self.failed = thrown

    def tried(self, lane: Lane, trial: Trial) -> list[str]:
        """What does not hold."""
        near, far = dict(lane.near.happened), dict(lane.far.happened)
        case = lane.case()
        wrong: list[str] = []
        try:
            said = learned(case, trial.play(case))
            wrong += self.judged(case, trial, said)
        except (AssertionError, OSError) as thrown:
            wrong.append(f"{thrown}")
        finally:
            lane.near.up()
            lane.far.up()
            case.close()
        for wire, before, what in ((lane.near, near, trial.near), (lane.far, far, trial.far)):
            if what and wire.happened.get(what, 0) <= before.get(what, 0):
                wrong.append(f"{what} did not happen")
            for kind, count in wire.happened.items():
                self.happened[kind] = self.happened.get(kind, 0) + count - before.get(kind, 0)
        return wrong

    @staticmethod
    def judged(case: Case, trial: Trial, said: dict[str, Any]) -> list[str]:
        wrong = []
        payments = case.settled()
        states = [one["status"] for one in payments]
        net = case.net()
        if trial.play is nobody_is_there:
            return [] if not payments and net is None else [f"somebody was charged: {states} {net}"]
        if "ok" not in said:
            return [f"the till does not know: {said}; the cloud says {states}"]
        if states != ["completed"]:
            wrong.append(f"one payment, completed, and not {states}")
        if net != case.amount:
            wrong.append(f"the issuer took {net}, and the sale is {case.amount}")
        if payments and (said["ok"]["id"], said["ok"]["status"]) != (payments[0]["id"], payments[0]["status"]):
            wrong.append(f"the till believes {said['ok']['id']} {said['ok']['status']}, and there is {payments[0]['id']} {states[0]}")
        mode = said["ok"].get("metadata", {}).get("connectionMode")
        if trial.mode is not None and mode != trial.mode:
            wrong.append(f"it came by {mode}, and not by {trial.mode}")
        return wrong


def rows() -> list[Row]:
    """The SDKs that have a till, ready to run."""
    found = []
    with suite.group("the tills are built"):
        wrong = python_tools()
        if suite.true(wrong is None, f"Python: {wrong}"):
            found.append(Row("python", [str(PYTHON_TOOL), str(PYTHON / "tests/till.py")]))
            if FULL:
                found.append(Row("python-async", [str(PYTHON_TOOL), str(PYTHON / "tests/till.py"), "--async"]))
        if (NODE / "test/till.mjs").is_file():
            wrong = node_tools()
            built = run("npm", "run", "build", cwd=NODE) if wrong is None else None
            if suite.true(built is not None and built.returncode == 0, f"Node: {wrong or told(built) if built else wrong}"):
                found.append(Row("node", ["node", str(NODE / "test/till.mjs")]))
        if (ROOT / "crates/sdk/examples/till.rs").is_file():
            done = run("cargo", "build", "-q", "--workspace", "--example", "till", cwd=ROOT, within_s=500)
            if suite.true(done.returncode == 0, f"Rust: {told(done)}"):
                found.append(Row("rust", [str(ROOT / "target/debug/examples/till")]))
    return found


began = time.monotonic()
running = rows()
for row in running:
    row.start()
for row in running:
    row.join()
for row in running:
    suite.true(row.failed is None, f"{row.sdk}: {type(row.failed).__name__}: {row.failed}")
    for title, wrong, took in row.found:
        with suite.group(f"{row.sdk}: {title} ({took:.1f} s)"):
            suite.true(not wrong, "; ".join(wrong))
    print(f"     {row.sdk}: {len(row.found)} cases; faults that happened: {dict(sorted(row.happened.items()))}")
print(f"     {time.monotonic() - began:.0f} s for {sum(len(row.found) for row in running)} cases")
suite.finish()
