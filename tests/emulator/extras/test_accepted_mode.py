"""Rule 11: PATCH of a subscription answered 202, with the change landing later."""

from __future__ import annotations


def test_rule_11_an_accepted_patch_lands_after_its_delay(shop):
    shop.switch(patch_mode="accepted", patch_delay_seconds=120)
    bought = shop.buy()
    answer = shop.patch(bought["id"], quantity=12)
    assert answer.status_code == 202
    path = f"/subscriptions/{bought['id']}"
    assert answer.headers["Location"].endswith(path) and not answer.headers["Location"].startswith("/v1")
    assert shop.get(path)["quantity"] == 10
    shop.advance("PT119S")
    assert shop.get(path)["quantity"] == 10
    shop.advance("PT1S")
    assert shop.get(path)["quantity"] == 12


def test_rule_11_nothing_else_is_written_meanwhile(shop):
    shop.switch(patch_mode="accepted", patch_delay_seconds=120)
    bought = shop.buy()
    shop.patch(bought["id"], quantity=12)
    refused = shop.patch(bought["id"], quantity=13)
    assert (refused.status_code, refused.json()["code"]) == (409, 900278)
    assert shop.get(f"/subscriptions/{shop.buy()['id']}")["status"] == "active", "other subscriptions are free"


def test_rule_11_a_refusal_is_given_at_once(shop):
    shop.switch(patch_mode="accepted", patch_delay_seconds=120)
    bought = shop.buy()
    refused = shop.patch(bought["id"], quantity=301)
    assert refused.status_code == 400
    assert shop.patch(bought["id"], quantity=12).status_code == 202, "nothing is pending"


def test_rule_11_without_the_switch_a_patch_is_200_at_once(shop):
    bought = shop.buy()
    answer = shop.patch(bought["id"], quantity=12)
    assert (answer.status_code, answer.json()["quantity"]) == (200, 12)
    assert "Location" not in answer.headers
