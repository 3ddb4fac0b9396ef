"""Counts what holds and what does not, one line per group, and ends the suite with the status that belongs to it."""
from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from typing import Any, Callable, Iterator, Optional, TypeVar

from . import processes

Value = TypeVar("Value")


class Suite:
    """One suite: checks in groups. Whatever happens in a group, the next one still runs."""

    def __init__(self, name: str, within_s: float) -> None:
        self.name = name
        self.passed = 0
        self.failed = 0
        self.began = time.monotonic()
        self._reasons: list[str] = []
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        watchdog = threading.Timer(within_s, self._overdue, [within_s])
        watchdog.daemon = True
        watchdog.start()

    def _overdue(self, within_s: float) -> None:
        print(f"{self.name}: not done after {within_s:.0f} s; ended", flush=True)
        processes.end_all()
        os._exit(1)

    def true(self, holds: Any, what: str) -> bool:
        """`what` is said when it does not hold."""
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            self._reasons.append(what)
        return bool(holds)

    def equal(self, got: Any, want: Any, what: str) -> bool:
        """The two are the same value of the same type (1 is not True, 1 is not 1.0)."""
        return self.true(got == want and type(got) is type(want), f"{what}: {got!r}, not {want!r}")

    @contextlib.contextmanager
    def group(self, title: str) -> Iterator[None]:
        """The checks inside are told about in one line."""
        passed, failed, began = self.passed, self.failed, time.monotonic()
        self._reasons = []
        try:
            yield
        except Exception as error:  # a broken check must not hide those that follow
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.true(False, f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})")
        took = time.monotonic() - began
        word = "ok  " if self.failed == failed else "FAIL"
        print(f"{word} {title} ({self.passed - passed} of {self.passed - passed + self.failed - failed} checks, {took:.1f} s)")
        for reason in self._reasons[:20]:
            print(f"       {reason}")
        if len(self._reasons) > 20:
            print(f"       and {len(self._reasons) - 20} more")
        sys.stdout.flush()

    def finish(self) -> None:
        """Ends everything that was started, says the sum and exits."""
        processes.end_all()
        if self.failed:
            processes.show_logs()
        processes.forget_directories(keep=bool(self.failed) and "VINR_KEEP" in os.environ)
        print(f"{self.name}: {self.passed} passed, {self.failed} failed")
        sys.stdout.flush()
        sys.exit(1 if self.failed or not self.passed else 0)


def until(ask: Callable[[], Value], what: str, within_s: float = 30.0, every_s: float = 0.03) -> Value:
    """Asks until the answer is true, and returns it. The world outside cannot be advanced, only asked."""
    last: Optional[Exception] = None
    deadline = time.monotonic() + within_s
    while True:
        try:
            answer = ask()
            if answer:
                return answer
        except OSError as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:.0f} s: {what}" + (f" ({last})" if last else ""))
        time.sleep(every_s)
