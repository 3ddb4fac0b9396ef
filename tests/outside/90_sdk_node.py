"""The Node SDK: built from a clean install, its generated types compared with the API document, its examples type-checked, and its
own tests run against the program: the shared vectors and scenarios, faults, the packed package in an empty directory."""
from __future__ import annotations

import re
import shutil
import subprocess

from rig.checks import Suite
from rig.sdks import NODE, node_tools, run, told

#: Fewer would mean that a file of tests was not found.
FEWEST_TESTS = 520

suite = Suite("90_sdk_node", within_s=900)


def npm(*arguments: str, within_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs npm in the SDK's directory, with the program under test named."""
    return run("npm", *arguments, cwd=NODE, within_s=within_s)


def failures(output: str) -> str:
    """What the test runner says about the tests that failed."""
    at = output.find("failing tests:")
    return output[at:][:6000] if at >= 0 else output[-3000:]


with suite.group("node and npm are there"):
    suite.true(shutil.which("npm"), "npm is not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    suite.true(int(re.sub(r"^v(\d+).*", r"\1", version.strip()) or 0) >= 20, f"node is {version!r}, and the SDK needs 20")

with suite.group("the development tools are installed"):
    wrong = node_tools()
    ready = suite.true(wrong is None, str(wrong))

if ready:
    for title, arguments in (
        ("it builds, for import and for require", ("run", "build")),
        ("its types fit the API document, and its examples are typed", ("run", "check")),
    ):
        with suite.group(title):
            done = npm(*arguments)
            suite.equal(done.returncode, 0, told(done))
    with suite.group("its tests pass"):
        done = npm("test", within_s=600)
        suite.equal(done.returncode, 0, failures(done.stdout))
        passed = re.search(r"pass (\d+)", done.stdout)
        suite.true(passed and int(passed[1]) >= FEWEST_TESTS, f"only {passed[1] if passed else 'no'} tests ran: {told(done)}")

suite.finish()
