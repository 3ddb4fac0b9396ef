"""The pages of one terminal and of locations, as a browser without a script uses them: what the documents say is found under
that name, keys and certificates open real terminals, and what is configured arrives on them."""
from __future__ import annotations

import base64
import html
import http.client
import json
import pathlib
import re
import ssl
import time
import urllib.parse
from typing import Callable, Optional

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from rig.checks import Suite, until
from rig.client import Answer, Client
from rig.lan import Lan, context
from rig.processes import Dev, Terminal, directory, free_port
from rig.visitor import Browser, entered, joined

suite = Suite("66_terminal_pages", within_s=180)
dev = Dev("--external", "term_away", "--pace-ms", "40", ports=(0, 0, free_port()))
api = Client(dev.api, dev.key)
owner = entered(dev)
HERE = f"/dashboard/terminals/{dev.terminal}"
LOCAL, CA = dev.ready["local"], dev.ready["caBundle"]
FILES = directory()


def words(page: str) -> str:
    """What a person reads."""
    page = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def row_of(page: str, name: str) -> str:
    """The row of a table that has this in it."""
    found = [row for row in re.findall(r"<tr>.*?</tr>", page, re.S) if name in words(row)]
    assert found, f"no row with {name!r} in {words(page)[:600]}"
    return words(found[0])


def link(page: str, name: str) -> str:
    """Where the link of this name leads."""
    found = [href for href, text in re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', page, re.S) if words(text) == name]
    assert found, f"no link {name!r}"
    return html.unescape(found[0])


def press(page: str, action: str, button_name: str, **fields: str) -> Answer:
    """Presses the button of this name in the form with this action."""
    forms = [form for form in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in form]
    for form in forms:
        for attributes, text in re.findall(r"<button ([^>]*)>(.*?)</button>", form, re.S):
            if words(text) == button_name:
                said = dict(re.findall(r'(name|value)="([^"]*)"', attributes))
                button = {said["name"]: said["value"]} if "name" in said else {}
                hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
                return owner.ask("POST", action, urllib.parse.urlencode({**hidden, **button, **fields}))
    raise AssertionError(f"no button {button_name!r} for {action} in {words(page)[:300]}")


def settings(page: str) -> dict[str, list[str]]:
    """What the form of the settings has in its fields."""
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.S) if 'class="settings"' in form)
    got: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if said.get("type") != "checkbox" or "checked" in tag:
            got.setdefault(said["name"], []).append(html.unescape(said.get("value", "")))
    for name, options in re.findall(r'<select [^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        got[name] = [chosen.group(1) if chosen else ""]
    return got


def save(path: str, **changes: Optional[str]) -> Answer:
    """Sends the settings of the page with these changes; a name's `__` is a bracket."""
    fields = settings(owner.page(path))
    for name, value in changes.items():
        own, _, key = name.rpartition("own_")
        section, word = key.split("__")
        field = f"own:{section}[{word}]" if name.startswith("own_") else f"{section}[{word}]"
        fields[field] = [] if value is None else value.split("|")
    pairs = [(name, value) for name, values in fields.items() for value in values]
    return owner.ask("POST", path, urllib.parse.urlencode(pairs))


def by_name() -> None:
    with suite.group("every way that a document names leads there"):
        overview = owner.page("/dashboard")
        suite.true("Hardware" in words(overview) and "Developers" in words(overview), "the menu has these parts")
        fleet = owner.page(link(overview, "Terminals"))
        device = owner.page(link(fleet, dev.terminal))
        suite.true("SIM-" in words(device) and "Simulator" in words(device), "overview")
        network = words(owner.page(link(device, "Network")))
        suite.true("MAC address" in network and "127.0.0.1" in network and ".local" in network, f"network: {network[:400]}")
        suite.true("Disable Local mode" in words(owner.page(link(device, "Connectivity"))), "Connectivity → Local mode")
        suite.true("Generate client certificate" in words(owner.page(link(device, "Local API"))), "Local API")
        integrations = words(owner.page(link(device, "Integrations")))
        suite.true("Cashless API" in integrations and "Regenerate" in integrations, "Integrations → Cashless API")
        suite.true("Offline payments" in words(owner.page(link(device, "Configuration"))), "Configuration")
        suite.equal(owner.get("/dashboard/terminals/term_nobody/network").status, 404, "a terminal that is not there")


def found() -> None:
    with suite.group("terminals are found by name, id, serial number, status, place and model, page by page"):
        shop = api.post("/v1/locations", {"displayName": "Harbour"}).json()["id"]
        made = [api.post("/v1/test/terminals", {"displayName": f"Lane {n}", "model": "nexgo_n92", "locationId": shop}) for n in range(26)]
        suite.true(all(one.status == 200 for one in made), f"made: {made[0].body[:200]!r}")
        ids = [one.json()["id"] for one in made]

        def listed(query: str) -> list[str]:
            return re.findall(r'<td><a href="/dashboard/terminals/([^"/]+)">', owner.page(f"/dashboard/terminals?{query}"))

        suite.equal(listed("q=lane+13"), [ids[13]], "by name, in whatever case")
        suite.equal(listed(f"q={ids[3]}"), [ids[3]], "by id")
        suite.equal(listed(f"q={made[5].json()['serialNumber']}"), [ids[5]], "by serial number")
        suite.equal(listed("q=nobody+has+this"), [], "nothing")
        suite.true(dev.terminal not in listed(f"location={shop}"), "by place")
        suite.true("term_away" in listed("status=offline") and dev.terminal not in listed("status=offline"), "by status")
        suite.equal(set(listed("model=simulator")), {dev.terminal, "term_away"}, "by model")
        first = owner.page(f"/dashboard/terminals?model=nexgo_n92&location={shop}")
        second = owner.page(link(first, "Older"))
        again = owner.page(link(second, "Newer"))
        there = [re.findall(r'<td><a href="/dashboard/terminals/([^"/]+)">', page) for page in (first, second, again)]
        suite.equal([len(page) for page in there], [25, 1, 25], "two pages, with the same filter")
        suite.equal(sorted(there[0] + there[1]), sorted(ids), "everybody once")
        suite.equal(there[2], there[0], "and back")
        suite.true("Harbour" in row_of(first, "Lane 25"), "its place is named")


def named() -> None:
    with suite.group("a terminal is renamed and moved; what cannot be is said at the field"):
        shop = api.post("/v1/locations", {"displayName": "Quay"}).json()["id"]
        page = owner.page(HERE)
        suite.equal(owner.submit(page, HERE, displayName="Bar", locationId=shop).status, 303, "saved")
        view = api.get(f"/v1/terminals/{dev.terminal}").json()
        suite.equal((view["displayName"], view["locationId"]), ("Bar", shop), "as the API sees it")
        suite.true("Quay" in words(owner.page(HERE)), "and the page")
        long = owner.submit(owner.page(HERE), HERE, displayName="x" * 101, locationId=shop)
        said = long.body.decode()
        suite.equal(long.status, 400, "too long a name")
        suite.true("x" * 101 in said and 'class="amiss"' in said and 'aria-invalid="true"' in said, "shown again, with what is wrong")
        stray = owner.submit(owner.page(HERE), HERE, displayName="Bar", locationId="loc_nobody")
        suite.true(stray.status == 400 and b"amiss" in stray.body, f"a place that is not there: {stray.status}")
        owner.submit(owner.page(HERE), HERE, displayName="Counter", locationId="none")
        suite.equal(api.get(f"/v1/terminals/{dev.terminal}").json()["locationId"], None, "taken away again")


def reachable(tls: ssl.SSLContext) -> Callable[[], bool]:
    def ask() -> bool:
        try:
            return Lan(LOCAL, tls).get("/v1/terminal/payments").status == 200
        except (OSError, http.client.HTTPException):
            return False
    return ask


def local_mode() -> None:
    with suite.group("Local mode: off and on, and how far the device is"):
        tls = context(CA, dev.ready["clientCert"], dev.ready["clientKey"])
        suite.true(reachable(tls)(), "the till is answered")
        path = f"{HERE}/connectivity"
        suite.equal(press(owner.page(path), f"{path}/local-mode", "Disable Local mode").status, 303, "off")
        until(lambda: "Off set for this terminal" in words(owner.page(path)) and "in force" in words(owner.page(path)), "in force", 20)
        until(lambda: not reachable(tls)(), "nobody is answered", 20)
        suite.equal(press(owner.page(path), f"{path}/local-mode", "Enable Local mode").status, 303, "on")
        until(reachable(tls), "the till is answered again", 20)
        suite.true("On set for this terminal" in words(owner.page(path)), "it says so, and who")
        away = "/dashboard/terminals/term_away/connectivity"
        suite.equal(press(owner.page(away), f"{away}/local-mode", "Enable Local mode").status, 303, "one that is away")
        until(lambda: "as soon as it is connected" in words(owner.page(away)), "it waits", 10)
        suite.equal(press(owner.page(away), f"{away}/local-mode", "Let the location decide").status, 303, "inherit")
        until(lambda: "Off the model's default" in words(owner.page(away)), "nobody says anything", 10)
        wrong = owner.submit(owner.page(away), f"{away}/local-mode", open="perhaps")
        suite.equal(wrong.status, 400, "neither on nor off")


def certificates() -> None:
    with suite.group("a client certificate: made, told once, used, revoked"):
        path = f"{HERE}/local-api"
        page = owner.page(path)
        token = re.findall(r'<input type="hidden" name="(?:form_token|once)" value="([^"]+)"', page)[-1]
        made = press(page, path, "Generate client certificate", name="Till <3>")
        shown = made.body.decode()
        suite.equal(made.status, 200, f"{made.body[:200]!r}")
        passphrase = re.search(r'id="passphrase">([^<]+)<', shown)
        suite.true(passphrase and token, "the passphrase is shown")
        again = press(page, path, "Generate client certificate", name="Till <3>")
        suite.true(again.status == 200 and b'id="passphrase"' not in again.body and b"was made before" in again.body, "a reload tells nothing")
        suite.true("Till <3>" in words(owner.page(path)) and "passphrase\"" not in owner.page(path), "the list has it, and no key")
        action = f"{path}/download"
        files = [form for form in re.findall(r"<form.*?</form>", shown, re.S) if f'action="{action}"' in form]
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', files[0]))
        bundle = owner.ask("POST", action, urllib.parse.urlencode(hidden))
        suite.equal(bundle.headers.get("content-type"), "application/x-pkcs12", "a file")
        suite.equal(bundle.headers.get("cache-control"), "no-store", "that nobody keeps")
        suite.true(re.fullmatch(r'attachment; filename="[\w-]+\.p12"', bundle.headers.get("content-disposition", "")), "with a name")
        suite.equal(bundle.body, base64.b64decode(hidden["pkcs12"]), "byte for byte")
        assert passphrase
        key, certificate, _ = pkcs12.load_key_and_certificates(bundle.body, html.unescape(passphrase.group(1)).encode())
        assert key and certificate
        till = FILES / "till.pem"
        till.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM))
        paid = pay(till)
        suite.equal((paid.status, paid.json().get("status")), (200, "completed"), f"a payment with it: {paid.body[:200]!r}")
        text = re.search(r'<textarea name="pem"[^>]*>(.*?)</textarea>', files[1], re.S)
        assert text
        fields = {**dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', files[1])), "pem": html.unescape(text.group(1))}
        pem = FILES / "other.pem"
        pem.write_bytes(owner.ask("POST", action, urllib.parse.urlencode(fields).replace("%0A", "%0D%0A")).body)
        suite.equal(pay(pem).json().get("status"), "completed", "and with the PEM of the same key")
        serial = f"{certificate.serial_number:x}"
        row = next(row for row in re.findall(r"<tr>.*?</tr>", owner.page(path), re.S) if serial in row)
        revoke = re.search(r'action="([^"]+/revoke)"', row)
        assert revoke
        suite.equal(owner.submit(owner.page(path), revoke.group(1)).status, 303, "revoked")
        until(lambda: pay(till).status == 403, "the till is refused", 10)
        suite.equal(pay(till).error().get("code"), "certificate_revoked", "and told why")
        suite.true("revoked" in row_of(owner.page(path), serial), "the list says so")
        suite.equal(press(owner.page(path), path, "Generate client certificate", name="x" * 101).status, 400, "too long a name")


def pay(pem: pathlib.Path) -> Answer:
    return Lan(LOCAL, context(CA, str(pem))).post("/v1/pay", {"terminalId": dev.terminal, "amount": 900, "currency": "USD"})


def shared_key() -> None:
    with suite.group("the shared key of the Cashless API: shown once, the old one dead at once"):
        path, base = f"{HERE}/integrations", dev.ready["cashless"].removesuffix("/cashless/v1")

        def sale(key: str, reference: str) -> Answer:
            body = {"amount": 500, "currency": "USD", "reference": reference}
            return Lan(base, context(CA)).post("/cashless/v1/sale", body, X_VINR_Cashless_Key=key)

        old = dev.ready["cashlessKey"]
        suite.equal(sale(old, "POS-1").json().get("status"), "approved", "the key of the sandbox")
        page = owner.page(path)
        shown = press(page, path, "Regenerate")
        secret = re.search(r'id="shared-key">(ck_test_[^<]+)<', shown.body.decode())
        assert secret, f"no key: {words(shown.body.decode())[:500]}"
        again = press(page, path, "Regenerate")
        suite.true(secret.group(1).encode() not in again.body and b"ck_test_" not in re.sub(rb"ck_test_\S*\xe2\x80\xa6", b"", again.body), "a reload tells nothing")
        suite.true(secret.group(1) not in owner.page(path), "nor does the page")
        until(lambda: sale(old, "POS-2").status == 401, "the old key is dead", 10)
        suite.equal(sale(secret.group(1), "POS-3").json().get("status"), "approved", "a sale with the new one")
        suite.equal(press(owner.page(path), f"{path}/key/end", "End the key").status, 303, "ended")
        until(lambda: sale(secret.group(1), "POS-4").status == 401, "nobody is let in", 10)
        suite.true("There is no key" in words(owner.page(path)) and "Generate shared key" in words(owner.page(path)), "the page says so")
        suite.equal(press(owner.page(path), f"{path}/cashless", "Turn the Cashless API off").status, 303, "off")
        until(lambda: "Off set for this terminal" in words(owner.page(path)) and "in force" in words(owner.page(path)), "in force", 20)


def one_configured() -> None:
    with suite.group("one terminal is configured: what holds, who says so, what cannot be"):
        path = f"{HERE}/configuration"
        done = save(path, tip__mode="percentage", own_tip__suggestions="own", tip__suggestions="10, 15, 20", offlineMode__maxQueue="7",
                    own_receipt__channels="own", receipt__channels="print|email", offlineMode__maxAgeSeconds="90")
        suite.equal(done.status, 303, f"saved: {words(done.body.decode())[:300]}")
        config = api.get(f"/v1/terminals/{dev.terminal}/effective-config").json()["config"]
        suite.equal(config["tip"]["suggestions"], {"value": [10, 15, 20], "source": "terminal"}, "suggestions")
        suite.equal(config["receipt"]["channels"]["value"], ["print", "email"], "channels")
        suite.equal(config["offlineMode"]["maxAgeSeconds"]["value"], 5_400, "90 minutes")
        until(lambda: "applied" in words(owner.page(path)), "the device has it", 10)
        page = words(owner.page(path))
        suite.true("10 %, 15 %, 20 % set for this terminal" in page and "the model's default" in page, "the page says what holds and why")
        for changes, what in (
            ({"own_tip__suggestions": "own", "tip__suggestions": "10, 500"}, "10, 500"),
            ({"offlineMode__maxAmount": "fifty"}, "fifty"),
            ({"offlineMode__maxQueue": "0"}, "whole number"),
            ({"display__idleMessage": "typed, not chosen"}, "typed, not chosen"),
            ({"own_display__idleMessage": "own", "display__idleMessage": "y" * 61}, "60 characters"),
        ):
            wrong = save(path, **changes)
            shown = wrong.body.decode()
            suite.true(wrong.status == 400 and what in html.unescape(shown) and 'class="amiss"' in shown, f"{changes}: {wrong.status}")
        suite.equal(api.get(f"/v1/terminals/{dev.terminal}/effective-config").json()["config"], config, "nothing was changed")
        suite.equal(save(path, own_tip__suggestions="", offlineMode__maxQueue=None).status, 303, "back to inherit")
        config = api.get(f"/v1/terminals/{dev.terminal}/effective-config").json()["config"]
        suite.equal((config["tip"]["suggestions"]["source"], config["receipt"]["channels"]["source"]), ("model_default", "terminal"), "only these")


def bulk() -> None:
    with suite.group("a location is configured at once, and how far each terminal is"):
        place = api.post("/v1/locations", {"displayName": "Arena"}).json()["id"]
        lanes = [api.post("/v1/test/terminals", {"displayName": f"Gate {n}", "locationId": place}).json()["id"] for n in range(3)]
        api.post("/v1/terminals/term_away", {"locationId": place, "displayName": "Spare"})
        path = f"/dashboard/locations/{place}/configuration"
        until(lambda: all(api.get(f"/v1/terminals/{lane}").json()["status"] == "online" for lane in lanes), "they are there", 20)
        live = Live(owner)
        suite.equal(save(path, own_display__idleMessage="own", display__idleMessage="Match day").status, 303, "saved")
        suite.true(live.hears("terminal.configuration", 10), "whoever watches hears that something came further")
        until(lambda: all("applied" in row_of(owner.page(path), f"Gate {n}") for n in range(3)), "each has applied it", 20)
        suite.true("as soon as it is connected" in row_of(owner.page(path), "Spare"), "one is away")
        for lane in lanes:
            said = api.get(f"/v1/terminals/{lane}/effective-config").json()
            suite.equal(said["config"]["display"]["idleMessage"], {"value": "Match day", "source": "location"}, lane)
        suite.true("“Match day” (from its location)" in words(owner.page(f"/dashboard/terminals/{lanes[0]}/configuration")), "inherited")
        suite.equal(save("/dashboard/configuration", tip__allowCustom="true").status, 303, "the account")
        until(lambda: "On (from the account)" in words(owner.page(path)), "what the location inherits", 10)
        until(lambda: api.get(f"/v1/terminals/{lanes[1]}/effective-config").json()["status"] == "in_sync", "and its terminals have it", 20)
        kept = api.get(f"/v1/locations/{place}/terminal-config").json()
        suite.equal(kept, {"display": {"idleMessage": "Match day"}}, "the location says what it said")


class Live:
    """The stream of a page that is open."""

    def __init__(self, browser: Browser) -> None:
        parts = urllib.parse.urlsplit(browser.base)
        assert parts.hostname
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
        self.connection.request("GET", "/dashboard/live", headers={"Cookie": browser.cookie or ""})
        self.answer = self.connection.getresponse()

    def hears(self, kind: str, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        try:
            while time.monotonic() < deadline:
                if self.answer.readline().decode().strip() == f"data: {kind}":
                    return True
        except TimeoutError:
            pass
        finally:
            self.connection.close()
        return False


def places() -> None:
    with suite.group("a location: what is wrong is said at its field, and nothing typed is lost"):
        path = "/dashboard/locations"
        wrong = owner.submit(owner.page(path), path, displayName="Pier", country="Deutschland", city="Kiel", endOfDay="late")
        shown = wrong.body.decode()
        suite.true(wrong.status == 400 and 'value="Kiel"' in shown and 'value="Pier"' in shown and 'class="amiss"' in shown, f"{wrong.status}")
        suite.equal(owner.submit(owner.page(path), path, displayName="Pier", city="Kiel", country="de", timeZone="Europe/Berlin").status, 303, "made")
        here = link(owner.page(path), "Pier")
        suite.true("DE" in owner.page(here) and "Europe/Berlin" in owner.page(here), "as it was typed")
        suite.equal(owner.submit(owner.page(here), f"{here}/delete").status, 303, "deleted")
        suite.equal(owner.get(here).status, 404, "gone")


def roles() -> None:
    with suite.group("whoever only looks is shown no buttons and can press none"):
        viewer = joined(dev, owner, "viewer", "Vic")
        token = re.search(r'name="form_token" value="([^"]+)"', viewer.page("/dashboard"))
        assert token
        for panel in ("", "/network", "/connectivity", "/local-api", "/integrations", "/configuration"):
            page = viewer.page(HERE + panel)
            inside = page[page.index("<main"):]
            suite.true("<button" not in inside, f"a button for a viewer on {panel or 'the overview'}")
        for action in ("", "/connectivity/local-mode", "/connectivity/open-wire", "/local-api", "/local-api/download", "/integrations/cashless",
                       "/integrations", "/integrations/key/end", "/configuration", "/local-api/x/revoke"):
            answer = viewer.ask("POST", HERE + action, f"form_token={token.group(1)}&open=on&pem=x")
            suite.equal(answer.status, 403, f"a viewer does {action}")
        suite.equal(viewer.get("/dashboard/configuration").status, 403, "the account's configuration")


def told() -> None:
    with suite.group("what was set while a device was away arrives; a device tells where it is"):
        path = "/dashboard/terminals/term_away"
        save(f"{path}/configuration", own_display__idleMessage="own", display__idleMessage="Back soon")
        suite.true("as soon as it is connected" in words(owner.page(f"{path}/configuration")), "it waits")
        device = Terminal(dev.data / "terminals" / "term_away", "--listen", f"127.0.0.1:{free_port()}", "--announce", "off")
        until(lambda: "applied" in words(owner.page(f"{path}/configuration")), "it has it", 20)
        suite.true("127.0.0.1" in words(owner.page(f"{path}/network")), "where it is")
        suite.equal(device.stop(), 0, "it ends")
        until(lambda: "Connected no" in words(owner.page(f"{path}/network")), "the page knows", 20)
        suite.true("127.0.0.1" in words(owner.page(f"{path}/network")), "and where it was")
        # One that pretends to be a handheld has the network card of this machine, if that has one.
        lane = api.get("/v1/terminals", model="nexgo_n92", limit=1).json()["data"][0]["id"]
        cards = {file.read_text().strip() for file in pathlib.Path("/sys/class/net").glob("*/address")} - {"", "00:00:00:00:00:00"}
        network = words(owner.page(f"/dashboard/terminals/{lane}/network"))
        suite.true(not cards or any(card in network for card in cards), f"one of {cards}: {network[-600:]}")


def out_of_service() -> None:
    with suite.group("a terminal that is out of service is looked at and no longer changed"):
        suite.equal(api.post("/v1/terminals/term_away/deactivate", {}).status, 200, "taken out of service")
        for panel in ("", "/network", "/connectivity", "/local-api", "/integrations", "/configuration"):
            page = owner.page(f"/dashboard/terminals/term_away{panel}")
            suite.true("<button" not in page[page.index("<main"):], f"a button on {panel or 'the overview'}")
        suite.true("deactivated" in words(owner.page("/dashboard/terminals?status=deactivated")), "the list has it")


def languages() -> None:
    with suite.group("in the reader's language"):
        for tag, name in (("de-CH", "Konnektivität"), ("fr-CH", "Connectivité"), ("it-CH", "Connettività")):
            page = owner.ask("GET", f"{HERE}/connectivity", None, **{"Accept-Language": tag}).body.decode()
            suite.true(name in words(page) and "Enable Local mode" not in page and "Disable Local mode" not in page, tag)


by_name()
found()
named()
local_mode()
certificates()
shared_key()
one_configured()
bulk()
places()
roles()
told()
out_of_service()
languages()
suite.finish()
