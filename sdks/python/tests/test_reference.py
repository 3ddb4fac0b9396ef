"""The reference page says what the package is: it is written from it, and nothing that can be called is missing."""
from __future__ import annotations

import pathlib
import subprocess
import sys

import vinr

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
PAGE = (PACKAGE.parents[1] / "docs/sdks/reference/python.md").read_text("utf-8")


def test_the_page_is_what_the_package_says() -> None:
    done = subprocess.run([sys.executable, PACKAGE / "scripts/reference.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_calls_options_and_errors_are_on_it() -> None:
    for name in ("client.terminal.payments.create_local(", "client.terminal.payments.resolve(", "client.terminal.readers.discover("):
        assert f"#### `{name}" in PAGE
    assert "`simulate_offline`" in PAGE
    for name, one in vars(vinr).items():
        if isinstance(one, type) and issubclass(one, vinr.VinrError):
            assert f"`{name}`" in PAGE


def test_nothing_says_any_more_that_it_cannot_be_done() -> None:
    for path in (PACKAGE / "src").rglob("*.py"):
        assert "not_supported" not in path.read_text("utf-8"), path
