"""Payments, refunds, batches and their exports as a browser without a script sees them: every filter and every search, pages that keep
both, a payment's moments in their order, acts that say first what they do and then do it once, and files that a spreadsheet can open."""
from __future__ import annotations

import contextlib
import csv
import datetime
import html
import http.client
import io
import re
import sqlite3
import urllib.parse
import zoneinfo
from typing import Any, Optional

from rig.checks import Suite, until
from rig.client import PAYMENTS, Answer, Client
from rig.processes import Dev
from rig.receiver import Receiver
from rig.visitor import Browser, entered

#: How many payments the long file has at least.
MANY = 20_000
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", "'=1", "=cmd|' /C calc'!A0", 'say "hi", then\nleave', "Zürich; 東京"]

suite = Suite("68_payment_pages", within_s=150)


class Window(Browser):
    """The owner's browser, in English, with queries."""

    def __init__(self, dev: Dev) -> None:
        super().__init__(dev.api)
        self.cookie = entered(dev).cookie

    def ask(self, method: str, path: str, body: Optional[str] = None, **headers: str) -> Answer:
        return super().ask(method, path, body, **{"Accept-Language": "en-GB", **headers})

    def page(self, path: str, **query: Any) -> str:
        return super().page(path + ("?" + urllib.parse.urlencode(query) if query else ""))


def text(page: str) -> str:
    """What a reader sees of the page's middle."""
    middle = page[page.index("<main") :]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", middle)))


def listed(page: str) -> list[str]:
    """The payments of a list, in its order."""
    return re.findall(r'<td class="amount figure"><a href="/dashboard/payments/(tpay_[^"]+)"', page)


def paid(api: Client, amount: int, card: str = "", **more: Any) -> dict[str, Any]:
    query = f"?simulateCard={card}" if card else ""
    body = {"terminalId": dev.terminal, "amount": amount, "currency": "EUR", "responseMode": "sync", **more}
    answer = api.post(f"{PAYMENTS}{query}", body)
    assert answer.status in (200, 202), answer.body[:300]
    made: dict[str, Any] = answer.json()
    return made


def filters(browser: Window, api: Client) -> None:
    with suite.group("every filter and every search finds what it names, and nothing else"):
        declined = paid(api, 1111, card="4000000000000002", reference="declined-1")
        asked = paid(api, 2222, reference="table 12")
        held = paid(api, 3333, captureMethod="manual", reference="held-1")
        nowhere = api.post(PAYMENTS, {"terminalId": "term_none", "amount": 4444, "currency": "CHF", "reference": "nowhere-1"}).json()
        every = listed(browser.page("/dashboard/payments"))
        suite.equal(every[:4], [nowhere["id"], held["id"], asked["id"], declined["id"]], "the newest first")
        last4 = api.payment(asked["id"])["last4"]
        for what, query, wanted in (
            ("a reference", {"q": "table 12"}, [asked]),
            ("a reference that nobody has", {"q": "table 99"}, []),
            ("a status", {"status": "failed"}, [nowhere, declined]),
            ("another", {"status": "authorized"}, [held]),
            ("an exact amount", {"least": "22.22", "most": "22.22"}, [asked]),
            ("a range of amounts", {"least": "20", "most": "40"}, [held, asked]),
            ("a currency and an amount", {"least": "1", "currency": "chf"}, [nowhere]),
            ("a terminal that there is not", {"terminal": "term_none"}, [nowhere]),
            ("two things at once", {"status": "failed", "terminal": dev.terminal}, [declined]),
            ("digits and a status", {"q": last4, "status": "authorized"}, [held]),
        ):
            suite.equal(listed(browser.page("/dashboard/payments", **query)), [one["id"] for one in wanted], what)
        with_card = listed(browser.page("/dashboard/payments", q=last4))
        suite.true(asked["id"] in with_card and nowhere["id"] not in with_card, f"the end of a card's number: {with_card}")
        to = browser.ask("GET", f"/dashboard/payments?q={asked['id']}")
        suite.equal((to.status, to.headers.get("location")), (303, f"/dashboard/payments/{asked['id']}"), "an id leads there")
        wrong = browser.ask("GET", "/dashboard/payments?least=much&q=abc")
        seen = wrong.body.decode()
        suite.true(wrong.status == 400 and 'value="much"' in seen and 'value="abc"' in seen, "what cannot be read stays typed")
        suite.true('aria-invalid="true"' in seen and 'role="alert"' in seen, "and is told at its field")
        evil = "<img src=x onerror=alert(1)>\"'"
        seen = browser.ask("GET", "/dashboard/payments?" + urllib.parse.urlencode({"from": evil, "least": evil, "currency": evil})).body
        suite.true(b"<img" not in seen and len(re.findall(rb'value="&(?:lt|#60);img', seen)) == 3, "and is text")


def days(browser: Window, api: Client) -> None:
    with suite.group("days and times are those of the shop, with its zone"):
        place = api.post("/v1/locations", {"displayName": "Far away", "timeZone": "Pacific/Kiritimati"}).json()
        suite.equal(api.post(f"/v1/terminals/{dev.terminal}", {"locationId": place["id"]}).status, 200, "the terminal stands there")
        made = paid(api, 5555, reference="far-1")
        here = datetime.datetime.now(zoneinfo.ZoneInfo("Pacific/Kiritimati")).date()
        query = {"location": place["id"], "q": "far-1"}
        suite.equal(listed(browser.page("/dashboard/payments", **query, **{"from": here.isoformat(), "to": here.isoformat()})), [made["id"]], "today, there")
        before = (here - datetime.timedelta(days=1)).isoformat()
        suite.equal(listed(browser.page("/dashboard/payments", **query, to=before)), [], "nothing until yesterday, there")
        page = browser.page("/dashboard/payments", location=place["id"])
        suite.true("+14" in text(page) and "Pacific/Kiritimati" in text(page), "the zone is named")
        suite.true("Pacific/Kiritimati" in text(browser.page(f"/dashboard/payments/{made['id']}")), "also beside the moments")
        backwards = browser.ask("GET", "/dashboard/payments?from=2026-02-02&to=2026-01-01")
        suite.equal(backwards.status, 400, "days in the wrong order")
        api.post(f"/v1/terminals/{dev.terminal}", {"locationId": None})


def pages(browser: Window, api: Client) -> None:
    with suite.group("older and newer keep every filter, and lead back to where one was"):
        for _ in range(120):
            answer = api.post(PAYMENTS, {"terminalId": "term_none", "amount": 100, "currency": "EUR"})
            assert answer.status == 202, answer.body
        first = browser.page("/dashboard/payments", terminal="term_none", status="failed")
        walked, page = listed(first), first
        for _ in range(2):
            older = html.unescape(re.search(r'rel="next" href="([^"]+)"', page).group(1))
            suite.true("terminal=term_none" in older and "status=failed" in older, f"older keeps what is looked for: {older}")
            page = browser.page(older)
            walked += listed(page)
        suite.true(len(walked) == 121 and len(set(walked)) == 121, f"every payment once: {len(walked)}, {len(set(walked))}")
        suite.true('rel="next"' not in page, "nothing is older than the oldest")
        for _ in range(2):
            newer = html.unescape(re.search(r'rel="prev" href="([^"]+)"', page).group(1))
            suite.true("terminal=term_none" in newer and "status=failed" in newer, "newer keeps it too")
            page = browser.page(newer)
        suite.equal(listed(page), listed(first), "back at the newest")


def moments(browser: Window, api: Client) -> None:
    with suite.group("a payment's moments are all there, in order, with their times; and it is told in words"):
        receiver = Receiver()
        endpoint = api.post("/v1/webhook-endpoints", {"url": receiver.url("/till"), "enabled_events": ["*"]})
        suite.equal(endpoint.status, 200, f"an endpoint: {endpoint.body[:200]!r}")
        made = paid(api, 4200, reference="moments-1")
        path = f"/dashboard/payments/{made['id']}"
        page = until(lambda: (seen := browser.page(path)) and seen.count('class="notified"') >= 3 and seen, "the endpoint has been told")
        found = re.findall(r'<li class="(\w+)"><time datetime="([^"]+)">', page)
        kinds = [kind for kind, _ in found]
        wanted = ["accepted", "dispatched", "at the terminal", "at the terminal", "card_presented", "authorizing", "captured"]
        # The terminal prompts and says that it does in one breath.
        there = ["at the terminal" if kind in ("acknowledged", "awaiting_card") else kind for kind in kinds]
        suite.equal([kind for kind in there if kind in wanted], wanted, f"the moments, of {kinds}")
        suite.true({"acknowledged", "awaiting_card"} <= set(kinds), f"the terminal's own: {kinds}")
        times = [datetime.datetime.fromisoformat(at) for _, at in found]
        suite.true(times == sorted(times) and all("." in at for _, at in found), "in their order, to the millisecond")
        suite.true(re.search(r'class="after">\+ \d+ ms<', page), "with what lies between two")
        suite.true("200" in re.search(r'class="notified">(.*?)</li>', page, re.S).group(1), "and what the endpoint answered")
        seen = text(page)
        for part in ("42.00 EUR was asked for through the cloud", "The money was taken: 42.00 EUR", '"object": "terminal_payment"'):
            suite.true(part in seen, f"{part!r} is said")
        declined = paid(api, 900, card="4000000000000002")
        seen = text(browser.page(f"/dashboard/payments/{declined['id']}"))
        suite.true("No money moved." in seen and "another card" in seen, "a declined one says what to do")
        waiting = api.post(f"{PAYMENTS}?simulateCard=none", {"terminalId": dev.terminal, "amount": 800, "currency": "EUR"}).json()
        path = f"/dashboard/payments/{waiting['id']}"
        until(lambda: 'class="awaiting_card"' in browser.page(path), "a payment that runs shows how far it is")
        asked = browser.page(f"{path}/cancel")
        suite.true("8.00 EUR will no longer be asked for" in text(asked), "what cancelling does is said")
        suite.equal(browser.submit(asked, f"{path}/cancel").status, 303, "cancelled")
        until(lambda: api.payment(waiting["id"])["status"] == "cancelled", "the payment is cancelled")
        gone = until(lambda: (seen := browser.page(path)) and 'class="cancelled"' in seen and seen, "and shows it")
        suite.true('class="dispatched"' in gone and "called off before a card" in text(gone), "with its way until then")
        receiver.close()


def acts(browser: Window, api: Client) -> None:
    with suite.group("capture, void and refund say first what they do, and do it once"):
        made = paid(api, 4200)
        path = f"/dashboard/payments/{made['id']}"
        asked = browser.page(f"{path}/refund")
        suite.true('value="42.00"' in asked, "all that is left is proposed")
        for typed, told in (("much", "is not an amount"), ("42.01", "is more than is left: 42.00 EUR"), ("0", "more than nothing")):
            again = browser.submit(asked, f"{path}/refund", amount=typed, reason="duplicate")
            seen = again.body.decode()
            suite.true(again.status == 400 and told in text(seen) and f'value="{typed}"' in seen, f"{typed}: {again.status}")
            suite.true('aria-invalid="true"' in seen and '"duplicate" selected' in seen, f"{typed}: at its field, and nothing is lost")
        sure = browser.submit(asked, f"{path}/refund", amount="12.50", reason="duplicate").body.decode()
        suite.true("12.50 EUR will be given back to the card" in text(sure) and "29.50 EUR of this payment" in text(sure), "what will happen")
        suite.equal(api.payment(made["id"]).get("amountRefunded", 0), 0, "nothing has happened yet")
        answers = [browser.submit(sure, f"{path}/refund").status for _ in range(2)]
        suite.equal(answers, [303, 303], "sent twice")
        until(lambda: 'class="status succeeded"' in browser.page(path), "the refund has succeeded")
        suite.equal(api.payment(made["id"])["amountRefunded"], 1250, "once")
        rest = browser.submit(browser.page(f"{path}/refund"), f"{path}/refund").body.decode()
        suite.equal([browser.submit(rest, f"{path}/refund").status for _ in range(2)], [303, 303], "all of the rest, sent twice")
        page = until(lambda: (seen := browser.page(path)) and seen.count('class="status succeeded"') == 2 and seen, "both refunds")
        seen = text(page)
        suite.true("All of it, 42.00 EUR" in seen and "Duplicate" in seen and "on its way to the card" in seen, "told on the page")
        suite.true(f"{path}/refund" not in page, "nothing is left to be refunded")
        suite.equal(len(api.get("/v1/refunds", payment=made["id"]).json()["data"]), 2, "two refunds, no more")
        late = browser.submit(asked, f"{path}/refund", amount="1", sure="yes")
        suite.true(late.status == 409 and 'class="wrong"' in late.body.decode(), f"a refund of nothing left: {late.status}")
        held = paid(api, 3000, captureMethod="manual")
        path = f"/dashboard/payments/{held['id']}"
        sure = browser.submit(browser.page(f"{path}/capture"), f"{path}/capture", amount="20").body.decode()
        suite.true("20.00 EUR will be taken" in text(sure) and "10.00 EUR, is let go" in text(sure), "what capturing does")
        suite.equal([browser.submit(sure, f"{path}/capture").status for _ in range(2)], [303, 303], "captured, sent twice")
        suite.equal(api.payment(held["id"])["amountCaptured"], 2000, "captured once")
        suite.true("Captured: 20.00 EUR" in text(browser.page(path)), "the page says so")
        held = paid(api, 3100, captureMethod="manual")
        path = f"/dashboard/payments/{held['id']}"
        void = browser.page(f"{path}/cancel")
        suite.true("31.00 EUR cannot be captured afterwards" in text(void), "what voiding does")
        suite.equal(browser.submit(void, f"{path}/cancel").status, 303, "voided")
        until(lambda: api.payment(held["id"])["status"] == "cancelled", "the hold is void")
        over = browser.submit(void, f"{path}/capture") if f"{path}/capture" in void else None
        suite.true(over is None, "and nothing more is offered")


def batches(browser: Window, api: Client) -> None:
    with suite.group("a batch says what it is made of; closing says first what it does"):
        page = until(lambda: (seen := browser.page("/dashboard/batches")) and 'class="status open"' in seen and seen, "an open batch")
        path = re.search(r'href="(/dashboard/batches/batch_[^"]+)"', page).group(1)
        shown = browser.page(path)
        suite.true("By card" in text(shown) and listed(shown), "its cards and its payments")
        asked = browser.page("/dashboard/batches/close", terminal=dev.terminal)
        suite.true("counted and settled now" in text(asked), "what closing does")
        suite.equal([browser.submit(asked, "/dashboard/batches/close", reference="EOD <1>").status for _ in range(2)], [303, 303], "closed, sent twice")
        closed = until(lambda: (seen := browser.page(path)) and 'class="status closed"' in seen and seen, "the batch is closed")
        sums = [int(count) for count in re.findall(r'<td class="figure">(\d+)</td>', closed)]
        sales = int(re.search(r"Sales: (\d+)", text(closed)).group(1))
        suite.true(sum(sums) == sales and "Difference" not in closed, f"cards add up to the sales: {sums}, {sales}")
        suite.true("EOD &#60;1&#62;" in closed or "EOD &lt;1&gt;" in closed, "its name as text")
        rows = table(browser, "/dashboard/exports/batches/download?status=closed")
        mine = next(row for row in rows if row["id"] == path.rsplit("/", 1)[1])
        suite.equal((int(mine["sales_count"]), mine["reference"]), (sales, "EOD <1>"), "the batch in the file")


def table(browser: Window, path: str) -> list[dict[str, str]]:
    """A downloaded file, read by Python's reader."""
    answer = browser.ask("GET", path)
    assert answer.status == 200, f"{path}: {answer.status} {answer.body[:200]!r}"
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8"), answer.headers
    assert re.search(r'attachment; filename="\w+-test-[\d-]+\.csv"', answer.headers["content-disposition"]), answer.headers
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


def files(browser: Window, api: Client) -> None:
    with suite.group("a file is what the list shows, and a spreadsheet calculates nothing in it"):
        made = {}
        for word in FORMULAS:
            one = paid(api, 1234, description=word, metadata={"note": word})
            made[one["id"]] = word
        rows = {row["id"]: row for row in table(browser, "/dashboard/exports/payments/download?least=12.34&most=12.34")}
        suite.equal(set(rows), set(made), "the filters of the list hold in the file")
        for id, word in made.items():
            cell = rows[id]["description"]
            suite.true(not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")), f"{word!r} is no formula: {cell!r}")
            suite.equal(cell[1:] if cell.startswith("'") else cell, word, f"{word!r} is not lost")
        row = next(iter(rows.values()))
        suite.equal((row["amount"], row["amount_minor"], row["currency"], row["status"]), ("12.34", "1234", "EUR", "completed"), "amounts twice")
        suite.true(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["created_at"]), f"times: {row['created_at']}")
        refunds = table(browser, "/dashboard/exports/refunds/download")
        known = {refund["id"] for refund in api.get("/v1/refunds", limit=100).json()["data"]}
        suite.equal({refund["id"] for refund in refunds}, known, "every refund")
        page = browser.page("/dashboard/exports/payments", least="12.34", most="12.34")
        suite.true(f"{len(FORMULAS)} rows" in text(page) and "least=12.34" in page, "the page counts the rows first")
        suite.equal(browser.ask("GET", "/dashboard/exports/secrets").status, 404, "there is no such file")


def multiply(api: Client, many: int) -> None:
    """So many payments of a terminal that there is not: copies of one, beside it in the database, as the API would take a minute."""
    had = len(api.every_payment(terminalId="term_none"))
    with contextlib.closing(sqlite3.connect(dev.data / "vinr.db", timeout=30, isolation_level=None)) as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(payments)")]
        given = store.execute("SELECT * FROM payments WHERE terminal = 'term_none' ORDER BY id DESC LIMIT 1").fetchone()
        place = columns.index("id")
        first = int.from_bytes(given[place], "big") + 1
        rows = ([*given[:place], (first + n).to_bytes(16, "big"), *given[place + 1 :]] for n in range(many - had))
        store.execute("BEGIN IMMEDIATE")
        store.executemany(f"INSERT INTO payments VALUES ({','.join('?' * len(columns))})", rows)
        store.execute("COMMIT")


def streamed(browser: Window, api: Client) -> None:
    with suite.group(f"a file of {MANY} rows is streamed; whoever goes away ends it; only so many run at a time"):
        multiply(api, MANY)
        path = "/dashboard/exports/payments/download?terminal=term_none&export="
        open_ones = []
        for number in range(3):
            one = http.client.HTTPConnection(api.host, api.port, timeout=60)
            one.request("GET", f"{path}slow-{number}", headers={"Cookie": browser.cookie})
            answer = one.getresponse()
            suite.equal((answer.status, answer.headers.get("Content-Length")), (200, None), "a stream without an end in sight")
            answer.read(1000)
            open_ones.append((one, answer))
        suite.equal(browser.ask("GET", f"{path}refused").status, 429, "a fourth at the same time")
        for one, answer in open_ones:
            answer.close()
            one.close()
        done = until(lambda: (got := browser.ask("GET", f"{path}whole")) and got.status == 200 and got, "those that were left have ended")
        rows = list(csv.DictReader(io.StringIO(done.body.decode(), newline="")))
        suite.true(len(rows) == MANY and len({row["id"] for row in rows}) == MANY, f"every row once: {len(rows)}")
        told = browser.ask("GET", "/dashboard/exports/whole/progress")
        suite.true(f"event: complete\ndata: {MANY}" in told.body.decode(), f"its progress: {told.body[-80:]!r}")
        told = browser.ask("GET", "/dashboard/exports/slow-0/progress").body.decode()
        count = int(re.search(r"event: ended\ndata: (\d+)", told).group(1))
        suite.true(count < MANY, f"the one that was left stopped at {count}")


dev = Dev()
api = Client(dev.api, dev.key)
browser = Window(dev)
filters(browser, api)
days(browser, api)
moments(browser, api)
acts(browser, api)
files(browser, api)
batches(browser, api)
pages(browser, api)
streamed(browser, api)
suite.finish()
