"""The package as it is given away: the wheel has what it needs and nothing else, and works in an empty environment."""
from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest
from conftest import Platform

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = """
import os, vinr, vinr.models
with vinr.Client(secret_key=os.environ["VINR_SECRET_KEY"]) as client:
    payment = client.terminal.payments.create_sync(terminal_id="term_test_simulator", amount=2500, currency="USD")
    print(vinr.__version__, payment.status, vinr.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The wheel, built from the sources."""
    target = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", target, PACKAGE], check=True, capture_output=True
    )
    (found,) = target.glob("*.whl")
    return found


def test_the_wheel_has_the_sources_and_says_that_they_are_typed(wheel: pathlib.Path) -> None:
    assert wheel.name == "vinr-0.1.0-py3-none-any.whl"
    held = set(zipfile.ZipFile(wheel).namelist())
    sources = {path.relative_to(PACKAGE / "src").as_posix() for path in (PACKAGE / "src/vinr").rglob("*.py")}
    described = {name for name in held if ".dist-info/" in name}
    assert held - described == sources | {"vinr/py.typed"}


def test_it_works_where_nothing_else_is(wheel: pathlib.Path, platform: Platform, tmp_path: pathlib.Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "empty"], check=True, capture_output=True)
    python = tmp_path / "empty" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel], check=True, capture_output=True)
    environment = {**os.environ, "VINR_SECRET_KEY": platform.secret_key, "VINR_BASE_URL": platform.url}
    done = subprocess.run(
        [python, "-W", "error", "-c", PROGRAM], env=environment, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    version, status, where = done.stdout.split()
    assert (version, status) == ("0.1.0", "completed")
    assert where.startswith(str(tmp_path))
