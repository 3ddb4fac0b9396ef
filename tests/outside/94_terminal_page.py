"""The terminal page in a real browser: a person pays, takes the internet and the power away, and strangers try to. The scenarios
are in tests/browser/terminal-page; this installs what they need and runs them."""
from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess

from rig.checks import Suite
from rig.processes import BINARY, ROOT

TESTS = ROOT / "tests" / "browser"
STAMP = TESTS / "node_modules" / ".installed"
#: Fewer would mean that a file of scenarios was not found.
FEWEST_TESTS = 30

suite = Suite("94_terminal_page", within_s=400)


def program(*words: str, within_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs a program in the directory of the scenarios, with the program under test named."""
    environment = {**os.environ, "VINR_BIN": str(BINARY), "NO_COLOR": "1", "NPM_CONFIG_UPDATE_NOTIFIER": "false"}
    return subprocess.run(
        words, cwd=TESTS, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=within_s, check=False
    )


def told(done: subprocess.CompletedProcess[str], lines: int = 60) -> str:
    return "\n".join((done.stdout + done.stderr).splitlines()[-lines:])


def installed() -> bool:
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


with suite.group("node, npm and chromium are there"):
    for needed in ("node", "npm", "chromium"):
        suite.true(shutil.which(needed), f"{needed} is not installed")

with suite.group("what the scenarios need is installed"):
    ready = suite.true(installed(), "not installed")

if ready:
    with suite.group("every scenario holds"):
        files = sorted(str(path.relative_to(TESTS)) for path in (TESTS / "terminal-page").glob("*.test.mjs"))
        run = program("node", "--test", "--test-concurrency=2", "--test-reporter=spec", *files)
        output = run.stdout + run.stderr
        count = re.search(r"^ℹ tests (\d+)$", output, re.M)
        at = output.find("failing tests:")
        suite.equal(run.returncode, 0, output[at:][:8000] if at >= 0 else output[-4000:])
        suite.true(count and int(count.group(1)) >= FEWEST_TESTS, f"scenarios: {count and count.group(0)}")

suite.finish()
