"""The bundled simulator: a platform with one terminal in a process of its own. Owns that process: where its program is, that it is
started once for each client and process, and that it never outlives them."""
from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import pathlib
import platform
import queue
import shutil
import subprocess
import tempfile
import threading
import weakref
from typing import Any, Optional

from .._errors import ConfigurationError

READY_S = 60.0
END_S = 10.0
VARIABLE = "VINR_SIMULATOR"


@dataclasses.dataclass(frozen=True)
class Simulated:
    """What a running simulator says of itself."""

    terminal: str
    model: str
    ip: str
    port: int
    ca: str
    #: The till's certificate and its key, PEM.
    own: bytes = dataclasses.field(repr=False)
    api: str
    secret_key: str = dataclasses.field(repr=False)


@dataclasses.dataclass
class _Run:
    """One process, and what ends it."""

    process: subprocess.Popen[str]
    said: Simulated
    end: Any


#: Simulators of this process; a child that was forked lets go of them.
_ALL: weakref.WeakSet[Simulator] = weakref.WeakSet()


class Simulator:
    """Starts the simulator when it is first asked for, once for all threads; a process that was forked has its own."""

    def __init__(self, path: Optional[str], offline: bool) -> None:
        self._path = path
        self._offline = offline
        self._lock = threading.Lock()
        self._run: Optional[_Run] = None
        #: Noted as soon as there is one, so that a child that is forked meanwhile finds it too.
        self._process: Optional[subprocess.Popen[str]] = None
        self._closed = False
        _ALL.add(self)

    def started(self) -> Simulated:
        """What the simulator says of itself; starts it unless it runs."""
        with self._lock:
            if self._closed:
                raise ConfigurationError("this client was closed, and its simulator has ended", code="client_closed")
            run = self._run
            if run is None or run.process.poll() is not None:
                run = self._run = self._start()
            return run.said

    def end(self) -> None:
        """Ends it, and waits until it has."""
        with self._lock:
            self._closed = True
            if self._run is not None:
                self._run.end()
                self._run = None

    def _start(self) -> _Run:
        program = find(self._path)
        arguments = [program, "simulator", "--json", "--until-stdin-ends", *(["--offline"] if self._offline else [])]
        with tempfile.TemporaryFile("w+") as errors:
            try:
                process = subprocess.Popen(
                    arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, close_fds=True
                )
            except OSError as thrown:
                raise _unavailable(f"{program} cannot be run ({thrown.strerror})") from None
            self._process = process
            end = weakref.finalize(self, _end, process, os.getpid())
            line = _line(process)
            if line is None:
                end()
                errors.seek(0)
                raise ConfigurationError(
                    f"the simulator did not start: {errors.read()[-500:].strip() or 'it said nothing'}", code="simulator_failed",
                    param="terminal.local_simulator",
                )
        return _Run(process, _said(line), end)

    def forked(self) -> None:
        """In a child: the process is the parent's, and so is what keeps it alive."""
        self._lock = threading.Lock()
        run, self._run = self._run, None
        process, self._process = self._process, None
        if run is not None:
            run.end.detach()
        if process is not None:
            # What keeps it alive is the parent's alone, and so is waiting for it.
            process.returncode = 0
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


def _let_go() -> None:
    for one in list(_ALL):
        one.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)


def _end(process: subprocess.Popen[str], owner: int) -> None:
    if os.getpid() != owner:
        return
    # It ends when its input does; that also happens when this process is killed.
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _line(process: subprocess.Popen[str]) -> Optional[str]:
    """The line that says that it is ready; nothing when it ended, or took too long."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    assert process.stdout is not None
    stream = process.stdout

    def read() -> None:
        for line in stream:
            if line.startswith("{"):
                lines.put(line)
                return
        lines.put("")

    threading.Thread(target=read, daemon=True, name="vinr-simulator").start()
    try:
        return lines.get(timeout=READY_S) or None
    except queue.Empty:
        return None


def _said(line: str) -> Simulated:
    told = json.loads(line)
    own = b"".join(pathlib.Path(told[name]).read_bytes() for name in ("clientCert", "clientKey"))
    return Simulated(
        terminal=told["terminal"], model=told["model"], ip=told["ip"], port=told["port"],
        ca=pathlib.Path(told["caBundle"]).read_text("ascii"), own=own, api=told["api"], secret_key=told["secretKey"],
    )


def find(path: Optional[str]) -> str:
    """The program: what the option names, the environment, the package for this platform, a checkout of the repository, the path."""
    for given, name in ((path, "terminal.simulator_path"), (os.environ.get(VARIABLE), VARIABLE)):
        if given:
            if not os.path.isfile(given):
                raise _unavailable(f"{name} names {given}, which is no file")
            return given
    found = importlib.util.find_spec("vinr_simulator")
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        packaged = pathlib.Path(place) / "bin" / ("vinr.exe" if os.name == "nt" else "vinr")
        if packaged.is_file():
            return str(packaged)
    for root in pathlib.Path(__file__).resolve().parents:
        if (root / "sdks" / "python").is_dir():
            for kind in ("release", "debug"):
                built = root / "target" / kind / "vinr"
                if built.is_file():
                    return str(built)
    on_path = shutil.which("vinr")
    if on_path is not None:
        return on_path
    raise _unavailable("there is no simulator")


def _unavailable(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{why} ({platform.system()} {platform.machine()}): pip install 'vinr[simulator]', or name the program vinr in "
        f"terminal.simulator_path or {VARIABLE}", code="simulator_not_available", param="terminal.local_simulator",
    )
