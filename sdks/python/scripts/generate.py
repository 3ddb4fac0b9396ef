#!/usr/bin/env python3
"""Writes `src/vinr/_generated` from docs/openapi.json and sdks/conformance/operations.json. `--check` writes nothing and fails when
what is there has drifted. Owns every name and type of the API in Python; what calls do is not decided here."""
from __future__ import annotations

import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "src" / "vinr"))

from api_document import Document  # noqa: E402
from write_calls import calls, operations  # noqa: E402
from write_models import models, pages, params  # noqa: E402

TARGET = HERE.parent / "src" / "vinr" / "_generated"


def files() -> dict[str, str]:
    """The files, by name."""
    listed = json.loads((ROOT / "sdks/conformance/operations.json").read_text("utf-8"))["operations"]
    document = Document(json.loads((ROOT / "docs/openapi.json").read_text("utf-8")), listed)
    return {
        "__init__.py": '"""Written by scripts/generate.py; not edited by hand."""\n',
        "models.py": models(document),
        "pages.py": pages(document),
        "params.py": params(document),
        "operations.py": operations(document),
        "calls.py": calls(document, asynchronous=False),
        "async_calls.py": calls(document, asynchronous=True),
    }


def main() -> int:
    """Writes, or checks."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; fail when a file would change")
    check = arguments.parse_args().check
    drifted = []
    for name, text in files().items():
        path = TARGET / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        drifted.append(name)
        if not check:
            path.write_text(text, "utf-8")
    if check and drifted:
        print(f"drifted: {', '.join(drifted)}; run python sdks/python/scripts/generate.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
