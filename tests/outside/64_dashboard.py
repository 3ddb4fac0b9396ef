"""The dashboard as a browser without a script sees it: one link signs in once, every page is sealed, forms are taken from our
own pages only, wrong passwords make everybody wait, and what is done in the browser is done once."""
from __future__ import annotations

import json
import re
import urllib.parse

from rig.checks import Suite, until
from rig.client import Client
from rig.processes import Dev
from rig.visitor import Browser, entered, invited

POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"

suite = Suite("64_dashboard", within_s=180)


def in_once(dev: Dev) -> Browser:
    with suite.group("a link signs in once; without a session there is only the door"):
        stranger = Browser(dev.api)
        for path in ("/dashboard", "/dashboard/payments?status=failed", "/dashboard/terminals/x", "/dashboard/live"):
            answer = stranger.get(path)
            wanted = "/dashboard/sign-in?next=" + urllib.parse.quote(path, safe="/-._~")
            suite.equal((answer.status, answer.headers.get("location")), (303, wanted), f"{path} without a session")
        browser = entered(dev)
        link = urllib.parse.urlsplit(dev.ready["dashboard"])
        again = Browser(dev.api).get(f"{link.path}?{link.query}")
        suite.true(again.status == 403 and b"has been used" in again.body, f"the link a second time: {again.status}")
        suite.true("Overview" in browser.page("/dashboard"), "the overview is shown")
        forged = Browser(dev.api)
        forged.cookie = "vinr_session=" + "a" * 43
        suite.equal(forged.get("/dashboard").status, 303, "a made-up session")
        return browser


def sealed(dev: Dev, browser: Browser) -> None:
    with suite.group("every answer is sealed, and the cookie is nobody else's"):
        for path in ("/dashboard", "/dashboard/payments", "/dashboard/sign-in", "/dashboard/nowhere", "/dashboard/assets/dashboard.js"):
            headers = browser.get(path).headers
            policy = headers.get("content-security-policy", "")
            suite.true(policy.startswith(POLICY) and "unsafe" not in policy, f"{path}: policy {policy!r}")
            suite.equal(headers.get("x-frame-options"), "DENY", f"{path}: frames")
            suite.equal(headers.get("x-content-type-options"), "nosniff", f"{path}: type")
        suite.equal(browser.get("/dashboard").headers.get("cache-control"), "no-store", "pages are not kept")
        fresh = Browser(dev.api)
        suite.true(b"<script" not in fresh.get("/dashboard/sign-in").body, "the door needs no script")
        page = browser.page("/dashboard")
        inline = re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|style=", page)
        suite.equal(inline, [], "nothing in line")


def forms(dev: Dev, browser: Browser) -> None:
    with suite.group("a form is taken from our own page, in its own session, once"):
        api = Client(dev.api, dev.key)
        made = api.post("/v1/terminal/payments", {
            "terminalId": dev.terminal, "amount": 4200, "currency": "EUR", "reference": "<b>bold</b>", "responseMode": "sync",
        }).json()
        path = f"/dashboard/payments/{made['id']}"
        page = browser.page(path)
        suite.true("42.00 EUR" in page and "&lt;b&gt;bold" in page.replace("&#60;", "&lt;").replace("&#62;", "&gt;"), "the payment as text")
        suite.true("<b>bold" not in page, "what merchants write is text")
        for title, body, headers in (
            ("without a token", "amount=1", {}),
            ("with another's token", "form_token=" + "x" * 43 + "&amount=1", {}),
            ("from another site", None, {"Origin": "https://evil.example"}),
            ("from another site, as the browser says", None, {"Sec-Fetch-Site": "cross-site"}),
            ("as JSON", None, {"Content-Type": "application/json"}),
        ):
            token = re.search(r'name="form_token" value="([^"]+)"', page)
            sent = body if body is not None else f"form_token={token.group(1) if token else ''}&amount=1"
            answer = browser.ask("POST", f"{path}/refund", sent, **headers)
            suite.equal(answer.status, 403, f"a refund {title}")
        suite.equal(api.payment(made["id"]).get("amountRefunded", 0), 0, "nothing was given back")
        asked = browser.page(f"{path}/refund")
        sure = browser.submit(asked, f"{path}/refund", amount="12.50").body.decode()
        first = browser.submit(sure, f"{path}/refund")
        second = browser.submit(sure, f"{path}/refund")
        suite.equal((first.status, second.status), (303, 303), "the same form twice")
        until(lambda: api.payment(made["id"]).get("amountRefunded") == 1250, "the refund, once")
        wrong = browser.submit(asked, f"{path}/refund", amount="all of it")
        suite.true(wrong.status in (400, 409) and b"class=\"wrong\"" in wrong.body, f"no amount: {wrong.status}")
        entries = api.get("/v1/audit-log", limit=100).json()["data"]
        by = [entry["by"]["type"] for entry in entries if entry["action"] == "refund.created"]
        suite.equal(by, ["person"], "the audit log says that it was a person")


def modes(browser: Browser) -> None:
    with suite.group("live and test data cannot be taken for one another"):
        page = browser.page("/dashboard/payments")
        suite.true("no money moves" in page and 'class="test"' in page, "test data say so")
        suite.equal(browser.submit(page, "/dashboard/mode", mode="live").status, 303, "switched to live data")
        live = browser.page("/dashboard/payments")
        suite.true("moves real money" in live and 'class="live"' in live, "live data say so")
        suite.true("No payments here" in live, "test payments are not among live ones")
        browser.submit(live, "/dashboard/mode", mode="test")


def locked_out(dev: Dev) -> None:
    with suite.group("guessing makes everybody wait, and tells nothing"):
        guesser = Browser(dev.api)
        told = []
        for number in range(6):
            body = urllib.parse.urlencode({"email": "dev@localhost" if number % 2 else "nobody@localhost", "password": f"guess {number}"})
            answer = guesser.ask("POST", "/dashboard/sign-in", body)
            told.append((answer.status, re.sub(r"\d+ sec", "N sec", re.search(r'role="alert">([^<]+)', answer.body.decode()).group(1))))
        suite.equal(len(set(told[:5])), 1, f"one answer for who is here and who is not: {set(told[:5])}")
        suite.true("Try again in N seconds" in told[5][1], f"the sixth waits: {told[5]}")


def let_in(dev: Dev, owner: Browser, role: str) -> Browser:
    """Somebody new, let in by the owner; the link is good once, and a weak password is not taken."""
    guest, door = invited(dev, owner, f"{role}@shop.example", role)
    weak = guest.submit(guest.page(door), "/dashboard/invitation", name="Ada", password="password12345")
    suite.true(b"a stranger tries" in weak.body and guest.cookie is None, "a password that everybody tries first")
    came = guest.submit(guest.page(door), "/dashboard/invitation", name="Ada", password="correct horse battery")
    suite.equal((came.status, came.headers.get("location")), (303, "/dashboard"), f"{role}: in")
    suite.equal(Browser(dev.api).get(door).status, 400, f"{role}: the link a second time")
    return guest


def roles(dev: Dev, owner: Browser) -> None:
    with suite.group("a role opens what it says and nothing else"):
        pages = {
            "/dashboard/payments": "vcmdo", "/dashboard/terminals": "vcmdo", "/dashboard/locations": "vcmdo", "/dashboard/batches": "vcmdo",
            "/dashboard/refunds": "vcmdo", "/dashboard/payments/{id}": "vcmdo", "/dashboard/payments/{id}/refund": "mo",
            "/dashboard/payments/{id}/capture": "cmdo", "/dashboard/payments/{id}/cancel": "cmdo", "/dashboard/batches/close?terminal={terminal}": "mo",
            "/dashboard/exports/payments": "vcmdo", "/dashboard/exports/refunds/download": "vcmdo", "/dashboard/exports/batches": "vcmdo",
            "/dashboard/events": "mdo", "/dashboard/webhooks": "mdo", "/dashboard/keys": "do", "/dashboard/people": "o", "/dashboard/profile": "vcmdo",
            "/dashboard": "vcmdo", "/dashboard/audit-log": "o",
            "/dashboard/terminals/{terminal}/network": "vcmdo", "/dashboard/terminals/{terminal}/connectivity": "vcmdo",
            "/dashboard/terminals/{terminal}/local-api": "vcmdo", "/dashboard/terminals/{terminal}/integrations": "vcmdo",
            "/dashboard/terminals/{terminal}/configuration": "vcmdo", "/dashboard/configuration": "mdo",
            "/dashboard/locations/{place}/configuration": "vcmdo",
            "/dashboard/terminals/{terminal}/offline": "vcmdo", "/dashboard/terminals/{terminal}/actions": "vcmdo",
            "/dashboard/terminals/{terminal}/events": "mdo", "/dashboard/terminals/{terminal}/receipts": "vcmdo",
            "/dashboard/terminals/{terminal}/receipts/{id}": "vcmdo", "/dashboard/terminals/{terminal}/retire": "mdo",
            "/dashboard/hardware/add-terminal": "mdo", "/dashboard/hardware/add-test-terminal": "mdo",
            "/dashboard/hardware/added/{terminal}": "mdo", "/dashboard/certificates": "vcmdo",
            "/dashboard/certificates/vinr-ca.pem": "vcmdo", "/dashboard/requests": "do",
        }
        changes = {
            "/dashboard/payments/{id}/cancel": "cmdo", "/dashboard/payments/{id}/refund": "mo", "/dashboard/batches/close": "mo",
            "/dashboard/payments/{id}/capture": "cmdo", "/dashboard/locations": "mdo", "/dashboard/terminals/{terminal}": "mdo", "/dashboard/webhooks": "do", "/dashboard/keys": "do",
            "/dashboard/terminals/{terminal}/connectivity/local-mode": "mdo", "/dashboard/terminals/{terminal}/connectivity/open-wire": "mdo",
            "/dashboard/terminals/{terminal}/local-api": "mdo", "/dashboard/terminals/{terminal}/local-api/download": "mdo",
            "/dashboard/terminals/{terminal}/local-api/cert_x/revoke": "mdo", "/dashboard/terminals/{terminal}/integrations": "mdo",
            "/dashboard/terminals/{terminal}/integrations/cashless": "mdo", "/dashboard/terminals/{terminal}/integrations/key/end": "mdo",
            "/dashboard/terminals/{terminal}/configuration": "mdo", "/dashboard/configuration": "o",
            "/dashboard/locations/{place}/configuration": "mdo",
            "/dashboard/people/invite": "o", "/dashboard/people/second-factor": "o",
            "/dashboard/terminals/{terminal}/actions": "mdo",
            "/dashboard/terminals/{terminal}/actions/x/cancel": "mdo", "/dashboard/terminals/{terminal}/retire": "mdo",
            "/dashboard/terminals/{terminal}/remove": "mdo", "/dashboard/hardware/add-terminal": "mdo",
            "/dashboard/hardware/add-test-terminal": "mdo", "/dashboard/hardware/added/{terminal}/cancel": "mdo",
        }
        place = Client(dev.api, dev.key).post("/v1/locations", {"displayName": "Shop"}).json()["id"]
        made = Client(dev.api, dev.key).post("/v1/terminal/payments", {
            "terminalId": dev.terminal, "amount": 900, "currency": "EUR", "responseMode": "sync",
        }).json()
        for role in ("viewer", "cashier", "manager", "developer", "owner"):
            browser = let_in(dev, owner, role)
            token = re.search(r'name="form_token" value="([^"]+)"', browser.page("/dashboard")).group(1)
            for path, may in pages.items():
                where = path.format(terminal=dev.terminal, place=place, id=made["id"])
                suite.equal(browser.get(where).status, 200 if role[0] in may else 403, f"{role} looks at {path}")
            for path in ("/dashboard/operator", "/dashboard/operator/accounts", "/dashboard/operator/audit-log"):
                suite.equal(browser.get(path).status, 404, f"{role} finds nothing at {path}")
            for path, may in changes.items():
                where = path.format(id=made["id"], terminal=dev.terminal, place=place)
                answer = browser.ask("POST", where, f"form_token={token}")
                if role[0] in may:
                    suite.true(answer.status != 403, f"{role} does {path}: {answer.status}")
                else:
                    suite.equal(answer.status, 403, f"{role} does {path}")
        people = owner.page("/dashboard/people")
        suite.true(all(f"{role}@shop.example" in people for role in ("viewer", "owner")), "everybody is on the page")


def typed(dev: Dev, owner: Browser) -> None:
    with suite.group("what people type is text, on every page that shows it"):
        evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
        made = owner.submit(owner.page("/dashboard/locations"), "/dashboard/locations", displayName=evil, timeZone="Europe/Zurich")
        suite.equal(made.status, 303, "a location with such a name")
        token = re.search(r'name="form_token" value="([^"]+)"', owner.page("/dashboard")).group(1)
        body = urllib.parse.urlencode({"form_token": token, "displayName": evil})
        suite.equal(owner.ask("POST", f"/dashboard/terminals/{dev.terminal}", body).status, 303, "a terminal with such a name")
        api = Client(dev.api, dev.key)
        paid = api.post("/v1/terminal/payments", {
            "terminalId": dev.terminal, "amount": 700, "currency": "EUR", "reference": evil[:100], "description": evil, "responseMode": "sync",
        })
        suite.true(paid.status in (200, 202), f"a payment with such words: {paid.body[:200]!r}")
        endpoint = owner.submit(owner.page("/dashboard/webhooks"), "/dashboard/webhooks", url="http://127.0.0.1:9/x", events="*", description=evil)
        suite.true(b"whsec_" in endpoint.body, "an endpoint, its secret shown once")
        suite.true("whsec_" not in owner.page("/dashboard/webhooks"), "and never again")
        event = api.get("/v1/events", limit=1).json()["data"][0]["id"]
        here = f"/dashboard/terminals/{dev.terminal}"
        place = api.post("/v1/locations", {"displayName": evil, "address": {"line1": evil, "city": evil}}).json()["id"]
        api.post(f"/v1/terminals/{dev.terminal}", {"locationId": place})
        api.post(f"/v1/terminals/{dev.terminal}/configure", {"display": {"idleMessage": evil[:60]}})
        api.send("PUT", f"/v1/locations/{place}/terminal-config", json.dumps({"display": {"idleMessage": evil[:60]}}), {"Content-Type": "application/json"})
        api.post(f"/v1/terminals/{dev.terminal}/client-certificates", {"name": evil})
        for path in (
            f"{here}/network", f"{here}/connectivity", f"{here}/local-api", f"{here}/integrations", f"{here}/configuration", "/dashboard/configuration",
            f"/dashboard/locations/{place}", f"/dashboard/locations/{place}/configuration", "/dashboard/terminals?q=" + urllib.parse.quote(evil),
            "/dashboard", "/dashboard/locations", "/dashboard/terminals", f"/dashboard/terminals/{dev.terminal}", "/dashboard/payments",
            f"/dashboard/payments/{paid.json().get('id')}", f"/dashboard/payments/{paid.json().get('id')}/refund",
            "/dashboard/payments?" + urllib.parse.urlencode({name: evil for name in ("q", "terminal", "location", "status")}),
            "/dashboard/batches?terminal=" + urllib.parse.quote(evil[:60]), "/dashboard/batches/close?terminal=" + urllib.parse.quote(evil),
            "/dashboard/exports/payments?q=" + urllib.parse.quote(evil[:60]), "/dashboard/webhooks", "/dashboard/events", f"/dashboard/events/{event}",
            *(f"/dashboard/terminals/{dev.terminal}/{panel}" for panel in ("offline", "actions", "events", "receipts", "retire")),
            f"/dashboard/terminals/{dev.terminal}/receipts/{paid.json().get('id')}", "/dashboard/certificates", "/dashboard/requests",
            f"/dashboard/hardware/added/{dev.terminal}", "/dashboard/requests?path=" + urllib.parse.quote(evil[:60]),
            "/dashboard/requests?key=" + urllib.parse.quote(evil[:30]) + "&status=" + urllib.parse.quote(evil[:30]),
            "/dashboard/payments?q=" + urllib.parse.quote(evil[:60]), "/dashboard/events?type=" + urllib.parse.quote(evil[:40]),
            "/dashboard?currency=" + urllib.parse.quote(evil[:40]), "/dashboard/audit-log?actor=" + urllib.parse.quote(evil[:40]),
            "/dashboard/audit-log", "/dashboard/operator/accounts", "/dashboard/operator/audit-log?account=acct_dev&mode=test",
        ):
            answer = owner.get(path)
            suite.equal(answer.status, 200, path)
            suite.true(b"<script>alert" not in answer.body and b"<img src=x" not in answer.body, f"{path} shows it as markup")
        Client(dev.api, dev.key).post(f"/v1/terminals/{dev.terminal}", {"displayName": "Counter", "locationId": None})


def out(browser: Browser) -> None:
    with suite.group("signing out ends the session, not only the cookie"):
        kept = browser.cookie
        page = browser.page("/dashboard")
        suite.equal(browser.submit(page, "/dashboard/sign-out").status, 303, "signed out")
        browser.cookie = kept
        suite.equal(browser.get("/dashboard").status, 303, "the old cookie opens nothing")


dev = Dev()
owner = in_once(dev)
sealed(dev, owner)
forms(dev, owner)
modes(owner)
roles(dev, owner)
typed(dev, owner)
locked_out(dev)
out(owner)
suite.finish()
