"""Terminals that come and go, what they are told, what waits on them, their receipts; certificates and the log of requests: as
a browser without a script sees them."""
from __future__ import annotations

import hashlib
import html
import json
import re
import ssl
import urllib.parse
import uuid
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import PAYMENTS, Client
from rig.lan import Lan, context
from rig.processes import Dev, Program, directory, free_port
from rig.visitor import Browser, entered

CODE = re.compile(r"^\s*(ACT-[0-9A-Z]{4}-[0-9A-Z]{4})\s*$")
CARD = "4242424242424242"
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"

suite = Suite("67_hardware_pages", within_s=240)
home = directory()
ports = (free_port(), free_port(), free_port())
dev = Dev("--page-port", "0", "--pace-ms", "40", data=home / "data", ports=ports)
api = Client(dev.api, dev.key)
TERMINAL, CA = dev.terminal, dev.ready["caBundle"]
PANELS = f"/dashboard/terminals/{TERMINAL}"
owner = entered(dev)


class Device(Program):
    """`vinr terminal --pair` on a directory of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(["terminal", "--data", str(home / name), "--pair", dev.api, "--pace-ms", "40"], home / f"{name}.log")

    def code(self) -> str:
        return until(lambda: [match[1] for match in map(CODE.match, list(self.said)) if match], "a code is shown")[-1]


def words(page: str) -> str:
    """What a reader sees of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def shows(path: str, *wanted: str, within_s: float = 15) -> str:
    """The page, once it says all of this."""
    seen = [""]

    def look() -> bool:
        seen[0] = owner.page(path)
        return all(text in words(seen[0]) for text in wanted)

    try:
        until(look, f"{path} says {wanted}", within_s)
    except AssertionError as error:
        raise AssertionError(f"{error}; it says: {words(seen[0])[-700:]}") from None
    return seen[0]


def order(path: str, action: str) -> None:
    """Presses the button of the panel that tells the terminal to do this."""
    page = owner.page(path)
    form = next(m.group(0) for m in re.finditer(r"<form.*?</form>", page, re.S) if f'value="{action}"' in m.group(0))
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    answer = owner.ask("POST", f"{PANELS}/actions", urllib.parse.urlencode({**hidden, "action": action}))
    suite.equal((answer.status, answer.headers.get("location")), (303, path), f"{action} is sent")


def where(answer: Any) -> str:
    suite.equal(answer.status, 303, f"the form is taken: {words(answer.body.decode())[-300:]}")
    return str(answer.headers.get("location"))


def status(id: str) -> Optional[str]:
    found: Optional[str] = api.get(f"/v1/terminals/{id}").json().get("status")
    return found


def sale(card: str = "", **fields: Any) -> dict[str, Any]:
    body = {"terminalId": TERMINAL, "amount": 2500, "currency": "EUR", "responseMode": "sync", **fields}
    made: dict[str, Any] = api.post(PAYMENTS + (f"?simulateCard={card}" if card else ""), body).json()
    return made


def added() -> None:
    add = "/dashboard/hardware/add-terminal"
    with suite.group("a device becomes a terminal by the code on its screen, and connects while the page is looked at"):
        suite.true("Add terminal" in words(owner.page("/dashboard")), "the menu has it under its name")
        device = Device("till")
        code = device.code()
        wrong = owner.submit(owner.page(add), add, activationCode="ACT-0000-0000", displayName=EVIL, location="loc_dev")
        again = wrong.body.decode()
        suite.true(wrong.status == 400 and "No device shows this activation code" in words(again), f"a wrong code: {wrong.status}")
        suite.true("ACT-0000-0000" in again and "&#60;script&#62;alert" in again and " selected>" in again, "nothing typed is lost")
        suite.true("<script>alert" not in again, "what was typed is text")
        short = owner.submit(owner.page(add), add, activationCode="ACT-1")
        suite.true(short.status == 400 and b'aria-invalid="true"' in short.body, f"half a code: {short.status}")
        to = where(owner.submit(owner.page(add), add, activationCode=code.lower(), displayName="Counter 7", location="loc_dev"))
        page = shows(to, "Connected.", "Counter 7")
        id = to.rsplit("/", 1)[1]
        suite.equal(status(id), "online", "the API says so too")
        suite.true(f"/dashboard/terminals/{id}" in page and "Open its screen" not in page, "on to the terminal, which has a screen of its own")
        paid = sale(terminalId=id)
        suite.equal(paid["status"], "completed", f"a payment on it: {paid}")
    with suite.group("whoever takes it out of service reads what ends, and it ends"):
        path = f"/dashboard/terminals/{id}/retire"
        page = shows(path, "Its certificate: it is revoked", "No till has a client certificate", "This cannot be undone.")
        where(owner.submit(page, path))
        suite.equal(status(id), "deactivated", "it is out")
        shows(path, "This terminal is out of service")
        until(lambda: "refused by the cloud" in device.errors(), "the device knows")
        device.stop()
    with suite.group("a device that does not come is waited for, and can be given up"):
        device = Device("lost")
        code = device.code()
        device.kill()
        to = where(owner.submit(owner.page(add), add, activationCode=code, displayName="Lost"))
        page = shows(to, "Waiting for the device", "It can come until")
        where(owner.submit(page, f"{to}/cancel"))
        shows(to, "Not added.")
        suite.equal(status(to.rsplit("/", 1)[1]), "deactivated", "and nothing is left of it")


def for_tests() -> None:
    add = "/dashboard/hardware/add-test-terminal"
    with suite.group("a test terminal is made, seen on its screen, and removed"):
        page = owner.page(add)
        suite.true("Nexgo N92" in words(page), "the models")
        to = where(owner.submit(page, add, model="nexgo_n92", displayName=EVIL))
        shown = shows(to, "Connected.")
        id = to.rsplit("/", 1)[1]
        suite.true("<script>alert" not in shown and "<img src=x" not in shown, "its name is text")
        made = api.get(f"/v1/terminals/{id}").json()
        suite.equal((made["model"], made["displayName"]), ("nexgo_n92", EVIL), "as asked")
        screen = f'{dev.ready["terminalPage"].split("#")[0]}#{id}'
        suite.true(f'<a href="{screen}" rel="noreferrer">' in shown, f"its screen is {screen}")
        suite.true(f'<a href="{screen}" rel="noreferrer">' in owner.page(f"/dashboard/terminals/{id}"), "also from its panels")
        suite.true(f'href="{dev.ready["terminalPage"]}" rel="noreferrer"' in owner.page("/dashboard"), "all screens, from the menu")
        suite.equal(owner.submit(owner.page(add), add, model="nexgo_n1000").status, 400, "a model that there is not")
        where(owner.submit(owner.page(f"/dashboard/terminals/{id}/retire"), f"/dashboard/terminals/{id}/remove"))
        suite.equal(api.get(f"/v1/terminals/{id}").status, 404, "removed")
        page = shows(f"{PANELS}/retire", "This is the simulator that every account has. It stays.")
        suite.true(f'action="{PANELS}/retire"' not in page and f'action="{PANELS}/remove"' not in page, "the reserved one has no end")
    with suite.group("live data have no test terminals and no simulated screens"):
        page = owner.page(add)
        owner.submit(page, "/dashboard/mode", mode="live", back=add)
        live = owner.page(add)
        suite.true("These are live data" in words(live) and f'action="{add}"' not in live, "no form")
        suite.true(dev.ready["terminalPage"] not in live, "no screens")
        owner.submit(live, "/dashboard/mode", mode="test")


def told() -> None:
    path = f"{PANELS}/actions"

    def newest() -> tuple[str, str]:
        one = api.get(f"/v1/terminals/{TERMINAL}/actions", limit=1).json()["data"][0]
        return one["action"], one["status"]

    with suite.group("a terminal is locked, unlocked, updated and restarted, and the page says how each ended"):
        order(path, "lock")
        page = shows(path, "Lock completed", "Unlock The device takes payments again.")
        suite.true('value="lock"' not in page, "what is locked is not offered to be locked")
        suite.equal(sale().get("declineCode"), "terminal_locked", "nobody can pay")
        order(path, "unlock")
        shows(path, "Unlock completed")
        suite.equal(sale()["status"], "completed", "and then again")
        order(path, "update")
        shows(path, "Update the software completed", "Version 0.")
        order(path, "reboot")
        until(lambda: newest() == ("reboot", "completed"), "the restart")
        until(lambda: status(TERMINAL) == "online", "it is back")
        suite.true("Restart completed" in words(owner.page(path)), "on the page too")
        page = owner.page(path)
        warned = re.findall(r"<details>.*?</details>", page, re.S)
        suite.true(len(warned) == 3 and all("caution" in one for one in warned), "what interrupts the shop is asked about")
        answer = owner.ask("POST", path, urllib.parse.urlencode({
            "form_token": re.search(r'name="form_token" value="([^"]+)"', page).group(1), "action": "explode"}))
        suite.equal(answer.status, 400, "an action that there is not")
    with suite.group("what happened to it is on its events"):
        page = shows(f"{PANELS}/events", "It connected", "Its connection ended")
        event = re.search(r'href="(/dashboard/events/evt_[^"]+)"', page)
        suite.equal(owner.get(event.group(1)).status if event else None, 200, "each can be opened")


def offline() -> None:
    till = Lan(dev.ready["local"], context(CA, dev.ready["clientCert"], dev.ready["clientKey"]))

    def internet(connected: bool) -> None:
        until(lambda: till.post("/v1/test/internet", {"connected": connected}).status == 200, "the switch")
        until(lambda: till.get("/v1/status").json()["online"] is connected, f"online: {connected}", 20)

    def sell(amount: int, card: str = "") -> str:
        body = {"terminalId": TERMINAL, "amount": amount, "currency": "USD", "reference": f"off-{uuid.uuid4().hex[:8]}"}
        sold = till.post("/v1/pay" + (f"?simulateCard={card}" if card else ""), body).json()
        assert (sold["status"], sold.get("offline")) == ("processing", True), sold
        return str(sold["reference"])

    path = f"{PANELS}/offline"
    with suite.group("the panel has the limits with whoever says so, what waits, and what became of it"):
        api.post(f"/v1/terminals/{TERMINAL}/configure", {"offlineMode": {"enabled": True, "maxAmount": 5000, "maxQueue": 7, "maxTotal": 20000}})
        shows(path, "One payment at most 50.00", "Payments that may wait 7 This terminal", "Charged only if forwarded within 4 h")
        config = f"/v1/terminals/{TERMINAL}/effective-config"
        until(lambda: api.get(config).json()["status"] == "in_sync", "the terminal has it")
        internet(False)
        taken, refused = sell(1500), sell(2600, "offline_then_declined")
        until(lambda: status(TERMINAL) == "offline", "the cloud misses it", 30)
        shows(path, "it may approve more than the platform knows of")
        order(path, "flush")
        page = shows(path, "Last told to forward:", "queued", "Sent when the terminal is connected")
        actions = owner.page(f"{PANELS}/actions")
        suite.true("Take back" in words(actions), "it can be taken back as long as nobody has it")
        internet(True)
        shows(path, "Last told to forward:", "completed", taken, refused, within_s=30)

        def part(heading: str) -> str:
            return next(part for part in owner.page(path).split("<h2>") if part.startswith(heading))

        until(lambda: refused in part("Declined afterwards"), "the issuer refuses it afterwards", 30)
        until(lambda: taken in part("Approved offline and settled since"), "the issuer takes it afterwards", 30)
        suite.true(taken not in part("Declined afterwards"), "what was taken is not among the declined")
        suite.true(refused not in part("Approved offline and settled since"), "nor the other way round")
    with suite.group("an action that nobody has is taken back"):
        internet(False)
        until(lambda: status(TERMINAL) == "offline", "the cloud misses it", 30)
        order(path, "flush")
        one = api.get(f"/v1/terminals/{TERMINAL}/actions", limit=1).json()["data"][0]["id"]
        where(owner.submit(owner.page(f"{PANELS}/actions"), f"{PANELS}/actions/{one}/cancel"))
        shows(f"{PANELS}/actions", "Taken back before it was sent.")
        internet(True)
        until(lambda: status(TERMINAL) == "online", "it is back")


def receipts() -> None:
    ecr = Lan(dev.ready["cashless"].removesuffix("/cashless/v1"), context(CA), {"X-VINR-Cashless-Key": dev.ready["cashlessKey"]})

    def of(id: str, copy: str, columns: int) -> list[str]:
        answer = owner.get(f"{PANELS}/receipts/{id}?copy={copy}&columns={columns}")
        suite.equal(answer.status, 200, f"{copy} copy with {columns} columns")
        return answer.body.decode().splitlines()

    with suite.group("a receipt reads as the terminal wrote it, both copies, on both papers"):
        reference = f"<b>{uuid.uuid4().hex[:8]}</b>"
        paid = sale(reference=reference)
        last = ecr.post("/cashless/v1/receipt/last", {}).json()
        suite.equal(last["transactionId"], paid["id"], "the terminal's last receipt is of this payment")
        for copy in ("merchant", "customer"):
            written = last["receiptData"][f"{copy}Receipt"].splitlines()
            here = of(paid["id"], copy, 48)
            # The two clocks write the moment down by themselves.
            same = [line for line in written if not line.startswith("Time: ")]
            suite.equal([line for line in here if not line.startswith("Time: ")], same, f"{copy} copy")
            narrow = of(paid["id"], copy, 32)
            suite.true(max(map(len, narrow)) == 32 and "APPROVED" in narrow, f"{copy} copy on narrow paper")
        page = owner.page(f"{PANELS}/receipts/{paid['id']}")
        suite.true("MERCHANT COPY" in page and "CUSTOMER COPY" in page, "both on one page")
        suite.true(reference not in page and CARD not in page, "text, and no card number")
        declined = sale("card_declined")
        suite.true("DECLINED" in of(declined["id"], "customer", 32), "what was declined says so")
        listed = words(owner.page(f"{PANELS}/receipts"))
        suite.true(reference in listed and "failed" in listed, f"both are listed: {listed[-400:]}")
        for id in ("tpay_01JXDWVR93FAY8VVRKAYDXY4TQ", "nonsense"):
            suite.equal(owner.get(f"{PANELS}/receipts/{id}").status, 404, f"no receipt {id}")


def certificates() -> None:
    with suite.group("the bundle is what terminals are checked by, and every till is listed"):
        page = owner.page("/dashboard/certificates")
        pem = open(CA, encoding="ascii").read()
        bundle = owner.get("/dashboard/certificates/vinr-ca.pem")
        suite.equal(bundle.body.decode().strip(), pem.strip(), "the file")
        suite.true("vinr-ca.pem" in bundle.headers.get("content-disposition", ""), "under its name")
        digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
        suite.true(":".join(re.findall("..", digest)) in page, "the fingerprint, as openssl says it")
        made = api.post(f"/v1/terminals/{TERMINAL}/client-certificates", {"name": EVIL}).json()
        page = owner.page("/dashboard/certificates")
        suite.true(made["serialNumber"] in page and f"{PANELS}/local-api" in page, "a till, and where it can be revoked")
        suite.true("<script>alert" not in page and made["privateKey"][40:80] not in page and made["passphrase"] not in page, "no key")
        api.post(f"/v1/terminals/{TERMINAL}/client-certificates/{made['id']}/revoke", {})
        row = next(row for row in owner.page("/dashboard/certificates").split("<tr>") if made["serialNumber"] in row)
        suite.true("revoked" in row and "Revoke<" not in row, "once revoked it says so")


def requests() -> None:
    global dev, owner
    log = "/dashboard/requests"
    with suite.group("what programs ask is in the log: found by status, method, path and key; nothing secret is"):
        key = f"order-{uuid.uuid4().hex[:8]}"
        body = {"terminalId": TERMINAL, "amount": 4321, "currency": "EUR", "responseMode": "sync", "description": f"never {CARD}"}
        paid = api.send("POST", f"{PAYMENTS}?simulateCard={CARD}", json.dumps(body), {
            "Idempotency-Key": key, "User-Agent": "till/9", "Content-Type": "application/json"})
        again = api.send("GET", "/v1/refunds?limit=1000", None, {"User-Agent": EVIL})
        suite.equal((paid.status, again.status), (200, 400), "two requests")
        page = owner.page(log)
        asked = paid.headers["x-request-id"]
        for what in (asked, again.headers["x-request-id"], f"{PAYMENTS}?simulateCard=…", "parameter_invalid", dev.key[-4:]):
            suite.true(what in html.unescape(page), f"{what} is listed")
        for what in (dev.key, CARD, "never "):
            suite.true(what not in page, f"{what} is listed")
        suite.true("<script>alert" not in page, "what programs call themselves is text")
        for query, wanted in (
            ("status=4xx", [again]), ("status=400", [again]), ("method=POST&path=terminal%2Fpayments", [paid]), (f"path={key}", [paid]),
            (f"path={asked}", [paid]), ("path=parameter_invalid", [again]), (f"key={dev.key[-4:]}&status=400", [again]),
            ("key=nobody", []), ("status=599", []), ("path=" + urllib.parse.quote(EVIL), []),
        ):
            found = owner.page(f"{log}?{query}")
            ids = set(re.findall(r"/dashboard/requests/(req_[0-9A-Z]+)", found))
            for one in (paid, again):
                listed = one.headers["x-request-id"] in ids
                suite.equal(listed, one in wanted, f"{query}: {one.headers['x-request-id']}")
            suite.true("<script>alert" not in found, "what is searched for is text")
        shown = words(owner.page(f"{log}/{asked}"))
        for what in ("POST 200", key, "till/9", "2026-06-11", " ms"):
            suite.true(what in shown, f"one request: {what} in {shown[-500:]}")
        suite.equal(owner.get(f"{log}/req_01JXDWVR93FAY8VVRKAYDXY4TQ").status, 404, "a request that there was not")
    with suite.group("older ones are behind the newer, each once, and a power cut loses none that was shown"):
        for number in range(60):
            api.get("/v1/refunds", limit=1 + number % 5)
        first = owner.page(log)
        dev.kill()
        dev = Dev("--page-port", "0", "--pace-ms", "40", data=home / "data", ports=ports)
        owner = entered(dev)
        ids, path = [], f"{log}?path=refunds"
        while path:
            page = owner.page(path)
            ids += re.findall(r"/dashboard/requests/(req_[0-9A-Z]+)", page)
            older = re.search(r'<a href="([^"]+)" rel="next">', page)
            path = html.unescape(older.group(1)) if older else ""
        suite.true(len(ids) == len(set(ids)) >= 61, f"{len(ids)} of which {len(set(ids))} are different")
        suite.equal(ids, sorted(ids, reverse=True), "the newest first")
        before = set(re.findall(r"/dashboard/requests/(req_[0-9A-Z]+)", first))
        suite.true(before <= set(ids), f"{len(before - set(ids))} are gone")


for part in (added, for_tests, told, offline, receipts, certificates, requests):
    part()
suite.finish()
