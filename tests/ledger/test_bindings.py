from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from cspctl.ledger.ledger import Ledger
from cspctl.model.address import Address
from cspctl.model.binding import Binding
from cspctl.secret import Secret


def binding(now: datetime, realm: str, name: str = "contoso-e3") -> Binding:
    return Binding(
        address=Address("Subscription", name),
        live_id="sub-1",
        scope="tenant-1",
        applied={"quantity": 25, "price": Decimal("12.30"), "tags": ("a", "b")},
        applied_at=now,
        run_id="run-1",
        memory={"protect": True},
        realm=realm,
    )


def test_what_was_bound_comes_back_as_plain_values(ledger: Ledger, now: datetime, realm: str) -> None:
    one = binding(now, realm)
    ledger.put_binding(one)
    assert ledger.bindings() == {
        one.address: replace(one, applied={"quantity": 25, "price": "12.30", "tags": ["a", "b"]})
    }


def test_binding_again_replaces(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.put_binding(binding(now, realm))
    ledger.put_binding(replace(binding(now, realm), live_id="sub-2", state="released"))
    (found,) = ledger.bindings().values()
    assert (found.live_id, found.state) == ("sub-2", "released")


def test_bindings_are_sorted_by_address(ledger: Ledger, now: datetime, realm: str) -> None:
    for name in ("zeta", "alpha", "mid"):
        ledger.put_binding(binding(now, realm, name))
    assert [address.name for address in ledger.bindings()] == ["alpha", "mid", "zeta"]


def test_a_deleted_binding_is_gone_and_deleting_twice_is_no_error(ledger: Ledger, now: datetime, realm: str) -> None:
    ledger.put_binding(binding(now, realm))
    ledger.delete_binding(Address("Subscription", "contoso-e3"))
    ledger.delete_binding(Address("Subscription", "contoso-e3"))
    assert ledger.bindings() == {}


def test_a_binding_without_a_realm_gets_that_of_the_ledger(ledger: Ledger, now: datetime) -> None:
    ledger.put_binding(binding(now, ""))
    (found,) = ledger.bindings().values()
    assert found.realm == "acme|||live"


def test_live_and_emulator_rows_of_a_project_never_mix(
    opened: Callable[..., Ledger], now: datetime, realm: str
) -> None:
    live, emulator, other = opened("live"), opened("emulator"), opened("live", project="beta")
    live.put_binding(binding(now, realm))
    emulator.put_binding(replace(binding(now, ""), live_id="sub-emulated"))
    assert [b.live_id for b in live.bindings().values()] == ["sub-1"]
    assert [b.live_id for b in emulator.bindings().values()] == ["sub-emulated"]
    assert other.bindings() == {}
    emulator.delete_binding(Address("Subscription", "contoso-e3"))
    assert len(live.bindings()) == 1


def test_a_row_of_another_environment_is_refused(opened: Callable[..., Ledger], now: datetime, realm: str) -> None:
    with pytest.raises(ValueError, match="does not belong"):
        opened("emulator").put_binding(binding(now, realm))


def test_a_secret_never_enters(ledger: Ledger, now: datetime, realm: str) -> None:
    with pytest.raises(TypeError, match="secret"):
        ledger.put_binding(replace(binding(now, realm), applied={"key": Secret("s3cret")}))
    assert ledger.bindings() == {}
