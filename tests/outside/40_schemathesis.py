"""Sends what the OpenAPI document allows, and what it does not, to every operation: every answer must be one that the
document promises, and none a 5xx. Deterministic: the same document gives the same requests."""
from __future__ import annotations

import os
import pathlib
import re
import subprocess

from rig.checks import Suite
from rig.client import PAYMENTS, Client
from rig.processes import VENV, Dev, directory

#: A sound request meets a payment in any state, and 422 says that the state does not allow it; nowhere else is it an
#: answer to a sound request.
STATEFUL = ("{id}/capture", "{id}/cancel", "{id}/present-card")
SETTINGS = "".join(
    f'''
[[operations]]
include-path-regex = "{path.replace("{", "[{]").replace("}", "[}]")}$"
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]
'''
    for path in STATEFUL
)
#: Payments with everything that moves them, and what only looks. Operations that make and end keys, terminals and
#: endpoints would cut the branch that the run sits on; they have suites of their own.
PATHS = (
    r"^/(healthz|readyz|metrics|docs.*|v1/openapi[.]json|v1/terminal/payments.*|v1/test/terminals/[{]id[}]/present-card"
    r"|v1/terminal-models|v1/audit-log/verify)$"
)
EXAMPLES = os.environ.get("VINR_SCHEMATHESIS_EXAMPLES", "60")

suite = Suite("40_schemathesis", within_s=400)
dev = Dev("--pace-ms", "0", "--prompt-timeout-ms", "2000", "--acquirer-answer-ms", "500")
client = Client(dev.api, dev.key)


def run(scheme: str, header: str) -> None:
    """One run with the key in this header."""
    where = directory()
    (where / "schemathesis.toml").write_text(SETTINGS)
    arguments = [
        str(VENV / "bin" / "schemathesis"), "run", f"{dev.api}/v1/openapi.json", "--header", header,
        "--include-path-regex", PATHS, "--checks", "all", "--mode", "all", "--max-examples", EXAMPLES, "--generation-deterministic",
        "--workers", "1", "--request-timeout", "140", "--no-color", "--continue-on-failure",
        "--suppress-health-check", "all", "--generation-with-security-parameters", "false", "--report", "ndjson", "--report-dir", str(where),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "rig.schemathesis_hooks", "PYTHONPATH": str(pathlib.Path(__file__).parent)}
    environment = {**os.environ, **hooks, "NO_PROXY": "*"}
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, cwd=where, env=environment, check=False)
    said = done.stdout + done.stderr
    if not suite.equal(done.returncode, 0, f"{scheme}: schemathesis ended with"):
        lines = said.splitlines()
        begin = next((at for at, line in enumerate(lines) if "FAILURES" in line or "ERRORS" in line), 0)
        print("\n".join(lines[begin : begin + 400]))
    tested = re.search(r"(\d+) generated", said)
    suite.true(tested and int(tested.group(1)) > 200, f"{scheme}: too few requests: {tested and tested.group(0)}")
    operations = len(re.findall(r'"operationId"', client.get("/v1/openapi.json").body.decode()))
    suite.true(operations >= 6, f"{scheme}: only {operations} operations are documented")
    statuses = answers(where)
    suite.true({200, 202, 400, 404} <= set(statuses), f"{scheme}: answers that never came; seen: {statuses}")
    suite.equal([status for status in statuses if status >= 500], [], f"{scheme}: 5xx")
    print(f"     {scheme}: {sum(statuses.values())} answers: {dict(sorted(statuses.items()))}")


def answers(where: pathlib.Path) -> dict[int, int]:
    """How often each status was answered, from the report."""
    counts: dict[int, int] = {}
    for report in where.rglob("*.ndjson"):
        for found in re.finditer(r'"status_code": ?(\d{3})', report.read_text("utf-8", "replace")):
            counts[int(found.group(1))] = counts.get(int(found.group(1)), 0) + 1
    return counts


with suite.group("every operation, Bearer"):
    run("Bearer", f"Authorization: Bearer {dev.key}")
with suite.group("every operation, X-Api-Key"):
    run("X-Api-Key", f"X-Api-Key: {dev.key}")
with suite.group("afterwards the server is well, and every payment in order"):
    suite.true(not dev.ended(), "it has ended")
    suite.true("panicked" not in dev.errors(), "it panicked")
    order = {"terminalId": dev.terminal, "amount": 1, "currency": "EUR", "responseMode": "sync"}
    suite.true(client.post(PAYMENTS, order).status == 200, "a payment is not answered")
    suite.true(len(client.every_payment()) > 20, "hardly any payment was made")
suite.finish()
