"""Webhooks and events of the real binary against receivers that accept, fail, hang, reset, drip and redirect: signatures,
order, retries, isolation, secrets, addresses, streams, and a server that is killed while events flow."""
from __future__ import annotations

import base64
import http.client
import json
import os
import random
import shutil
import subprocess
import threading
import time
import urllib.parse
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.processes import ROOT, Dev, Program, directory, free_port, run
from rig.receiver import DRIP, ENDLESS, HANG, REDIRECT, RESET, Receiver, verified

HOOKS = "/v1/webhook-endpoints"
QUICK = ("--pace-ms", "0", "--webhook-retries-ms", "300,600,900", "--webhook-answer-ms", "1500")
KILLS = int(os.environ.get("VINR_WEBHOOK_KILLS", "8"))
SEED = int(os.environ.get("VINR_WEBHOOK_SEED") or random.SystemRandom().randint(1, 10**9))
suite = Suite("45_webhooks", within_s=420)


def endpoint(client: Client, url: str, *events: str, **more: Any) -> dict[str, Any]:
    answer = client.post(HOOKS, {"url": url, "enabled_events": list(events or ["*"]), **more})
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.json()
    return made


def pay(client: Client, **more: Any) -> dict[str, Any]:
    order = {"terminalId": "term_test_simulator", "amount": 100, "currency": "EUR", "responseMode": "sync", **more}
    answer = client.post(PAYMENTS, order)
    assert answer.status in (200, 202), answer.body
    made: dict[str, Any] = answer.json()
    return made


def deliveries(client: Client, id: str, **query: Any) -> list[dict[str, Any]]:
    answer = client.get(f"{HOOKS}/{id}/deliveries", limit=100, **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def events_of(client: Client, **query: Any) -> list[dict[str, Any]]:
    """All events, oldest first, through all pages."""
    found: list[dict[str, Any]] = []
    more = True
    while more:
        if found:
            query["starting_after"] = found[-1]["id"]
        page = client.get("/v1/events", limit=100, **query).json()
        found += page["data"]
        more = page["has_more"]
    return found[::-1]


def in_order(events: list[dict[str, Any]]) -> list[str]:
    """Objects whose events did not come in the order of their sequence."""
    last: dict[str, int] = {}
    wrong = []
    for event in events:
        name = event["data"].get("object", event["data"])
        object = name["id"] if isinstance(name, dict) else event["data"]["id"]
        if event["sequence"] <= last.get(object, 0):
            wrong.append(f"{object}: {event['sequence']} after {last[object]}")
        last[object] = event["sequence"]
    return wrong


def basics(client: Client) -> None:
    receiver = Receiver()
    with suite.group("a payment's events arrive, signed, in order, and as the event shows them"):
        made = endpoint(client, receiver.url("/new"), "terminal_payment.*")
        old = endpoint(client, receiver.url("/old"), "terminal_payment.completed", api_version="2025-05-31")
        suite.true(made["secret"].startswith("whsec_") and made["id"].startswith("we_"), f"created: {made}")
        suite.true("secret" not in client.get(f"{HOOKS}/{made['id']}").json(), "the secret is shown again")
        payment = pay(client)
        until(lambda: len(receiver.at("/new")) >= 3 and receiver.at("/old"), "the events arrive")
        got = receiver.at("/new")
        suite.equal([one.event["data"]["object"]["id"] for one in got], [payment["id"]] * len(got), "about the payment")
        suite.equal(got[-1].event["type"], "terminal_payment.completed", "the last event")
        suite.equal(got[-1].event["data"]["object"], payment, "the object is the one that the create answered")
        suite.equal(in_order([one.event for one in got]), [], "order")
        suite.equal([wrong for one in got for wrong in verified(one, made["secret"])], [], "signatures")
        suite.true(verified(got[0], old["secret"]), "another endpoint's secret fits")
        suite.equal(client.get(f"/v1/events/{got[0].event['id']}").json(), got[0].event, "the same event over the API")
        suite.equal(type(receiver.at("/old")[0].event["data"]["object"]["createdAt"]), int, "the older version's times")
        suite.equal([one.event["type"] for one in receiver.at("/old")], ["terminal_payment.completed"], "filtered")
        until(lambda: len(deliveries(client, made["id"], status="delivered")) == len(got), "the log shows them")
        one = deliveries(client, made["id"])[0]
        suite.equal((one["event"], one["http_status"], one["attempts"]), (got[-1].event["id"], 200, 1), "the newest delivery")
    with suite.group("endpoints are listed, changed, tried and deleted"):
        suite.equal([one["id"] for one in client.get(HOOKS).json()["data"]], [old["id"], made["id"]], "listed")
        tried = client.post(f"{HOOKS}/{made['id']}/test", {}, key="try-1")
        suite.equal((tried.status, tried.json()["status"], tried.json()["http_status"]), (200, "delivered", 200), "tried")
        suite.equal(receiver.at("/new")[-1].event["type"], "webhook_endpoint.test", "the test event")
        again = client.post(f"{HOOKS}/{made['id']}/test", {}, key="try-1")
        suite.equal((again.body, again.headers.get("idempotent-replayed")), (tried.body, "true"), "the same key")
        for path, body, param in (
            (HOOKS, {"url": receiver.url(), "enabled_events": ["*", "moon.*"]}, "enabled_events[1]"),
            (HOOKS, {"url": "ftp://x/", "enabled_events": ["*"]}, "url"),
            (HOOKS, {"url": receiver.url(), "enabled_events": ["*"], "secret": "x"}, "secret"),
            (f"{HOOKS}/{made['id']}", {"status": "paused"}, "status"),
            (f"{HOOKS}/{made['id']}/roll-secret", {"expires_in": -1}, "expires_in"),
        ):
            answer = client.post(path, body)
            suite.equal((answer.status, answer.error().get("param")), (400, param), f"{body}")
        suite.equal(client.get(f"{HOOKS}/we_nobody").status, 404, "an unknown endpoint")
        suite.equal(client.send("DELETE", f"{HOOKS}/{old['id']}").status, 200, "deleted")
        suite.equal(client.get(f"{HOOKS}/{old['id']}").status, 404, "after that")
    with suite.group("a repeated create shows the same secret, and no secret lies in the database"):
        body = {"url": receiver.url("/twice"), "enabled_events": ["batch.closed"]}
        first, second = client.post(HOOKS, body, key="make-1"), client.post(HOOKS, body, key="make-1")
        suite.equal(second.body, first.body, "replayed")
        files = b"".join(path.read_bytes() for path in dev.data.glob("vinr.db*"))
        for secret in (first.json()["secret"], made["secret"]):
            suite.true(secret.removeprefix("whsec_").encode() not in files, "a secret is in the database")
        suite.equal(oct((dev.data / "webhooks.key").stat().st_mode & 0o777), "0o600", "mode of the key file")
    with suite.group("while a secret is being replaced both sign, then the new one only"):
        rolled = client.post(f"{HOOKS}/{made['id']}/roll-secret", {"expires_in": 2}).json()
        began = time.monotonic()
        suite.true(rolled["secret"] != made["secret"], "the secret is the old one")
        client.post(f"{HOOKS}/{made['id']}/test", {})
        last = receiver.at("/new")[-1]
        suite.equal(verified(last, made["secret"]) + verified(last, rolled["secret"]), [], "both sign")
        time.sleep(max(0.0, began + 3.2 - time.monotonic()))
        client.post(f"{HOOKS}/{made['id']}/test", {})
        last = receiver.at("/new")[-1]
        suite.true(verified(last, made["secret"]) and not verified(last, rolled["secret"]), "the old one still signs")
    with suite.group("what is held back while an endpoint is disabled comes when it is enabled"):
        client.post(f"{HOOKS}/{made['id']}", {"status": "disabled"})
        before = len(receiver.at("/new"))
        held = pay(client)
        time.sleep(0.5)
        suite.equal(len(receiver.at("/new")), before, "sent while disabled")
        client.post(f"{HOOKS}/{made['id']}", {"status": "enabled"})
        until(lambda: receiver.at("/new")[-1].event["type"] == "terminal_payment.completed", "held back events come")
        ids = {one.event["data"]["object"]["id"] for one in receiver.at("/new")[before:]}
        suite.equal(ids, {held["id"]}, "events of the payment that was held back")
        suite.true(receiver.connections < len(receiver.got), f"{receiver.connections} connections, {len(receiver.got)} requests")
    client.send("DELETE", f"{HOOKS}/{made['id']}")
    receiver.close()


def guide(client: Client) -> None:
    """The code in the guide takes real deliveries, and refuses what was changed."""
    receiver = Receiver()
    made = endpoint(client, receiver.url("/guide"), "terminal_payment.completed")
    pay(client)
    got = until(lambda: receiver.at("/guide"), "an event arrives")[0]
    header = got.headers["vinr-signature"]
    text = (ROOT / "docs" / "guides" / "webhooks.md").read_text("utf-8")
    code = {name: text.split(f"```{name}\n", 1)[1].split("```", 1)[0] for name in ("python", "js")}
    with suite.group("the guide's Python code"):
        space: dict[str, Any] = {}
        exec(code["python"], space)  # the documentation's own code
        suite.equal(space["construct_event"](got.body, header, made["secret"]), got.event, "the event")
        for body, secret in ((got.body + b" ", made["secret"]), (got.body, "whsec_" + "A" * 43 + "=")):
            try:
                space["construct_event"](body, header, secret)
                suite.true(False, "taken although it was changed")
            except ValueError:
                suite.true(True, "refused")
    node = shutil.which("node")
    with suite.group("the guide's Node code"):
        if suite.true(node, "node is not installed"):
            call = "constructEvent(Buffer.from(process.argv[1], 'base64'), process.argv[2], process.argv[3])"
            script = code["js"] + f"\nconsole.log(JSON.stringify({call}));"
            arguments = [base64.b64encode(got.body).decode(), header, made["secret"]]
            ran = subprocess.run([str(node), "-e", script, "--", *arguments], capture_output=True, text=True, timeout=30, check=False)
            suite.equal((ran.returncode, json.loads(ran.stdout or "null")), (0, got.event), f"the event ({ran.stderr[-200:]})")
            arguments[0] = base64.b64encode(got.body + b" ").decode()
            ran = subprocess.run([str(node), "-e", script, "--", *arguments], capture_output=True, text=True, timeout=30, check=False)
            suite.true(ran.returncode != 0 and "no signature fits" in ran.stderr, "taken although it was changed")
    receiver.close()


def refunded(client: Client) -> None:
    receiver = Receiver()
    with suite.group("a refund's events show the refund as the API does"):
        made = endpoint(client, receiver.url("/refunds"), "refund.*")
        answer = client.post("/v1/refunds", {"payment": pay(client)["id"]})
        suite.true(answer.status in (200, 202), f"refund: {answer.status} {answer.body[:200]!r}")
        id = answer.json()["id"]
        until(lambda: client.get(f"/v1/refunds/{id}").json()["status"] == "succeeded", "the refund has succeeded")
        now = client.get(f"/v1/refunds/{id}").json()
        until(lambda: receiver.taken("/refunds")[-1:] and receiver.taken("/refunds")[-1]["data"]["object"] == now, "the last event is the refund")
        suite.equal(in_order(receiver.taken("/refunds")), [], "order")
        client.send("DELETE", f"{HOOKS}/{made['id']}")
    receiver.close()


def laptop() -> None:
    receiver = Receiver()
    with suite.group("vinr listen forwards what vinr trigger causes, signed and in order"):
        types = "terminal_payment.*,terminal.updated"
        listen = Program(["listen", "--forward-to", receiver.url("/local"), "--api", dev.api, "--events", types], dev.data.parent / "listen.log")
        listen.line(20)
        secret = listen.line(5) or ""
        for kind in ("terminal_payment.completed", "terminal_payment.failed", "terminal_payment.cancelled", "terminal.updated"):
            ran = run("trigger", kind, "--api", dev.api, within_s=60)
            suite.true(ran.returncode == 0 and "evt_" in ran.stdout, f"trigger {kind}: {ran.stdout}{ran.stderr}")
            id = ran.stdout.split()[-1]
            until(lambda: any(got.event["id"] == id for got in receiver.at("/local")), f"{kind} is forwarded")
        suite.equal([wrong for got in receiver.got for wrong in verified(got, secret)], [], "signatures")
        suite.equal(in_order(receiver.taken("/local")), [], "order")
        suite.true(run("trigger", "moon.rises", "--api", dev.api).returncode != 0, "an unknown type is triggered")
        listen.stop()
    receiver.close()


def misery(client: Client) -> None:
    failures: dict[str, int] = {}

    def conduct(path: str, number: int, event: dict[str, Any]) -> Any:
        if path == "/flaky":
            object = event["data"].get("object", {}).get("id", "")
            failures[object] = failures.get(object, 0) + 1
            return 500 if failures[object] <= 2 else 200
        return {"/fails": 503, "/hangs": HANG, "/resets": RESET, "/drips": DRIP, "/redirects": REDIRECT,
                "/endless": ENDLESS}.get(path, 204)

    receiver = Receiver(conduct)
    with suite.group("a bad endpoint delays nobody, and each is told apart"):
        bad = {path: endpoint(client, receiver.url(path), "terminal_payment.*") for path in
               ("/fails", "/hangs", "/resets", "/drips", "/redirects")}
        endless = endpoint(client, receiver.url("/endless"), "terminal_payment.*")
        good = endpoint(client, receiver.url("/good"), "terminal_payment.*")
        flaky = endpoint(client, receiver.url("/flaky"), "terminal_payment.*")
        payments = [pay(client) for _ in range(5)]
        until(lambda: len(receiver.taken("/good")) == len(events_of(client, object=payments[-1]["id"])) * 5, "the good one has all", 10)
        suite.equal(in_order(receiver.taken("/good")), [], "order at the good one")
        until(lambda: len(receiver.taken("/flaky")) == len(receiver.taken("/good")), "the flaky one has all", 30)
        suite.equal(in_order(receiver.taken("/flaky")), [], "order at the flaky one")
        log = until(lambda: deliveries(client, flaky["id"], status="delivered"), "the flaky one's log")
        suite.true(max(one["attempts"] for one in log) == 3, f"attempts: {[one['attempts'] for one in log]}")
        for path, made in bad.items():
            until(lambda: any(one["attempts"] for one in deliveries(client, made["id"])), f"{path} has been tried")
            tried = next(one for one in deliveries(client, made["id"])[::-1] if one["attempts"])
            says = {"/fails": "503", "/hangs": "no answer", "/resets": "broke", "/drips": "no answer", "/redirects": "redirects"}[path]
            suite.true(says in (tried["error"] or ""), f"{path}: {tried}")
        until(lambda: deliveries(client, endless["id"], status="delivered"), "an endless body is a success all the same", 20)
        suite.equal(receiver.at("/redirected"), [], "a redirect was followed")
    with suite.group("when the attempts are used up a delivery has failed, the next goes on, and it can be sent again"):
        made = bad["/fails"]
        failed = until(lambda: deliveries(client, made["id"], status="failed"), "a delivery has failed", 40)[-1]
        suite.equal((failed["attempts"], failed["next_attempt_at"]), (4, None), "attempts and what follows")
        receiver.conduct = lambda *_: 200
        path = f"{HOOKS}/{made['id']}/deliveries/{failed['id']}"
        answer = client.post(path + "/resend", {})
        suite.equal((answer.status, answer.json()["status"]), (202, "pending"), "resend")
        until(lambda: client.get(path).json()["status"] == "delivered", "it is delivered")
        suite.true(failed["event"] in [event["id"] for event in receiver.taken("/fails")], "it has arrived")
        suite.equal(client.get(f"{HOOKS}/{good['id']}/deliveries/{failed['id'][:-1]}x").status, 404, "an unknown delivery")
    for made in [*bad.values(), endless, good, flaky]:
        client.send("DELETE", f"{HOOKS}/{made['id']}")
    receiver.close()


class Stream:
    """A reader of server-sent events."""

    def __init__(self, base: str, key: str, after: Optional[str] = None, query: str = "") -> None:
        parts = urllib.parse.urlsplit(base)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        headers = {"Authorization": f"Bearer {key}", **({"Last-Event-ID": after} if after else {})}
        self.connection.request("GET", "/v1/events/stream" + query, headers=headers)
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()
        assert self.response.readline().startswith(b"retry"), "the opening"

    def next(self) -> dict[str, Any]:
        fields: dict[str, str] = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                raise ConnectionError("the stream has ended")
            if line == "\n" and "data" in fields:
                event: dict[str, Any] = json.loads(fields["data"])
                assert (event["id"], event["type"]) == (fields["id"], fields["event"]), fields
                return event
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = value


def streams(client: Client) -> None:
    with suite.group("events are listed by type, object and time"):
        payment = pay(client)
        mine = events_of(client, object=payment["id"])
        suite.equal(mine[-1]["type"], "terminal_payment.completed", "the last event of the payment")
        only = events_of(client, type="terminal_payment.created")
        suite.true(only and {event["type"] for event in only} == {"terminal_payment.created"}, "one type")
        suite.equal(events_of(client, **{"created[lte]": mine[0]["created"] - 3600}), [], "an hour ago")
        suite.true(mine[-1] in events_of(client, type="terminal_payment.*", **{"created[gte]": mine[0]["created"]}), "since then")
        for query, param in (({"type": "moon"}, "type"), ({"created[gte]": "x"}, "created[gte]"), ({"limit": 0}, "limit")):
            answer = client.get("/v1/events", **query)
            suite.equal((answer.status, answer.error().get("param")), (400, param), f"{query}")
        suite.equal(client.get("/v1/events/evt_none").status, 404, "an unknown event")
    with suite.group("a stream shows what happens and resumes where it ended"):
        stream = Stream(dev.api, dev.key)
        payment = pay(client)
        seen = [stream.next()]
        while seen[-1]["type"] != "terminal_payment.completed":
            seen.append(stream.next())
        suite.equal(seen, events_of(client, object=payment["id"]), "the stream is what the list shows")
        stream.connection.close()
        later = pay(client)
        resumed = Stream(dev.api, dev.key, after=seen[0]["id"], query="?enabled_events[]=terminal_payment.completed")
        rest = [resumed.next(), resumed.next()]
        suite.equal([event["data"]["object"]["id"] for event in rest], [payment["id"], later["id"]], "resumed and filtered")
        resumed.connection.close()


def addresses() -> None:
    strict = Dev("--webhook-private", "off", "--no-simulator")
    client = Client(strict.api, strict.key)
    with suite.group("nothing is posted to private addresses, however they are written"):
        for url in (
            "http://shop.example/", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
            "https://localhost/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/", "https://192.168.1.1/", "https://100.64.0.1/", "https://[fd00::1]/", "https://[fe80::1]/",
            "https://0.0.0.0/", "https://user:pass@shop.example/", "https://printer.local/", "https://224.0.0.1/",
        ):
            answer = client.post(HOOKS, {"url": url, "enabled_events": ["*"]})
            suite.equal((answer.status, answer.error().get("param")), (400, "url"), url)
        suite.equal(client.post(HOOKS, {"url": "https://shop.example/", "enabled_events": ["*"]}).status, 200, "a public name")
    strict.stop()


def given_up() -> None:
    receiver = Receiver(lambda *_: 500)
    quick = Dev("--pace-ms", "0", "--webhook-retries-ms", "200,200,200,200,200,200", "--webhook-disable-after-ms", "900")
    client = Client(quick.api, quick.key)
    with suite.group("an endpoint that only fails is disabled, and an event says so"):
        watcher = Receiver()
        made = endpoint(client, receiver.url("/dead"), "terminal_payment.*")
        endpoint(client, watcher.url("/watch"), "webhook_endpoint.*")
        pay(client)
        until(lambda: client.get(f"{HOOKS}/{made['id']}").json()["status"] == "disabled", "it is disabled")
        suite.equal(client.get(f"{HOOKS}/{made['id']}").json()["disabled_reason"], "failing", "why")
        event = until(lambda: watcher.at("/watch"), "the event arrives")[0].event
        suite.equal((event["type"], event["data"]["id"]), ("webhook_endpoint.disabled", made["id"]), "the event")
        receiver.conduct = lambda *_: 200
        client.post(f"{HOOKS}/{made['id']}", {"status": "enabled"})
        until(lambda: [event["type"] for event in receiver.taken("/dead")][-1:] == ["terminal_payment.completed"], "enabled, it gets all")
        suite.equal(in_order(receiver.taken("/dead")), [], "in order")
        suite.true("failing_since" not in client.get(f"{HOOKS}/{made['id']}").json(), "it still counts as failing")
        watcher.close()
    quick.stop()
    receiver.close()


def own_figures() -> None:
    receiver = Receiver(lambda *_: 500)
    dev = Dev("--pace-ms", "0")
    client = Client(dev.api, dev.key)
    with suite.group("an account's own figures hold: how often it is tried, and how much is captured"):
        figures = {"webhookPolicy": {"retryAfterSeconds": [1]}, "overCapturePercent": 50}
        suite.equal(client.post("/v1/account", figures).status, 200, "the account's figures")
        made = endpoint(client, receiver.url("/twice"), "terminal_payment.completed")
        held = pay(client, amount=1000, captureMethod="manual")
        for amount, status in ((1501, 422), (1500, 200)):
            answer = client.post(f"{PAYMENTS}/{held['id']}/capture", {"amount": amount})
            suite.equal(answer.status, status, f"a capture of {amount}: {answer.body[:200]!r}")
        failed = until(lambda: deliveries(client, made["id"], status="failed"), "the delivery has failed", 20)[0]
        suite.equal((failed["attempts"], len(receiver.at("/twice"))), (2, 2), "attempts")
        # Only what the issuer has captured can be given back.
        refund = client.post("/v1/refunds", {"payment": held["id"]}).json()
        ended = until(lambda: (now := client.get(f"/v1/refunds/{refund['id']}").json())["status"] != "pending" and now, "the refund ends")
        suite.equal((ended["status"], ended["amount"]), ("succeeded", 1500), "all of it is given back")
    dev.stop()
    receiver.close()


def killed() -> None:
    print(f"seed {SEED} (VINR_WEBHOOK_SEED), {KILLS} kills (VINR_WEBHOOK_KILLS)", flush=True)
    chance = random.Random(SEED)
    receiver = Receiver(lambda path, *_: 500 if path == "/half" and chance.random() < 0.3 else 200)
    data, ports = directory() / "data", (free_port(), free_port())
    terminals = [word for number in range(6) for word in ("--terminal", f"term_test_hook{number}")]
    waits = ("--prompt-timeout-ms", "4000", "--acquirer-answer-ms", "1500", "--no-simulator")
    start = lambda: Dev(*QUICK, *waits, *terminals, data=data, ports=ports)
    with suite.group("a server that is killed while events flow loses none and breaks no order"):
        server = start()
        client = Client(server.api, server.key)
        made = [endpoint(client, receiver.url(path), "*") for path in ("/all", "/half")]
        over = threading.Event()

        def till(number: int) -> None:
            while not over.is_set():
                try:
                    pay(client, terminalId=f"term_test_hook{number}")
                except (OSError, AssertionError):
                    time.sleep(0.02)

        tills = [threading.Thread(target=till, args=(number,), daemon=True) for number in range(6)]
        for thread in tills:
            thread.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 1.5))
            server.kill()
            server = start()
        over.set()
        for thread in tills:
            thread.join(150)
        settled = lambda: all(p["status"] in ("completed", "failed", "cancelled") for p in client.every_payment())
        until(settled, "every payment is final", 60, 0.5)
        events = [event for event in events_of(client) if event["type"].startswith("terminal_payment.")]
        ids = {event["id"] for event in events}
        for path, one in zip(("/all", "/half"), made):
            have = lambda: ids <= {event["id"] for event in receiver.taken(path)}
            failed = lambda: {delivery["event"] for delivery in every_delivery(client, one["id"], "failed")}
            until(lambda: have() or ids <= {event["id"] for event in receiver.taken(path)} | failed(), f"{path} has all", 60, 0.5)
            missing = ids - {event["id"] for event in receiver.taken(path)} - failed()
            suite.equal(len(missing), 0, f"{path}: lost of {len(ids)}")
            paid = [event for event in receiver.taken(path) if event["type"].startswith("terminal_payment.")]
            suite.equal(in_order(paid), [], f"{path}: order")
            suite.equal([w for got in receiver.at(path)[-50:] for w in verified(got, one["secret"])], [], f"{path}: signatures")
        requests = len(receiver.at("/all"))
        print(f"     {len(ids)} events, {KILLS} kills, {requests - len(receiver.taken('/all'))} sent twice")
        suite.true(len(ids) > 50, "too few events to kill for")
        server.stop()
    receiver.close()


def every_delivery(client: Client, id: str, status: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    more = True
    while more:
        after = {"starting_after": found[-1]["id"]} if found else {}
        page = client.get(f"{HOOKS}/{id}/deliveries", limit=100, status=status, **after).json()
        found += page["data"]
        more = page["has_more"]
    return found


dev = Dev(*QUICK)
basics(Client(dev.api, dev.key))
guide(Client(dev.api, dev.key))
refunded(Client(dev.api, dev.key))
laptop()
misery(Client(dev.api, dev.key))
streams(Client(dev.api, dev.key))
dev.stop()
addresses()
given_up()
own_figures()
killed()
suite.finish()
