"""A browser without a script: visits the dashboard's pages, sends their forms, and lets people in."""
from __future__ import annotations

import html
import re
import urllib.parse
from typing import Optional

from .client import FORM, Answer, Client
from .processes import Dev


class Browser:
    """One browser: keeps its cookie, follows nothing by itself."""

    def __init__(self, base: str) -> None:
        self.client = Client(base, None)
        self.base = base
        self.cookie: Optional[str] = None

    def ask(self, method: str, path: str, body: Optional[str] = None, **headers: str) -> Answer:
        sent = dict(headers)
        if self.cookie:
            sent["Cookie"] = self.cookie
        if body is not None:
            sent.setdefault("Content-Type", FORM)
        answer = self.client.send(method, path, body, sent)
        given = answer.headers.get("set-cookie")
        if given:
            self.cookie = given.split(";")[0]
        return answer

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def page(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status == 200, f"{path}: {answer.status} {answer.headers.get('location')}"
        return answer.body.decode()

    def submit(self, page: str, action: str, **fields: str) -> Answer:
        """Sends the page's own form with this action, filled in."""
        forms = re.findall(r'<form method="post" action="([^"]+)".*?</form>', page, re.S)
        assert action in [html.unescape(found) for found in forms], f"no form {action} among {forms}"
        inside = next(m.group(0) for m in re.finditer(r"<form.*?</form>", page, re.S) if f'action="{action}"' in m.group(0))
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', inside))
        return self.ask("POST", action, urllib.parse.urlencode({**hidden, **fields}))


def entered(dev: Dev) -> Browser:
    """The owner of the sandbox, by the link that `vinr dev` prints; works once for each `dev`."""
    browser = Browser(dev.api)
    link = urllib.parse.urlsplit(dev.ready["dashboard"])
    answer = browser.get(f"{link.path}?{link.query}")
    assert (answer.status, answer.headers.get("location")) == (303, "/dashboard"), f"the link does not sign in: {answer}"
    return browser


def invited(dev: Dev, owner: Browser, email: str, role: str) -> tuple[Browser, str]:
    """A browser at the door of who is invited, and the path of that door."""
    shown = owner.submit(owner.page("/dashboard/people"), "/dashboard/people/invite", email=email, role=role).body.decode()
    found = re.search(r'class="secret">([^<]+)<', shown)
    assert found, f"no invitation: {shown[:500]}"
    link = urllib.parse.urlsplit(html.unescape(found.group(1)))
    return Browser(dev.api), f"{link.path}?{link.query}"


def joined(dev: Dev, owner: Browser, role: str, name: str = "Ada") -> Browser:
    """Somebody new with this role, signed in."""
    guest, door = invited(dev, owner, f"{role}@shop.example", role)
    came = guest.submit(guest.page(door), "/dashboard/invitation", name=name, password="correct horse battery")
    assert came.status == 303, f"{role} does not come in: {came}"
    return guest
