"""What is published of the SDKs, made by `cargo xtask package` and installed from those files alone into empty places: the programs of
the documentation about the local simulator run there, and nothing of a simulator is left when they have ended."""
from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from typing import Any, Mapping

from rig.checks import Suite, until
from rig.processes import ROOT, directory
from rig.sdks import PYTHON_TOOL, node_tools, python_tools, run, told

TERMINAL = "term_local_simulator"
READER = {"id": TERMINAL, "ip": "127.0.0.1", "model": "simulator", "status": "online"}
#: Every test card of the documentation, and how a payment with it ends.
CARDS = (
    ("4242424242424242", "completed", None), ("4000000000000002", "failed", "card_declined"),
    ("4000000000009995", "failed", "insufficient_funds"), ("4000000000000069", "failed", "expired_card"),
    ("4100000000000019", "failed", "lost_or_stolen"),
)
#: As the documentation writes it: nobody closes the client, and the program ends all the same.
NODE_PAGE = """
%s
async function main() {
  const vinr = new Vinr({ secretKey: 'sk_test_anything', terminal: { localSimulator: true } });
  const readers = await vinr.terminal.readers.discover({ network: 'local' });
  const payments = [];
  for (const simulateCard of JSON.parse(process.argv[2])) {
    payments.push(await vinr.terminal.payments.createLocal({
      readerId: 'term_local_simulator', amount: 1000, currency: 'USD', reference: `local_test_${payments.length}`, simulateCard,
    }));
  }
  console.log(JSON.stringify({ readers, payments }));
}
main();
"""
NODE_OFFLINE = """
import { Vinr } from '@vinr/sdk';
const vinr = new Vinr({ secretKey: 'sk_test_anything', terminal: { localSimulator: true, simulateOffline: true } });
const payment = await vinr.terminal.payments.createLocal({
  readerId: 'term_local_simulator', amount: 1000, currency: 'USD', reference: 'local_test_001',
});
await vinr.close();
console.log(JSON.stringify(payment));
"""
NODE_REFUSED = """
import { Vinr } from '@vinr/sdk';
try {
  const vinr = new Vinr({ secretKey: process.argv[2], terminal: { localSimulator: true } });
  console.log(JSON.stringify(await vinr.terminal.readers.discover({ network: 'local' })));
} catch (error) {
  console.log(JSON.stringify({ class: error.constructor.name, code: error.code, message: error.message }));
}
"""
PYTHON_PAGE = """
import json, sys, vinr
client = vinr.Client(secret_key="sk_test_anything", terminal={"local_simulator": True})
readers = client.terminal.readers.discover(network="local")
payments = []
for card in json.loads(sys.argv[1]):
    payments.append(client.terminal.payments.create_local(
        reader_id="term_local_simulator", amount=1000, currency="USD", reference=f"local_test_{len(payments)}", simulate_card=card,
    ))
shown = lambda one, names: {name: getattr(one, name, None) for name in names}
print(json.dumps({
    "readers": [shown(one, ("id", "ip", "model", "status")) for one in readers],
    "payments": [{"status": one.status, "declineCode": one.decline_code, "metadata": dict(one.metadata)} for one in payments],
}))
"""
PYTHON_OFFLINE = """
import json, vinr
with vinr.Client(secret_key="sk_test_anything", terminal={"local_simulator": True, "simulate_offline": True}) as client:
    payment = client.terminal.payments.create_local(
        reader_id="term_local_simulator", amount=1000, currency="USD", reference="local_test_001",
    )
print(json.dumps({"status": payment.status, "offline": payment.offline}))
"""
PYTHON_REFUSED = """
import json, sys, vinr
try:
    client = vinr.Client(secret_key=sys.argv[1], terminal={"local_simulator": True})
    print(json.dumps([one.id for one in client.terminal.readers.discover(network="local")]))
except vinr.VinrError as error:
    print(json.dumps({"class": type(error).__name__, "code": error.code, "message": str(error)}))
"""

suite = Suite("96_packages", within_s=900)


class Place:
    """An empty directory to install into, with a directory for temporary files and a search path without any `vinr`."""

    def __init__(self) -> None:
        self.home = directory()
        self.temporary = directory()
        tools = self.home / "tools"
        tools.mkdir()
        for name in ("node", "npm"):
            found = shutil.which(name)
            assert found, f"{name} is not installed"
            (tools / name).symlink_to(found)
        self.environment = {
            "PATH": f"{tools}:/usr/bin:/bin", "HOME": str(self.home), "TMPDIR": str(self.temporary), "NPM_CONFIG_CACHE": str(self.home / "cache"),
            "VINR_SIMULATOR": "",
        }

    def run(self, *arguments: object, within_s: float = 120) -> subprocess.CompletedProcess[str]:
        return run(*arguments, cwd=self.home, within_s=within_s, environment=self.environment)

    def answer(self, *arguments: object) -> Any:
        """What a program said, as its last line of JSON."""
        done = self.run(*arguments)
        lines = done.stdout.splitlines()
        assert done.returncode == 0 and lines, f"{done.returncode}: {told(done, 30)}"
        return json.loads(lines[-1])

    def write(self, name: str, text: str) -> pathlib.Path:
        path = self.home / name
        path.write_text(text)
        return path

    def running(self) -> list[str]:
        """Programs of this place that still run."""
        found = []
        for process in pathlib.Path("/proc").iterdir():
            if process.name.isdigit():
                try:
                    program = os.readlink(process / "exe")
                except OSError:
                    continue
                if program.startswith(f"{self.home}/") and "/bin/vinr" in program:
                    found.append(f"{process.name} {program}")
        return found

    def nothing_left(self, what: str) -> None:
        until(lambda: not self.running(), f"{what}: its simulator has ended", 15)
        until(lambda: not list(self.temporary.glob("vinr-simulator-*")), f"{what}: its directory is gone", 5)
        suite.true(True, what)


def packed() -> dict[str, pathlib.Path]:
    """The packages, by kind."""
    out = ROOT / "target" / "package"
    with suite.group("cargo xtask package makes them"):
        for wrong in (node_tools(), python_tools()):
            suite.true(wrong is None, str(wrong))
        done = run(os.environ.get("CARGO", "cargo"), "xtask", "package", "--profile", "dev", cwd=ROOT, within_s=600)
        suite.equal(done.returncode, 0, told(done))
        kinds = {
            "sdk": "vinr-sdk-*.tgz", "simulator": "vinr-simulator-*.tgz", "wheel": "vinr-*.whl", "source": "vinr-*.tar.gz",
            "program": "vinr_simulator-*.whl",
        }
        found = {kind: list(out.glob(pattern)) for kind, pattern in kinds.items()}
        suite.true(all(len(files) == 1 for files in found.values()), f"one of each: {found}")
        files = {kind: paths[0] for kind, paths in found.items()}
        sums = {name: sum for sum, name in (line.split() for line in (out / "SHA256SUMS").read_text().splitlines())}
        suite.equal(sums, {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files.values()}, "SHA256SUMS")
        suite.equal(set(sums) | {"SHA256SUMS"}, {path.name for path in out.iterdir()}, "nothing else is there")
    return files


def contents(files: Mapping[str, pathlib.Path]) -> None:
    with suite.group("each says what it is, where it runs, and holds nothing of its making"):
        with tarfile.open(files["simulator"]) as archive:
            said = json.load(member(archive, "package/package.json"))
            program = archive.getmember("package/bin/vinr")
            suite.true(program.mode & 0o111 == 0o111 and program.size < 80_000_000, f"{program.mode:o}, {program.size} bytes")
            suite.equal((said["os"], said["libc"], len(said["cpu"])), (["linux"], ["glibc"], 1), "where it runs")
            suite.true(b"aws-lc" in member(archive, "package/THIRD-PARTY.txt").read(), "whose work is inside")
            suite.true("scripts" not in said, "a package that runs something when it is installed")
        with tarfile.open(files["sdk"]) as archive:
            sdk = json.load(member(archive, "package/package.json"))
            suite.equal(sdk["optionalDependencies"].get(said["name"]), said["version"], "the SDK asks for it")
            suite.true("scripts" not in sdk and "devDependencies" not in sdk, "what serves its development is left out")
            ours = [one.name for one in archive.getmembers() if "/node_modules/" not in one.name]
            suite.true(all(one.startswith(("package/dist/", "package/README.md", "package/LICENSE", "package/package.json")) for one in ours), f"{ours}")
        with zipfile.ZipFile(files["program"]) as wheel:
            suite.true("manylinux_2_" in files["program"].name, files["program"].name)
            suite.equal(wheel.getinfo("vinr_simulator/bin/vinr").external_attr >> 16 & 0o777, 0o755, "mode of the program")
            notices = [name for name in wheel.namelist() if name.endswith("/licenses/THIRD-PARTY.txt")]
            suite.true(notices and b"aws-lc" in wheel.read(notices[0]), "whose work is inside")
            suite.equal(wheel.testzip(), None, "damaged")
        with zipfile.ZipFile(files["wheel"]) as wheel:
            metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            text = wheel.read(metadata).decode()
            suite.true(f"Requires-Dist: vinr-simulator=={said['version']}; extra == 'simulator'" in text, text[:1500])


def member(archive: tarfile.TarFile, name: str) -> Any:
    found = archive.extractfile(name)
    assert found, name
    return found


def outcomes(payments: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(card, one["status"], one.get("declineCode")) for (card, _, _), one in zip(CARDS, payments)]


def holds(said: Mapping[str, Any], what: str) -> None:
    suite.equal([{name: one.get(name) for name in READER} for one in said["readers"]], [READER], f"{what}: who is there")
    suite.equal(outcomes(said["payments"]), list(CARDS), f"{what}: every test card")
    suite.equal({one["metadata"].get("connectionMode") for one in said["payments"]}, {"local"}, f"{what}: at the terminal")


def node(files: Mapping[str, pathlib.Path]) -> None:
    place = Place()
    cards = json.dumps([card for card, _, _ in CARDS])
    with suite.group("npm installs both from the files, without the network"):
        place.write("package.json", json.dumps({"name": "till", "private": True}))
        done = place.run("npm", "install", "--offline", "--no-audit", "--no-fund", files["sdk"], files["simulator"])
        suite.equal(done.returncode, 0, told(done))
        listed = place.run("npm", "ls", "--all")
        suite.equal(listed.returncode, 0, told(listed))
    with suite.group("the page's program runs in Node, for import and for require, and leaves nothing behind"):
        for name, first in (("page.mjs", "import { Vinr } from '@vinr/sdk';"), ("page.cjs", "const { Vinr } = require('@vinr/sdk');")):
            holds(place.answer("node", place.write(name, NODE_PAGE % first), cards), name)
            place.nothing_left(name)
    with suite.group("simulateOffline: approved by the terminal alone"):
        said = place.answer("node", place.write("offline.mjs", NODE_OFFLINE))
        suite.equal((said["status"], said.get("offline")), ("processing", True), f"{said}")
        place.nothing_left("after close()")
    refused(place, ["node", place.write("refused.mjs", NODE_REFUSED)], lambda: shutil.rmtree(next(place.home.glob("node_modules/@vinr/simulator-*"))),
            "@vinr/simulator-")


def python(files: Mapping[str, pathlib.Path]) -> None:
    place = Place()
    home = place.home / "venv"
    program = home / "bin" / "python"
    with suite.group("pip installs both wheels, the simulator as the extra that asks for it"):
        done = place.run(sys.executable, "-m", "venv", "--without-pip", home)
        suite.equal(done.returncode, 0, told(done))
        wanted = (f"vinr[simulator] @ {files['wheel'].as_uri()}", files["program"])
        done = place.run(PYTHON_TOOL, "-m", "pip", "--python", program, "install", "-q", *wanted)
        suite.equal(done.returncode, 0, told(done))
        checked = place.run(PYTHON_TOOL, "-m", "pip", "--python", program, "check")
        suite.equal(checked.returncode, 0, told(checked))
    with suite.group("the page's program runs in Python, and leaves nothing behind"):
        holds(place.answer(program, place.write("page.py", PYTHON_PAGE), json.dumps([card for card, _, _ in CARDS])), "page.py")
        place.nothing_left("page.py")
    with suite.group("simulate_offline: approved by the terminal alone"):
        said = place.answer(program, place.write("offline.py", PYTHON_OFFLINE))
        suite.equal((said["status"], said["offline"]), ("processing", True), f"{said}")
        place.nothing_left("after close()")
    uninstall = lambda: place.run(PYTHON_TOOL, "-m", "pip", "--python", program, "uninstall", "-q", "-y", "vinr-simulator")
    refused(place, [program, place.write("refused.py", PYTHON_REFUSED)], uninstall, "vinr[simulator]")


def refused(place: Place, command: list[Any], uninstall: Any, package: str) -> None:
    with suite.group("a live key is refused, and so is a machine without the package, which is told what to install"):
        live = place.answer(*command, "sk_live_anything")
        suite.equal((live["class"], live["code"]), ("ConfigurationError", "test_mode_only"), f"{live}")
        uninstall()
        absent = place.answer(*command, "sk_test_anything")
        suite.equal((absent["class"], absent["code"]), ("ConfigurationError", "simulator_not_available"), f"{absent}")
        suite.true(package in absent["message"] and "install" in absent["message"], absent["message"])
        place.nothing_left("nothing was started")


made = packed()
if suite.failed == 0:
    contents(made)
    node(made)
    python(made)
suite.finish()
