"""How people come in, as a browser without a script sees it: the code of an authenticator app (computed here, RFC 6238),
recovery codes, waiting after wrong ones, proofs that keep what somebody was doing, a second factor that an account asks for,
the sessions, and what the cookies say about themselves."""
from __future__ import annotations

import base64
import hashlib
import hmac
import html
import http.client
import re
import struct
import time
import urllib.parse
from typing import Optional

from rig.checks import Suite, until
from rig.client import Client
from rig.processes import Dev

PASSWORD = "correct horse battery"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/604.1"

suite = Suite("65_signin", within_s=120)


class Page:
    """An answer, with every cookie that it sets."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.body = status, body.decode("utf-8", "replace")
        self.cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        self.to = next((value for name, value in headers if name.lower() == "location"), None)

    def said(self) -> str:
        """What the page says is wrong."""
        found = re.search(r'class="wrong"[^>]*role="alert">([^<]+)', self.body)
        return html.unescape(found.group(1)) if found else ""


class Browser:
    """A browser with a jar of cookies and without a script; follows nothing by itself."""

    def __init__(self, base: str, agent: str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0") -> None:
        parts = urllib.parse.urlsplit(base)
        self.host, self.port, self.agent = parts.hostname or "", parts.port, agent
        self.jar: dict[str, str] = {}

    def ask(self, method: str, path: str, body: Optional[str] = None, **headers: str) -> Page:
        sent = {"User-Agent": self.agent, **headers}
        if self.jar:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        if body is not None:
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            page = Page(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()
        for cookie in page.cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            if value and "Max-Age=0" not in cookie:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        return page

    def get(self, path: str) -> Page:
        return self.ask("GET", path)

    def submit(self, page: Page, action: str, where: str = "", **fields: str) -> Page:
        """Sends the page's own form with this action, filled in. `where`: a field that it has, of several of one action."""
        found = [m.group(0) for m in re.finditer(r"<form.*?</form>", page.body, re.S)]
        mine = [form for form in found if f'action="{action}"' in form and where in form]
        assert mine, f"no form {action} in a page with status {page.status}: {re.findall(r'action=.([^ >]+)', page.body)}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', mine[0])
        filled = [(name, html.unescape(value)) for name, value in hidden if name not in fields] + list(fields.items())
        return self.ask("POST", action, urllib.parse.urlencode(filled), Referer=f"http://{self.host}:{self.port}/dashboard/profile")


def code_of(letters: str, steps: int = 0) -> str:
    """RFC 6238 with SHA-1, six digits, thirty seconds; so many steps from now."""
    secret = base64.b32decode(letters.replace(" ", ""))
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(secret, counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


class App:
    """An authenticator app: shows codes, each of a later step than the one before, as far as clocks may differ."""

    def __init__(self, letters: str) -> None:
        self.letters = letters
        self.used = -1

    def code(self) -> str:
        """A code that has not been used: of now, or of the next step, or else once its moment has come."""
        def unused() -> int:
            now = int(time.time()) // 30
            return next((step for step in (now, now + 1) if step > self.used), 0)

        step = until(unused, "a step of time that was not used", within_s=65)
        self.used = step
        return code_of(self.letters, step - int(time.time()) // 30)


def invited(dev: Dev, owner: Browser, email: str, role: str) -> Browser:
    shown = owner.submit(owner.get("/dashboard/people"), "/dashboard/people/invite", email=email, role=role)
    link = urllib.parse.urlsplit(html.unescape(re.search(r'class="secret">([^<]+)<', shown.body).group(1)))
    guest = Browser(dev.api)
    door = guest.get(f"{link.path}?{link.query}")
    came = guest.submit(door, "/dashboard/invitation", name="Ada", password=PASSWORD)
    suite.equal((came.status, came.to), (303, "/dashboard"), f"{role}: in")
    return guest


def sign_in(dev: Dev, email: str, password: str = PASSWORD, agent: str = PHONE, next: str = "") -> tuple[Browser, Page]:
    browser = Browser(dev.api, agent)
    door = browser.get("/dashboard/sign-in" + (f"?next={next}" if next else ""))
    return browser, browser.submit(door, "/dashboard/sign-in", email=email, password=password)


def app_set_up(browser: Browser) -> tuple[App, list[str]]:
    began = browser.submit(browser.get("/dashboard/profile"), "/dashboard/profile/app")
    suite.equal((began.status, began.to), (303, "/dashboard/profile/app"), "an app is begun")
    page = browser.get("/dashboard/profile/app")
    letters = re.search(r'class="secret">([A-Z2-7 ]+)<', page.body).group(1)
    suite.equal(len(letters.replace(" ", "")), 32, "a secret of 160 bits")
    suite.true('<svg class="qr"' in page.body and "otpauth://totp/VINR:" in page.body, "as a picture and as an address")
    app = App(letters)
    wrong = browser.submit(page, "/dashboard/profile/app/confirm", code="000000")
    suite.true(wrong.status == 400 and "is not the code" in wrong.said() and letters in wrong.body, f"a wrong code: {wrong.said()!r}")
    suite.true("Asked for after" not in browser.get("/dashboard/profile").body, "it does not count yet")
    done = browser.submit(page, "/dashboard/profile/app/confirm", code=app.code())
    codes = re.findall(r"<code>([0-9a-z-]+)</code>", done.body)
    suite.equal((done.status, len(set(codes))), (200, 10), "ten recovery codes")
    profile = browser.get("/dashboard/profile").body
    suite.true("codes left: 10" in profile and not any(code in profile for code in codes), "shown once")
    suite.equal(browser.get("/dashboard/profile/app").to, "/dashboard/profile", "the secret is not shown again")
    return app, codes


def with_app(dev: Dev, owner: Browser) -> None:
    with suite.group("the code of an app is the second step, and is used once"):
        ada = invited(dev, owner, "ada@shop.example", "manager")
        app, codes = app_set_up(ada)
        browser, first = sign_in(dev, "ada@shop.example", next="/dashboard/payments")
        suite.equal((first.status, first.to), (303, "/dashboard/sign-in/code?next=/dashboard/payments"), "the password is half of it")
        suite.equal(browser.get("/dashboard").status, 303, "and opens nothing by itself")
        step = next(cookie for cookie in first.cookies if cookie.startswith("vinr_step="))
        for mark in ("HttpOnly", "SameSite=Strict", "Path=/dashboard/sign-in", "Max-Age=300"):
            suite.true(mark in step, f"the cookie between the steps: {mark} in {step}")
        page = browser.get(first.to or "")
        wrong = browser.submit(page, "/dashboard/sign-in/code", code="123 456 789")
        suite.true(wrong.status == 403 and "not the code" in wrong.said(), f"a wrong one: {wrong.status} {wrong.said()}")
        code = app.code()
        done = browser.submit(page, "/dashboard/sign-in/code", code=f"{code[:3]} {code[3:]}")
        suite.equal((done.status, done.to), (303, "/dashboard/payments"), "the code is the other half")
        session = next(cookie for cookie in done.cookies if cookie.startswith("vinr_session="))
        for mark in ("HttpOnly", "SameSite=Lax", "Path=/dashboard"):
            suite.true(mark in session, f"the cookie of a session: {mark} in {session}")
        suite.true("vinr_step" not in browser.jar, "the step is over")
        other, first = sign_in(dev, "ada@shop.example")
        again = other.submit(other.get(first.to or ""), "/dashboard/sign-in/code", code=code)
        suite.equal((again.status, "vinr_session" in other.jar), (403, False), "the same code a second time")
        by_recovery = other.submit(other.get(first.to or ""), "/dashboard/sign-in/code", code=codes[3].upper())
        suite.equal((by_recovery.status, by_recovery.to), (303, "/dashboard"), "a recovery code in its place")
        suite.true("codes left: 9" in other.get("/dashboard/profile").body, "is gone then")
        third, first = sign_in(dev, "ada@shop.example")
        twice = third.submit(third.get(first.to or ""), "/dashboard/sign-in/code", code=codes[3])
        suite.equal((twice.status, "vinr_session" in third.jar), (403, False), "a recovery code a second time")
        foreign = third.ask("POST", "/dashboard/sign-in/code", "code=1", Origin="https://evil.example")
        suite.equal(foreign.status, 403, "from another site")
        sessions(dev, ada, other, third)


def sessions(dev: Dev, ada: Browser, other: Browser, third: Browser) -> None:
    page = ada.get("/dashboard/profile")
    rows = re.findall(r"<tr>\s*<td title=.*?</tr>", page.body, re.S)
    suite.equal(len(rows), 3, "three browsers are signed in")
    suite.true(any("Safari · iPhone" in row and "Password and recovery code" in row and "127.0.0.1" in row for row in rows), "with what and how")
    suite.true(any("Firefox · Linux" in row and "this one" in row and "Invitation" in row for row in rows), "this one too")
    ended = re.search(r'action="(/dashboard/profile/sessions/[^"]+)"', next(row for row in rows if "recovery" in row)).group(1)
    suite.equal(ada.submit(page, ended).status, 303, "one is ended")
    suite.equal(other.get("/dashboard").status, 303, "and opens nothing")
    suite.equal(ada.submit(ada.get("/dashboard/profile"), "/dashboard/profile/sessions").status, 303, "all others are ended")
    suite.equal(len(re.findall(r"<tr>\s*<td title=", ada.get("/dashboard/profile").body)), 1, "one is left")
    stranger = owner_like(dev)
    suite.equal(stranger.ask("POST", ended, "form_token=x").status, 303, "nobody ends another's")


def owner_like(dev: Dev) -> Browser:
    return Browser(dev.api)


def guessed(dev: Dev, owner: Browser) -> None:
    with suite.group("wrong codes make everybody wait, as wrong passwords do"):
        bob = invited(dev, owner, "bob@shop.example", "cashier")
        app, codes = app_set_up(bob)
        told = []
        for _ in range(6):
            browser, first = sign_in(dev, "bob@shop.example")
            if first.to is None:
                told.append(first.said())
                break
            told.append(browser.submit(browser.get(first.to), "/dashboard/sign-in/code", code="000000").said())
        suite.true(all("not the code" in said for said in told[:5]), f"five are free: {told}")
        suite.true("Try again in" in told[-1], f"then a wait: {told[-1]}")


def removed(dev: Dev, owner: Browser) -> None:
    with suite.group("what lets somebody in is changed by them, and the last way stays"):
        eve = invited(dev, owner, "eve@shop.example", "viewer")
        page = eve.get("/dashboard/profile")
        evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
        suite.equal(eve.submit(page, "/dashboard/profile", name=evil).status, 303, "a name like that")
        for who, path in ((eve, "/dashboard/profile"), (owner, "/dashboard/people")):
            shown = who.get(path).body
            suite.true("<script>alert" not in shown and "<img src=x" not in shown, f"is text on {path}")
        empty = eve.submit(page, "/dashboard/profile", name=" ")
        suite.true(empty.status == 400 and "1 to 100" in empty.said(), f"no name: {empty.status} {empty.said()!r}")
        weak = eve.submit(page, "/dashboard/profile/password", password="short")
        suite.true(weak.status == 400 and "at least 12" in weak.said(), f"a password too short: {weak.said()!r}")
        suite.true("/dashboard/profile/password/remove" not in page.body, "without a passkey the password stays")
        token = re.search(r'name="form_token" value="([^"]+)"', page.body).group(1)
        refused = eve.ask("POST", "/dashboard/profile/password/remove", f"form_token={token}")
        suite.true(refused.status == 422 and "last way in" in refused.said(), f"also when it is asked for: {refused.status} {refused.said()}")
        for path in ("app", "app/confirm", "app/remove", "recovery", "password", "password/remove", "sessions", "passkeys", "passkeys/new"):
            foreign = eve.ask("POST", f"/dashboard/profile/{path}", "form_token=" + "x" * 43)
            suite.equal(foreign.status, 403, f"{path} with another's token")
        bare = eve.submit(eve.get("/dashboard/profile"), "/dashboard/profile/passkeys/new")
        suite.true("bare IP address" in bare.body, "no passkeys for an IP address, and the page says so")
        app, _ = app_set_up(eve)
        suite.equal(eve.submit(eve.get("/dashboard/profile"), "/dashboard/profile/app/remove").status, 303, "the app is removed")
        browser, first = sign_in(dev, "eve@shop.example")
        suite.equal((first.status, first.to), (303, "/dashboard"), "and asked for no longer")
        other = "another horse battery"
        suite.equal(eve.submit(eve.get("/dashboard/profile"), "/dashboard/profile/password", password=other).status, 303, "another password")
        suite.equal(browser.get("/dashboard").status, 303, "ends the other sessions")
        suite.equal(sign_in(dev, "eve@shop.example")[1].status, 403, "the old one is none any more")
        suite.equal(sign_in(dev, "eve@shop.example", other)[1].status, 303, "the new one is")


def required(dev: Dev, owner: Browser) -> None:
    with suite.group("an account can ask everybody for a second factor"):
        zoe = invited(dev, owner, "zoe@shop.example", "cashier")
        weak, _ = sign_in(dev, "zoe@shop.example")
        done = owner.submit(owner.get("/dashboard/people"), "/dashboard/people/second-factor", asked="yes")
        suite.equal(done.status, 303, "asked for by the owner")
        suite.equal(owner.get("/dashboard/people").to, "/dashboard/second-factor?next=/dashboard/people", "of the owner too")
        gone = zoe.get("/dashboard/payments?status=failed")
        suite.equal((gone.status, gone.to), (303, "/dashboard/second-factor?next=/dashboard/payments%3Fstatus%3Dfailed"), "who has none is led there")
        suite.equal(zoe.ask("POST", "/dashboard/payments/x/cancel", "form_token=x").to, "/dashboard/second-factor", "and does nothing else")
        page = zoe.get(gone.to or "")
        suite.true("you have none yet" in page.body and "/dashboard/profile/app" in page.body, "with what to do")
        app, _ = app_set_up(zoe)
        suite.equal(zoe.get("/dashboard/payments").status, 200, "then everything is open")
        asked = weak.get("/dashboard/payments")
        suite.equal(asked.to, "/dashboard/second-factor?next=/dashboard/payments", "a session without it has to show it")
        suite.equal(weak.get("/dashboard/profile").to, "/dashboard/second-factor?next=/dashboard/profile", "and cannot set up another")
        page = weak.get(asked.to or "")
        wrong = weak.submit(page, "/dashboard/second-factor", proof_password=PASSWORD, proof_code="000000")
        suite.true(wrong.status == 403 and "not the code" in wrong.said(), f"a wrong one: {wrong.said()!r}")
        shown = weak.submit(wrong, "/dashboard/second-factor", proof_password=PASSWORD, proof_code=app.code())
        suite.equal((shown.status, shown.to), (303, "/dashboard/payments"), "a right one goes on to where they were")
        suite.equal(weak.get("/dashboard/payments").status, 200, "and opens everything")
        elsewhere = weak.get("/dashboard/second-factor?next=https://evil.example/")
        suite.equal(elsewhere.to, "/dashboard", "and nowhere else")
        app, _ = app_set_up(owner)
        done = owner.submit(owner.get("/dashboard/people"), "/dashboard/people/second-factor", asked="no")
        suite.equal(done.status, 303, "no longer asked for")


def owner_of(dev: Dev) -> Browser:
    browser = Browser(dev.api)
    link = urllib.parse.urlsplit(dev.ready["dashboard"])
    suite.equal(browser.get(f"{link.path}?{link.query}").to, "/dashboard", "the link signs in")
    return browser


dev = Dev()
owner = owner_of(dev)
with_app(dev, owner)
guessed(dev, owner)
removed(dev, owner)
required(dev, owner)
suite.finish()
