"""Runs the real curl, as the documentation's reader does, and takes its answer apart."""
from __future__ import annotations

import pathlib
import subprocess
from typing import Optional

from .client import Answer, lower
from .processes import directory


class Curl:
    """Runs curl and keeps headers and body apart in files of its own."""

    def __init__(self) -> None:
        self._files: Optional[pathlib.Path] = None

    def __call__(self, *arguments: str, exit_status: int = 0) -> Answer:
        """curl with these arguments; it must end with `exit_status`."""
        self._files = self._files or directory()
        headers, body = self._files / "headers", self._files / "body"
        for file in (headers, body):
            file.write_bytes(b"")
        ours = ["--silent", "--show-error", "--noproxy", "*", "--dump-header", str(headers), "--output", str(body)]
        done = subprocess.run(["curl", *ours, *arguments], capture_output=True, text=True, timeout=180, check=False)
        if done.returncode != exit_status:
            raise AssertionError(f"curl ended with {done.returncode}: {done.stderr.strip()}")
        return answer_of(headers.read_text("latin-1"), body.read_bytes())


def answer_of(headers: str, body: bytes) -> Answer:
    """The last answer in what curl dumped (an interim one may stand before it); status 0 when there was none."""
    blocks = [block for block in headers.replace("\r\n", "\n").split("\n\n") if block.strip()]
    if not blocks:
        return Answer(0, {}, body)
    status, *lines = blocks[-1].split("\n")
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return Answer(int(status.split()[1]), lower((name, value.strip()) for name, value in pairs), body)
