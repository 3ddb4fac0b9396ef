"""Everything that is wrong with a request is answered in the documented form, and changes nothing: neither a payment nor
the issuer's ledger."""
from __future__ import annotations

import json
import uuid
from typing import Any, Iterator, NamedTuple, Optional

from rig import shapes
from rig.checks import Suite, until
from rig.client import FORM, PAYMENTS, Answer, Client, raw
from rig.ledger import Ledger
from rig.processes import Dev

LIMIT = 256 * 1024

suite = Suite("20_bad_input", within_s=240)
dev = Dev("--pace-ms", "0")
client = Client(dev.api, dev.key)
nobody = Client(dev.api, None)
ledger = Ledger(dev.data)
GOOD: dict[str, Any] = {"terminalId": dev.terminal, "amount": 2500, "currency": "EUR"}
ABSENT = "tpay_01HZ5QA7BKXXXXXXXXXXXXXXX9"


class Case(NamedTuple):
    """One wrong request and the one right answer to it."""

    title: str
    status: int
    code: str
    param: Optional[str]
    method: str
    path: str
    body: Any = None
    headers: dict[str, str] = {}
    by: Client = client


def state() -> tuple[Any, ...]:
    """All that must not change. Compared as a whole: also a payment that only moved on would show."""
    return client.every_payment(), ledger.lines()


def check(cases: list[Case]) -> None:
    """Sends each, and looks at the answer and at what it left."""
    before = state()
    for case in cases:
        answer = case.by.send(case.method, case.path, case.body, case.headers)
        shapes.error(suite, answer, case.title, case.status, case.code, case.param)
        after = state()
        suite.true(after == before, f"{case.title}: it changed something")
        before = after


def json_case(title: str, code: str, param: Optional[str], body: Any, path: str = PAYMENTS) -> Case:
    data = body if isinstance(body, (str, bytes)) else json.dumps(body)
    data = data.encode() if isinstance(data, str) else data
    return Case(title, 400, code, param, "POST", path, data, {"Content-Type": "application/json"})


def form_case(title: str, code: str, param: Optional[str], body: str) -> Case:
    return Case(title, 400, code, param, "POST", PAYMENTS, body.encode(), {"Content-Type": FORM})


def malformed() -> Iterator[Case]:
    for body in ("", "{", "[", '{"amount":', '{"a" 1}', "{'a': 1}", "\x00", '{"a": 01}', '{"a": NaN}', "{}}", "tru", '"\\x"'):
        if body:
            yield json_case(f"JSON {body!r}", "malformed_request", None, body)
    yield json_case("JSON that is not UTF-8", "malformed_request", None, b'{"reference": "\xff\xfe"}')
    yield json_case("half a surrogate pair", "malformed_request", None, '{"reference": "\\ud800"}')
    yield form_case("a form that is not UTF-8", "malformed_request", "terminalId", "terminalId=%ff%fe&amount=1&currency=EUR")


def wrong_fields() -> Iterator[Case]:
    for name in ("terminalId", "amount", "currency"):
        rest = {key: value for key, value in GOOD.items() if key != name}
        yield json_case(f"without {name}", "parameter_missing", name, rest)
    # `null` is as good as absent where something else may stand in its place.
    yield json_case("terminalId null", "parameter_missing", "terminalId", {**GOOD, "terminalId": None})
    yield json_case("a typo", "parameter_unknown", "amuont", {**GOOD, "amuont": 1})
    yield json_case("a field of the answer", "parameter_unknown", "status", {**GOOD, "status": "completed"})
    yield form_case("a typo in a form", "parameter_unknown", "amuont", f"terminalId={dev.terminal}&amuont=1&currency=EUR&amount=1")
    for value in (0, -1, 100_000_000, 12.5, 12.0, "2500", True, None, [1], {"a": 1}, 1e30, 2**63, 2**70):
        yield json_case(f"amount {value!r}", "parameter_invalid", "amount", {**GOOD, "amount": value})
    for text in ("0", "-5", "12.5", "", "zwölf", "99999999999999999999", "0x10", "+", "1e3", "100000000"):
        body = f"terminalId={dev.terminal}&currency=EUR&amount={text}"
        yield form_case(f"amount={text} in a form", "parameter_invalid", "amount", body)
    for value in ("EURO", "XXX", "", "€", 978, None, "E R", ["EUR"]):
        yield json_case(f"currency {value!r}", "parameter_invalid", "currency", {**GOOD, "currency": value})
    for name, values in {
        "terminalId": ("", "t" * 65, 7, {}),
        "reference": ("", "r" * 256, "a\nb", "a\u0000b", 7, []),
        "description": ("d" * 501, 7),
        "captureMethod": ("later", "", 1, "Automatic"),
        "responseMode": ("both", "", True, "SYNC"),
        "clientToken": ("", "not-a-uuid", 5, "0" * 32 + "-"),
        "metadata": ("text", 5, [], True),
    }.items():
        for value in values:
            yield json_case(f"{name} {str(value)[:12]!r}", "parameter_invalid", name, {**GOOD, name: value})


def wrong_metadata() -> Iterator[Case]:
    for param, metadata in (
        ("metadata[k]", {"k": 5}), ("metadata[k]", {"k": None}), ("metadata[k]", {"k": {"x": "y"}}),
        ("metadata[k]", {"k": "v" * 501}), ("metadata[k]", {"k": ["v"]}), ("metadata[]", {"": "v"}),
        (f"metadata[{'k' * 41}]", {"k" * 41: "v"}), ("metadata", {f"k{i}": "v" for i in range(51)}),
    ):
        yield json_case(f"{param[:20]} as {str(metadata)[:24]}", "parameter_invalid", param, {**GOOD, "metadata": metadata})
    doubled = '{"terminalId":"x","amount":1,"amount":2,"currency":"EUR"}'
    yield json_case("a doubled field", "parameter_invalid", "amount", doubled)
    yield form_case("a doubled field in a form", "parameter_invalid", "amount", "terminalId=x&amount=1&amount=2&currency=EUR")
    for body in ("[]", '"text"', "5", "null", "true"):
        yield Case(f"JSON {body} is no object", 400, "parameter_invalid", None, "POST", PAYMENTS, body, {"Content-Type": "application/json"})


def wrong_queries() -> Iterator[Case]:
    known = client.get(PAYMENTS, limit=1).json()["data"][0]["id"]
    for query, code, param in (
        ("limit=0", "parameter_invalid", "limit"), ("limit=101", "parameter_invalid", "limit"),
        ("limit=ten", "parameter_invalid", "limit"), ("limit=-1", "parameter_invalid", "limit"),
        ("limit=", "parameter_invalid", "limit"), ("limit=1&limit=2", "parameter_invalid", "limit"),
        ("limti=5", "parameter_unknown", "limti"), ("status=done", "parameter_invalid", "status"),
        ("fromDate=yesterday", "parameter_invalid", "fromDate"), ("toDate=-1", "parameter_invalid", "toDate"),
        ("fromDate=2&toDate=1", "parameter_invalid", "fromDate"), ("reference=", "parameter_invalid", "reference"),
        ("starting_after=tpay_x", "parameter_invalid", "starting_after"), ("ending_before=5", "parameter_invalid", "ending_before"),
        (f"starting_after={known}&ending_before={known}", "parameter_invalid", "ending_before"),
        ("terminalId=" + "t" * 65, "parameter_invalid", "terminalId"),
    ):
        yield Case(f"list ?{query[:40]}", 400, code, param, "GET", f"{PAYMENTS}?{query}")
    yield Case("retrieve with a query", 400, "parameter_unknown", "expand", "GET", f"{PAYMENTS}/{known}?expand=all")
    for query, code, param in (
        ("simulateDelay=121", "parameter_invalid", "simulateDelay"), ("simulateDelay=-1", "parameter_invalid", "simulateDelay"),
        ("simulateDelay=1.5", "parameter_invalid", "simulateDelay"), ("simulateDelay=", "parameter_invalid", "simulateDelay"),
        ("simulateCard=4111111111111111", "parameter_invalid", "simulateCard"), ("simulateCard=", "parameter_invalid", "simulateCard"),
        ("simulatedCard=none", "parameter_unknown", "simulatedCard"),
    ):
        yield json_case(f"create ?{query}", code, param, GOOD, f"{PAYMENTS}?{query}")


def sizes_and_types() -> Iterator[Case]:
    oversize = json.dumps(GOOD).encode().ljust(LIMIT + 1)
    as_json = {"Content-Type": "application/json"}
    yield Case("256 KiB and one byte", 413, "body_too_large", None, "POST", PAYMENTS, oversize, as_json)
    chunked = {**as_json, "Transfer-Encoding": "chunked"}
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (oversize[:100_000], oversize[100_000:])) + b"0\r\n\r\n"
    yield Case("the same in chunks", 413, "body_too_large", None, "POST", PAYMENTS, pieces, chunked)
    yield Case("1 MiB form", 413, "body_too_large", None, "POST", PAYMENTS, b"a=" + b"b" * (1 << 20), {"Content-Type": FORM})
    good = json.dumps(GOOD)
    for media in ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx", "json", "application/json; charset=latin1"):
        yield Case(f"Content-Type {media}", 415, "unsupported_media_type", None, "POST", PAYMENTS, good, {"Content-Type": media})
    yield Case("no Content-Type", 415, "unsupported_media_type", None, "POST", PAYMENTS, good.encode())


def paths() -> Iterator[Case]:
    for path in ("/v1", "/v1/terminal", "/v1/terminal/payment", "/v2/terminal/payments", "/nothing", f"{PAYMENTS}/x/y", "/v1/terminal/payments/"):
        yield Case(f"GET {path}", 404, "not_found", None, "GET", path)
    for id in (ABSENT, "tpay_", "tpay_1", "re_01HZ5QA7BK", "x" * 200, "%00", "..%2f", "%F0%9F%92%B3", "tpay_" + "Z" * 26):
        yield Case(f"retrieve {id[:20]}", 404, "not_found", "id", "GET", f"{PAYMENTS}/{id}")
        yield Case(f"cancel {id[:20]}", 404, "not_found", "id", "POST", f"{PAYMENTS}/{id}/cancel")
        yield Case(f"capture {id[:20]}", 404, "not_found", "id", "POST", f"{PAYMENTS}/{id}/capture")
    for method, path in (
        ("DELETE", PAYMENTS), ("PUT", PAYMENTS), ("PATCH", f"{PAYMENTS}/{ABSENT}"), ("POST", f"{PAYMENTS}/{ABSENT}"),
        ("GET", f"{PAYMENTS}/{ABSENT}/cancel"), ("GET", f"{PAYMENTS}/{ABSENT}/capture"), ("POST", "/v1/openapi.json"),
        ("PROPFIND", PAYMENTS),
    ):
        yield Case(f"{method} {path[:30]}", 405, "method_not_allowed", None, method, path)
    present = "/v1/test/terminals/{}/present-card"
    yield Case("present-card, no such terminal", 404, "not_found", "id", "POST", present.format("term_none"))
    yield Case("present-card, nobody waits", 422, "no_card_expected", None, "POST", present.format(dev.terminal))
    yield json_case("present-card, no such card", "parameter_invalid", "card", {"card": "4111"}, present.format(dev.terminal))
    yield json_case("present-card, no such mode", "parameter_invalid", "entryMode", {"entryMode": "wave"}, present.format(dev.terminal))


def keys() -> Iterator[Case]:
    def auth(title: str, code: str, headers: dict[str, str]) -> list[Case]:
        send = {"Content-Type": "application/json", **headers}
        return [
            Case(f"create, {title}", 401, code, None, "POST", PAYMENTS, json.dumps(GOOD), send, nobody),
            Case(f"list, {title}", 401, code, None, "GET", PAYMENTS, None, headers, nobody),
        ]

    yield from auth("no key", "api_key_missing", {})
    for value in (
        "Bearer sk_test_wrong", "Bearer sk_live_vinr_dev", f"Bearer {dev.key}x", f"Bearer {dev.key[:-1]}", "Bearer rk_test_vinr_dev",
        "Bearer", "Bearer  ", f"Basic {dev.key}", dev.key, "Bearer pk_test_vinr_dev", f"Bearer {dev.key.upper()}",
    ):
        yield from auth(f"Authorization: {value}", "api_key_invalid", {"Authorization": value})
    yield from auth("an empty X-Api-Key", "api_key_missing", {"X-Api-Key": ""})
    for value in ("sk_test_wrong", "sk_live_vinr_dev", f"Bearer {dev.key}"):
        yield from auth(f"X-Api-Key: {value}", "api_key_invalid", {"X-Api-Key": value})
    yield from auth("two different keys", "api_keys_differ", {"Authorization": f"Bearer {dev.key}", "X-Api-Key": "sk_test_other"})
    for version in ("2024-01-01", "latest", "", "2026-06-11 x"):
        headers = {"Content-Type": "application/json", "Vinr-Version": version}
        yield Case(f"Vinr-Version {version!r}", 400, "unsupported_version", "Vinr-Version", "POST", PAYMENTS, json.dumps(GOOD), headers)
    for key in ("", "k" * 256, "schlüssel"):
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        yield Case(f"Idempotency-Key {key[:10]!r}", 400, "parameter_invalid", "Idempotency-Key", "POST", PAYMENTS, json.dumps(GOOD), headers)


def made(status: str, card: str = "", **fields: Any) -> dict[str, Any]:
    """A payment to go wrong with, in that status."""
    answer = client.post(PAYMENTS + (f"?simulateCard={card}" if card else ""), {**GOOD, **fields})
    assert answer.status in (200, 202), answer
    payment: dict[str, Any] = answer.json()
    assert payment["status"] == status, f"not {status}: {payment}"
    return payment


def transitions() -> None:
    def case(title: str, status: int, code: str, param: Optional[str], id: str, verb: str, amount: Optional[int] = None) -> Case:
        body = None if amount is None else json.dumps({"amount": amount})
        headers = {} if body is None else {"Content-Type": "application/json"}
        return Case(title, status, code, param, "POST", f"{PAYMENTS}/{id}/{verb}", body, headers)

    completed = made("completed", responseMode="sync")["id"]
    failed = made("failed", "card_declined", responseMode="sync")["id"]
    check([
        case("cancel a completed payment", 422, "cancel_not_allowed", None, completed, "cancel"),
        case("cancel a failed payment", 422, "cancel_not_allowed", None, failed, "cancel"),
        case("capture what was captured by itself", 422, "already_captured", None, completed, "capture"),
        case("capture a failed payment", 422, "capture_not_allowed", None, failed, "capture"),
    ])
    held = made("authorized", responseMode="sync", captureMethod="manual")["id"]
    check([
        case("capture beyond the tolerance", 422, "amount_too_large", "amount", held, "capture", 3001),
        case("capture of nothing", 400, "parameter_invalid", "amount", held, "capture", 0),
        case("capture of less than nothing", 400, "parameter_invalid", "amount", held, "capture", -2500),
        case("capture of more than anything", 400, "parameter_invalid", "amount", held, "capture", 10**12),
        json_case("capture with another field", "parameter_unknown", "tip", {"tip": 1}, f"{PAYMENTS}/{held}/capture"),
        json_case("cancel with a field", "parameter_unknown", "reason", {"reason": "x"}, f"{PAYMENTS}/{held}/cancel"),
    ])
    client.post(f"{PAYMENTS}/{held}/capture", {"amount": 2000})
    until(lambda: ledger.net(held) == 2000, "the issuer knows of the capture")
    check([
        case("capture twice", 422, "already_captured", None, held, "capture", 2000),
        case("cancel after the capture", 422, "cancel_not_allowed", None, held, "cancel"),
    ])
    waits = made("pending", "none", reference="once")["id"]
    check([case("capture while pending", 422, "capture_not_allowed", None, waits, "capture")])
    before = state()
    answer = client.post(PAYMENTS, {**GOOD, "reference": "once", "amount": 1})
    inside = shapes.error(suite, answer, "reference of a pending payment", 409, "duplicate_reference", "reference")
    suite.equal(inside.get("payment"), waits, "the payment in the way")
    suite.true(waits in str(inside.get("message")), "the message names it")
    suite.true(state() == before, "it changed something")
    client.post(f"{PAYMENTS}/{waits}/cancel")
    until(lambda: client.payment(waits)["status"] == "cancelled", "cancelled")
    check([
        case("capture a cancelled payment", 422, "capture_not_allowed", None, waits, "capture"),
        case("cancel twice", 422, "cancel_not_allowed", None, waits, "cancel"),
    ])


def reused_names() -> None:
    key, token = f"key_{uuid.uuid4().hex}", str(uuid.uuid4())
    first = client.post(PAYMENTS, {**GOOD, "responseMode": "sync", "clientToken": token}, key)
    assert first.status == 200, first
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    other = json.dumps({**GOOD, "amount": 1})
    fresh = {"Content-Type": "application/json"}
    mismatch = json.dumps({**GOOD, "amount": 1, "clientToken": token})
    check([
        Case("key with another body", 409, "idempotency_key_reused", "Idempotency-Key", "POST", PAYMENTS, other, headers),
        Case("key with another query", 409, "idempotency_key_reused", "Idempotency-Key", "POST", f"{PAYMENTS}?simulateDelay=1",
             json.dumps({**GOOD, "responseMode": "sync", "clientToken": token}), headers),
        Case("client token with another amount", 409, "client_token_reused", "clientToken", "POST", PAYMENTS, mismatch, fresh),
    ])


def garbage() -> None:
    """Not even HTTP: refused or cut off, never answered with success, and the server lives."""
    before = state()
    key = f"Authorization: Bearer {dev.key}\r\nContent-Type: application/json\r\n".encode()
    start = b"POST /v1/terminal/payments HTTP/1.1\r\nHost: x\r\n" + key
    body = json.dumps(GOOD).encode()
    length = b"Content-Length: %d\r\n" % len(body)
    for title, data in (
        ("noise", bytes(range(256)) * 8), ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64),
        ("no version", b"GET /\r\n\r\n"), ("a version that does not exist", b"GET / HTTP/9.9\r\n\r\n"),
        ("a header without a name", b"GET / HTTP/1.1\r\n: x\r\n\r\n"), ("two lengths", start + length + b"Content-Length: 5\r\n\r\n" + body),
        ("length and chunks", start + length + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("a negative length", start + b"Content-Length: -5\r\n\r\n" + body), ("a length of words", start + b"Content-Length: many\r\n\r\n" + body),
        ("a broken chunk", start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body + b"\r\n0\r\n\r\n"),
        ("a body cut short", start + b"Content-Length: %d\r\n\r\n" % (len(body) + 1) + body),
        ("512 KiB of headers", start + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(512)) + b"\r\n"),
        ("a newline in a header", start + length + b"X: a\nb\x00c\r\n\r\n" + body),
    ):
        got = raw(dev.api, data, close_write=True)
        status = got.split(b" ")[1:2]
        suite.true(not got or (got.startswith(b"HTTP/1.1 4") and status), f"{title}: answered {got[:60]!r}")
        suite.true(client.get("/healthz").status == 200, f"{title}: the server does not live")
    suite.true(state() == before, "it changed something")


def limits() -> None:
    limited = Dev("--pace-ms", "0", limits=True)
    caller = Client(limited.api, limited.key)
    first = caller.get(PAYMENTS)
    for name in ("limit", "remaining", "reset"):
        suite.true(first.headers.get(f"x-ratelimit-{name}", "").isdigit(), f"X-RateLimit-{name}: {first.headers}")
    refused: Optional[Answer] = None
    for _ in range(200):
        answer = caller.get(PAYMENTS)
        if answer.status == 429:
            refused = answer
            break
    if suite.true(refused is not None, "200 lists in a row are not limited") and refused is not None:
        shapes.error(suite, refused, "too many", 429, "rate_limited")
        suite.true(shapes.text(r"[1-9]\d*")(refused.headers.get("retry-after")), f"Retry-After: {refused.headers}")
        suite.equal(refused.headers.get("x-ratelimit-remaining"), "0", "X-RateLimit-Remaining")
    order = {"terminalId": "term_nowhere", "amount": 1, "currency": "EUR"}
    id = caller.post(PAYMENTS, order).json()["id"]
    suite.true(True, "writes are counted apart from reads")
    statuses = [until(lambda: caller.get(f"{PAYMENTS}/{id}"), "an answer").status for _ in range(12)]
    suite.equal(statuses[-1], 429, f"polling one payment: {statuses}")
    statuses = [caller.post(PAYMENTS, order).status for _ in range(200)]
    suite.equal((statuses[0], 429 in statuses), (202, True), "the first create after the reads, and 200 creates")
    # Asking takes from the bucket too: more slowly than it fills, until all pages fit.
    def refilled() -> bool:
        answer = caller.get(PAYMENTS, limit=1)
        return answer.status == 200 and int(answer.headers["x-ratelimit-remaining"]) >= 10

    until(refilled, "it passes again after a pause", every_s=0.25)
    made_now = len(caller.every_payment(terminalId="term_nowhere"))
    suite.equal(made_now, 1 + statuses.count(202), "payments after that: one per 202")
    limited.stop()


def answers_of_errors() -> None:
    got = nobody.get(PAYMENTS)
    suite.true(got.headers.get("www-authenticate", "").startswith("Bearer"), "401 without WWW-Authenticate")
    got = client.send("DELETE", PAYMENTS)
    allowed = {word.strip() for word in got.headers.get("allow", "").split(",")}
    suite.true({"GET", "POST"} <= allowed and "DELETE" not in allowed, f"Allow: {allowed}")
    page = nobody.get("/docs/errors")
    suite.equal(page.status, 200, "/docs/errors")
    for code in ("amount_too_large", "idempotency_key_reused", "parameter_unknown", "duplicate_reference"):
        suite.true(f'id="{code}"'.encode() in page.body, f"/docs/errors does not explain {code}")
    ids = {client.get("/v1/nothing").headers["x-request-id"] for _ in range(5)}
    suite.equal(len(ids), 5, "every request has an id of its own")
    got = client.send("GET", PAYMENTS, headers={"X-Request-Id": "req_mine"})
    suite.true(got.headers["x-request-id"] != "req_mine", "the caller's X-Request-Id is taken over")


made("completed", responseMode="sync")
for title, cases in (
    ("malformed bodies", malformed), ("missing, unknown and wrong fields", wrong_fields), ("wrong metadata", wrong_metadata),
    ("wrong queries", wrong_queries), ("too large, wrong media type", sizes_and_types),
    ("paths, ids and methods that do not exist", paths), ("keys, versions, idempotency keys", keys),
):
    with suite.group(title):
        check(list(cases()))
for title, part in (
    ("illegal transitions", transitions), ("reused names", reused_names), ("not even HTTP", garbage),
    ("headers and pages that belong to errors", answers_of_errors), ("rate limits", limits),
):
    with suite.group(title):
        part()
with suite.group("the server is still the same, and well"):
    suite.true(not dev.ended(), "it has ended")
    suite.equal(made("completed", responseMode="sync")["status"], "completed", "a payment after all that")
    suite.true("panicked" not in dev.errors(), "it panicked")
suite.finish()
