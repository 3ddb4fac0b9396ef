"""The Rust SDK against the real program: the shared scenarios, and terminals on the local network. What needs no program
runs with `cargo test`."""
from __future__ import annotations

import os
import re
import subprocess

from rig.checks import Suite
from rig.processes import BINARY, ROOT

#: Fewer would mean that a file of tests was not found.
FEWEST_TESTS = 8

suite = Suite("93_sdk_rust", within_s=1200)

with suite.group("its tests against the program pass"):
    # As a part of the workspace: with the features of its neighbours, as it has been built before.
    done = subprocess.run(
        [os.environ.get("CARGO", "cargo"), "test", "--workspace", "--test", "platform"],
        cwd=ROOT, env={**os.environ, "VINR_BIN": str(BINARY), "RUST_BACKTRACE": "0"}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=1100, check=False,
    )
    told = "\n".join((done.stdout + done.stderr).splitlines()[-60:])
    suite.equal(done.returncode, 0, told)
    passed = re.search(r"(\d+) passed", done.stdout)
    suite.true(passed and int(passed[1]) >= FEWEST_TESTS, f"only {passed[1] if passed else 'no'} tests ran: {told}")

suite.finish()
