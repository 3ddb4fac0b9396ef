"""Starts the program under test, reads the line it prints when it is ready, and ends it; nothing else is ever ended."""
from __future__ import annotations

import atexit
import json
import os
import pathlib
import queue
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from typing import Any, Mapping, Optional, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("VINR_BIN") or str(ROOT / "target" / "debug" / "vinr")
VENV = pathlib.Path(os.environ.get("VENV") or ROOT / "target" / "venv")

_started: list[Program] = []
_directories: list[pathlib.Path] = []


def directory() -> pathlib.Path:
    """A new empty directory that is gone when the suite has ended."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="vinr-outside-"))
    _directories.append(path)
    return path


def forget_directories(keep: bool) -> None:
    """Removes what `directory` made, or says where it is."""
    for path in _directories:
        if keep:
            print(f"kept {path}")
        else:
            shutil.rmtree(path, ignore_errors=True)
    _directories.clear()


def free_port() -> int:
    """A port that nobody listens on, below those that the kernel hands out by itself."""
    for _ in range(200):
        port = random.SystemRandom().randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


def listening(pid: int) -> list[str]:
    """Addresses of the process's own listening TCP sockets, IPv4 and IPv6."""
    inodes = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(link))
        except OSError:
            continue
        if found:
            inodes.add(found.group(1))
    addresses = []
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                addresses.append(_address_of(fields[1]))
    return addresses


def _address_of(text: str) -> str:
    """`0100007F:20E4` as `127.0.0.1`: words of the kernel, in the machine's byte order."""
    raw = bytes.fromhex(text.split(":")[0])
    if len(raw) == 4:
        return socket.inet_ntop(socket.AF_INET, raw[::-1])
    return socket.inet_ntop(socket.AF_INET6, b"".join(raw[i : i + 4][::-1] for i in range(0, 16, 4)))


class Program:
    """One run of the program. Standard error goes to a file; standard output is read line by line."""

    def __init__(
        self, arguments: Sequence[str], log: pathlib.Path, cwd: Optional[pathlib.Path] = None, stdin: int = subprocess.DEVNULL,
        environment: Optional[Mapping[str, str]] = None,
    ) -> None:
        self.arguments = list(arguments)
        self.log = log
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                [BINARY, *self.arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=errors, cwd=cwd,
                env={**os.environ, **(environment or {})},
            )
        self.lines: queue.Queue[Optional[str]] = queue.Queue()
        self.said: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()
        _started.append(self)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            text = line.decode("utf-8", "replace").rstrip("\n")
            self.said.append(text)
            self.lines.put(text)
        self.lines.put(None)

    @property
    def pid(self) -> int:
        return self.process.pid

    def line(self, within_s: float) -> Optional[str]:
        """The next line of standard output; nothing when it ended."""
        try:
            return self.lines.get(timeout=within_s)
        except queue.Empty:
            raise AssertionError(f"{self.arguments[0]} said nothing for {within_s:.0f} s: {self.errors()[-400:]}") from None

    def errors(self) -> str:
        """What it wrote on standard error (of every run with this log)."""
        return self.log.read_text("utf-8", "replace")

    def ready_line(self, within_s: float) -> dict[str, Any]:
        """The line of JSON that it says when it is ready."""
        deadline = time.monotonic() + within_s
        while True:
            line = self.line(max(0.1, deadline - time.monotonic()))
            if line is None:
                raise AssertionError(f"vinr {self.arguments[0]} ended with {self.process.wait()}: {self.errors()[-800:]}")
            if line.startswith("{"):
                ready: dict[str, Any] = json.loads(line)
                return ready

    def ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        """As a power cut: SIGKILL, at once."""
        self.process.kill()
        self.process.wait()

    def stop(self, by: int = signal.SIGTERM, within_s: float = 15.0) -> int:
        """Asks it to end, and returns its status."""
        if not self.ended():
            self.process.send_signal(by)
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.arguments[0]} had not ended {within_s:.0f} s after signal {by}") from None


class Dev(Program):
    """`vinr dev` on free ports, ready to be asked."""

    def __init__(
        self,
        *extra: str,
        data: Optional[pathlib.Path] = None,
        ports: Optional[tuple[int, ...]] = None,
        limits: bool = False,
        within_s: float = 60.0,
    ) -> None:
        self.data = data or directory() / "data"
        api, link, local = (*(ports or (0, 0)), 0)[:3]
        arguments = ["dev", "--json", "--data-dir", str(self.data), "--api-port", str(api), "--link-port", str(link)]
        arguments += ["--local-port", str(local)]
        if not limits:
            arguments += ["--rate-limits", "off"]
        super().__init__([*arguments, *extra], self.data.parent / f"{self.data.name}.dev.log")
        self.ready = self.ready_line(within_s)
        self.api: str = self.ready["api"]
        self.key: str = self.ready["secretKey"]
        self.terminal: str = self.ready["terminalId"]


class Simulator(Program):
    """`vinr simulator`, ready to be asked; standard input is a pipe that this process holds."""

    def __init__(self, *extra: str, temporary: Optional[pathlib.Path] = None, within_s: float = 60.0) -> None:
        #: Where it makes its directory.
        self.temporary = temporary or directory()
        began = time.monotonic()
        super().__init__(
            ["simulator", "--json", *extra], directory() / "simulator.log", stdin=subprocess.PIPE,
            environment={"TMPDIR": str(self.temporary)},
        )
        self.ready = self.ready_line(within_s)
        self.took_s = time.monotonic() - began

    def close_stdin(self, within_s: float = 15.0) -> int:
        """As when the program that holds the other end is gone; returns the status it ends with."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(within_s)


class Terminal(Program):
    """`vinr terminal` on a directory that `vinr dev --external` provisioned."""

    def __init__(self, data: pathlib.Path, *extra: str) -> None:
        super().__init__(["terminal", "--data", str(data), *extra], data.parent.parent.parent / f"{data.name}.log")


def run(*arguments: str, within_s: float = 30.0, cwd: Optional[pathlib.Path] = None) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end."""
    return subprocess.run(
        [BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within_s, cwd=cwd, check=False
    )


def end_all() -> None:
    """Ends every program that is still running."""
    for program in _started:
        if not program.ended():
            program.process.terminate()
    for program in _started:
        try:
            program.process.wait(10)
        except subprocess.TimeoutExpired:
            program.kill()


def show_logs(lines: int = 25) -> None:
    """The end of what each program wrote on standard error, once per file."""
    for log in sorted({program.log for program in _started}):
        if not log.exists():
            continue
        print(f"--- end of {log.name}")
        for line in log.read_text("utf-8", "replace").splitlines()[-lines:]:
            print(f"    {line[:300]}")


atexit.register(forget_directories, keep=False)
atexit.register(end_all)
