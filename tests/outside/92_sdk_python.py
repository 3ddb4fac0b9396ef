"""The Python SDK: installed with its pinned tools, held to strict types, and its own tests run against the program: the shared vectors
and scenarios, faults, forks and threads, the examples and the guide, the wheel in an empty environment."""
from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys

from rig.checks import Suite
from rig.processes import BINARY, ROOT, VENV

SDK = ROOT / "sdks" / "python"
HOME = VENV.parent / "venv-sdk-python"
PYTHON = HOME / "bin" / "python"
STAMP = HOME / "installed.txt"
#: Fewer would mean that a file of tests was not found.
FEWEST_TESTS = 550

suite = Suite("92_sdk_python", within_s=900)


def run(*arguments: object, within_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs a program in the SDK's directory, with the program under test named."""
    environment = {**os.environ, "VINR_BIN": str(BINARY), "NO_COLOR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("VINR_BASE_URL", None)
    return subprocess.run(
        [str(word) for word in arguments], cwd=SDK, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=within_s, check=False,
    )


def told(done: subprocess.CompletedProcess[str], lines: int = 80) -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-lines:])


def installed() -> bool:
    """Makes the environment with what `requirements-dev.txt` pins, unless it is there already."""
    wanted = hashlib.sha256((SDK / "requirements-dev.txt").read_bytes() + (SDK / "pyproject.toml").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return True
    for arguments in (
        (sys.executable, "-m", "venv", "--clear", HOME),
        (PYTHON, "-m", "pip", "install", "-q", "-r", "requirements-dev.txt"),
        (PYTHON, "-m", "pip", "install", "-q", "--no-build-isolation", "-e", "."),
    ):
        done = run(*arguments)
        if not suite.equal(done.returncode, 0, told(done)):
            return False
    # Written last: an installation that was cut short starts over.
    STAMP.write_text(wanted)
    return True


with suite.group("the development tools are installed"):
    ready = suite.true(installed(), "not installed")

if ready:
    with suite.group("its names and types fit the API document"):
        done = run(PYTHON, "scripts/generate.py", "--check")
        suite.equal(done.returncode, 0, told(done))
    with suite.group("it is typed strictly, and so are its tests"):
        done = run(PYTHON, "-m", "mypy", "--cache-dir", VENV.parent / "mypy-sdk-python")
        suite.equal(done.returncode, 0, told(done))
    with suite.group("its tests pass"):
        done = run(PYTHON, "-m", "pytest", within_s=700)
        suite.equal(done.returncode, 0, told(done, 200))
        passed = re.search(r"(\d+) passed", done.stdout)
        suite.true(passed and int(passed[1]) >= FEWEST_TESTS, f"only {passed[1] if passed else 'no'} tests ran: {told(done)}")

suite.finish()
