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
#: Payments with everything that moves them, and what only looks: here every sound request must be taken.
STRICT = (
    r"^/(healthz|readyz|metrics|docs.*|v1/openapi[.]json|v1/terminal/payments.*|v1/test/terminals/[{]id[}]/present-card"
    r"|v1/terminal-models|v1/audit-log/verify)$"
)
#: All that an account has beside payments, for an account of its own: whatever ends there, ends there. Not the stream of
#: events, which is answered for as long as somebody reads (46_streams_tls_listen.py), nor activation, which a few guesses
#: lock for an hour, as they must (25_pairing.py).
OWN = (
    r"^/v1/(account.*|api-keys.*|audit-log.*|batches.*|events|events/[{]id[}]|locations.*|refunds.*|terminal-actions.*"
    r"|terminals|terminals/[{]id[}].*|test/terminals.*|webhook-endpoints.*|device/pairings.*)$"
)
#: What operators may do.
OPERATED = r"^/v1/operator/.*$"
#: What a schema cannot say (this URL leads to a public address, that location exists, this refund is within its payment)
#: decides there whether a sound request is taken; the suites of those operations know.
LOOSE = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 401, 403, 404, 409, 422, 429]
"""
EXAMPLES = os.environ.get("VINR_SCHEMATHESIS_EXAMPLES", "60")
FEWER = os.environ.get("VINR_SCHEMATHESIS_FEWER", "10")

suite = Suite("40_schemathesis", within_s=800)
dev = Dev("--pace-ms", "0", "--prompt-timeout-ms", "2000", "--acquirer-answer-ms", "500")
client = Client(dev.api, dev.key)


def run(scheme: str, header: str, paths: str = STRICT, settings: str = SETTINGS, examples: str = EXAMPLES, acting: str = "") -> None:
    """One run with the key in this header. `acting`: the id of that key, which the run must not end."""
    where = directory()
    (where / "schemathesis.toml").write_text(settings)
    arguments = [
        str(VENV / "bin" / "schemathesis"), "run", f"{dev.api}/v1/openapi.json", "--header", header,
        "--include-path-regex", paths, "--checks", "all", "--mode", "all", "--max-examples", examples, "--generation-deterministic",
        "--workers", "1", "--request-timeout", "140", "--no-color", "--continue-on-failure",
        "--suppress-health-check", "all", "--generation-with-security-parameters", "false", "--report", "ndjson", "--report-dir", str(where),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "rig.schemathesis_hooks", "PYTHONPATH": str(pathlib.Path(__file__).parent), "VINR_ACTING_KEY": acting}
    environment = {**os.environ, **hooks, "NO_PROXY": "*"}
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, cwd=where, env=environment, check=False)
    said = done.stdout + done.stderr
    if not suite.equal(done.returncode, 0, f"{scheme}: schemathesis ended with"):
        lines = said.splitlines()
        begin = next((at for at, line in enumerate(lines) if "FAILURES" in line or "ERRORS" in line), 0)
        print("\n".join(lines[begin : begin + 400]))
    tested = re.search(r"(\d+) generated", said)
    suite.true(tested and int(tested.group(1)) > 200, f"{scheme}: too few requests: {tested and tested.group(0)}")
    selected = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", said)
    suite.true(selected and selected.group(1) == selected.group(3), f"{scheme}: not all were tested: {selected and selected.group(0)}")
    statuses = answers(where)
    suite.true({200, 400, 404} <= set(statuses), f"{scheme}: answers that never came; seen: {statuses}")
    suite.equal([status for status in statuses if status >= 500], [], f"{scheme}: 5xx")
    print(f"     {scheme}: {selected and selected.group(1)} operations, {sum(statuses.values())} answers: {dict(sorted(statuses.items()))}")


def answers(where: pathlib.Path) -> dict[int, int]:
    """How often each status was answered, from the report."""
    counts: dict[int, int] = {}
    for report in where.rglob("*.ndjson"):
        for found in re.finditer(r'"status_code": ?(\d{3})', report.read_text("utf-8", "replace")):
            counts[int(found.group(1))] = counts.get(int(found.group(1)), 0) + 1
    return counts


with suite.group("payments and what only looks, Bearer"):
    run("Bearer", f"Authorization: Bearer {dev.key}")
with suite.group("payments and what only looks, X-Api-Key"):
    run("X-Api-Key", f"X-Api-Key: {dev.key}")
operator = Client(dev.api, "ok_vinr_dev")
with suite.group("all that an account has beside payments"):
    account = operator.post("/v1/operator/accounts", {"displayName": "Anything goes"}).json()
    key = operator.post(f"/v1/operator/accounts/{account['id']}/api-keys", {"type": "secret", "livemode": False}).json()
    run("account", f"Authorization: Bearer {key['secret']}", OWN, LOOSE, FEWER, key["id"])
with suite.group("what operators may do"):
    run("operator", "Authorization: Bearer ok_vinr_dev", OPERATED, LOOSE, FEWER)
    done = operator.post("/v1/operator/accounts/acct_dev", {"suspended": False})
    suite.equal(done.status, 200, "the sandbox's account goes on")
with suite.group("afterwards the server is well, and every payment in order"):
    suite.true(not dev.ended(), "it has ended")
    suite.true("panicked" not in dev.errors(), "it panicked")
    order = {"terminalId": dev.terminal, "amount": 1, "currency": "EUR", "responseMode": "sync"}
    suite.true(client.post(PAYMENTS, order).status == 200, "a payment is not answered")
    suite.true(len(client.every_payment()) > 20, "hardly any payment was made")
suite.finish()
