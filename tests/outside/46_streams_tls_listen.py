"""Receivers behind TLS, streams whose key ends or that are too many, and `vinr listen` across a restart of the server."""
from __future__ import annotations

import http.client
import json
import pathlib
import ssl
import subprocess
import urllib.parse
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.processes import Dev, Program, directory, free_port
from rig.receiver import Receiver, verified

HOOKS = "/v1/webhook-endpoints"
suite = Suite("46_streams_tls_listen", within_s=240)


def openssl(*arguments: str, within: pathlib.Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=within, check=True, capture_output=True, timeout=60)


def certificates(where: pathlib.Path) -> None:
    """Two authorities, and a certificate of the first: for localhost, and for nobody on this machine."""
    for authority in ("ca", "other"):
        made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        openssl("req", "-x509", *made, "-keyout", f"{authority}.key", "-out", f"{authority}.pem", "-subj", f"/CN={authority}", within=where)
    for name, host in (("here", "DNS:localhost"), ("elsewhere", "DNS:shop.example")):
        (where / f"{name}.ext").write_text(f"subjectAltName={host}\nbasicConstraints=CA:FALSE\n")
        made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        openssl("req", "-new", *made, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}", within=where)
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext")
        openssl("x509", "-req", "-in", f"{name}.csr", *signed, "-out", f"{name}.pem", within=where)


def behind_tls(where: pathlib.Path, name: str) -> Receiver:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(where / f"{name}.pem", where / f"{name}.key")
    return Receiver(tls=context)


def endpoint(client: Client, url: str, *events: str) -> dict[str, Any]:
    answer = client.post(HOOKS, {"url": url, "enabled_events": list(events or ["*"])})
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.json()
    return made


def pay(client: Client) -> dict[str, Any]:
    order = {"terminalId": "term_test_simulator", "amount": 100, "currency": "EUR", "responseMode": "sync"}
    answer = client.post(PAYMENTS, order)
    assert answer.status in (200, 202), answer.body
    made: dict[str, Any] = answer.json()
    return made


def encrypted() -> None:
    where = directory()
    certificates(where)
    here, elsewhere = behind_tls(where, "here"), behind_tls(where, "elsewhere")

    def tried(client: Client, url: str) -> dict[str, Any]:
        made = endpoint(client, url, "terminal_payment.completed")
        answer = client.post(f"{HOOKS}/{made['id']}/test", {})
        return {**made, "delivery": answer.json()}

    trusting = Dev("--pace-ms", "0", "--webhook-ca", str(where / "ca.pem"))
    client = Client(trusting.api, trusting.key)
    with suite.group("a receiver whose certificate comes from --webhook-ca is told, on connections that are kept"):
        made = tried(client, here.url("/tls", "localhost"))
        suite.equal((made["delivery"]["status"], made["delivery"]["http_status"]), ("delivered", 200), "the test event")
        for number in range(3):
            pay(client)
            got = until(lambda: len(here.at("/tls")) == number + 2 and here.at("/tls"), "the event arrives")
        suite.equal([wrong for one in got for wrong in verified(one, made["secret"])], [], "signatures")
        suite.true(here.connections <= 2, f"{here.connections} connections for {len(got)} requests")
    with suite.group("a certificate for another name is not taken"):
        answer = tried(client, elsewhere.url("/tls", "localhost"))["delivery"]
        suite.equal((answer["status"], answer["http_status"]), ("failed", None), "the test event")
        suite.true("ertificate" in answer["error"], f"why: {answer['error']}")
        suite.equal(elsewhere.at("/tls"), [], "it was sent all the same")
    trusting.stop()
    for which, more in (("no", ()), ("another", ("--webhook-ca", str(where / "other.pem")))):
        strict = Dev("--pace-ms", "0", "--no-simulator", *more)
        with suite.group(f"with {which} authority of one's own, it is not taken either"):
            before = len(here.at("/tls"))
            answer = tried(Client(strict.api, strict.key), here.url("/tls", "localhost"))["delivery"]
            suite.equal(answer["status"], "failed", f"the test event: {answer}")
            suite.true("ertificate" in answer["error"], f"why: {answer['error']}")
            suite.equal(len(here.at("/tls")), before, "it was sent all the same")
        strict.stop()
    here.close()
    elsewhere.close()


class Stream:
    """A stream of server-sent events, or the answer in its place."""

    def __init__(self, base: str, key: str, after: Optional[str] = None) -> None:
        parts = urllib.parse.urlsplit(base)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        headers = {"Authorization": f"Bearer {key}", **({"Last-Event-ID": after} if after else {})}
        self.connection.request("GET", "/v1/events/stream", headers=headers)
        self.response = self.connection.getresponse()

    def ids(self) -> list[str]:
        """The ids of the events up to the end of the stream."""
        lines = self.response.read().decode().splitlines()
        return [line.removeprefix("id: ") for line in lines if line.startswith("id: ")]

    def next(self) -> str:
        """The id of the next event."""
        while line := self.response.readline().decode():
            if line.startswith("id: "):
                return line.removeprefix("id: ").strip()
        raise ConnectionError("the stream has ended")

    def close(self) -> None:
        self.connection.close()


def streams() -> None:
    dev = Dev("--pace-ms", "0")
    client = Client(dev.api, dev.key)
    with suite.group("a stream ends when its key is revoked, and nothing is lost to another key"):
        made = client.post("/v1/api-keys", {"type": "restricted", "scopes": ["events:read"]}).json()
        stream = Stream(dev.api, made["secret"])
        suite.equal(stream.response.status, 200, "the stream")
        pay(client)
        first = stream.next()
        suite.equal(client.post(f"/v1/api-keys/{made['id']}/revoke", {}).status, 200, "revoked")
        rest = stream.ids()
        stream.close()
        suite.equal(Stream(dev.api, made["secret"]).response.status, 401, "the next stream")
        later = pay(client)
        told = client.get("/v1/events", object=later["id"], limit=100).json()["data"][::-1]
        resumed = Stream(dev.api, dev.key, after=([first] + rest)[-1])
        seen = []
        while not seen or seen[-1] != told[-1]["id"]:
            seen.append(resumed.next())
        resumed.close()
        listed = [event["id"] for event in client.get("/v1/events", limit=100).json()["data"]][::-1]
        suite.equal([first] + rest + seen, listed[listed.index(first):], "all events, each once")
    with suite.group("a key has ten streams at most, and a closed one makes room"):
        open_ones = [Stream(dev.api, dev.key) for _ in range(10)]
        suite.equal([one.response.status for one in open_ones], [200] * 10, "ten")
        one_more = Stream(dev.api, dev.key)
        suite.equal((one_more.response.status, one_more.response.headers.get("Retry-After")), (429, "1"), "the eleventh")
        suite.equal(json.loads(one_more.response.read())["error"]["code"], "rate_limited", "why")
        open_ones.pop().close()
        freed = until(lambda: opened(dev), "there is room again", 20, 0.2)
        for one in [*open_ones, freed]:
            one.close()
    dev.stop()


def opened(dev: Dev) -> Optional[Stream]:
    stream = Stream(dev.api, dev.key)
    if stream.response.status == 200:
        return stream
    stream.close()
    return None


def listening() -> None:
    data, ports = directory() / "data", (free_port(), free_port())
    server = Dev("--pace-ms", "0", data=data, ports=ports)
    receiver = Receiver()
    with suite.group("vinr listen goes on where it was when the server is killed and comes back"):
        client = Client(server.api, server.key)
        pay(client)
        arguments = ["listen", "--forward-to", receiver.url("/local"), "--api", server.api, "--events", "terminal_payment.completed"]
        listen = Program(arguments, data.parent / "listen.log")
        listen.line(20)
        secret = listen.line(5) or ""
        paid = [pay(client)["id"]]
        until(lambda: receiver.at("/local"), "the first is forwarded")
        for abruptly in (True, False):
            if abruptly:
                server.kill()
            else:
                server.stop()
            server = Dev("--pace-ms", "0", data=data, ports=ports)
            client = Client(server.api, server.key)
            # Whether `listen` is back already or not: it must not matter.
            paid += [pay(client)["id"] for _ in range(3)]
            until(lambda: len(receiver.at("/local")) >= len(paid), "those since are forwarded")
        got = receiver.at("/local")
        suite.equal([one.event["data"]["object"]["id"] for one in got], paid, "each once, in order")
        suite.equal([wrong for one in got for wrong in verified(one, secret)], [], "signatures, by the same secret")
        suite.true(not listen.ended(), "vinr listen has ended")
        listen.stop()
    server.stop()
    receiver.close()


encrypted()
streams()
listening()
suite.finish()
