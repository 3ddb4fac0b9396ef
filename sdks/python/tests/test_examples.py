"""The programs of `examples` and the pieces of the guide and the README: typed strictly, run against the platform, and doing what they
say."""
from __future__ import annotations

import base64
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import BINARY, Platform

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
EXAMPLES = PACKAGE / "examples"
PAGES = (PACKAGE / "README.md", PACKAGE.parents[1] / "docs" / "sdks" / "python.md")

SAID: dict[str, list[str]] = {
    "cloud_payments": [
        "created: pending", "asynchronous: completed visa 4242", "synchronous: completed visa 4242 True",
        "response_mode: completed", "declined: failed insufficient_funds", "cancelled: cancelled", "too late: cancel_not_allowed",
        "held: authorized 2500", "captured: completed 2875", "group: completed True", "by reference: completed", "listed: True",
    ],
    "terminal_payments": [
        "created: pending None {'cost_center': '7'}", "retrieved: completed visa 4242 contactless none", "seconds: True",
        "captured: 4200", "cancelled: cancelled", "listed: list True",
    ],
    "terminals": [
        "retrieved: nexgo_n92 True", "updated: Counter 3", "listed: True", "configured: True",
        "effective: Welcome to Acme Coffee", "location: 1", "action: reboot True",
    ],
    "webhooks": ["created: pending", "told: terminal_payment.completed True 4242", "unsigned: 400 no_match"],
    "local_payments": [
        "found: term_test_simulator simulator online", "paid: completed 4242 visa local", "not heard: terminal True",
        "it is there: pending", "recovered: completed", "somebody else: certificate tls_wrong_terminal False",
    ],
    "hybrid_payments": [
        "paid: completed local", "resolved: True completed", "the local network failed: port LocalConnectionError",
        "paid: completed cloud",
    ],
    "local_simulator": [
        "found: term_local_simulator 127.0.0.1 simulator", "paid: completed 4242", "declined: failed card_declined",
        "in the cloud: completed", "without internet: processing",
    ],
    "recovery": ["unknown: ApiTimeoutError True pending", "outcome: completed True", "payments: 1", "the same: True"],
}


def run(program: pathlib.Path, platform: Platform, **more: str) -> list[str]:
    """What a program says. One that starts a platform of its own is told of no other."""
    environment = {
        **os.environ, "VINR_SECRET_KEY": platform.secret_key, "VINR_BASE_URL": platform.url, "VINR_LOCAL_CERT": platform.bundle,
        "VINR_LOCAL_CERT_PASSPHRASE": platform.passphrase, "VINR_LOCAL_HOST": platform.local, "VINR_SIMULATOR": BINARY,
        **more,
    }
    if "local_simulator" in program.read_text("utf-8"):
        del environment["VINR_BASE_URL"]
    with tempfile.TemporaryDirectory(prefix="vinr-tests-") as state:
        done = subprocess.run(
            [sys.executable, "-W", "error", program], env={**environment, "VINR_STATE_DIR": state, "XDG_STATE_HOME": state},
            capture_output=True, text=True, timeout=120, check=False,
        )
    assert done.returncode == 0, done.stderr
    assert platform.secret_key not in done.stdout + done.stderr
    assert platform.passphrase not in done.stdout + done.stderr
    return done.stdout.splitlines()


def test_every_example_is_run() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(SAID)


@pytest.mark.parametrize("name", sorted(SAID))
def test_example(name: str, platform: Platform) -> None:
    assert run(EXAMPLES / f"{name}.py", platform) == SAID[name]


def test_a_device_that_shows_a_code_is_activated(platform: Platform, tmp_path: pathlib.Path) -> None:
    key, request = tmp_path / "key.pem", tmp_path / "request.der"
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=device",
         "-keyout", key, "-outform", "DER", "-out", request], check=True, capture_output=True,
    )
    place = urlsplit(platform.url)
    connection = http.client.HTTPConnection(place.netloc)
    offer = {
        "csr": base64.b64encode(request.read_bytes()).decode(), "model": "nexgo_n92", "serialNumber": "SN-00482910",
        "softwareVersion": "3.14.2",
    }
    connection.request("POST", "/v1/device/pairings", json.dumps(offer), {"Content-Type": "application/json"})
    offered: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    said = run(EXAMPLES / "terminals.py", platform, VINR_ACTIVATION_CODE=offered["activationCode"])
    assert said == ["activated: nexgo_n92 True", *SAID["terminals"]]


def pieces() -> list[Any]:
    """The programs of the pages: the blocks below one heading belong together."""
    found = []
    for page in PAGES:
        for section in re.split(r"^#+ ", page.read_text("utf-8"), flags=re.MULTILINE):
            blocks = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
            if blocks:
                found.append(pytest.param("".join(blocks), id=f"{page.name}: {section.splitlines()[0]}"))
    return found


HEAD = """from __future__ import annotations
import os
import time
import uuid
import vinr
terminal_id = "term_test_simulator"
"""


@pytest.mark.parametrize("piece", pieces())
def test_piece_of_a_page(piece: str, platform: Platform, tmp_path: pathlib.Path) -> None:
    program = tmp_path / "piece.py"
    program.write_text(whole(piece), "utf-8")
    lines = re.findall(r"#: (.*)$", piece, re.MULTILINE)
    assert run(program, platform)[: len(lines) or None] == lines


def whole(piece: str) -> str:
    """A piece with what it takes for granted: a client, unless it makes one."""
    if "Client(" in piece:
        return HEAD + piece
    return f'{HEAD}client = vinr.Client(secret_key=os.environ["VINR_SECRET_KEY"])\n{piece}\nclient.close()\n'


def test_examples_and_pieces_are_typed(tmp_path: pathlib.Path) -> None:
    programs = sorted(EXAMPLES.glob("*.py"))
    for number, piece in enumerate(pieces()):
        programs.append(tmp_path / f"piece_{number}.py")
        programs[-1].write_text(whole(piece.values[0]), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", os.devnull, *programs],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout
