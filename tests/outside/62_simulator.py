"""`vinr simulator`: everything that its line names works with curl, online and offline; two do not meet; nothing of it is
reachable from elsewhere, readable by others, or there when it has ended, however it ends."""
from __future__ import annotations

import json
import pathlib
import signal
import stat
import subprocess
import uuid
from typing import Any, Optional

from rig import shapes
from rig.checks import Suite, until
from rig.client import Answer, Client
from rig.curl import Curl
from rig.processes import BINARY, Program, Simulator, directory, listening, run

TERMINAL = "term_local_simulator"
FIELDS = {
    "terminal", "model", "ip", "port", "local", "cashless", "caBundle", "clientP12", "clientP12Passphrase", "clientCert", "clientKey",
    "api", "secretKey", "offline", "page", "version",
}
#: Every card of the documentation, how a payment with it ends, and the last digits on the receipt.
CARDS = (
    ("4242 4242 4242 4242", "completed", None, "4242"), ("4000 0000 0000 0002", "failed", "card_declined", "0002"),
    ("4000 0000 0000 9995", "failed", "insufficient_funds", "9995"), ("4000 0000 0000 0069", "failed", "expired_card", "0069"),
    ("4100 0000 0000 0019", "failed", "lost_or_stolen", "0019"),
)

suite = Suite("62_simulator", within_s=180)
curl = Curl()


class Till:
    """Asks one simulator's terminal with curl and the files that its line names."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.ready = ready
        self.mine = ["--cacert", ready["caBundle"], "--cert", ready["clientCert"], "--key", ready["clientKey"]]

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        return curl(*self.mine, f"{self.ready['local']}{path}", "-H", "Content-Type: application/json", "-d", json.dumps(body))

    def status(self) -> dict[str, Any]:
        body: dict[str, Any] = curl(*self.mine, f"{self.ready['local']}/v1/status").json()
        return body

    def pay(self, card: Optional[str] = None, **changes: Any) -> dict[str, Any]:
        order = {"terminalId": TERMINAL, "amount": 2500, "currency": "USD", "reference": f"sim-{uuid.uuid4().hex[:10]}", **changes}
        answer = self.post("/v1/pay" + (f"?simulateCard={card.replace(' ', '%20')}" if card else ""), order)
        assert answer.status == 200, f"{answer.status} {answer.body[:200]!r}"
        paid: dict[str, Any] = answer.json()
        return paid


def the_line(simulator: Simulator) -> None:
    ready = simulator.ready
    with suite.group("one line says where everything is"):
        print(f"     ready after {simulator.took_s * 1000:.0f} ms")
        suite.equal(set(ready), FIELDS, "its fields")
        suite.equal(len(simulator.said), 1, f"lines on standard output: {simulator.said}")
        suite.equal((ready["terminal"], ready["model"], ready["ip"], ready["offline"]), (TERMINAL, "simulator", "127.0.0.1", False),
                    "which terminal")
        suite.equal(ready["local"], f"https://127.0.0.1:{ready['port']}", "local")
        suite.equal(ready["cashless"], f"{ready['local']}/cashless/v1", "cashless")
        suite.equal(ready["version"], run("--version").stdout.split()[1], "version")
        suite.true(shapes.text(r"http://127\.0\.0\.1:\d+")(ready["api"]), f"api: {ready['api']}")
        suite.true(shapes.text(r"sk_test_[0-9a-f]{64}")(ready["secretKey"]), "a key that it drew")
        for name in ("caBundle", "clientP12", "clientCert", "clientKey"):
            path = pathlib.Path(ready[name])
            suite.true(path.is_file() and simulator.temporary in path.parents, f"{name}: {path}")


def payments(till: Till) -> None:
    ready = till.ready
    cloud = Client(ready["api"], ready["secretKey"])
    with suite.group("a till pays with every test card, and the cloud behind it knows each"):
        for card, status, code, last4 in CARDS:
            paid = till.pay(card)
            suite.equal((paid["status"], paid.get("declineCode"), paid["last4"]), (status, code, last4), card)
            suite.equal((paid["terminalId"], paid["metadata"].get("connectionMode")), (TERMINAL, "local"), f"{card}: where")
            seen = until(lambda: next(iter(cloud.every_payment(reference=paid["reference"], status=status)), None), f"{card}: the cloud", 10)
            suite.equal(seen["id"], paid["id"], f"{card}: one identity")
    with suite.group("the .p12 opens with its passphrase, and pays"):
        opened = subprocess.run(["openssl", "pkcs12", "-in", ready["clientP12"], "-nodes", "-passin", f"pass:{ready['clientP12Passphrase']}"],
                                capture_output=True, text=True, check=False)
        pem = directory() / "opened.pem"
        pem.write_text(opened.stdout)
        answer = curl("--cacert", ready["caBundle"], "--cert", str(pem), f"{ready['local']}/v1/pay", "-d", f"terminalId={TERMINAL}", "-d",
                      "amount=100", "-d", "currency=EUR")
        suite.equal(answer.json().get("status"), "completed", f"{answer.body[:200]!r} {opened.stderr[:200]}")
        refused = curl("--cacert", ready["caBundle"], f"{ready['local']}/v1/pay", "-d", f"terminalId={TERMINAL}", "-d", "amount=100", "-d",
                       "currency=EUR")
        suite.equal(refused.error().get("code"), "certificate_required", "without it nobody does")
    with suite.group("a cash register sells with the shared key of the simulator"):
        answer = curl("--cacert", ready["caBundle"], f"{ready['cashless']}/sale", "-H", "X-VINR-Cashless-Key: ck_test_simulator", "-H",
                      "Content-Type: application/json", "-d", json.dumps({"amount": 1200, "currency": "EUR", "reference": "POS-1"}))
        suite.equal((answer.status, answer.json().get("status")), (200, "approved"), f"{answer.body[:300]!r}")
    with suite.group("its cloud commands the terminal too"):
        paid = cloud.post("/v1/terminal/payments", {"terminalId": TERMINAL, "amount": 700, "currency": "USD", "responseMode": "sync"}).json()
        suite.equal((paid.get("status"), paid.get("terminalId")), ("completed", TERMINAL), f"{paid}")
        suite.equal(Client(ready["api"], "sk_test_vinr_dev").get("/v1/terminals").status, 401, "the key that everybody knows opens nothing")
        page = Client(ready["api"], None).get("/").body
        suite.true(ready["secretKey"].encode() not in page, "the drawn key is on the start page")


def closed(simulator: Simulator) -> None:
    with suite.group("nothing of it can be reached from elsewhere or read by others"):
        addresses = listening(simulator.pid)
        suite.true(len(addresses) >= 3, f"fewer than three listening sockets: {addresses}")
        suite.equal([address for address in addresses if address != "127.0.0.1"], [], "beyond loopback")
        seen = 0
        for path in simulator.temporary.rglob("*"):
            mode, wanted = stat.S_IMODE(path.lstat().st_mode), 0o700 if path.is_dir() else 0o600
            suite.true(mode == wanted, f"{path.name} is {mode:o}, not {wanted:o}")
            seen += 1
        suite.true(seen > 12, f"only {seen} files and directories")


def offline() -> None:
    with suite.group("without internet it approves alone, and hands in what it approved when that is back"):
        simulator = Simulator("--offline", "--until-stdin-ends", "--pace-ms", "60")
        print(f"     ready after {simulator.took_s * 1000:.0f} ms")
        till = Till(simulator.ready)
        cloud = Client(simulator.ready["api"], simulator.ready["secretKey"])
        suite.equal((simulator.ready["offline"], till.status()["online"]), (True, False), "offline from the start")
        sold = [till.pay(), till.pay(amount=999_999)]
        suite.equal([(one["status"], one.get("offline")) for one in sold], [("processing", True)] * 2, "approved alone")
        suite.equal(till.pay(currency="EUR").get("declineCode"), "communication_error", "not in a currency that it does not settle in")
        suite.equal(till.status()["offlinePending"], 2, "both wait")
        suite.equal(cloud.get(f"/v1/terminal/payments/{sold[0]['id']}").status, 404, "the cloud cannot know yet")
        suite.equal(till.post("/v1/test/internet", {"connected": True}).status, 200, "back")
        for one in sold:
            until(lambda: [seen["status"] for seen in cloud.every_payment(reference=one["reference"])] == ["completed"], "taken", 20)
        until(lambda: till.status()["offlinePending"] == 0, "nothing waits any more", 10)
        suite.equal(simulator.close_stdin(), 0, "exit status")
    with suite.group("--currency: what it settles in, and approves alone in"):
        simulator = Simulator("--offline", "--currency", "EUR", "--pace-ms", "60")
        sold = Till(simulator.ready).pay(currency="EUR")
        suite.equal((sold["status"], sold.get("offline")), ("processing", True), "approved alone")
        simulator.stop()
        wrong = run("simulator", "--currency", "EURO")
        suite.true(wrong.returncode > 0 and "EURO" in wrong.stderr, f"no currency: {wrong.stderr!r}")


def left(simulator: Simulator) -> list[pathlib.Path]:
    return list(simulator.temporary.iterdir())


def two_at_once() -> None:
    with suite.group("two at once in one directory for temporary files: neither notices the other"):
        first = Simulator("--pace-ms", "60")
        second = Simulator("--pace-ms", "60", temporary=first.temporary)
        suite.equal(len(left(first)), 2, "a directory each")
        same = [name for name in ("port", "api", "secretKey", "clientP12Passphrase") if first.ready[name] == second.ready[name]]
        suite.equal(same, [], "what they share")
        foreign = curl("--cacert", first.ready["caBundle"], f"{second.ready['local']}/v1/status", exit_status=60)
        suite.equal(foreign.status, 0, "the other's authority")
        suite.equal(second.stop(), 0, "one ends")
        suite.equal(len(left(first)), 1, "its directory is gone, the other's is not")
        suite.equal(Till(first.ready).pay()["status"], "completed", "the other goes on")
        suite.equal(first.stop(signal.SIGINT), 0, "and ends")
        suite.equal(left(first), [], "nothing is left")


def endings() -> None:
    for what, end in (
        ("SIGTERM", lambda one: one.stop(signal.SIGTERM)), ("Ctrl-C", lambda one: one.stop(signal.SIGINT)),
        ("a closed window", lambda one: one.stop(signal.SIGHUP)), ("the end of its standard input", lambda one: one.close_stdin()),
    ):
        with suite.group(f"{what} ends it, also while a till waits, and nothing is left"):
            simulator = Simulator("--until-stdin-ends")
            waiting = subprocess.Popen(
                ["curl", "-sS", "-o", "/dev/null", *Till(simulator.ready).mine, f"{simulator.ready['local']}/v1/pay?simulateCard=none", "-d",
                 f"terminalId={TERMINAL}", "-d", "amount=100", "-d", "currency=EUR"], stderr=subprocess.DEVNULL)
            until(lambda: Till(simulator.ready).status().get("status") == "busy", "the terminal prompts", 10)
            suite.equal(end(simulator), 0, "exit status")
            waiting.wait(15)
            suite.equal(left(simulator), [], "what is left")
    with suite.group("told to end before it is ready, or by somebody who does not listen: it ends, and nothing is left"):
        temporary = directory()
        early = subprocess.run([BINARY, "simulator", "--json", "--until-stdin-ends"], input=b"", stdout=subprocess.DEVNULL, timeout=30,
                               env={"TMPDIR": str(temporary)}, check=False)
        suite.equal((early.returncode, list(temporary.iterdir())), (0, []), "its input had ended")
        with subprocess.Popen([BINARY, "simulator", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env={"TMPDIR": str(temporary)}) as deaf:
            assert deaf.stdout is not None
            deaf.stdout.close()
            status = deaf.wait(30)
        suite.equal((status, list(temporary.iterdir())), (1, []), "nobody reads its line")
    with suite.group("without --until-stdin-ends an ended standard input is no reason"):
        simulator = Simulator("--pace-ms", "60")
        assert simulator.process.stdin is not None
        simulator.process.stdin.close()
        suite.equal(Till(simulator.ready).pay()["status"], "completed", "it goes on")
        simulator.stop()
    with suite.group("what a killed one left is cleared away by the next"):
        killed = Simulator()
        killed.kill()
        suite.equal(len(left(killed)), 1, "a kill leaves its directory")
        simulator = Simulator(temporary=killed.temporary)
        suite.equal(len(left(killed)), 1, "the next has only its own")
        simulator.stop()
        suite.equal(left(killed), [], "nothing is left")


def kept() -> None:
    with suite.group("--data-dir stays, and the next start goes on with it"):
        data = directory() / "kept"
        simulator = Simulator("--data-dir", str(data), "--pace-ms", "60", "--currency", "EUR")
        paid = Till(simulator.ready).pay()
        second = run("simulator", "--json", "--data-dir", str(data))
        suite.true(second.returncode > 0 and str(data) in second.stderr, f"a second one in the same directory: {second.stderr!r}")
        suite.equal(simulator.stop(), 0, "exit status")
        again = Simulator("--data-dir", str(data))
        suite.equal(again.ready["secretKey"], simulator.ready["secretKey"], "the same key")
        suite.equal(Client(again.ready["api"], again.ready["secretKey"]).payment(paid["id"])["status"], "completed", "the same payment")
        suite.equal(left(again), [], "nothing elsewhere")
        again.stop()
        suite.true((data / "vinr.db").is_file(), "it stays")


def for_people() -> None:
    with suite.group("without --json it says what to type, and that works; --listen-port is taken at its word"):
        port = Simulator("--listen-port", "0").ready["port"]
        taken = run("simulator", "--listen-port", str(port))
        suite.true(taken.returncode > 0 and "--listen-port" in taken.stderr and str(port) in taken.stderr, f"a taken port: {taken.stderr!r}")
        temporary = directory()
        words = Program(["simulator", "--offline"], directory() / "words.log", environment={"TMPDIR": str(temporary)})
        until(lambda: "Ctrl-C" in "\n".join(words.said), "the words", 30)
        text = "\n".join(words.said)
        for part in (TERMINAL, "/v1/pay", "ck_test_simulator", "sk_test_", "/v1/test/internet"):
            suite.true(part in text, f"{part} is not in {text!r}")
        command = text[text.index("  curl ") : text.index("\n\nThe terminal has no internet")]
        done = subprocess.run(["sh", "-c", command.replace("curl ", "curl -sS ")], capture_output=True, text=True, timeout=60, check=False)
        suite.true('"offline":true' in done.stdout, f"the command: {done.stdout[:300]!r} {done.stderr[:300]!r}")
        suite.equal(words.stop(signal.SIGINT), 0, "exit status")
        suite.equal(list(temporary.iterdir()), [], "nothing is left")


main = Simulator("--until-stdin-ends", "--pace-ms", "60")
the_line(main)
payments(Till(main.ready))
closed(main)
offline()
two_at_once()
endings()
kept()
for_people()
suite.finish()
