from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from cspctl.access.emulator_sign_in import emulator_source
from cspctl.errors import AccessError, RefusedError, UnreachableError
from cspctl.secret import Secret

TENANT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
APPLICATION = "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11"


def source(service: Any, clock: Any, control: str = "control") -> Any:
    return emulator_source(
        TENANT,
        service.base_url,
        Secret(control),
        clock=clock,
        user="ada@acme.example",
        application=APPLICATION,
    )


def test_the_control_api_stands_for_the_consent_and_msal_does_the_rest(service: Any, clock: Any) -> None:
    signed_in = source(service, clock)
    assert service.consents == []  # nothing is sent before a token is wanted
    assert asyncio.run(signed_in.token()).reveal() == "access-1-SECRETBYTES"
    assert service.consents == [{"tenant": TENANT, "application": APPLICATION, "user": "ada@acme.example"}]
    assert service.forms[0]["refresh_token"] == "consented-1-SECRETBYTES"


def test_the_virtual_clock_decides_when_a_token_ends(service: Any, clock: Any) -> None:
    signed_in = source(service, clock)
    asyncio.run(signed_in.token())
    clock.moment += timedelta(days=10)
    asyncio.run(signed_in.token())
    assert service.forms[1]["refresh_token"] == "refresh-1-SECRETBYTES"
    assert len(service.consents) == 1


def test_a_consent_that_expired_in_virtual_time_is_given_anew(service: Any, clock: Any) -> None:
    signed_in = source(service, clock)
    asyncio.run(signed_in.token())
    service.error = {"error": "invalid_grant", "error_codes": [700082]}
    service.refused = {"refresh-1-SECRETBYTES"}
    clock.moment += timedelta(days=100)
    assert asyncio.run(signed_in.token()).reveal() == "access-3-SECRETBYTES"
    assert len(service.consents) == 2


def test_a_refused_consent_names_the_tenant(service: Any, clock: Any) -> None:
    with pytest.raises(AccessError) as caught:
        asyncio.run(source(service, clock, control="wrong").token())
    assert caught.value.code == "E-EMULATOR-CONSENT" and TENANT in caught.value.message


def test_a_partner_that_was_not_seeded(service: Any, clock: Any) -> None:
    service.known = False
    with pytest.raises(AccessError) as caught:
        asyncio.run(source(service, clock).token())
    assert caught.value.code == "E-EMULATOR-PARTNER" and "emulator seed" in (caught.value.hint or "")


def test_an_emulator_that_is_not_there(clock: Any) -> None:
    gone = emulator_source(TENANT, "http://127.0.0.1:9", Secret("control"), clock=clock)
    with pytest.raises(UnreachableError) as caught:
        asyncio.run(gone.token())
    assert caught.value.code == "E-EMULATOR-UNREACHABLE"


def test_an_emulator_elsewhere_is_refused(clock: Any) -> None:
    with pytest.raises(RefusedError):
        emulator_source(TENANT, "http://emulator.example", Secret("control"), clock=clock)
