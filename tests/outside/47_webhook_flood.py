"""Many events of many objects of several accounts, while the server is killed again and again: every change that was
answered has its one event, the events of an object have no gap, and its receiver is told each, in order, at least once.
VINR_FLOOD_EVENTS, VINR_FLOOD_KILLS and VINR_FLOOD_SEED say how many, how often, and which moments."""
from __future__ import annotations

import asyncio
import os
import random
import time
from typing import Any

from rig.checks import Suite, until
from rig.client import Client
from rig.flood import Line, Sink
from rig.processes import Dev, directory, free_port

EVENTS = int(os.environ.get("VINR_FLOOD_EVENTS", "10000"))
KILLS = int(os.environ.get("VINR_FLOOD_KILLS", "5"))
SEED = int(os.environ.get("VINR_FLOOD_SEED") or random.SystemRandom().randint(1, 10**9))
#: Changes of one account are written one after the other, because its audit log is a chain; accounts go side by side.
ACCOUNTS, TERMINALS = 12, 3
suite = Suite("47_webhook_flood", within_s=420 + EVENTS / 100)


class Shop:
    """One account: its key, its terminals, and what it was told of each."""

    def __init__(self, operator: Client, number: int, sink: Sink) -> None:
        made = operator.post("/v1/operator/accounts", {"displayName": f"Shop {number}"})
        id = made.json()["id"]
        key = operator.post(f"/v1/operator/accounts/{id}/api-keys", {"type": "secret", "livemode": False})
        self.key: str = key.json()["secret"]
        self.path = f"shop{number}"
        self.client = Client(f"http://{operator.host}:{operator.port}", self.key)
        hook = {"url": sink.url(self.path), "enabled_events": ["*"]}
        assert self.client.post("/v1/webhook-endpoints", hook).status == 200
        made = [self.client.post("/v1/test/terminals", {"displayName": "new"}) for _ in range(TERMINALS)]
        assert all(answer.status == 200 for answer in made), [answer.body for answer in made]
        #: Names that were answered, by terminal, in order.
        self.answered: dict[str, list[str]] = {answer.json()["id"]: [] for answer in made}


class Storm:
    """Renames terminals until there are enough events."""

    def __init__(self, api: str, shops: list[Shop]) -> None:
        self.api, self.shops = api, shops
        self.changes, self.again = 0, 0
        self.refused: list[str] = []

    async def rename(self, shop: Shop, terminal: str) -> None:
        line, answered = Line(self.api, shop.key), shop.answered[terminal]
        while self.changes < EVENTS:
            self.changes += 1
            name = f"n{len(answered)}"
            status, body = await line.insist("POST", f"/v1/terminals/{terminal}", {"displayName": name}, f"{terminal}-{name}")
            if status != 200 or body["displayName"] != name:
                self.refused.append(f"{terminal} {name}: {status} {body}")
                break
            answered.append(name)
        self.again += line.again
        line.close()


async def flood(storm: Storm, server: Dev, start: Any) -> Dev:
    """The renames and the kills. Returns the server that lives in the end."""
    chance = random.Random(SEED)
    moments = sorted(chance.uniform(0.05, 0.95) * EVENTS for _ in range(KILLS))
    tasks = [asyncio.create_task(storm.rename(shop, id)) for shop in storm.shops for id in shop.answered]
    for moment in moments:
        while storm.changes < moment and not all(task.done() for task in tasks):
            await asyncio.sleep(0.005)
        server.kill()
        server = await asyncio.to_thread(start)
    await asyncio.gather(*tasks)
    return server


async def listed(api: str, shop: Shop) -> list[dict[str, Any]]:
    """All events of an account over the API, oldest first."""
    line, found, after = Line(api, shop.key), [], ""
    while True:
        _, page = await line.insist("GET", f"/v1/events?limit=100{after}")
        found += page["data"]
        if not page["has_more"]:
            line.close()
            return found[::-1]
        after = f"&starting_after={found[-1]['id']}"


async def every_list(api: str, shops: list[Shop]) -> list[list[dict[str, Any]]]:
    return await asyncio.gather(*(listed(api, shop) for shop in shops))


def about(event: dict[str, Any]) -> dict[str, Any]:
    """The object that an event shows."""
    inside = event["data"].get("object")
    shown: dict[str, Any] = inside if isinstance(inside, dict) else event["data"]
    return shown


def wrong_events(shop: Shop, events: list[dict[str, Any]]) -> list[str]:
    """What is wrong with what an account is shown of its events."""
    wrong, sequences, names = [], {}, {}
    for event in events:
        shown = about(event)
        sequences.setdefault(shown["id"], []).append(event["sequence"])
        if event["type"] == "terminal.updated" and shown.get("displayName", "new") != "new":
            told = names.setdefault(shown["id"], [])
            if told[-1:] != [shown["displayName"]]:
                told.append(shown["displayName"])
    for object, seen in sequences.items():
        if seen != list(range(1, len(seen) + 1)):
            gap = next(at for at, sequence in enumerate(seen) if sequence != at + 1)
            wrong.append(f"{object}: event {gap + 1} has sequence {seen[gap]}")
    for terminal, answered in shop.answered.items():
        if names.get(terminal, []) != answered:
            wrong.append(f"{terminal}: {len(answered)} changes answered, {len(names.get(terminal, []))} in events")
    return wrong


def wrong_deliveries(events: list[dict[str, Any]], taken: list[tuple[str, str, str, int]]) -> list[str]:
    """What is wrong with what a receiver took: all events, per object in order, whatever came twice."""
    wrong, last, seen = [], {}, set()
    for _, event, object, sequence in taken:
        if event in seen:
            continue
        seen.add(event)
        if sequence != last.get(object, 0) + 1:
            wrong.append(f"{object}: {sequence} after {last.get(object, 0)}")
        last[object] = sequence
    missing = {event["id"] for event in events} - seen
    return wrong + [f"never told {id}" for id in sorted(missing)]


print(f"seed {SEED} (VINR_FLOOD_SEED), {EVENTS} events (VINR_FLOOD_EVENTS), {KILLS} kills (VINR_FLOOD_KILLS)", flush=True)
data, ports = directory() / "data", (free_port(), free_port())
sink = Sink(data.parent / "taken", SEED, 0.005)


def start() -> Dev:
    """A server on the same data and the same ports, whatever the one before left behind."""
    quick = ("--no-simulator", "--pace-ms", "0", "--webhook-retries-ms", "50,100,200,500,1000,2000,5000")
    return Dev(*quick, data=data, ports=ports)


server = start()
with suite.group(f"{EVENTS} changes are answered, while the server is killed {KILLS} times"):
    operator = Client(server.api, "ok_vinr_dev")
    shops = [Shop(operator, number, sink) for number in range(ACCOUNTS)]
    storm, began = Storm(server.api, shops), time.monotonic()
    server = asyncio.run(flood(storm, server, start))
    took = time.monotonic() - began
    suite.equal(storm.refused, [], "refused")
    answered = sum(len(names) for shop in shops for names in shop.answered.values())
    suite.true(answered >= EVENTS, f"only {answered} changes")
    print(f"     {answered} changes in {took:.1f} s ({answered / took:.0f}/s), {storm.again} requests sent again")
with suite.group("every change has its event, and no object a gap"):
    events = asyncio.run(every_list(server.api, shops))
    for shop, shown in zip(shops, events):
        suite.equal(wrong_events(shop, shown)[:5], [], shop.path)
    total = sum(len(shown) for shown in events)
    suite.true(total > EVENTS, f"only {total} events")
with suite.group("every receiver is told every event, in the order of its object"):
    until(lambda: sink.count() >= total, "as much as there is has arrived", 60 + EVENTS / 200, 0.2)
    ids = [{event["id"] for event in shown} for shown in events]

    def arrived() -> bool:
        taken = sink.taken()
        return all(ids[at] <= {one[1] for one in taken if one[0] == shop.path} for at, shop in enumerate(shops))

    until(arrived, "every event has arrived", 60, 1)
    taken = sink.taken()
    for shop, shown in zip(shops, events):
        suite.equal(wrong_deliveries(shown, [one for one in taken if one[0] == shop.path])[:5], [], shop.path)
    twice = len(taken) - len({one[:2] for one in taken})
    print(f"     {total} events, all told {time.monotonic() - began:.1f} s after the first change, {twice} told twice")
server.stop()
sink.close()
suite.finish()
