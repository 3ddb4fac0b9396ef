"""What resolving a payment looks through before it says that nobody was charged."""
from __future__ import annotations

import pathlib
from typing import Any, Iterator

import pytest
from shop import Shop, payment

import vinr
from vinr._exchange import DAY_S
from vinr._identity import made_at, new_identity

BOTH = pytest.mark.parametrize("asynchronous", [False, True], ids=["Client", "AsyncClient"])


@pytest.fixture
def shop(tmp_path: pathlib.Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def page(first: int, *more: dict[str, Any], has_more: bool = True) -> dict[str, Any]:
    """A page of payments of others, and these."""
    others = [payment(clientToken=new_identity()) | {"id": f"tpay_{first + number}"} for number in range(3)]
    return {"respond": {"body": {"object": "list", "data": [*others, *more], "has_more": has_more}}}


@BOTH
def test_every_page_since_it_was_made_is_looked_through(shop: Shop, asynchronous: bool) -> None:
    token = new_identity()
    cloud = shop.cloud(page(1), page(4), page(7, payment(clientToken=token), has_more=False))
    driver = shop.till(asynchronous, base_url=cloud.url)
    assert driver.run(driver.client.terminal.payments.resolve(token)).client_token == token
    assert [one.query.get("starting_after") for one in cloud.heard] == [None, "tpay_3", "tpay_6"]
    made = made_at(token)
    assert made is not None
    assert {one.query["fromDate"] for one in cloud.heard} == {str(made - DAY_S)}


@BOTH
def test_what_is_on_no_page_was_never_charged(shop: Shop, asynchronous: bool) -> None:
    cloud = shop.cloud(page(1), page(4, has_more=False))
    driver = shop.till(asynchronous, base_url=cloud.url)
    with pytest.raises(vinr.InvalidRequestError) as raised:
        driver.run(driver.client.terminal.payments.resolve("01890a5d-ac96-474b-bcce-b302099a8057"))
    assert raised.value.code == "payment_not_found"
    assert {one.query["fromDate"] for one in cloud.heard} == {"0"}, "a name that does not tell its time is looked for from the beginning"


@BOTH
def test_who_has_not_looked_through_all_does_not_say_so(shop: Shop, asynchronous: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vinr._local.hybrid.PAGES", 2)
    cloud = shop.cloud(*(page(number) for number in range(40)))
    driver = shop.till(asynchronous, base_url=cloud.url)
    with pytest.raises(vinr.ApiConnectionError) as raised:
        driver.run(driver.client.terminal.payments.resolve(new_identity(), timeout=0.3))
    assert raised.value.outcome_unknown
