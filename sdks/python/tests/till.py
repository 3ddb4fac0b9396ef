"""A till for the matrix of faults (tests/outside/94_hybrid_matrix.py): calls by lines of JSON, as each SDK has one. The first line says
where everything is; every other line is a call, answered with one line. It may be killed at any moment and started again.

`--async` drives the asynchronous client."""
from __future__ import annotations

import asyncio
import inspect
import json
import sys
from typing import Any

import vinr
from vinr._names import from_wire

CALLS = {
    "create": "terminal.payments.create", "createSync": "terminal.payments.create_sync", "createLocal": "terminal.payments.create_local",
    "retrieveByReference": "terminal.payments.retrieve_by_reference", "resolve": "terminal.payments.resolve",
    "discover": "terminal.readers.discover",
}


def settings(said: dict[str, Any]) -> dict[str, Any]:
    """What a client is made with."""
    terminal = {
        "local_cert_path": said.get("p12"), "local_cert_passphrase": said.get("passphrase"), "static_hosts": said.get("staticHosts"),
        "state_dir": said.get("stateDir"), "local_ca_path": said.get("caBundle"),
    }
    if said.get("simulatorPath"):
        terminal.update({"local_simulator": True, "simulator_path": said["simulatorPath"]})
    given = {"secret_key": said["secretKey"], "base_url": said.get("baseUrl"), "terminal": terminal}
    if "maxRetries" in said:
        given["max_retries"] = said["maxRetries"]
    return given


def invoked(client: Any, call: str, args: dict[str, Any]) -> Any:
    """Begins a call."""
    method = client
    for part in CALLS[call].split("."):
        method = getattr(method, part)
    named = {from_wire(name): value for name, value in args.items()}
    if "connectivity" in named:
        named["connectivity"] = {from_wire(name): value for name, value in named["connectivity"].items()}
    if "timeout_ms" in named:
        named["timeout"] = named.pop("timeout_ms") / 1000
    return method(**named)


def shown(found: Any) -> Any:
    """A result in the names of the API."""
    if isinstance(found, list):
        return [shown(one) for one in found]
    wire = {"client_token": "clientToken", "decline_code": "declineCode", "terminal_id": "terminalId", "outcome_unknown": "outcomeUnknown"}
    return {wire.get(name, name): value for name, value in found.to_dict().items()}


def failure(error: vinr.VinrError) -> dict[str, Any]:
    """What an error says."""
    return {
        "class": type(error).__name__, "code": error.code, "layer": error.layer or (error.local_failure and error.local_failure.layer), "outcomeUnknown": error.outcome_unknown,
        "clientToken": error.client_token, "message": str(error),
    }


def answer(id: Any, name: str, said: Any) -> None:
    """Writes the line of a call."""
    sys.stdout.write(json.dumps({"id": id, name: said}) + "\n")
    sys.stdout.flush()


def threads() -> None:
    """Drives `Client`."""
    with vinr.Client(**settings(json.loads(sys.stdin.readline()))) as client:
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                answer(asked["id"], "ok", shown(invoked(client, asked["call"], asked.get("args") or {})))
            except vinr.VinrError as error:
                answer(asked["id"], "error", failure(error))


async def tasks() -> None:
    """Drives `AsyncClient`."""
    async with vinr.AsyncClient(**settings(json.loads(sys.stdin.readline()))) as client:
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            try:
                begun = invoked(client, asked["call"], asked.get("args") or {})
                answer(asked["id"], "ok", shown(await begun if inspect.isawaitable(begun) else begun))
            except vinr.VinrError as error:
                answer(asked["id"], "error", failure(error))


if __name__ == "__main__":
    if "--async" in sys.argv:
        asyncio.run(tasks())
    else:
        threads()
