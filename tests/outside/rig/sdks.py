"""What the SDKs are developed and packed with, installed once from what each of them pins."""
from __future__ import annotations

import hashlib
import os
import pathlib
import subprocess
import sys
from typing import Mapping, Optional

from .processes import BINARY, ROOT, VENV

NODE = ROOT / "sdks" / "node"
PYTHON = ROOT / "sdks" / "python"
PYTHON_HOME = VENV.parent / "venv-sdk-python"
PYTHON_TOOL = PYTHON_HOME / "bin" / "python"


def run(
    *arguments: object, cwd: pathlib.Path, within_s: float = 300, environment: Optional[Mapping[str, str]] = None
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, with the program under test named and nothing else said about where the API is."""
    said = {
        **os.environ, "VINR_BIN": str(BINARY), "NO_COLOR": "1", "NPM_CONFIG_UPDATE_NOTIFIER": "false", "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **(environment or {}),
    }
    said.pop("VINR_BASE_URL", None)
    return subprocess.run(
        [str(word) for word in arguments], cwd=cwd, env=said, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within_s,
        check=False,
    )


def told(done: subprocess.CompletedProcess[str], lines: int = 80) -> str:
    """The end of what it wrote."""
    return "\n".join((done.stdout + done.stderr).splitlines()[-lines:])


def node_tools() -> Optional[str]:
    """Installs what `package-lock.json` pins, unless it is there already; what went wrong, or nothing."""
    return _once(NODE / "node_modules" / ".installed", [NODE / "package-lock.json"], [
        ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
    ], NODE)


def python_tools() -> Optional[str]:
    """Makes the environment with what `requirements-dev.txt` pins, unless it is there already; what went wrong, or nothing."""
    return _once(PYTHON_HOME / "installed.txt", [PYTHON / "requirements-dev.txt", PYTHON / "pyproject.toml"], [
        (sys.executable, "-m", "venv", "--clear", PYTHON_HOME),
        (PYTHON_TOOL, "-m", "pip", "install", "-q", "-r", "requirements-dev.txt"),
        (PYTHON_TOOL, "-m", "pip", "install", "-q", "--no-build-isolation", "-e", "."),
    ], PYTHON)


def _once(stamp: pathlib.Path, pinned: list[pathlib.Path], commands: list[tuple[object, ...]], cwd: pathlib.Path) -> Optional[str]:
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in pinned)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return None
    for command in commands:
        done = run(*command, cwd=cwd)
        if done.returncode != 0:
            return told(done)
    # Written last: an installation that was cut short starts over.
    stamp.write_text(wanted)
    return None
