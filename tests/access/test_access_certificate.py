from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from cspctl.access.bridge import Bridge
from cspctl.access.certificate import read_certificate
from cspctl.access.sign_in import SignIn
from cspctl.access.tokens import token_source
from cspctl.errors import AccessError
from cspctl.secret import Secret

TENANT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
APPLICATION = "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11"


def issued(expires: datetime | None = None) -> tuple[str, str]:
    made = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(
        "app.example", not_after=expires, key_type=trustme.KeyType.RSA
    )
    return made.cert_chain_pems[0].bytes().decode(), made.private_key_pem.bytes().decode()


def source(service: Any, clock: Any, pem: str) -> Any:
    settings = SignIn(tenant=TENANT, client_id=APPLICATION, certificate=Secret(pem))
    return token_source(settings, clock=clock, http_client=lambda: Bridge(service.base_url))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_certificate_signs_the_request_and_no_secret_is_sent(
    service: Any, clock: Any, order: tuple[int, int]
) -> None:
    halves = issued()
    token = asyncio.run(source(service, clock, halves[order[0]] + halves[order[1]]).token())
    assert token.reveal() == "access-1-SECRETBYTES"
    form = service.forms[0]
    assert "client_secret" not in form
    head = form["client_assertion"].split(".")[0]
    header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    assert header["alg"] == "PS256" and header["x5c"]


def test_halves_that_are_missing_or_do_not_fit_are_refused() -> None:
    certificate, private = issued()
    other = issued()[1]
    for pem in (certificate, private, certificate + other, "none"):
        with pytest.raises(AccessError) as caught:
            read_certificate(Secret(pem))
        assert caught.value.code == "E-SECRET-CERTIFICATE"


def test_an_expired_certificate_is_named_before_anything_is_sent(service: Any, clock: Any) -> None:
    expires = datetime(2026, 1, 31, tzinfo=UTC)
    pem = "".join(issued(expires))
    assert read_certificate(Secret(pem)).expires_at == expires
    clock.moment = datetime(2026, 2, 1, tzinfo=UTC)
    with pytest.raises(AccessError) as caught:
        asyncio.run(source(service, clock, pem).token())
    assert caught.value.code == "E-AUTH-CERTIFICATE-EXPIRED" and "2026-01-31" in caught.value.message
    assert service.forms == []
