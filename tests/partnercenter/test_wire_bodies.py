from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cspctl.errors import RemoteError
from cspctl.partnercenter.wire.audit_record import AuditRecord
from cspctl.partnercenter.wire.body import decimal, whole
from cspctl.partnercenter.wire.cart import Cart
from cspctl.partnercenter.wire.error import ErrorBody
from cspctl.partnercenter.wire.instant import instant, is_never
from cspctl.partnercenter.wire.subscription import RefundOption, Subscription


@pytest.mark.parametrize("key", ["expirationTimestamp", "expirationTimeStamp", "ExpirationTimestamp"])
def test_the_cart_expiry_is_read_in_every_documented_spelling(key: str) -> None:
    body = {"id": "c", key: "2026-11-28T12:00:00Z"}
    cart = Cart.read(body)
    assert cart.expires == datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert cart.to_body() == body


@pytest.mark.parametrize("key", ["expiresAt", "expiresAfter"])
def test_refund_options_are_read_in_both_spellings(key: str) -> None:
    option = RefundOption.read({"type": "Full", key: "2019-01-10T00:21:45.9263727+00:00"})
    assert option.expires == datetime(2019, 1, 10, 0, 21, 45, 926372, tzinfo=UTC)


def test_a_refund_option_without_expiry_has_none_and_keeps_its_null() -> None:
    body = {"type": "Full", "expiresAfter": None}
    option = RefundOption.read(body)
    assert option.expires is None
    assert option.to_body() == body


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-31T00:00:00Z", datetime(2026, 3, 31, tzinfo=UTC)),
        ("2019-01-04T01:00:12.6647304Z", datetime(2019, 1, 4, 1, 0, 12, 664730, tzinfo=UTC)),
        ("2019-01-16T00:48:44.76+00:00", datetime(2019, 1, 16, 0, 48, 44, 760000, tzinfo=UTC)),
        ("2017-06-15T15:56:04.077-07:00", datetime(2017, 6, 15, 22, 56, 4, 77000, tzinfo=UTC)),
        ("2019-01-09T00:21:45", datetime(2019, 1, 9, 0, 21, 45, tzinfo=UTC)),
        ("2026-03-31", datetime(2026, 3, 31, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_instants(text: str | None, expected: datetime | None) -> None:
    assert instant(text) == expected


def test_never_is_a_day_of_the_year_9999() -> None:
    assert is_never("9999-12-10T00:00:00Z")
    assert not is_never("2026-12-10T00:00:00Z")
    assert not is_never(None)


@pytest.mark.parametrize("code", [900118, "900118"])
def test_error_codes_are_integer_or_text(code: object) -> None:
    body = {"code": code, "description": "x"}
    assert ErrorBody.read(body).to_body() == body


def test_numbers_stay_as_given() -> None:
    body = {"quantity": "8", "price": Decimal("1.10"), "whole": 3}
    assert repr(Subscription.read(body).to_body()) == repr(body)
    assert Subscription.read(body).seats == 8
    assert whole(Decimal("8.0")) == 8
    assert whole(Decimal("8.5")) is None
    assert decimal("0.15") == Decimal("0.15")
    assert decimal("n/a") is None
    assert decimal(True) is None
    assert decimal("NaN") is None


def test_a_changed_field_is_written_under_the_key_that_came() -> None:
    subscription = Subscription.read({"Id": "s", "Quantity": 2, "Future": {"Nested": [1]}})
    subscription.quantity = 3
    subscription.auto_renew_enabled = True
    assert subscription.to_body() == {
        "Id": "s",
        "Quantity": 3,
        "Future": {"Nested": [1]},
        "autoRenewEnabled": True,
    }


def test_two_spellings_of_one_key_both_survive() -> None:
    body = {"quantity": 1, "Quantity": 2}
    assert Subscription.read(body).to_body() == body


def test_keys_that_look_like_our_own_attributes_are_just_unknown_keys() -> None:
    body = {"billing_cycle": "x", "to_body": 1, "_received": 2, "model_extra": 3}
    assert Subscription.read(body).to_body() == body


def test_an_unknown_shape_is_an_error_that_names_the_place_and_not_the_value() -> None:
    with pytest.raises(RemoteError) as caught:
        Subscription.read({"id": {"secret": "hidden-value"}})
    assert caught.value.code == "E-BODY-SHAPE"
    assert "id" in caught.value.message
    assert "hidden-value" not in caught.value.message


def test_audit_values_are_documents_inside_text() -> None:
    record = AuditRecord.read(
        {
            "operationDate": "2026-11-02T09:15:00Z",
            "resourceNewValue": '{"Id":"s","Price":1.10}',
            "resourceOldValue": "{broken",
            "customizedData": [{"key": "SubscriptionId", "value": "s"}, {"key": "PartnerOnRecord-0", "value": None}],
        }
    )
    assert record.at == datetime(2026, 11, 2, 9, 15, tzinfo=UTC)
    assert record.new_value == {"Id": "s", "Price": Decimal("1.10")}
    assert record.old_value is None
    assert record.customized == {"SubscriptionId": "s", "PartnerOnRecord-0": None}
