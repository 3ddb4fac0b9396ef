"""Every call of the terminals reference, made with the real curl, compared field by field against the real binary; and
what stands beside it: presence, lists, locations, models, terminals on demand."""
from __future__ import annotations

import json
import time
from typing import Any, Mapping

from rig import shapes
from rig.checks import Suite, until
from rig.client import Answer, Client
from rig.curl import Curl
from rig.processes import Dev, Terminal
from rig.shapes import OLD

COUNTER = "term_outside_counter"
STATUSES = {"online", "offline", "needs_attention", "deactivated"}
#: The fields of the page, in its order.
DOCUMENTED = ("id", "model", "serialNumber", "status", "locationId", "softwareVersion", "lastSeen", "batteryLevel", "createdAt")

suite = Suite("15_terminals", within_s=300)
curl = Curl()
dev = Dev("--external", COUNTER, "--pace-ms", "50")
terminals = f"{dev.api}/v1/terminals"
api_key = ("-H", f"X-Api-Key: {dev.key}")
client = Client(dev.api, dev.key)


def form(**fields: Any) -> tuple[str, ...]:
    return tuple(part for name, value in fields.items() for part in ("-d", f"{name}={value}"))


def as_json(body: Mapping[str, Any]) -> tuple[str, ...]:
    return ("-H", "Content-Type: application/json", "-d", json.dumps(body))


def answered(got: Answer, what: str, status: int = 200) -> dict[str, Any]:
    """What every success has beside its body."""
    suite.equal(got.status, status, f"{what}: status ({got.body[:300]!r})")
    suite.equal(got.headers.get("content-type"), "application/json", f"{what}: Content-Type")
    suite.equal(got.headers.get("vinr-version"), OLD, f"{what}: Vinr-Version")
    suite.true(got.headers.get("x-request-id", "").startswith("req_"), f"{what}: X-Request-Id")
    body: dict[str, Any] = got.json()
    return body


def refused(got: Answer, status: int, code: str, param: str | None, what: str) -> None:
    suite.equal(got.status, status, f"{what}: status ({got.body[:300]!r})")
    suite.equal(got.error().get("code"), code, f"{what}: code")
    suite.equal(got.error().get("param"), param, f"{what}: param")
    suite.equal(got.error().get("money_may_have_moved"), False, f"{what}: money_may_have_moved")


def is_terminal(body: Mapping[str, Any], what: str, **want: Any) -> None:
    """The object of the page: its nine fields, of their types, and what was added."""
    for field in DOCUMENTED:
        suite.true(field in body, f"{what}: {field} is missing")
    suite.equal(body.get("object"), "terminal", f"{what}: object")
    suite.true(shapes.text(r"term_[0-9A-Za-z_-]+")(body["id"]), f"{what}: id {body['id']!r}")
    suite.true(body["status"] in STATUSES, f"{what}: status {body['status']!r}")
    for field in ("model", "serialNumber"):
        suite.true(isinstance(body[field], str) and body[field], f"{what}: {field} {body[field]!r}")
    for field in ("softwareVersion", "locationId", "displayName"):
        suite.true(body[field] is None or isinstance(body[field], str), f"{what}: {field} {body[field]!r}")
    suite.true(shapes.unix_seconds(body["createdAt"]), f"{what}: createdAt {body['createdAt']!r}")
    suite.true(body["lastSeen"] is None or shapes.unix_seconds(body["lastSeen"]), f"{what}: lastSeen {body['lastSeen']!r}")
    level = body["batteryLevel"]
    suite.true(level is None or (shapes.whole()(level) and level <= 100), f"{what}: batteryLevel {level!r}")
    suite.equal(body["livemode"], False, f"{what}: livemode")
    suite.true(isinstance(body["attention"], list) and isinstance(body["locked"], bool), f"{what}: attention, locked")
    for field, value in want.items():
        suite.equal(body.get(field), value, f"{what}: {field}")


def shown(id: str) -> dict[str, Any]:
    got = client.get(f"/v1/terminals/{id}")
    assert got.status == 200, got
    body: dict[str, Any] = got.json()
    return body


def location(name: str) -> str:
    made = answered(curl("-X", "POST", f"{dev.api}/v1/locations", *api_key, *form(displayName=name)), f"location {name}")
    id: str = made["id"]
    return id


def locations() -> None:
    with suite.group("locations: create, retrieve, update, list, delete"):
        body = {
            "displayName": "Acme Coffee", "timeZone": "Europe/Berlin", "endOfDay": "23:30",
            "address": {"line1": "Hauptstr. 1", "city": "Köln", "postalCode": "50667", "country": "de"},
            "metadata": {"branch": "7"},
        }
        made = answered(curl(f"{dev.api}/v1/locations", *api_key, *as_json(body)), "create")
        suite.equal(made["object"], "location", "object")
        suite.true(shapes.text(r"loc_[0-9A-Za-z]+")(made["id"]), f"id {made['id']!r}")
        address = {**body["address"], "line2": None, "country": "DE"}
        suite.equal({**made, "address": None}["displayName"], "Acme Coffee", "displayName")
        suite.equal(made["address"], {key: address.get(key) for key in made["address"]}, "address")
        for field in ("timeZone", "endOfDay", "metadata"):
            suite.equal(made[field], body[field], field)
        path = f"{dev.api}/v1/locations/{made['id']}"
        suite.equal(answered(curl(path, *api_key), "retrieve"), made, "retrieve is what create said")
        changed = answered(curl("-X", "POST", path, *api_key, *form(endOfDay="22:00")), "update")
        suite.equal(changed, {**made, "endOfDay": "22:00"}, "only what was included has changed")
        page = answered(curl(f"{dev.api}/v1/locations?limit=1", *api_key), "list")
        suite.equal((page["object"], page["data"], page["has_more"]), ("list", [changed], True), "page")
        gone = answered(curl("-X", "DELETE", path, *api_key), "delete")
        suite.equal(gone, {"id": made["id"], "object": "location", "deleted": True}, "deleted")
        refused(curl(path, *api_key), 404, "not_found", "id", "retrieve after delete")
    with suite.group("locations: what is refused, and for which field"):
        wrong = [
            ({}, "parameter_missing", "displayName"),
            ({"displayName": "A", "timeZone": "Mars/Olympus"}, "parameter_invalid", "timeZone"),
            ({"displayName": "A", "endOfDay": "24:00"}, "parameter_invalid", "endOfDay"),
            ({"displayName": "A", "address": {"country": "Germany"}}, "parameter_invalid", "address[country]"),
            ({"displayName": "A", "colour": "red"}, "parameter_unknown", "colour"),
        ]
        for body, code, param in wrong:
            refused(curl(f"{dev.api}/v1/locations", *api_key, *as_json(body)), 400, code, param, str(body))


def retrieve_and_update() -> None:
    with suite.group("retrieve a terminal"):
        body = answered(curl(f"{terminals}/{dev.terminal}", *api_key), "retrieve")
        is_terminal(body, "retrieve", id=dev.terminal, status="online", model="simulator")
        suite.true(time.time() - 90 < body["lastSeen"] <= time.time() + 1, f"lastSeen {body['lastSeen']} is not the present")
        refused(curl(f"{terminals}/term_3Nx8", *api_key), 404, "not_found", "id", "one that is not there")
    with suite.group("update a terminal: the page's curl, and only what is included"):
        there = location("Second Street")
        call = (f"{terminals}/{dev.terminal}", *api_key, "-d", f"locationId={there}", "-d", "displayName=Counter 3")
        body = answered(curl("-X", "POST", *call), "update")
        is_terminal(body, "update", locationId=there, displayName="Counter 3", status="online")
        body = answered(curl("-X", "POST", f"{terminals}/{dev.terminal}", *api_key, *form(displayName="Till")), "name")
        is_terminal(body, "name", locationId=there, displayName="Till")
        got = curl("-X", "POST", f"{terminals}/{dev.terminal}", *api_key, *form(locationId="loc_2Qr9"))
        refused(got, 400, "parameter_invalid", "locationId", "a location that is not there")
        got = curl("-X", "DELETE", f"{dev.api}/v1/locations/{there}", *api_key)
        refused(got, 409, "location_in_use", None, "delete while a terminal stands there")


def lists() -> None:
    with suite.group("list terminals: the page's curl"):
        there = shown(dev.terminal)["locationId"]
        page = answered(curl(f"{terminals}?locationId={there}&status=online&limit=10", *api_key), "list")
        suite.equal(set(page), {"object", "data", "has_more"}, "fields of a list")
        suite.equal((page["object"], page["has_more"]), ("list", False), "list")
        suite.equal([one["id"] for one in page["data"]], [dev.terminal], "the one terminal there")
        is_terminal(page["data"][0], "in a list", status="online", locationId=there)
    with suite.group("list terminals: pages and filters"):
        everyone = [one["id"] for one in answered(curl(f"{terminals}?limit=100", *api_key), "all")["data"]]
        suite.equal(set(everyone), {dev.terminal, COUNTER}, "all")
        first = answered(curl(f"{terminals}?limit=1", *api_key), "first")
        suite.equal(([one["id"] for one in first["data"]], first["has_more"]), (everyone[:1], True), "first page")
        second = answered(curl(f"{terminals}?limit=1&starting_after={everyone[0]}", *api_key), "second")
        suite.equal(([one["id"] for one in second["data"]], second["has_more"]), (everyone[1:], False), "second page")
        back = answered(curl(f"{terminals}?ending_before={everyone[1]}", *api_key), "back")
        suite.equal([one["id"] for one in back["data"]], everyone[:1], "and back")
        for query, param in [("status=busy", "status"), ("limit=0", "limit"), ("model=toaster", "model"), ("x=1", "x")]:
            code = "parameter_unknown" if param == "x" else "parameter_invalid"
            refused(curl(f"{terminals}?{query}", *api_key), 400, code, param, query)
    with suite.group("models"):
        models = {one["id"]: one for one in answered(curl(f"{dev.api}/v1/terminal-models", *api_key), "models")["data"]}
        for id, limit, queue in [("nexgo_ct20", 15000, 10), ("nexgo_ct20p", 15000, 10), ("nexgo_n92", 10000, 5), ("nexgo_n86pro", 10000, 5)]:
            suite.equal(models[id]["offline"], {"maxAmount": limit, "maxQueue": queue, "currency": "USD"}, id)
        suite.equal(models["ciontek_cm30"]["offline"], None, "ciontek_cm30")
        suite.equal({id for id, one in models.items() if one["printer"]} - {"simulator"}, {"nexgo_n92", "nexgo_ct20", "nexgo_ct20p"}, "printers")


def presence() -> None:
    with suite.group("presence: offline before, online while it runs, offline at once when it is gone"):
        before = shown(COUNTER)
        is_terminal(before, "before", status="offline", lastSeen=None)
        program = Terminal(dev.data / "terminals" / COUNTER)
        until(lambda: shown(COUNTER)["status"] == "online", "the terminal is online", 20)
        is_terminal(shown(COUNTER), "while", status="online")
        program.kill()
        began = time.monotonic()
        until(lambda: shown(COUNTER)["status"] == "offline", "the terminal is offline", 20)
        suite.true(time.monotonic() - began < 20, "a broken connection counts long before a minute is over")
        after = shown(COUNTER)
        suite.true(shapes.unix_seconds(after["lastSeen"]), f"lastSeen {after['lastSeen']!r}")
        figures = curl(f"{dev.api}/metrics").body.decode()
        suite.true('vinr_terminals{status="online"} 1' in figures, "the figures count those online")


def on_demand() -> None:
    with suite.group("terminals on demand: made, paid on, deleted"):
        once = ("-H", "Idempotency-Key: demand-1")
        call = ("-X", "POST", f"{dev.api}/v1/test/terminals", *api_key, *once, *form(model="nexgo_n92", displayName="Fair"))
        made = answered(curl(*call), "create")
        is_terminal(made, "create", status="online", model="nexgo_n92", displayName="Fair")
        again = curl(*call)
        suite.equal((again.headers.get("idempotent-replayed"), again.json()), ("true", made), "the same again")
        order = {"terminalId": made["id"], "amount": 500, "currency": "EUR", "responseMode": "sync"}
        paid = client.post("/v1/terminal/payments", order)
        suite.equal(paid.json().get("status"), "completed", f"a payment on it ({paid.body[:200]!r})")
        refused(curl("-X", "DELETE", f"{dev.api}/v1/test/terminals/{dev.terminal}", *api_key), 409, "terminal_in_use", None, "not made on demand")
        gone = answered(curl("-X", "DELETE", f"{dev.api}/v1/test/terminals/{made['id']}", *api_key), "delete")
        suite.equal(gone, {"id": made["id"], "object": "terminal", "deleted": True}, "deleted")
        refused(curl(f"{terminals}/{made['id']}", *api_key), 404, "not_found", "id", "retrieve after delete")


def configure() -> None:
    with suite.group("configure a terminal: the page's curl"):
        body = {
            "tip": {"mode": "percentage", "suggestions": [10, 15, 20]},
            "receipt": {"channels": ["print", "sms"], "requireConsent": True},
            "display": {"idleMessage": "Welcome to Acme Coffee"},
            "offlineMode": {"enabled": True, "maxAmount": 5000, "maxQueue": 50},
        }
        got = answered(curl("-X", "POST", f"{terminals}/{dev.terminal}/configure", *api_key, *as_json(body)), "configure")
        is_terminal(got, "configure", id=dev.terminal, status="online")
        unknown = curl("-X", "POST", f"{terminals}/{dev.terminal}/configure", *api_key, *as_json({"tips": {}}))
        refused(unknown, 400, "parameter_unknown", "tips", "a key that does not exist")
    with suite.group("configure a whole location: the page's curl"):
        there = shown(dev.terminal)["locationId"]
        body = {
            "tip": {"mode": "percentage", "suggestions": [10, 15, 20]},
            "receipt": {"channels": ["print"], "requireConsent": False},
            "display": {"idleMessage": "Welcome"},
            "offlineMode": {"enabled": True, "maxAmount": 5000, "maxQueue": 50},
        }
        path = f"{dev.api}/v1/locations/{there}/terminal-config"
        got = answered(curl("-X", "PUT", path, *api_key, *as_json(body)), "location")
        suite.true(got["id"] == there and isinstance(got.get("terminalConfig"), dict), f"the location with its template: {got}")
        terminal = f"{terminals}/{dev.terminal}/effective-config"
        until(lambda: curl(terminal, *api_key).json().get("status") == "in_sync", "the terminal has applied it", 10)


def actions() -> None:
    with suite.group("send a remote action: the page's curl"):
        before = int(time.time())
        path = f"{terminals}/{dev.terminal}/actions"
        got = answered(curl("-X", "POST", path, *api_key, "-d", "action=reboot"), "action")
        suite.true(shapes.text(r"tact_[0-9A-Za-z]+")(got["id"]), f"id {got['id']!r}")
        suite.equal((got["terminalId"], got["action"]), (dev.terminal, "reboot"), "what it is")
        suite.true(got["status"] in {"queued", "processing", "completed"}, f"status {got['status']!r}")
        suite.true(shapes.unix_seconds(got["createdAt"]) and got["createdAt"] >= before - 1, f"createdAt {got['createdAt']!r}")
        one = f"{path}/{got['id']}"
        until(lambda: curl(one, *api_key).json().get("status") == "completed", "the reboot is completed", 30)
        until(lambda: shown(dev.terminal)["status"] == "online", "the terminal is back", 20)
        wrong = curl("-X", "POST", path, *api_key, "-d", "action=explode")
        refused(wrong, 400, "parameter_invalid", "action", "an action that does not exist")
    with suite.group("a locked terminal is shown as locked"):
        path = f"{terminals}/{dev.terminal}/actions"
        for action, locked in [("lock", True), ("unlock", False)]:
            answered(curl("-X", "POST", path, *api_key, "-d", f"action={action}"), action)
            until(lambda: shown(dev.terminal)["locked"] is locked, f"{action} has arrived", 20)


def restart() -> None:
    """Ends the program and starts it on the same data."""
    global dev, client, terminals
    with suite.group("a restart keeps names, places and terminals on demand"):
        made = answered(curl("-X", "POST", f"{dev.api}/v1/test/terminals", *api_key, *form(displayName="Stays")), "create")
        named = shown(dev.terminal)
        data = dev.data
        dev.kill()
        dev = Dev("--external", COUNTER, "--pace-ms", "50", data=data)
        client, terminals = Client(dev.api, dev.key), f"{dev.api}/v1/terminals"
        until(lambda: shown(made["id"])["status"] == "online", "the terminal on demand is back", 20)
        again = shown(dev.terminal)
        for field in ("displayName", "locationId", "createdAt", "serialNumber"):
            suite.equal(again[field], named[field], field)
        suite.equal(shown(made["id"])["displayName"], "Stays", "its name")


locations()
retrieve_and_update()
lists()
presence()
on_demand()
configure()
actions()
restart()
suite.finish()
