"""Runs the scenarios of tests/browser in a real browser, with what they need installed first."""
from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess

from .checks import Suite
from .processes import BINARY, ROOT

TESTS = ROOT / "tests" / "browser"
STAMP = TESTS / "node_modules" / ".installed"


def run(suite: Suite, directory: str, fewest: int) -> None:
    """Every scenario in this directory must hold; fewer than `fewest` mean that a file was not found."""
    with suite.group("node, npm and chromium are there"):
        for needed in ("node", "npm", "chromium"):
            suite.true(shutil.which(needed), f"{needed} is not installed")
    with suite.group("what the scenarios need is installed"):
        ready = suite.true(installed(suite), "not installed")
    if not ready:
        return
    with suite.group("every scenario holds"):
        files = sorted(str(path.relative_to(TESTS)) for path in (TESTS / directory).glob("*.test.mjs"))
        done = program("node", "--test", "--test-concurrency=2", "--test-reporter=spec", *files)
        output = done.stdout + done.stderr
        count = re.search(r"^ℹ tests (\d+)$", output, re.M)
        at = output.find("failing tests:")
        suite.equal(done.returncode, 0, output[at:][:8000] if at >= 0 else output[-4000:])
        suite.true(count and int(count.group(1)) >= fewest, f"scenarios: {count and count.group(0)}")


def program(*words: str, within_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs a program in the directory of the scenarios, with the program under test named."""
    environment = {**os.environ, "VINR_BIN": os.path.abspath(BINARY), "NO_COLOR": "1", "NPM_CONFIG_UPDATE_NOTIFIER": "false"}
    return subprocess.run(
        words, cwd=TESTS, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within_s, check=False
    )


def told(done: subprocess.CompletedProcess[str], lines: int = 60) -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-lines:])


def installed(suite: Suite) -> bool:
    """Installs what `package-lock.json` pins, unless it is there already."""
    wanted = hashlib.sha256((TESTS / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return True
    done = program("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    if not suite.equal(done.returncode, 0, f"npm ci: {told(done)}"):
        return False
    # Written last: an installation that was cut short starts over.
    STAMP.write_text(wanted)
    return True
