"""The Local API as a till uses it: with curl, with Python and with Node, each opening the certificate that was issued."""
from __future__ import annotations

import base64
import json
import pathlib
import subprocess
import threading
import time
import uuid
from typing import Any, Optional

from rig import shapes
from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.curl import Curl
from rig.lan import Lan, Stream, context, private
from rig.processes import Dev, directory, run

suite = Suite("80_local_api", within_s=300)
dev = Dev("--terminal", "term_other", "--pace-ms", "60")
cloud = Client(dev.api, dev.key)
ready = dev.ready
LOCAL, CA, TERMINAL = ready["local"], ready["caBundle"], ready["terminalId"]
CERT, KEY, P12, PASSPHRASE = ready["clientCert"], ready["clientKey"], ready["clientP12"], ready["clientP12Passphrase"]
lan = Lan(LOCAL, context(CA, CERT, KEY))
curl = Curl()
MINE = ["--cacert", CA, "--cert", CERT, "--key", KEY]
OPENING = directory()


def order(**changes: Any) -> dict[str, Any]:
    return {"terminalId": TERMINAL, "amount": 2500, "currency": "USD", **changes}


def pay(**changes: Any) -> dict[str, Any]:
    answer = lan.post("/v1/pay", order(**changes))
    assert answer.status == 200, f"{answer.status} {answer.body[:200]!r}"
    body: dict[str, Any] = answer.json()
    return body


def hanging(card: str = "none", **changes: Any) -> threading.Thread:
    """An order whose customer presents nothing, on a connection of its own."""
    asked = threading.Thread(target=lambda: lan.post(f"/v1/pay?simulateCard={card}", order(**changes)), daemon=True)
    asked.start()
    until(lambda: lan.get("/v1/status").json().get("status") == "busy", "the terminal prompts", 10)
    return asked


def free() -> None:
    until(lambda: lan.get("/v1/status").json().get("status") == "ready", "the terminal is free", 20)


def ready_line() -> None:
    with suite.group("the line for scripts names everything that a till needs"):
        for name in ("local", "cashless", "cashlessKey", "clientP12", "clientP12Passphrase", "clientCert", "clientKey"):
            suite.true(ready.get(name), f"{name} is {ready.get(name)!r}")
        suite.true(LOCAL.startswith("https://127.0.0.1:"), LOCAL)
        for path in (P12, KEY):
            suite.true(private(pathlib.Path(path)), f"{path} can be read by others")


def by_curl() -> None:
    with suite.group("the page's request, by curl, and its outcome in the same answer"):
        body = json.dumps(order(reference="order_8821", captureMethod="automatic"))
        answer = curl(*MINE, "-X", "POST", f"{LOCAL}/v1/pay", "-H", "Content-Type: application/json", "-d", body)
        suite.equal(answer.status, 200, f"{answer.body[:200]!r}")
        shapes.payment(suite, answer.json(), shapes.NEW, "pay", status="completed", reference="order_8821", amount=2500,
                       terminalId=TERMINAL, last4="4242", brand="visa", livemode=False)
        suite.equal(answer.json()["metadata"].get("connectionMode"), "local", "it says which way it came")
        known = answer.json()
        seen = until(lambda: (cloud.every_payment(reference="order_8821") or [None])[0], "the cloud records it", 10)
        until(lambda: cloud.payment(known["id"])["status"] == "completed", "the cloud has the outcome", 10)
        suite.equal(seen["id"], known["id"], "one identity on both sides")
        suite.equal(cloud.payment(known["id"])["authCode"], known["authCode"], "and one authorization")
        events = cloud.get("/v1/events", type="terminal_payment.completed", limit=20).json()["data"]
        suite.true(any(event["data"]["object"]["id"] == known["id"] for event in events), "its event is there for webhooks")
    with suite.group("what curl --cert can do with the other shapes"):
        created = curl(*MINE, "-X", "POST", f"{LOCAL}{PAYMENTS}", "-d", f"terminalId={TERMINAL}", "-d", "amount=4200",
                       "-d", "currency=EUR", "-d", "reference=order_1099", "-d", "responseMode=sync")
        suite.equal(created.status, 200, f"{created.body[:200]!r}")
        id = created.json()["id"]
        for path in (f"{PAYMENTS}/{id}", f"{PAYMENTS}?reference=order_1099"):
            found = curl(*MINE, f"{LOCAL}{path}").json()
            found = found["data"][0] if found.get("object") == "list" else found
            suite.equal((found["id"], found["status"]), (id, "completed"), path)
        held = curl(*MINE, "-X", "POST", f"{LOCAL}{PAYMENTS}", "-d", f"terminalId={TERMINAL}", "-d", "amount=4200", "-d",
                    "currency=EUR", "-d", "captureMethod=manual", "-d", "responseMode=sync").json()
        suite.equal(held["status"], "authorized", "a hold")
        captured = curl(*MINE, "-X", "POST", f"{LOCAL}{PAYMENTS}/{held['id']}/capture", "-d", "amount=4000")
        suite.equal((captured.status, captured.json().get("amountCaptured")), (200, 4000), "captured by the terminal's word")
        until(lambda: cloud.payment(held["id"])["status"] == "completed", "the cloud took it", 10)
        again = curl(*MINE, "-X", "POST", f"{LOCAL}{PAYMENTS}/{held['id']}/capture", "-d", "amount=4000")
        suite.equal((again.status, again.error().get("code")), (422, "already_captured"), "once")


def by_others() -> None:
    script = (
        "import json,ssl,sys,urllib.request\n"
        "from cryptography.hazmat.primitives.serialization import pkcs12,Encoding,PrivateFormat,NoEncryption\n"
        "import tempfile,os\n"
        "key,cert,more=pkcs12.load_key_and_certificates(open(sys.argv[1],'rb').read(),sys.argv[2].encode())\n"
        "f=tempfile.NamedTemporaryFile(delete=False)\n"
        "f.write(key.private_bytes(Encoding.PEM,PrivateFormat.PKCS8,NoEncryption())+cert.public_bytes(Encoding.PEM));f.close()\n"
        "c=ssl.create_default_context(cafile=sys.argv[3]);c.load_cert_chain(f.name);os.unlink(f.name)\n"
        "r=urllib.request.Request(sys.argv[4]+'/v1/pay',sys.argv[5].encode(),{'Content-Type':'application/json'})\n"
        "print(json.load(urllib.request.urlopen(r,context=c))['status'])\n"
    )
    node = (
        "const https=require('node:https'),fs=require('node:fs');const [p12,pass,ca,url,body]=process.argv.slice(2);"
        "const r=https.request(url+'/v1/pay',{method:'POST',pfx:fs.readFileSync(p12),passphrase:pass,ca:fs.readFileSync(ca),"
        "headers:{'Content-Type':'application/json'}},a=>{let t='';a.on('data',d=>t+=d);"
        "a.on('end',()=>console.log(JSON.parse(t).status))});r.on('error',e=>{console.log(e.message)});r.end(body);"
    )
    python_file, node_file = OPENING / "till.py", OPENING / "till.cjs"
    python_file.write_text(script)
    node_file.write_text(node)
    import sys
    with suite.group("OpenSSL, Python and Node open the .p12, and each pays"):
        passphrase = OPENING / "passphrase"
        passphrase.write_text(PASSPHRASE)
        opened = subprocess.run(["openssl", "pkcs12", "-in", P12, "-nodes", "-passin", f"file:{passphrase}"],
                                capture_output=True, text=True, check=False)
        suite.true("PRIVATE KEY" in opened.stdout and "BEGIN CERTIFICATE" in opened.stdout, f"openssl: {opened.stderr[:200]}")
        pem = OPENING / "opened.pem"
        pem.write_text(opened.stdout)
        answer = curl("--cacert", CA, "--cert", str(pem), "-X", "POST", f"{LOCAL}/v1/pay", "-H",
                      "Content-Type: application/json", "-d", json.dumps(order()))
        suite.equal(answer.json().get("status"), "completed", "by OpenSSL's hand")
        for what, command in (("Python", [sys.executable, str(python_file)]), ("Node", ["node", str(node_file)])):
            done = subprocess.run([*command, P12, PASSPHRASE, CA, LOCAL, json.dumps(order())], capture_output=True,
                                  text=True, timeout=60, check=False)
            suite.equal(done.stdout.strip(), "completed", f"{what}: {done.stderr[-300:]}")
        wrong = subprocess.run(["openssl", "pkcs12", "-in", P12, "-nodes", "-passin", "pass:wrong"], capture_output=True,
                               text=True, check=False)
        suite.true(wrong.returncode != 0, "the passphrase is what opens it")


def certificates() -> None:
    with suite.group("whoever may not speak to the terminal is told why"):
        def refused(what: str, code: str, *arguments: str) -> None:
            answer = curl(*arguments, "-X", "POST", f"{LOCAL}/v1/pay", "-H", "Content-Type: application/json", "-d",
                          json.dumps(order()))
            suite.equal((answer.status, answer.error().get("code")), (403, code), f"{what}: {answer.body[:200]!r}")

        refused("no certificate", "certificate_required", "--cacert", CA)
        issued = cloud.post("/v1/terminals/term_other/client-certificates", {})
        suite.true(issued.status in (200, 201), f"issue: {issued.status} {issued.body[:200]!r}")
        other = written("other", issued.json())
        refused("another terminal's", "certificate_wrong_terminal", "--cacert", CA, *other)
        mine = cloud.post(f"/v1/terminals/{TERMINAL}/client-certificates", {}).json()
        files = written("mine", mine)
        good = curl("--cacert", CA, *files, f"{LOCAL}{PAYMENTS}?limit=1")
        suite.equal(good.status, 200, "a second certificate of the terminal works")
        revoked = cloud.post(f"/v1/terminals/{TERMINAL}/client-certificates/{mine['id']}/revoke", {})
        suite.equal(revoked.status, 200, f"revoke: {revoked.body[:200]!r}")
        # A request that is under way while the revocation arrives loses its connection (curl ends with 52 or 56).
        until(lambda: met(files) == 403, "the revocation arrives", 5)
        refused("revoked", "certificate_revoked", "--cacert", CA, *files)
        own = OPENING / "own"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        f"{own}.key", "-out", f"{own}.pem", "-subj", "/CN=till", "-days", "2"], capture_output=True, check=True)
        refused("of nobody's authority", "certificate_unknown_authority", "--cacert", CA, "--cert", f"{own}.pem", "--key",
                f"{own}.key")
        still = curl(*MINE, f"{LOCAL}{PAYMENTS}?limit=1")
        suite.equal(still.status, 200, "the others go on")
        suite.true(dev.key not in json.dumps(mine), "no key in it")
        listed = cloud.get(f"/v1/terminals/{TERMINAL}/client-certificates", limit=20).json()["data"]
        suite.true(all("pkcs12" not in one and "passphrase" not in one for one in listed), "shown once")
    with suite.group("plain HTTP and old TLS get nowhere"):
        plain = LOCAL.replace("https://", "http://")
        done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"{plain}/v1/status"],
                              capture_output=True, text=True, check=False)
        suite.true(done.stdout in ("400", "000", "426"), f"plain HTTP: {done.stdout} {done.stderr[:100]}")
        curl("--cacert", CA, "--tls-max", "1.2", f"{LOCAL}/v1/status", exit_status=35)
        foreign = curl(*MINE, "-H", "Host: evil.example", f"{LOCAL}/v1/status")
        suite.true(foreign.status in (400, 403, 421), f"another Host: {foreign.status}")
        origin = curl(*MINE, "-H", "Origin: https://evil.example", f"{LOCAL}/v1/status")
        suite.true(origin.status == 403, f"an Origin: {origin.status}")


def met(files: list[str]) -> int:
    """The status of an answer to whoever has these files; 0 when the connection was cut."""
    try:
        return curl("--cacert", CA, *files, f"{LOCAL}{PAYMENTS}?limit=1").status
    except AssertionError as cut:
        if not str(cut).startswith(("curl ended with 52", "curl ended with 56")):
            raise
        return 0


def written(name: str, issued: dict[str, Any]) -> list[str]:
    """Puts what was issued into files for curl."""
    p12 = OPENING / f"{name}.p12"
    p12.write_bytes(base64.b64decode(issued["pkcs12"]))
    opened = subprocess.run(["openssl", "pkcs12", "-in", str(p12), "-nodes", "-passin", f"pass:{issued['passphrase']}"],
                            capture_output=True, text=True, check=True)
    pem = OPENING / f"{name}.pem"
    pem.write_text(opened.stdout)
    return ["--cert", str(pem)]


def headers_first() -> None:
    with suite.group("the headers come at once, the body with the outcome; a till that hangs up changes nothing"):
        reference = f"slow-{uuid.uuid4().hex[:8]}"
        connection = lan.connect(30)
        connection.request("POST", "/v1/pay?simulateCard=none", json.dumps(order(reference=reference)),
                           {"Content-Type": "application/json"})
        began = time.monotonic()
        response = connection.getresponse()
        suite.true(response.status == 200 and time.monotonic() - began < 5, "headers while the customer waits")
        found = lan.get(PAYMENTS, reference=reference).json()["data"][0]
        suite.equal(found["status"], "pending", "retrieved by its reference while it waits")
        busy = lan.post("/v1/pay", order()).json()
        suite.equal((busy["status"], busy.get("declineCode")), ("failed", "terminal_busy"), "another order meanwhile")
        connection.close()
        suite.equal(lan.get(f"{PAYMENTS}/{found['id']}").json()["status"], "pending", "still there after the hang-up")
        presented = cloud.post(f"/v1/test/terminals/{TERMINAL}/present-card", {})
        suite.equal(presented.status, 200, f"{presented.body[:200]!r}")
        until(lambda: lan.get(f"{PAYMENTS}/{found['id']}").json()["status"] == "completed", "it is paid", 10)
        free()
    with suite.group("cancelled while it waits"):
        reference = f"gone-{uuid.uuid4().hex[:8]}"
        waiting = hanging(reference=reference)
        found = lan.get(PAYMENTS, reference=reference).json()["data"][0]
        cancelled = lan.post(f"{PAYMENTS}/{found['id']}/cancel", {})
        suite.equal((cancelled.status, cancelled.json().get("status")), (200, "cancelled"), f"{cancelled.body[:200]!r}")
        waiting.join(10)
        until(lambda: [one["status"] for one in cloud.every_payment(reference=reference)] == ["cancelled"], "the cloud knows", 10)
        again = lan.post(f"{PAYMENTS}/{found['id']}/cancel", {})
        suite.equal(again.error().get("code"), "cancel_not_allowed", "final is final")
        free()


def once() -> None:
    with suite.group("one name, one charge, whichever way it is said"):
        token, reference = str(uuid.uuid4()), f"once-{uuid.uuid4().hex[:8]}"
        first = pay(clientToken=token, reference=reference)
        second = pay(clientToken=token, reference=reference)
        suite.equal((second["id"], second["authCode"]), (first["id"], first["authCode"]), "said twice to the terminal")
        by_cloud = cloud.post(PAYMENTS, order(clientToken=token, reference=reference, responseMode="sync"))
        suite.equal((by_cloud.status, by_cloud.json().get("id")), (200, first["id"]), "said to the cloud afterwards")
        other = lan.post("/v1/pay", order(clientToken=token, reference=reference, amount=1))
        suite.equal(other.status, 409, f"another amount under the same name: {other.body[:200]!r}")
        suite.equal(len(cloud.every_payment(reference=reference)), 1, "one payment in the cloud")
    with suite.group("declines and bad orders"):
        declined = lan.post("/v1/pay?simulateCard=card_declined", order())
        suite.equal((declined.status, declined.json()["status"], declined.json()["declineCode"]), (200, "failed", "card_declined"),
                    "a decline is an outcome")
        for what, changes, param in (
            ("no amount", {"amount": 0}, "amount"), ("a typo", {"amuont": 1}, "amuont"),
            ("no currency", {"currency": "ZZZ"}, "currency"), ("another terminal", {"terminalId": "term_x"}, "terminalId"),
        ):
            answer = lan.post("/v1/pay", order(**changes))
            suite.equal((answer.status in (400, 404), answer.error().get("param")), (True, param), f"{what}: {answer.body[:200]!r}")
        suite.equal(lan.send("POST", "/v1/pay", b"x" * (300 * 1024), {"Content-Type": "application/json"}).status, 413, "too long")
        suite.equal(lan.send("POST", "/v1/pay", b"x", {"Content-Type": "text/plain"}).status, 415, "not JSON")
        suite.equal(lan.get(f"{PAYMENTS}/tpay_00000000000000000000000000").status, 404, "an id that is none")


def stream() -> None:
    with suite.group("the event stream follows a payment and is resumed"):
        following = Stream(lan)
        suite.equal(following.status, 200, "the stream opens")
        paid = pay(reference="streamed")
        until(lambda: any(kind == "terminal_payment.completed" for _, kind, _ in following.said), "the outcome is told", 10)
        stages = [data.get("stage") or data.get("data", {}).get("stage") for _, _, data in following.said]
        suite.true("awaiting_card" in stages and "authorizing" in stages, f"progress: {stages}")
        ids = [id for id, _, _ in following.said if id]
        following.end()
        resumed = Stream(lan, last=ids[0])
        until(lambda: len(resumed.said) >= len(ids) - 1, "resumed where it was", 10)
        suite.true(any(paid["id"] in json.dumps(data) for _, _, data in resumed.said), "with what was missed")
        resumed.end()


def switched_off() -> None:
    with suite.group("switched off from the cloud, it is gone; switched on, it is back"):
        off = cloud.send("PUT", f"/v1/terminals/{TERMINAL}/lan", json.dumps({"localApi": {"enabled": False}, "cashless": {"enabled": True}}),
                         {"Content-Type": "application/json"})
        suite.equal(off.status, 200, f"{off.body[:200]!r}")

        def refuses() -> bool:
            try:
                answer = lan.get(PAYMENTS)
            except OSError:
                return True
            return answer.status in (403, 404)

        until(refuses, "the Local API is gone", 15)
        on = cloud.send("PUT", f"/v1/terminals/{TERMINAL}/lan", json.dumps({"localApi": {"enabled": True}, "cashless": {"enabled": True}}),
                        {"Content-Type": "application/json"})
        suite.equal(on.status, 200, f"{on.body[:200]!r}")

        def serves() -> Optional[bool]:
            return lan.get(PAYMENTS).status == 200

        until(serves, "the Local API is back", 20)
        suite.equal(pay()["status"], "completed", "and pays")


for part in (ready_line, by_curl, by_others, certificates, headers_first, once, stream, switched_off):
    part()
suite.finish()
