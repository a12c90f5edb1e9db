"""The clock goes back only over time in which nothing happened."""

from __future__ import annotations

import pytest

from cspctl.emulator.clock import BackwardsError, VirtualClock, parse_instant
from cspctl.emulator.serving.instance import _set_clock
from cspctl.emulator.store import Store
from cspctl.errors import InputError

START = "2026-03-10T09:15:00Z"  # where the market stands


def move(market, **body):
    return market.control("POST", "clock", body)


def now(market):
    return market.control("GET", "clock").json()["now"]


def test_over_time_in_which_nothing_happened_the_clock_goes_back(market):
    assert move(market, advance="P1Y").status_code == 200
    assert move(market, now="2021-01-31T00:00:00Z").json()["now"] == "2021-01-31T00:00:00Z"


def test_not_behind_a_purchase(market):
    move(market, now="2026-05-01T00:00:00Z")
    one = market.buy()
    move(market, now="2026-05-03T00:00:00Z")
    answer = move(market, now="2026-04-30T23:59:59Z")
    assert (answer.status_code, now(market)) == (409, "2026-05-03T00:00:00Z")
    text = answer.json()["description"]
    assert "2026-05-01T00:00:00Z" in text and "reset" in text
    assert move(market, now="2026-05-01T00:00:00Z").status_code == 200  # the instant itself contradicts nothing
    assert market.subscription(one) == one


def test_not_behind_a_change(market):
    one = market.buy()
    move(market, advance="P2D")
    assert market.patch(one, quantity=11).status_code == 200
    assert move(market, now="2026-03-11T00:00:00Z").status_code == 409


@pytest.mark.parametrize(
    ("there", "last"),
    [
        ("2026-04-09T23:59:59Z", "2026-04-07T00:00:00Z"),  # the invoice of March
        ("2026-04-10T00:30:00Z", "2026-04-10T00:00:00Z"),  # the wait for the renewal
        ("2026-04-30T00:00:00Z", "2026-04-10T01:00:00Z"),  # the renewal
    ],
)
def test_not_behind_what_time_itself_did(market, there, last):
    market.buy(termDuration="P1M")
    move(market, now=there)
    answer = move(market, now=START)
    assert answer.status_code == 409 and last in answer.json()["description"]
    assert move(market, now=last).status_code == 200


def test_a_refused_step_changes_neither_instant_nor_mode_nor_money(market):
    market.buy(termDuration="P1M")
    move(market, now="2026-04-30T00:00:00Z")
    before = market.store.dump()
    assert move(market, now=START, mode="real").status_code == 409
    after = market.store.dump()
    assert after == before


def test_a_seed_of_goods_and_customers_is_of_any_time_and_one_of_subscriptions_is_not(market):
    move(market, advance="P1D")
    assert move(market, now=START).status_code == 200  # the market itself was seeded there
    move(market, advance="P1D")
    entry = {"partner": market.partner, "customer": "0d3c8a52-6f2e-4f0e-9d0c-6c1f1f6a2b11", "productId": "CFQ7TTAB12CD",
             "skuId": "0001", "term": "P1Y", "billing": "monthly", "quantity": 3}  # fmt: skip  # one entry
    assert market.control("POST", "seed", {"subscriptions": [entry]}).status_code == 200
    assert move(market, now=START).status_code == 409


def test_after_a_reset_the_clock_is_free(market):
    market.buy()
    assert move(market, now="2020-01-01T00:00:00Z").status_code == 409
    market.control("POST", "reset")
    assert move(market, now="2020-01-01T00:00:00Z").status_code == 200


def test_a_restart_does_not_go_back_either(tmp_path):
    from cspctl.emulator.clock import mark

    store = Store(tmp_path / "data.db")
    VirtualClock(store).freeze(parse_instant("2026-05-01T00:00:00Z"))
    mark(store, parse_instant("2026-04-30T00:00:00Z"))
    store.close()
    again = Store(tmp_path / "data.db")
    with pytest.raises(BackwardsError):
        VirtualClock(again).set(parse_instant("2026-04-29T00:00:00Z"))
    with pytest.raises(InputError) as refused:
        _set_clock(again, "2026-04-29T00:00:00Z")
    assert refused.value.code == "E-EMULATOR-CLOCK" and "2026-04-30T00:00:00Z" in str(refused.value)
    _set_clock(again, "2026-04-30T00:00:00Z")
    assert VirtualClock(again).now() == parse_instant("2026-04-30T00:00:00Z")
    again.close()
