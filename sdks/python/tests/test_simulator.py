"""The bundled simulator: started once when it is first needed, for threads, event loops and forked processes, and gone with them."""
from __future__ import annotations

import asyncio
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import pytest
from conftest import BINARY
from test_together import forked

import vinr
from vinr._local import simulator

KEY = "sk_test_simulated"
ORDER: dict[str, Any] = {"reader_id": "term_local_simulator", "amount": 1000, "currency": "USD"}
OPTIONS: vinr.TerminalParams = {"local_simulator": True, "simulator_path": BINARY}
ORPHAN = """
import sys, time, vinr
client = vinr.Client(secret_key="sk_test_simulated", terminal={"local_simulator": True, "simulator_path": sys.argv[1]})
client.terminal.readers.discover()
print(client._settings.simulator._run.process.pid, flush=True)
%s
"""


def pid_of(client: Any) -> int:
    """The process of a client's simulator."""
    return int(client._settings.simulator._run.process.pid)


def runs(pid: int) -> bool:
    """Whether a process runs, and is none that only waits to be noted."""
    try:
        return "Z" not in pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def ends(pid: int) -> bool:
    """Whether a process ends, asked for at most ten seconds."""
    deadline = time.monotonic() + 10
    while runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not runs(pid)


def test_the_documented_program_works_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(simulator.VARIABLE, BINARY)
    monkeypatch.delenv("VINR_BASE_URL", raising=False)
    with vinr.Client(secret_key="sk_test_docs", terminal={"local_simulator": True}) as client:
        (reader,) = client.terminal.readers.discover(network="local")
        told = reader.to_dict()
        assert told.pop("port") > 0
        assert told == {"id": "term_local_simulator", "ip": "127.0.0.1", "model": "simulator", "status": "online"}
        payment = client.terminal.payments.create_local(**ORDER, reference="local_test_001")
        assert (payment.status, payment.last4, payment.metadata["connectionMode"]) == ("completed", "4242", "local")
        # The cloud is the simulator's too: nothing leaves this machine.
        assert client.terminal.payments.retrieve(payment.id).status == "completed"
        order = {"amount": 1000, "currency": "USD", "terminal_id": "term_local_simulator"}
        hybrid = client.terminal.payments.create(
            **order, reference="hybrid_1", connectivity={"mode": "hybrid", "local_timeout_ms": 5000},  # type: ignore[arg-type]
        )
        assert (hybrid.status, hybrid.metadata["connectionMode"]) == ("completed", "local")
        assert client.terminal.payments.create_sync(**order).metadata.get("connectionMode") != "local"  # type: ignore[arg-type]
        declined = client.terminal.payments.create_local(**ORDER, simulate_card="card_declined")
        assert (declined.status, declined.decline_code) == ("failed", "card_declined")
        pid = pid_of(client)
        assert runs(pid)
    assert not runs(pid), "it is gone when the client is closed"


def test_offline_payments_are_approved_and_wait() -> None:
    with vinr.Client(secret_key=KEY, terminal={**OPTIONS, "simulate_offline": True}) as client:
        payment = client.terminal.payments.create_local(**ORDER, reference="offline_1")
        assert payment.status in ("completed", "processing")
        assert client.terminal.payments.retrieve_by_reference("offline_1").id == payment.id
        # The platform has not heard of it.
        assert client.terminal.payments.list(reference="offline_1").data == []


def test_nothing_is_started_before_it_is_needed() -> None:
    client = vinr.Client(secret_key=KEY, terminal=OPTIONS)
    assert client._settings.simulator is not None
    assert client._settings.simulator._run is None
    client.close()


def test_an_address_that_is_given_stays_the_platform() -> None:
    with vinr.Client(secret_key=KEY, base_url="http://127.0.0.1:9", max_retries=0, terminal=OPTIONS) as client:
        with pytest.raises(vinr.ApiConnectionError):
            client.terminals.retrieve("term_1")
        assert client._settings.simulator is not None
        assert client._settings.simulator._run is None


def test_threads_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    real = simulator.Simulator._start
    monkeypatch.setattr(simulator.Simulator, "_start", lambda self: started.append(1) or real(self))  # type: ignore[func-returns-value]
    with vinr.Client(secret_key=KEY, terminal=OPTIONS) as client, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.terminal.readers.discover()[0].port, range(8)))
        assert len(set(found)) == 1
    assert len(started) == 1


def test_tasks_share_one_and_the_loop_goes_on_meanwhile() -> None:
    async def run() -> int:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0.005)

        async with vinr.AsyncClient(secret_key=KEY, terminal=OPTIONS) as client:
            counting = asyncio.create_task(count())
            found = await asyncio.gather(*(client.terminal.readers.discover() for _ in range(5)))
            counting.cancel()
            assert len({one[0].port for one in found}) == 1
            payment = await client.terminal.payments.create_local(**ORDER, reference="async_1")
            assert payment.status == "completed"
            pid = pid_of(client)
        assert not runs(pid)
        return turns

    assert asyncio.run(run()) > 5


def test_a_forked_process_has_its_own_and_does_not_keep_its_parents() -> None:
    client = vinr.Client(secret_key=KEY, terminal=OPTIONS)
    port = client.terminal.readers.discover()[0].port
    parent = pid_of(client)

    def child() -> bool:
        own = client.terminal.readers.discover()[0].port
        paid = client.terminal.payments.create_local(**ORDER, reference="forked").status == "completed"
        other = pid_of(client)
        client.close()
        return own != port and paid and other != parent and not runs(other)

    assert forked(child)
    assert client.terminal.payments.create_local(**ORDER, reference="parent").status == "completed"
    client.close()
    assert not runs(parent)


LAST: dict[str, Callable[[subprocess.Popen[str]], None]] = {
    "time.sleep(60)": lambda program: program.send_signal(signal.SIGKILL),
    "import os; pid = os.fork(); time.sleep(60)": lambda program: program.send_signal(signal.SIGKILL),
    "pass": lambda program: None,
    "raise SystemExit(3)": lambda program: None,
}


@pytest.mark.parametrize("last", LAST)
def test_it_never_outlives_the_program(last: str) -> None:
    program = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", ORPHAN % last, BINARY], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert program.stdout is not None
    try:
        pid = int(program.stdout.readline())
        assert last in ("pass", "raise SystemExit(3)") or runs(pid)
        LAST[last](program)
        program.wait(20)
        assert ends(pid)
    finally:
        # A child that it forked is ended with it: they are a session of their own.
        try:
            os.killpg(program.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        program.stdout.close()


def test_one_that_died_is_started_again() -> None:
    with vinr.Client(secret_key=KEY, terminal=OPTIONS) as client:
        client.terminal.readers.discover()
        assert client._settings.simulator is not None
        run = client._settings.simulator._run
        assert run is not None
        run.process.kill()
        run.process.wait(10)
        assert client.terminal.payments.create_local(**ORDER, reference="again").status == "completed"


@pytest.mark.parametrize("key", ["sk_live_0123456789", "rk_live_0123456789", "ok_0123456789"])
def test_it_is_for_test_keys(key: str) -> None:
    for option in ("local_simulator", "simulate_offline"):
        with pytest.raises(vinr.ConfigurationError) as raised:
            vinr.Client(secret_key=key, terminal={option: True})  # type: ignore[arg-type]
        assert (raised.value.code, key in str(raised.value)) == ("test_mode_only", False)


def test_where_there_is_none_the_cure_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    def refused(path: str) -> vinr.ConfigurationError:
        with vinr.Client(secret_key=KEY, terminal={"local_simulator": True, "simulator_path": path}) as client:
            with pytest.raises(vinr.ConfigurationError) as raised:
                client.terminal.readers.discover()
            return raised.value

    missing = refused(str(tmp_path / "nowhere"))
    assert missing.code == "simulator_not_available"
    assert "pip install" in str(missing)
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'no such command' >&2\nexit 2\n")
    assert refused(str(broken)).code == "simulator_not_available", "it may not be run"
    broken.chmod(0o700)
    failed = refused(str(broken))
    assert (failed.code, "no such command" in str(failed)) == ("simulator_failed", True)
    monkeypatch.delenv(simulator.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(simulator, "__file__", str(tmp_path / "a" / "b.py"))
    with pytest.raises(vinr.ConfigurationError) as raised:
        simulator.find(None)
    assert raised.value.code == "simulator_not_available"


def test_it_is_looked_for_in_its_places_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    def program(*parts: str) -> str:
        path = tmp_path.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o700)
        return str(path)

    (tmp_path / "repository" / "sdks" / "python").mkdir(parents=True)
    monkeypatch.setattr(simulator, "__file__", str(tmp_path / "repository/sdks/python/src/vinr/_local/simulator.py"))
    monkeypatch.delenv(simulator.VARIABLE, raising=False)
    on_path = program("bin", "vinr")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert simulator.find(None) == on_path
    built = program("repository", "target", "debug", "vinr")
    assert simulator.find(None) == built
    built = program("repository", "target", "release", "vinr")
    assert simulator.find(None) == built
    packaged = program("site", "vinr_simulator", "bin", "vinr")
    (tmp_path / "site" / "vinr_simulator" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert simulator.find(None) == packaged
    named = program("named", "vinr")
    monkeypatch.setenv(simulator.VARIABLE, named)
    assert simulator.find(None) == named
    given = program("given", "vinr")
    assert simulator.find(given) == given


def test_what_it_says_shows_no_key() -> None:
    with vinr.Client(secret_key=KEY, terminal=OPTIONS) as client:
        assert client._settings.simulator is not None
        said = client._settings.simulator.started()
        assert said.secret_key not in repr(said)
        assert "PRIVATE KEY" not in repr(said)
        assert json.loads(json.dumps(client.terminals.list().data[0].to_dict()))["object"] == "terminal"
