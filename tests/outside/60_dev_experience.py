"""What somebody meets who starts it for the first time, for the second time, twice at once, on a taken port; and what it
leaves on the disk and opens to the network."""
from __future__ import annotations

import contextlib
import os
import pathlib
import re
import signal
import socket
import stat
import threading
import time
from typing import Any

from rig import shapes
from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.processes import Dev, Program, directory, free_port, listening, run

#: Every card number that the documentation names, and two that it gives by name alone.
CARDS = (
    "4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0000 0000 9995", "4000 0000 0000 0069", "4100 0000 0000 0019",
    "5555 5555 5555 4444", "3782 822463 10005", "online_pin", "partial_approval",
)

suite = Suite("60_dev_experience", within_s=240)


def order(dev: Dev, **fields: Any) -> dict[str, Any]:
    return {"terminalId": dev.terminal, "amount": 2500, "currency": "EUR", "responseMode": "sync", **fields}


def first_start() -> pathlib.Path:
    with suite.group("an empty directory: first start to first completed payment"):
        data = directory() / "not" / "there" / "yet"
        began = time.monotonic()
        data.parent.mkdir(parents=True)
        dev = Dev(data=data)
        started = time.monotonic() - began
        client = Client(dev.api, dev.key)
        payment = client.post(PAYMENTS, order(dev, reference="first")).json()
        took = time.monotonic() - began
        suite.equal(payment.get("status"), "completed", f"the first payment: {payment}")
        suite.true(took < 20, f"{took:.1f} s")
        print(f"     ready after {started * 1000:.0f} ms, first payment completed after {took * 1000:.0f} ms")
    with suite.group("the ready line has what scripts need"):
        ready = dev.ready
        suite.equal((dev.key, dev.terminal), ("sk_test_vinr_dev", "term_test_simulator"), "key and terminal")
        suite.true(shapes.text(r"http://127\.0\.0\.1:\d+")(ready.get("api")), f"api: {ready.get('api')}")
        named = dev.api.replace("127.0.0.1", "localhost")
        suite.true(str(ready.get("dashboard")).startswith(f"{named}/dashboard/enter?token="), f"dashboard: {ready.get('dashboard')}")
        bundle = pathlib.Path(ready.get("caBundle", "/nothing"))
        suite.true(bundle.is_absolute() and "BEGIN CERTIFICATE" in bundle.read_text(), f"caBundle: {bundle}")
        suite.true("PRIVATE KEY" not in bundle.read_text(), "caBundle holds a private key")
        suite.equal(len(dev.said), 1, f"lines on standard output: {dev.said}")
    with suite.group("its own pages answer"):
        anybody = Client(dev.api, None)
        for path, kind in (
            ("/", "text/html"), ("/docs", "text/html"), ("/docs/errors", "text/html"), ("/healthz", ""), ("/readyz", ""),
            ("/v1/openapi.json", "application/json"), ("/metrics", "text/plain"),
        ):
            answer = anybody.get(path)
            if answer.status in (301, 302, 303, 307, 308):
                answer = anybody.get(answer.headers["location"])
            suite.equal(answer.status, 200, path)
            suite.true(answer.headers.get("content-type", "").startswith(kind), f"{path}: {answer.headers.get('content-type')}")
        document = anybody.get("/v1/openapi.json").json()
        suite.true(document["openapi"].startswith("3.1"), f"OpenAPI {document['openapi']}")
        suite.true(dev.api in anybody.get("/").body.decode(), "the start page does not name its own address")
    with suite.group("Ctrl-C ends it cleanly, at once"):
        began = time.monotonic()
        suite.equal(dev.stop(signal.SIGINT, within_s=10), 0, "exit status")
        print(f"     ended after {(time.monotonic() - began) * 1000:.0f} ms")
    return data


def hold(client: Client, asked: dict[str, Any]) -> None:
    """A sync request whose customer takes a minute; whether it is answered is not the point."""
    with contextlib.suppress(OSError):
        client.post(f"{PAYMENTS}?simulateDelay=60", asked)


def second_start(data: pathlib.Path) -> None:
    with suite.group("a second start goes on with the same data"):
        dev = Dev(data=data)
        client = Client(dev.api, dev.key)
        found = client.every_payment(reference="first")
        suite.equal([payment["status"] for payment in found], ["completed"], "the payment of the first start")
        suite.equal(client.post(PAYMENTS, order(dev)).json().get("status"), "completed", "a payment of the second start")
        suite.equal(len(client.every_payment()), 2, "payments")
    with suite.group("a second process on the same directory is refused, clearly"):
        done = run("dev", "--json", "--data-dir", str(data), "--api-port", "0", "--link-port", "0")
        suite.true(done.returncode not in (0, -6, -11), f"exit status {done.returncode}")
        suite.true(str(data) in done.stderr, f"the message does not name the directory: {done.stderr!r}")
        suite.true(re.search(r"in use|another|already|locked", done.stderr), f"the message does not say why: {done.stderr!r}")
        suite.equal(done.stdout, "", "standard output")
        suite.true("panicked" not in done.stderr, "it panicked")
        suite.equal(client.post(PAYMENTS, order(dev)).json().get("status"), "completed", "the first process afterwards")
    with suite.group("SIGTERM ends it as Ctrl-C does, also while a sync request waits"):
        asked = order(dev, reference="waits")
        waiter = threading.Thread(target=hold, args=(client, asked), daemon=True)
        waiter.start()
        id = until(lambda: client.every_payment(reference="waits"), "the payment exists")[0]["id"]
        suite.equal(dev.stop(signal.SIGTERM, within_s=10), 0, "exit status")
        waiter.join(10)
        dev = Dev(data=data)
        again = Client(dev.api, dev.key)
        suite.equal(again.payment(id)["status"] in shapes.STATUSES, True, "the payment that waited is there")
        dev.stop()


def taken_ports() -> None:
    for flag in ("--api-port", "--link-port"):
        with suite.group(f"a taken {flag} is named, with the way out"):
            with socket.socket() as holder:
                holder.bind(("127.0.0.1", 0))
                holder.listen()
                port = str(holder.getsockname()[1])
                other = "--link-port" if flag == "--api-port" else "--api-port"
                data = directory() / "data"
                done = run("dev", "--json", "--data-dir", str(data), flag, port, other, "0")
            suite.true(done.returncode > 0, f"exit status {done.returncode}")
            suite.true(port in done.stderr, f"the message does not name port {port}: {done.stderr!r}")
            suite.true(flag in done.stderr, f"the message does not name {flag}: {done.stderr!r}")
            suite.equal(done.stdout, "", "standard output")
            suite.true("panicked" not in done.stderr, "it panicked")


def command_line() -> None:
    with suite.group("--help reads well, mistakes are told on standard error"):
        for arguments in (("--help",), ("dev", "--help"), ("terminal", "--help")):
            done = run(*arguments)
            suite.equal(done.returncode, 0, f"{arguments}: exit status")
            suite.true("Usage:" in done.stdout and len(done.stdout) > 300, f"{arguments}: {done.stdout[:80]!r}")
        for flag in ("--data-dir", "--api-port", "--link-port", "--json", "--external", "--rate-limits"):
            suite.true(flag in run("dev", "--help").stdout, f"dev --help does not tell of {flag}")
        done = run("dev", "--api-prot", "1")
        suite.true(done.returncode > 0 and "--api-port" in done.stderr, f"a typo: {done.stderr!r}")
        done = run("terminal", "--data", str(directory()))
        suite.true(done.returncode > 0 and "panicked" not in done.stderr and done.stderr, f"an empty terminal: {done.stderr!r}")
    with suite.group("without --json it says what to type next"):
        spare = directory()
        arguments = ["dev", "--data-dir", str(spare / "data"), "--api-port", str(free_port()), "--link-port", "0"]
        words = Program(arguments, spare / "words.log")
        until(lambda: "Ctrl-C" in "\n".join(words.said), "the words", 30)
        text = "\n".join(words.said)
        for part in ("curl ", "sk_test_vinr_dev", "term_test_simulator", f"http://127.0.0.1:{arguments[4]}"):
            suite.true(part in text, f"{part} is not in {text!r}")
        suite.equal(words.stop(signal.SIGINT), 0, "exit status")


def private_files() -> None:
    data = directory() / "data"
    dev = Dev("--log", "debug", "--external", "term_test_other", "--acquirer-answer-ms", "1000", data=data)
    client = Client(dev.api, dev.key)
    for card in CARDS:
        answer = client.post(f"{PAYMENTS}?simulateCard={card.replace(' ', '%20')}", order(dev, reference=f"pan {card[-4:]}"))
        assert answer.status == 200, answer
    assert client.post(f"{PAYMENTS}?simulateCard=4000-0000-0000-000", order(dev)).status == 400
    with suite.group("nothing listens beyond loopback"):
        addresses = listening(dev.pid)
        suite.true(len(addresses) >= 2, f"fewer than two listening sockets: {addresses}")
        suite.equal([address for address in addresses if not address.startswith("127.")], [], "beyond loopback")
    with suite.group("files are 0600, directories 0700, also under a lax umask"):
        check_modes(data)
    with suite.group("no card number in database, write-ahead log, ledger, journal or log"):
        look_for_numbers(dev, data, "while it runs")
        dev.stop()
        look_for_numbers(dev, data, "after it ended")


def check_modes(data: pathlib.Path) -> None:
    seen = 0
    for path in (data, *data.rglob("*")):
        mode, wanted = stat.S_IMODE(path.lstat().st_mode), 0o700 if path.is_dir() else 0o600
        suite.true(mode == wanted, f"{path.relative_to(data.parent)} is {mode:o}, not {wanted:o}")
        seen += 1
    suite.true(seen > 8, f"only {seen} files and directories")


def look_for_numbers(dev: Dev, data: pathlib.Path, when: str) -> None:
    numbers = [re.sub(r"\D", "", card) for card in CARDS if card[0].isdigit()]
    written = [*(path for path in data.rglob("*") if path.is_file()), dev.log]
    suite.true(dev.log.stat().st_size > 1000, "the log at level debug is all but empty: nothing was looked at")
    kept = b"".join(path.read_bytes() for path in written)
    suite.true(all(f"pan {card[-4:]}".encode() in kept for card in CARDS), "the payments are not in what was looked at")
    for path in written:
        content = path.read_bytes()
        dense = re.sub(rb"[ -]", b"", content)
        for number in numbers:
            found = number.encode() in content or number.encode() in dense
            suite.true(not found, f"{path.name} {when}: holds the number that ends in {number[-4:]}")


os.umask(0)
kept = first_start()
second_start(kept)
taken_ports()
command_line()
private_files()
suite.finish()
