"""The Python SDK: installed with its pinned tools, held to strict types, and its own tests run against the program: the shared vectors
and scenarios, faults, forks and threads, the examples and the guide, the wheel in an empty environment."""
from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from rig.checks import Suite
from rig.processes import VENV
from rig.sdks import PYTHON, PYTHON_TOOL, python_tools, run, told

#: Fewer would mean that a file of tests was not found.
FEWEST_TESTS = 900
#: Files whose tests mostly wait, for the platform and for processes: they run beside the rest.
PARTS = (
    ("tests/test_scenarios.py",),
    ("tests/test_simulator.py", "tests/test_mdns.py", "tests/test_local.py", "tests/test_hybrid.py"),
)

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
        with ThreadPoolExecutor(len(PARTS) + 1) as pool:
            rest = [word for part in PARTS for name in part for word in ("--ignore", name)]
            runs = list(pool.map(lambda part: python("-m", "pytest", *part, within_s=700), [*PARTS, tuple(rest)]))
        for done in runs:
            suite.equal(done.returncode, 0, told(done, 200))
        passed = sum(int(found[1]) for done in runs if (found := re.search(r"(\d+) passed", done.stdout)))
        suite.true(passed >= FEWEST_TESTS, f"only {passed} tests ran")

suite.finish()
