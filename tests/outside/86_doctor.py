"""`vinr doctor` names the layer that fails: each layer is broken in turn, and the report must say which it is."""
from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import Client
from rig.processes import Dev, directory, free_port, run

suite = Suite("86_doctor", within_s=180)
dev = Dev("--terminal", "term_other", "--pace-ms", "60")
cloud = Client(dev.api, dev.key)
ready = dev.ready
files = directory()
TARGET = ready["local"].removeprefix("https://")
CA, CERT, KEY, TERMINAL = ready["caBundle"], ready["clientCert"], ready["clientKey"], ready["terminalId"]
passphrase, cashless, api_key = files / "passphrase", files / "cashless", files / "key"
passphrase.write_text(ready["clientP12Passphrase"])
cashless.write_text(ready["cashlessKey"])
api_key.write_text(dev.key)


def doctor(*arguments: str) -> dict[str, Any]:
    done = run("doctor", "--json", *arguments, within_s=60)
    found: dict[str, Any] = json.loads(done.stdout)
    suite.equal(done.returncode, 0 if found["works"] else 1, f"status of {arguments}")
    for layer in found["layers"]:
        if layer["status"] in ("look", "failed"):
            suite.true(len(layer["cause"]) > 10 and len(layer["cure"]) > 10, f"cause and cure of {layer['layer']}")
            suite.true("\n" not in layer["cause"] + layer["cure"], f"one line each: {layer}")
    return found


def fails(what: str, layer: Optional[str], *arguments: str) -> dict[str, Any]:
    found = doctor(*arguments)
    suite.equal(found["failing"], layer, f"{what}: {[one for one in found['layers'] if one['status'] != 'ok']}")
    return found


def terminal(*more: str) -> tuple[str, ...]:
    return ("terminal", TARGET, "--ca", CA, *more)


def healthy() -> None:
    with suite.group("a healthy terminal and a healthy cloud"):
        found = fails("Local API", None, *terminal("--id", TERMINAL, "--p12", ready["clientP12"], "--passphrase-file",
                                                   str(passphrase), "--cashless-key-file", str(cashless)))
        seen = {layer["layer"]: layer["status"] for layer in found["layers"]}
        for layer in ("name", "route", "port", "tls", "chain", "san", "expiry", "revocation", "key", "clock", "mode", "version"):
            suite.equal(seen.get(layer), "ok", layer)
        fails("with PEM", None, *terminal("--cert", CERT, "--cert-key", KEY))
        fails("cloud", None, "cloud", dev.api, "--key-file", str(api_key))
        words = run("doctor", *terminal("--id", TERMINAL, "--cashless-key-file", str(cashless)))
        suite.true("Everything that could be looked at works" in words.stdout, words.stdout)
        suite.true(ready["cashlessKey"] not in words.stdout and dev.key not in words.stdout, "no secret is printed")


def below_tls() -> None:
    with suite.group("name, route, port, and what is no TLS"):
        fails("name", "name", "terminal", "no-such-terminal.invalid", "--ca", CA)
        fails("port", "port", "terminal", f"127.0.0.1:{free_port()}", "--ca", CA)
        fails("plain HTTP", "tls", "terminal", dev.api.removeprefix("http://"), "--ca", CA)
        silent = socket.create_server(("127.0.0.1", 0))
        fails("silence", "tls", "terminal", f"127.0.0.1:{silent.getsockname()[1]}", "--ca", CA)
        silent.close()
        fails("cloud's port", "port", "cloud", f"http://127.0.0.1:{free_port()}")


def certificates() -> None:
    with suite.group("chain, name, expiry and clock of the other side"):
        fails("no authority", "chain", "terminal", TARGET)
        made("other", "/CN=another authority", 3650)
        fails("another authority", "chain", "terminal", TARGET, "--ca", str(files / "other.pem"))
        fails("another terminal", "san", *terminal("--id", "term_other"))
        made("server", "/CN=localhost", 30)
        fails("not a terminal", "san", "terminal", f"127.0.0.1:{served('server')}", "--ca", str(files / "server.pem"))
        made("stale", "/CN=localhost", -1)
        fails("expired", "expiry", "cloud", f"https://127.0.0.1:{served('stale')}", "--ca", str(files / "stale.pem"))
    with suite.group("this side's certificate and key"):
        issued = cloud.post("/v1/terminals/term_other/client-certificates", {}).json()
        (files / "theirs.p12").write_bytes(__import__("base64").b64decode(issued["pkcs12"]))
        (files / "theirs.txt").write_text(issued["passphrase"])
        p12 = ("--p12", str(files / "theirs.p12"), "--passphrase-file", str(files / "theirs.txt"))
        fails("another terminal's", "san", *terminal(*p12))
        mine = cloud.post(f"/v1/terminals/{TERMINAL}/client-certificates", {}).json()
        (files / "mine.p12").write_bytes(__import__("base64").b64decode(mine["pkcs12"]))
        (files / "mine.txt").write_text(mine["passphrase"])
        p12 = ("--p12", str(files / "mine.p12"), "--passphrase-file", str(files / "mine.txt"))
        fails("good", None, *terminal(*p12))
        cloud.post(f"/v1/terminals/{TERMINAL}/client-certificates/{mine['id']}/revoke", {})
        until(lambda: json.loads(run("doctor", "--json", *terminal(*p12)).stdout)["failing"] == "revocation", "revoked", 10)
        (files / "wrong").write_text("ck_test_wrong")
        fails("cashless key", "key", *terminal("--cashless-key-file", str(files / "wrong")))
        (files / "nokey").write_text("sk_test_nobody")
        fails("API key", "key", "cloud", dev.api, "--key-file", str(files / "nokey"))
        bad = run("doctor", *terminal("--p12", str(files / "mine.p12"), "--passphrase-file", str(files / "wrong")))
        suite.true(bad.returncode == 1 and "passphrase" in bad.stderr, bad.stderr)


def mode() -> None:
    with suite.group("switched off"):
        def put(enabled: bool) -> None:
            body = json.dumps({"localApi": {"enabled": enabled}, "cashless": {"enabled": True}})
            answer = cloud.send("PUT", f"/v1/terminals/{TERMINAL}/lan", body, {"Content-Type": "application/json"})
            suite.equal(answer.status, 200, f"{answer.body[:200]!r}")

        put(False)
        mine = terminal("--cert", CERT, "--cert-key", KEY)
        until(lambda: json.loads(run("doctor", "--json", *mine).stdout)["failing"] == "mode", "the mode is named", 15)


def made(name: str, subject: str, days: int) -> None:
    """A certificate of its own authority; one that ended already when the days are negative."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID
    import datetime
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject.removeprefix("/CN="))])
    now = datetime.datetime.now(datetime.timezone.utc)
    until_ = now + datetime.timedelta(days=days)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(min(now, until_) - datetime.timedelta(days=30))
        .not_valid_after(until_).add_extension(names, False).sign(key, hashes.SHA256())
    )
    (files / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (files / f"{name}.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def served(name: str) -> int:
    """A TLS server with that certificate that answers nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / f"{name}.pem", files / f"{name}.key")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
                context.wrap_socket(connection, server_side=True).recv(1)
            except OSError:
                continue

    threading.Thread(target=serve, daemon=True).start()
    port: int = listening.getsockname()[1]
    return port


for part in (healthy, below_tls, certificates, mode):
    part()
suite.finish()
