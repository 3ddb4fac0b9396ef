"""The real platform for the tests that need it: one `vinr dev` for all of them, on free ports, ended when they have ended."""
from __future__ import annotations

import contextlib
import json
import os
import pathlib
import subprocess
import sys
from typing import Iterator, NamedTuple

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = os.environ.get("VINR_BIN") or str(ROOT / "target" / "debug" / "vinr")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))


class Platform(NamedTuple):
    """Where the platform is, and who may ask it."""

    url: str
    secret_key: str
    terminal: str
    #: The place of the terminal on the local network, and the bundle of a till that may speak to it.
    local: str
    bundle: str
    passphrase: str


@contextlib.contextmanager
def started(data: pathlib.Path, *more: str) -> Iterator[dict[str, str]]:
    """`vinr dev`, as fast as it goes and without rate limits: what it says when it is ready."""
    arguments = [BINARY, "dev", "--json", "--data-dir", str(data), "--api-port", "0", "--link-port", "0", "--local-port", "0"]
    with open(data / "errors.log", "wb") as errors:
        process = subprocess.Popen(
            [*arguments, "--rate-limits", "off", "--pace-ms", "0", *more], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=errors, text=True,
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, (data / "errors.log").read_text("utf-8", "replace")[-2000:]
        said: dict[str, str] = json.loads(line)
        yield said
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One platform for all tests that need one."""
    with started(tmp_path_factory.mktemp("platform")) as said:
        place = said["local"].partition("://")[2]
        yield Platform(said["api"], said["secretKey"], said["terminalId"], place, said["clientP12"], said["clientP12Passphrase"])
