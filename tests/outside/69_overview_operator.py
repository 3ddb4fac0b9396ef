"""The overview's figures after real payments, also when the process was killed in between, and the pages of those who run the
server, which are nowhere for everybody else."""
from __future__ import annotations

import html
import re
import urllib.parse
import xml.etree.ElementTree
from typing import Optional

from rig.checks import Suite, until
from rig.client import Client
from rig.processes import Dev, directory, free_port
from rig.receiver import Receiver
from rig.visitor import Browser, entered, joined

suite = Suite("69_overview_operator", within_s=120)


def figures(browser: Browser, currency: Optional[str] = None) -> dict[str, str]:
    """The figures of today by their names."""
    page = browser.page("/dashboard" + (f"?currency={currency}" if currency else ""))
    cards = re.findall(r"<li><strong>([^<]*)</strong> ([^<]*?) <small>", page)
    return {html.unescape(name): html.unescape(told).replace("\xa0", " ") for told, name in cards}


def pay(dev: Dev, amount: int, currency: str = "EUR", card: Optional[str] = None) -> dict:
    query = f"?simulateCard={card}" if card else ""
    order = {"terminalId": dev.terminal, "amount": amount, "currency": currency, "responseMode": "sync"}
    return Client(dev.api, dev.key).post(f"/v1/terminal/payments{query}", order).json()


def empty(browser: Browser) -> None:
    with suite.group("an account in which nothing happened has figures and charts too"):
        shown = figures(browser)
        suite.equal(shown.get("payments today"), "0", f"nothing yet: {shown}")
        suite.equal(shown.get("approved by issuers"), "–", "no rate of nothing")
        charts(browser, 3)


def charts(browser: Browser, count: int) -> None:
    drawn = re.findall(r"<svg class=\"chart\".*?</svg>", browser.page("/dashboard"), re.S)
    suite.equal(len(drawn), count, "charts")
    for text in drawn:
        chart = xml.etree.ElementTree.fromstring(text)
        space = "{http://www.w3.org/2000/svg}"
        told = [chart.find(space + part) for part in ("title", "desc")]
        suite.true(chart.get("role") == "img" and all(part is not None and part.text for part in told), "a chart says what it shows")
        suite.true("style=" not in text and "<script" not in text, "nothing in line")


def counted(dev: Dev, browser: Browser) -> None:
    with suite.group("every payment, decline and refund is counted once, each currency for itself"):
        first = pay(dev, 4200)
        pay(dev, 1000)
        pay(dev, 777, card="4000000000000002")
        pay(dev, 500_000, "JPY")
        expected = {"taken today": "52.00 EUR", "payments today": "2", "approved by issuers": "66.7 %"}
        until(lambda: expected.items() <= figures(browser).items(), f"the figures of euros: {figures(browser)}")
        until(lambda: figures(browser, "JPY").get("taken today") == "500,000 JPY", "yen are not among euros")
        suite.true(re.fullmatch(r"\d+\.\d s", figures(browser)["at the terminal, median"]), "the time at the terminal")
        path = f"/dashboard/payments/{first['id']}"
        sure = browser.submit(browser.page(f"{path}/refund"), f"{path}/refund", amount="2.00").body.decode()
        browser.submit(sure, f"{path}/refund")
        until(lambda: figures(browser).get("given back today") == "2.00 EUR", "the refund")
        suite.equal(figures(browser)["taken today"], "52.00 EUR", "what is given back was taken all the same")
        page = browser.page("/dashboard")
        suite.true("card declined" in page, "why a payment failed")
        charts(browser, 4)
        rows = re.findall(r'<th scope="row">([^<]+)</th><td class="amount">([^<]+)</td>', page)
        suite.equal(sum(1 for _, told in rows if told == "52.00 EUR"), 1 + sum(1 for name, told in rows if ":" in name and told == "52.00 EUR"),
                    "one day of thirty has it all")


def killed(dev: Dev, browser: Browser) -> Dev:
    with suite.group("killed at once after a payment: it is counted all the same, and no other twice"):
        for amount in (100, 200, 300):
            pay(dev, amount)
        dev.kill()
        again = Dev(data=dev.data, ports=PORTS)
        until(lambda: figures(browser).get("payments today") == "5", f"five payments: {figures(browser)}")
        suite.equal(figures(browser)["taken today"], "58.00 EUR", "and their sum")
        suite.equal(figures(browser)["given back today"], "2.00 EUR", "and the refund")
        pay(again, 42)
        until(lambda: figures(browser)["taken today"] == "58.42 EUR", "and it goes on")
        return again


def health(dev: Dev, browser: Browser) -> None:
    with suite.group("webhooks that fail are on the first page"):
        suite.true('data-live="hooks"' not in browser.page("/dashboard"), "nothing about webhooks without any")
        receiver = Receiver(lambda *_: 500)
        browser.submit(browser.page("/dashboard/webhooks"), "/dashboard/webhooks", url=receiver.url(), events="*")
        pay(dev, 9)
        until(lambda: "<li>0.0\xa0% of" in browser.page("/dashboard"), "nothing is delivered")
        suite.true("the oldest that waits happened" in browser.page("/dashboard"), "and it is told since when")
        receiver.close()


def bare(page: bytes) -> str:
    """The page without what every page has of its own: tokens, and ways back."""
    return re.sub(r'(value|href)="[^"]*"', "", page.decode())


def operator(dev: Dev, owner: Browser) -> None:
    with suite.group("those who run the server see it, and nobody else learns that there is anything"):
        page = owner.page("/dashboard/operator")
        for words in ("links are up", "tasks at all", "/v1/terminal/payments", "events that wait to be counted", "online"):
            suite.true(words in page, f"the page tells of {words}")
        accounts = "/dashboard/operator/accounts"
        made = owner.submit(owner.page(accounts), accounts, displayName="<b>Shop & Co</b>")
        suite.equal(made.status, 303, "an account is opened")
        listed = owner.page(accounts)
        suite.true("<b>Shop" not in listed and "Shop &#38; Co" in listed.replace("&amp;", "&#38;"), "its name is text")
        suite.equal(owner.submit(listed, accounts, displayName="x" * 101).status, 200, "a name that is too long: the form again")
        mine = re.search(r"account=(acct_\w+)\"><code>\1</code></a></td>\s*<td><span class=\"status active\"", listed)
        account = next(found for found in re.findall(r"account=(acct_\w+)", listed) if found == "acct_dev")
        suite.true(mine, "accounts are in service")
        stop = owner.submit(listed, f"{accounts}/{account}", suspended="yes")
        suite.equal(stop.status, 303, "the sandbox's account is stopped")
        refused = owner.submit(owner.page("/dashboard/locations"), "/dashboard/locations", displayName="Later")
        suite.true(refused.status == 403 and b"The account is stopped" in refused.body, f"nothing can be changed: {refused.status}")
        suite.equal(owner.get("/dashboard/payments").status, 200, "and everything be looked at")
        suite.equal(owner.submit(owner.page(accounts), f"{accounts}/{account}", suspended="no").status, 303, "it goes on")
        suite.equal(owner.submit(owner.page("/dashboard/locations"), "/dashboard/locations", displayName="Later").status, 303, "with all its pages")
        log = owner.page("/dashboard/operator/audit-log")
        suite.true("account.operated" in log and "account.opened" in log, "the platform's log")
        told = owner.page("/dashboard/operator/audit-log?account=acct_dev&mode=test&action=refund")
        suite.true("refund.created" in told and "account.operated" not in told, "an account's log, by what was done")
        suite.true("No lines here" in owner.page("/dashboard/operator/audit-log?actor=nobody"), "and by who did it")
        own = owner.page("/dashboard/audit-log?actor=person")
        suite.true("refund.created" in own, "the owner reads the account's own log")
        person = joined(dev, owner, "owner", "Second")
        token = re.search(r'name="form_token" value="([^"]+)"', person.page("/dashboard")).group(1)
        suite.true("Platform" not in person.page("/dashboard"), "no menu for others")
        nothing = person.get("/dashboard/nothing-at-all").body
        for path in ("/dashboard/operator", accounts, f"{accounts}/acct_dev", "/dashboard/operator/audit-log"):
            for method, body in (("GET", None), ("POST", f"form_token={token}&suspended=yes&displayName=x"), ("POST", ""), ("PUT", "")):
                answer = person.ask(method, path, body)
                suite.equal(answer.status, 404, f"{method} {path} by an owner who does not run the server")
            suite.equal(bare(person.get(path).body), bare(nothing), f"{path} looks as if nothing were there")
        suite.equal(person.get("/dashboard/audit-log").status, 200, "an owner reads the log")
        for role in ("viewer", "manager"):
            suite.equal(joined(dev, owner, role).get("/dashboard/audit-log").status, 403, f"{role} reads the log")


PORTS = (free_port(), free_port())
dev = Dev(data=directory() / "data", ports=PORTS)
owner = entered(dev)
empty(owner)
counted(dev, owner)
dev = killed(dev, owner)
health(dev, owner)
operator(dev, owner)
suite.finish()
