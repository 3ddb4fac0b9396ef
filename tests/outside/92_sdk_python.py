"""The Python SDK: installed with its pinned tools, held to strict types, and its own tests run against the program: the shared vectors
and scenarios, faults, forks and threads, the examples and the guide, the wheel in an empty environment."""
from __future__ import annotations

import re
import subprocess

from rig.checks import Suite
from rig.processes import VENV
from rig.sdks import PYTHON, PYTHON_TOOL, python_tools, run, told

#: Fewer would mean that a file of tests was not found.
FEWEST_TESTS = 900

suite = Suite("92_sdk_python", within_s=900)


def python(*arguments: object, within_s: float = 300) -> subprocess.CompletedProcess[str]:
    """Runs the environment's Python in the SDK's directory, with the program under test named."""
    return run(PYTHON_TOOL, *arguments, cwd=PYTHON, within_s=within_s)


with suite.group("the development tools are installed"):
    wrong = python_tools()
    ready = suite.true(wrong is None, str(wrong))

if ready:
    with suite.group("its names and types fit the API document"):
        done = python("scripts/generate.py", "--check")
        suite.equal(done.returncode, 0, told(done))
    with suite.group("it is typed strictly, and so are its tests"):
        done = python("-m", "mypy", "--cache-dir", VENV.parent / "mypy-sdk-python")
        suite.equal(done.returncode, 0, told(done))
    with suite.group("its tests pass"):
        done = python("-m", "pytest", within_s=700)
        suite.equal(done.returncode, 0, told(done, 200))
        passed = re.search(r"(\d+) passed", done.stdout)
        suite.true(passed and int(passed[1]) >= FEWEST_TESTS, f"only {passed[1] if passed else 'no'} tests ran: {told(done)}")

suite.finish()
