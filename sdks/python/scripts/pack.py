"""Packs what is published for Python: this SDK as wheel and source, and the simulator's program for one platform in a wheel of its
own, which `pip install vinr[simulator]` installs beside it. Called by `cargo xtask package`; takes nothing from the network, and
publishes nothing."""
from __future__ import annotations

import argparse
import base64
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

SDK = pathlib.Path(__file__).resolve().parents[1]
TOP = SDK.parents[1]
#: The oldest moment that a zip file can name: the same input gives the same wheel.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
INIT = '''"""The program `vinr` for this platform, which `vinr.Client` starts when it is told `local_simulator`. Owns nothing else."""
from __future__ import annotations

import pathlib

#: The program.
PROGRAM = pathlib.Path(__file__).resolve().parent / "bin" / "vinr"
__version__ = "{version}"
'''
METADATA = """Metadata-Version: 2.4
Name: vinr-simulator
Version: {version}
Summary: The simulator that the package vinr starts, as a program for this platform.
License-Expression: Apache-2.0
License-File: LICENSE
License-File: THIRD-PARTY.txt
Requires-Python: >=3.10
Description-Content-Type: text/markdown

# vinr-simulator

The program `vinr` for one platform. `vinr.Client` starts it when it is told `local_simulator`; it is installed with
`pip install vinr[simulator]`.
"""
WHEEL = """Wheel-Version: 1.0
Generator: vinr
Root-Is-Purelib: false
Tag: {tag}
"""


def pack_sdk(version: str, out: pathlib.Path) -> None:
    """The SDK, by its build backend, from what is in the checkout."""
    said: dict[str, str] = {}
    exec(compile((SDK / "src/vinr/_version.py").read_text("utf-8"), "_version.py", "exec"), said)
    if said["VERSION"] != version:
        raise SystemExit(f"the SDK's version is {said['VERSION']} and not {version}: run `cargo xtask gen versions`")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(out)], cwd=SDK, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def pack_simulator(version: str, platform: str, program: pathlib.Path, notices: pathlib.Path, out: pathlib.Path) -> None:
    """The wheel with the program: it is a zip file with a list of what is in it."""
    tag = f"py3-none-{platform}"
    info = f"vinr_simulator-{version}.dist-info"
    files: list[tuple[str, bytes, int]] = [
        ("vinr_simulator/__init__.py", INIT.format(version=version).encode(), 0o644),
        ("vinr_simulator/py.typed", b"", 0o644),
        ("vinr_simulator/bin/vinr", program.read_bytes(), 0o755),
        (f"{info}/METADATA", METADATA.format(version=version).encode(), 0o644),
        (f"{info}/WHEEL", WHEEL.format(tag=tag).encode(), 0o644),
        (f"{info}/licenses/LICENSE", (TOP / "LICENSE").read_bytes(), 0o644),
        (f"{info}/licenses/THIRD-PARTY.txt", notices.read_bytes(), 0o644),
    ]
    record = "".join(f"{name},sha256={digest(content)},{len(content)}\n" for name, content, _ in files) + f"{info}/RECORD,,\n"
    files.append((f"{info}/RECORD", record.encode(), 0o644))
    with tempfile.NamedTemporaryFile(dir=out, delete=False) as unfinished:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, content, mode in files:
                entry = zipfile.ZipInfo(name, LONG_AGO)
                entry.external_attr = (0o100000 | mode) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                wheel.writestr(entry, content)
    os.chmod(unfinished.name, 0o644)
    os.replace(unfinished.name, out / f"vinr_simulator-{version}-{tag}.whl")


def digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", required=True)
    parser.add_argument("--platform-tag", required=True)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--notices", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    given = parser.parse_args()
    pack_sdk(given.version, given.out)
    pack_simulator(given.version, given.platform_tag, given.binary, given.notices, given.out)


if __name__ == "__main__":
    main()
