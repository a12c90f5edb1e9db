from __future__ import annotations

import asyncio
import base64
import logging
import socket
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from cspctl.access.cache import TokenCache
from cspctl.access.consent import Consent, ConsentRecord
from cspctl.access.encryption_key import EncryptionKey
from cspctl.access.sign_in import SignIn, sign_in_of
from cspctl.access.store import FileStore, MemoryStore, ReadOnlyStore
from cspctl.access.tokens import AppOnly, SecureApplicationModel, TokenSource, token_source
from cspctl.errors import AccessError, CspctlError, RefusedError, UnreachableError
from cspctl.model.secret_ref import SecretRef
from cspctl.model.trust import Trust
from cspctl.secret import Secret

TENANT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
APPLICATION = "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11"
CORRELATION = "0b8a6f5e-1f43-4f0b-b7a3-6a1b0b7c9d01"
CLIENT_SECRET = "client-SECRETBYTES"
REFRESH = "refresh-0-SECRETBYTES"


def key(fill: int = 1) -> EncryptionKey:
    return EncryptionKey(Secret(base64.b64encode(bytes([fill]) * 32).decode()))


def sign_in(**changes: Any) -> SignIn:
    return SignIn(**{"tenant": TENANT, "client_id": APPLICATION, "client_secret": Secret(CLIENT_SECRET), **changes})


def source_to(service: Any, clock: Any, settings: SignIn | None = None, **more: Any) -> TokenSource:
    """A live sign-in whose requests the bridge brings to the loopback service."""
    from cspctl.access.bridge import Bridge

    return token_source(settings or sign_in(), clock=clock, http_client=lambda: Bridge(service.base_url), **more)


def take(source: TokenSource, *, force: bool = False) -> str:
    return asyncio.run(source.token(force=force)).reveal()


def refused(source: TokenSource) -> CspctlError:
    with pytest.raises(CspctlError) as caught:
        take(source)
    shown = "".join(traceback.format_exception(caught.value))
    assert "SECRETBYTES" not in shown
    return caught.value


def test_app_only_asks_with_the_applications_secret(service: Any, clock: Any) -> None:
    source = source_to(service, clock)
    assert isinstance(source, AppOnly)
    assert take(source) == "access-1-SECRETBYTES"
    form = service.forms[0]
    assert form["grant_type"] == "client_credentials"
    assert form["client_id"] == APPLICATION and form["client_secret"] == CLIENT_SECRET
    assert form["scope"] == "https://api.partnercenter.microsoft.com/.default"


def test_china_has_an_audience_of_its_own(service: Any, clock: Any) -> None:
    take(source_to(service, clock, sign_in(cloud="china")))
    assert service.forms[0]["scope"] == "https://partner.partnercenterapi.microsoftonline.cn/.default"


@pytest.mark.parametrize("tenant", ["a/b", "", "x y", "t?p=1", "-"])
def test_a_tenant_that_would_change_the_address_is_refused(clock: Any, tenant: str) -> None:
    with pytest.raises(CspctlError) as caught:
        token_source(sign_in(tenant=tenant), clock=clock)
    assert caught.value.code == "E-TENANT"


def test_a_token_is_kept_until_five_minutes_before_its_end(service: Any, clock: Any) -> None:
    source = source_to(service, clock)
    take(source)
    clock.moment += timedelta(seconds=3599 - 301)
    assert take(source) == "access-1-SECRETBYTES"
    clock.moment += timedelta(seconds=2)
    assert take(source) == "access-2-SECRETBYTES"
    assert len(service.forms) == 2


def test_force_asks_again(service: Any, clock: Any) -> None:
    source = source_to(service, clock)
    take(source)
    assert take(source, force=True) == "access-2-SECRETBYTES"


def test_many_callers_share_one_request(service: Any, clock: Any) -> None:
    source = source_to(service, clock)

    async def many() -> set[str]:
        return {t.reveal() for t in await asyncio.gather(*(source.token() for _ in range(20)))}

    assert asyncio.run(many()) == {"access-1-SECRETBYTES"}
    assert len(service.forms) == 1


def test_another_process_finds_the_token_in_the_encrypted_cache(service: Any, clock: Any, tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    take(source_to(service, clock, cache=TokenCache(path, key())))
    assert take(source_to(service, clock, cache=TokenCache(path, key()))) == "access-1-SECRETBYTES"
    assert len(service.forms) == 1 and b"SECRETBYTES" not in path.read_bytes()
    assert take(source_to(service, clock, cache=TokenCache(path, key(2)))) == "access-2-SECRETBYTES"


def test_an_app_only_token_is_never_given_for_a_user(service: Any, clock: Any, tmp_path: Path) -> None:
    cache = TokenCache(tmp_path / "tokens", key())
    scope = "https://api.partnercenter.microsoft.com/.default"
    take(source_to(service, clock, sign_in(scope=scope), cache=cache))
    user = sign_in(scope=scope, store=MemoryStore(Consent(Secret(REFRESH))))
    assert take(source_to(service, clock, user, cache=cache)) == "access-2-SECRETBYTES"
    assert take(source_to(service, clock, user, cache=cache)) == "access-2-SECRETBYTES"
    assert take(source_to(service, clock, sign_in(scope=scope), cache=cache)) == "access-1-SECRETBYTES"


def test_a_rotated_refresh_token_is_stored_with_its_times(service: Any, clock: Any, tmp_path: Path) -> None:
    issued = datetime(2026, 1, 1, tzinfo=UTC)
    store = FileStore(tmp_path / "token", key())
    store.write(Consent(Secret(REFRESH), ConsentRecord(issued_at=issued, rotated_at=issued)))
    source = source_to(service, clock, sign_in(store=store))
    assert isinstance(source, SecureApplicationModel)
    take(source)
    assert service.forms[0]["refresh_token"] == REFRESH
    assert "https://api.partnercenter.microsoft.com/user_impersonation" in service.forms[0]["scope"].split()
    consent = store.read()
    assert consent is not None and consent.refresh_token == Secret("refresh-1-SECRETBYTES")
    now = clock.now()
    assert consent.record == ConsentRecord(issued, now, now, "ada@acmecloud.example")
    assert b"SECRETBYTES" not in (tmp_path / "token").read_bytes()
    take(source, force=True)
    assert service.forms[1]["refresh_token"] == "refresh-1-SECRETBYTES"


def test_without_a_new_refresh_token_the_old_one_stays(service: Any, clock: Any) -> None:
    service.rotate = False
    issued = datetime(2026, 1, 1, tzinfo=UTC)
    store = MemoryStore(Consent(Secret(REFRESH), ConsentRecord(issued_at=issued, rotated_at=issued)))
    take(source_to(service, clock, sign_in(store=store)))
    consent = store.read()
    assert consent is not None and consent.refresh_token == Secret(REFRESH)
    assert consent.record.rotated_at == issued and consent.record.redeemed_at == clock.now()


def test_no_access_token_comes_out_when_the_rotated_one_cannot_be_stored(service: Any, clock: Any) -> None:
    class Full(MemoryStore):
        def write(self, consent: Consent) -> None:
            raise AccessError("full", code="E-TOKEN-STORE-WRITE")

    problem = refused(source_to(service, clock, sign_in(store=Full(Consent(Secret(REFRESH))))))
    assert problem.code == "E-TOKEN-STORE-WRITE"


def test_the_first_token_fills_an_empty_store_and_is_not_asked_for_again(service: Any, clock: Any) -> None:
    asked: list[int] = []

    def bootstrap() -> Secret:
        asked.append(1)
        return Secret(REFRESH)

    store = MemoryStore()
    source = source_to(service, clock, sign_in(store=store, bootstrap=bootstrap))
    take(source)
    take(source, force=True)
    assert len(asked) == 1
    consent = store.read()
    assert consent is not None and consent.record.issued_at == clock.now()


def test_a_newer_first_token_replaces_a_stored_one_that_expired(service: Any, clock: Any) -> None:
    service.error = {"error": "invalid_grant", "error_codes": [700082]}
    service.refused = {"stale"}
    store = MemoryStore(Consent(Secret("stale")))
    take(source_to(service, clock, sign_in(store=store, bootstrap=lambda: Secret(REFRESH))))
    assert [f["refresh_token"] for f in service.forms] == ["stale", REFRESH]
    consent = store.read()
    assert consent is not None and consent.refresh_token == Secret("refresh-2-SECRETBYTES")


def test_a_store_that_cannot_be_written_still_signs_in(service: Any, clock: Any) -> None:
    store = ReadOnlyStore(SecretRef("env", "CSPCTL_TOKEN"), lambda: Secret(REFRESH))
    assert take(source_to(service, clock, sign_in(store=store))) == "access-1-SECRETBYTES"


def test_without_any_consent_the_user_is_told_to_consent(service: Any, clock: Any) -> None:
    problem = refused(source_to(service, clock, sign_in(store=MemoryStore())))
    assert problem.code == "E-AUTH-CONSENT-MISSING" and "auth consent" in (problem.hint or "")


@pytest.mark.parametrize(
    ("number", "error", "code"),
    [
        (7000215, "invalid_client", "E-AUTH-CLIENT-SECRET"),
        (7000222, "invalid_client", "E-AUTH-CLIENT-SECRET-EXPIRED"),
        (700027, "invalid_client", "E-AUTH-CERTIFICATE"),
        (700016, "unauthorized_client", "E-AUTH-APPLICATION"),
        (700082, "invalid_grant", "E-AUTH-REFRESH-IDLE"),
        (50173, "invalid_grant", "E-AUTH-REFRESH-REVOKED"),
        (50076, "invalid_grant", "E-AUTH-MFA"),
        (50079, "invalid_grant", "E-AUTH-MFA"),
        (53003, "invalid_grant", "E-AUTH-CONDITIONAL-ACCESS"),
        (65001, "invalid_grant", "E-AUTH-CONSENT"),
        (90002, "invalid_request", "E-AUTH-TENANT"),
        (123456, "invalid_grant", "E-AUTH-REFRESH-INVALID"),
        (123456, "interaction_required", "E-AUTH-MFA"),
        (123456, "invalid_request", "E-AUTH-REFUSED"),
    ],
)
def test_every_refusal_has_its_code_and_says_what_to_do(
    service: Any, clock: Any, number: int, error: str, code: str
) -> None:
    service.error = {
        "error": error,
        "error_description": f"AADSTS{number}: refused {REFRESH}. Trace ID: x",
        "error_codes": [number],
        "correlation_id": CORRELATION,
    }
    problem = refused(source_to(service, clock, sign_in(store=MemoryStore(Consent(Secret(REFRESH))))))
    assert isinstance(problem, AccessError) and problem.exit_code == 6
    assert problem.code == code
    assert f"AADSTS{number}" in problem.message and CORRELATION in problem.message
    assert problem.hint and problem.hint.endswith(".") and ". " not in problem.hint


def test_the_number_is_found_in_the_text_where_the_list_is_missing(service: Any, clock: Any) -> None:
    service.error = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret."}
    assert refused(source_to(service, clock)).code == "E-AUTH-CLIENT-SECRET"


def test_a_correlation_id_that_is_none_is_not_shown(service: Any, clock: Any) -> None:
    service.error = {"error": "x", "correlation_id": REFRESH}
    assert refused(source_to(service, clock)).code == "E-AUTH-REFUSED"


def test_a_tenant_that_the_service_does_not_know(service: Any, clock: Any) -> None:
    service.known = False
    problem = refused(source_to(service, clock))
    assert problem.code == "E-AUTH-TENANT" and TENANT in problem.message


@pytest.mark.parametrize(
    "broken",
    [{"status": 503}, {"raw": "<html>SECRETBYTES</html>"}, {"error": {"error": "temporarily_unavailable"}}],
)
def test_a_service_that_cannot_answer_is_unreachable(
    service: Any, clock: Any, broken: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in broken.items():
        setattr(service, name, value)
    with caplog.at_level(logging.DEBUG):
        problem = refused(source_to(service, clock))
    assert isinstance(problem, UnreachableError) and problem.code == "E-AUTH-UNREACHABLE"
    assert problem.exit_code == 7 and "SECRETBYTES" not in caplog.text


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_no_network_through_the_bridge_and_through_msals_own_client(clock: Any) -> None:
    port = closed_port()
    bridged = token_source(sign_in(emulator_base=f"http://127.0.0.1:{port}"), clock=clock)
    live = token_source(sign_in(), clock=clock, authority=f"https://127.0.0.1:{port}/{TENANT}")
    for source, code in ((bridged, "E-EMULATOR-UNREACHABLE"), (live, "E-AUTH-UNREACHABLE")):
        problem = refused(source)
        assert isinstance(problem, UnreachableError) and problem.code == code


def test_nothing_secret_is_logged_or_shown(
    service: Any, clock: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore(Consent(Secret(REFRESH)))
    settings = sign_in(store=store)
    with caplog.at_level(logging.DEBUG):
        source = source_to(service, clock, settings, cache=TokenCache(tmp_path / "tokens", key()))
        token = asyncio.run(source.token())
    assert caplog.records  # msal logs at this level, so the check below sees something
    assert "SECRETBYTES" not in caplog.text + repr(settings) + repr(vars(source)) + f"{token}{token!r}"


def test_real_tls(tls_service: Any, clock: Any) -> None:
    service, ca_file = tls_service

    def session() -> requests.Session:
        made = requests.Session()
        made.verify, made.trust_env = str(ca_file), False
        return made

    authority = f"{service.base_url}/{TENANT}"
    store = MemoryStore(Consent(Secret(REFRESH)))
    source = token_source(sign_in(store=store), clock=clock, authority=authority, http_client=session)
    assert take(source) == "access-1-SECRETBYTES"
    untrusting = token_source(sign_in(), clock=clock, authority=authority)
    assert isinstance(refused(untrusting), UnreachableError)


def test_a_bridge_leads_to_this_machine_only(clock: Any) -> None:
    for base in (
        "http://example.com",
        "http://10.0.0.1:80",
        "ftp://127.0.0.1",
        "http://u@127.0.0.1",
        "http://",
    ):
        with pytest.raises(RefusedError) as caught:
            token_source(sign_in(emulator_base=base), clock=clock)
        assert caught.value.code == "E-EMULATOR-ADDRESS"


def spec(**consent: str) -> dict[str, Any]:
    return {
        "displayName": "Acme",
        "accountId": TENANT,
        "application": {"id": APPLICATION, "secretRef": "env:CSPCTL_SECRET"},
        "consent": consent,
    }


def test_a_resellers_spec_becomes_a_sign_in(service: Any, clock: Any, tmp_path: Path) -> None:
    environ = {"CSPCTL_SECRET": CLIENT_SECRET, "CSPCTL_FIRST": REFRESH}
    consent = {"tokenStore": "file:token", "refreshTokenRef": "env:CSPCTL_FIRST"}
    settings = sign_in_of(spec(**consent), root=tmp_path, trust=Trust(), environ=environ, key=key())
    take(source_to(service, clock, settings))
    del environ["CSPCTL_FIRST"]  # once the store is filled the first token may go
    again = sign_in_of(spec(**consent), root=tmp_path, trust=Trust(), environ=environ, key=key())
    take(source_to(service, clock, again))
    assert [f["refresh_token"] for f in service.forms] == [REFRESH, "refresh-1-SECRETBYTES"]


def test_a_spec_without_consent_is_app_only_and_one_without_application_is_refused(tmp_path: Path) -> None:
    environ = {"CSPCTL_SECRET": CLIENT_SECRET}
    assert sign_in_of(spec(), root=tmp_path, trust=Trust(), environ=environ).app_only
    for broken in ({}, {"id": APPLICATION}):
        with pytest.raises(AccessError) as caught:
            sign_in_of({**spec(), "application": broken}, root=tmp_path, trust=Trust(), environ=environ)
        assert caught.value.code == "E-AUTH-APPLICATION-MISSING"
