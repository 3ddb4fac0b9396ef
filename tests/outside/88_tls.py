"""Every listener that speaks TLS, looked at by testssl.sh: no finding of MEDIUM or above."""
from __future__ import annotations

import json
import subprocess
from typing import Any

from rig.checks import Suite
from rig.processes import Dev, directory, free_port

suite = Suite("88_tls", within_s=600)
ports = (free_port(), free_port())
dev = Dev("--pace-ms", "60", ports=ports)
files = directory()
CA = dev.ready["caBundle"]
GRAVE = {"MEDIUM", "HIGH", "CRITICAL", "FATAL"}
#: What testssl.sh says of any private installation, with the reason why it is no fault here.
EXPECTED = {
    "cert_revocation": "private certificates live for weeks; revoked devices and tills are refused by the listener itself",
    "cert_crlDistributionPoints": "the same",
    "cert_ocspURL": "the same",
    "DNS_CAArecord": "an address on loopback has no DNS",
    "HSTS": "no browser speaks to this listener",
    "security_headers": "no browser speaks to this listener",
}


def examine(what: str, target: str) -> None:
    with suite.group(f"{what} at {target}"):
        report = files / f"{what.replace(' ', '-')}.json"
        command = ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--add-ca", CA, "--jsonfile",
                   str(report), "-p", "-S", "-U", "-f", "-s", target]
        done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
        suite.true(report.exists(), f"testssl.sh wrote nothing: {done.stdout[-300:]} {done.stderr[-300:]}")
        found: list[dict[str, Any]] = json.loads(report.read_text())
        suite.true(len(found) > 30, f"{len(found)} findings: it did not get through: {found[-3:]}")
        by_id = {one["id"]: one for one in found}
        suite.true("offered" in by_id.get("TLS1_3", {}).get("finding", ""), f"TLS 1.3: {by_id.get('TLS1_3')}")
        for old in ("SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2"):
            suite.true(by_id.get(old, {}).get("finding", "").startswith("not offered"), f"{old}: {by_id.get(old)}")
        for one in found:
            grave = one["severity"] in GRAVE and not any(one["id"].startswith(known) for known in EXPECTED)
            suite.true(not grave, f"{one['severity']} {one['id']}: {one['finding']}")


examine("the listener of the terminal", dev.ready["local"].removeprefix("https://"))
examine("the device link", f"127.0.0.1:{ports[1]}")
suite.finish()
