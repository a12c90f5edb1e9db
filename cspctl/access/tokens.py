"""Access tokens for Partner Center: fetched through msal one at a time, kept until shortly before the end."""

from __future__ import annotations

import asyncio
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cspctl.access.bridge import Bridge, SignInServerError, emulator_unreachable, loopback_origin, unknown_partner
from cspctl.access.cache import TokenCache
from cspctl.access.certificate import read_certificate, refuse_expired
from cspctl.access.clouds import authority_of, cloud_named
from cspctl.access.consent import Consent, ConsentRecord
from cspctl.access.refusals import TOKEN_CODES, refusal, unknown_tenant, unreachable
from cspctl.access.sign_in import SignIn
from cspctl.access.store import TokenStore
from cspctl.errors import AccessError, CspctlError
from cspctl.model.ports import Clock
from cspctl.secret import Secret

EARLY = timedelta(minutes=5)
TIMEOUT_SECONDS = 30.0
EMULATOR_CREDENTIAL = "emulator"  # the emulator checks none, and no secret reference is resolved for it

log = logging.getLogger("cspctl.access")


@dataclass(frozen=True, slots=True)
class AccessToken:
    value: Secret
    expires_at: datetime


class TokenSource(ABC):
    """Gives access tokens of one sign-in. Subclasses say how one is fetched."""

    def __init__(
        self,
        settings: SignIn,
        *,
        clock: Clock,
        cache: TokenCache | None = None,
        authority: str | None = None,
        http_client: Callable[[], Any] | None = None,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._cache = cache or TokenCache()
        self._authority = authority or authority_of(settings.cloud, settings.tenant)
        self._http_client = http_client
        self._lock = threading.Lock()
        self._current: AccessToken | None = None
        if settings.emulator_base is not None:
            base = loopback_origin(settings.emulator_base)  # refused here, before anything is sent
            self._http_client = lambda: Bridge(base)

    async def token(self, *, force: bool = False) -> Secret:
        """A token good for some minutes more; `force` after the service has refused the last one.

        Callers that wait while another one fetches share its result. Raises AccessError, UnreachableError.
        """
        seen = self._current
        if not force and seen is not None and self._fresh(seen):
            return seen.value
        return await asyncio.to_thread(self._renewed, seen, force)

    def _renewed(self, seen: AccessToken | None, force: bool) -> Secret:
        with self._lock:
            current = self._current
            if current is not None and current is not seen and self._fresh(current):
                return current.value  # fetched by another caller meanwhile
            self._current = self._cached_or_fetched(force)
            return self._current.value

    def _fresh(self, token: AccessToken) -> bool:
        return self._clock.now() < token.expires_at - EARLY

    def _cached_or_fetched(self, force: bool) -> AccessToken:
        cache = self._cache.load()
        if self._cache.persistent and not force:
            kept = self._kept(cache)
            if kept is not None:
                return kept
        for entry in list(self._entries(cache)):
            cache.remove_at(entry)
        answer = self._fetched(cache)
        self._cache.save(cache)
        return self._read(answer)

    def _kept(self, cache: Any) -> AccessToken | None:
        for entry in self._entries(cache):
            token = AccessToken(Secret(entry["secret"]), datetime.fromtimestamp(int(entry["expires_on"]), tz=UTC))
            if self._fresh(token):
                return token
        return None

    def _entries(self, cache: Any) -> list[Mapping[str, Any]]:
        """Cached access tokens of this application, tenant, scope and way of signing in."""
        authority = urlsplit(self._authority)
        query = {
            "client_id": self.settings.client_id,
            "environment": authority.hostname,
            "realm": authority.path.strip("/").split("/")[0],
        }
        found = cache.search("AccessToken", target=[self.scope], query=query)
        return [e for e in found if bool(e.get("home_account_id")) != self.settings.app_only]

    def _fetched(self, cache: Any) -> Mapping[str, Any]:
        client = self._http_client() if self._http_client else None
        try:
            app = self._guarded(lambda: self._application(cache, client), ValueError)
            answer = self._answer(app)
        finally:
            if client is not None:
                client.close()
        if "access_token" not in answer:
            raise self._refusal(answer)
        return answer

    def _application(self, cache: Any, client: Any) -> Any:
        import msal

        _keep_answers_out_of_logs()
        return msal.ConfidentialClientApplication(
            self.settings.client_id,
            client_credential=self._credential(),
            authority=self._authority,
            instance_discovery=False,  # the authorities are known; asking would be one more request
            token_cache=cache,
            http_client=client,
            timeout=TIMEOUT_SECONDS,
        )

    def _credential(self) -> Any:
        settings = self.settings
        if settings.emulator_base is not None:
            return EMULATOR_CREDENTIAL
        if settings.certificate is not None:
            certificate = read_certificate(settings.certificate)
            refuse_expired(certificate, self._clock.now())
            return certificate.credential()
        if settings.client_secret is None:
            raise AccessError(
                f"Application {settings.client_id} has no credential.",
                code="E-AUTH-APPLICATION-MISSING",
                hint="Give application.secretRef or application.certificateRef.",
            )
        return settings.client_secret.reveal()

    @property
    @abstractmethod
    def scope(self) -> str: ...

    @abstractmethod
    def _answer(self, app: Any) -> Mapping[str, Any]: ...

    def _read(self, answer: Mapping[str, Any]) -> AccessToken:
        # The v1 route gives numbers as text.
        return AccessToken(
            Secret(answer["access_token"]),
            self._clock.now() + timedelta(seconds=int(answer.get("expires_in") or 600)),
        )

    def _refusal(self, answer: Mapping[str, Any]) -> Exception:
        return refusal(answer, tenant=self.settings.tenant, application=self.settings.client_id)

    def _guarded(self, call: Callable[[], Any], tenant_problem: type[Exception] | None = None) -> Any:
        """Translate what msal raises. The original is dropped: it may hold the request with its secrets."""
        failure: Exception
        try:
            return call()
        except CspctlError:
            raise
        except Exception as problem:  # msal lets every exception of its http client through
            failure = self._translated(problem, tenant_problem)
        raise failure

    def _translated(self, problem: Exception, tenant_problem: type[Exception] | None) -> Exception:
        if tenant_problem is not None and type(problem) is tenant_problem:
            if self.settings.emulator_base is not None:
                return unknown_partner(self.settings.tenant)
            return unknown_tenant(tenant=self.settings.tenant, application=self.settings.client_id)
        origins = {k.__module__.partition(".")[0] for k in type(problem).__mro__}
        if isinstance(problem, OSError | ValueError | SignInServerError | RuntimeError):
            return self._unreachable()
        if origins & {"httpx", "requests", "urllib3", "msal"}:
            return self._unreachable()
        return AccessError(
            f"Signing in to {self.settings.tenant} failed ({type(problem).__name__}).",
            code="E-AUTH-FAILED",
            hint="Run `cspctl auth doctor` to see which part of the sign-in fails.",
        )

    def _unreachable(self) -> Exception:
        if self.settings.emulator_base is not None:
            return emulator_unreachable(self.settings.emulator_base)
        return unreachable(urlsplit(self._authority).hostname or "")


class AppOnly(TokenSource):
    """client_credentials: acts as the application; many operations of Partner Center refuse it."""

    @property
    def scope(self) -> str:
        return self.settings.scope or f"{cloud_named(self.settings.cloud).resource}/.default"

    def _answer(self, app: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._guarded(lambda: app.acquire_token_for_client([self.scope]))
        return answer


class SecureApplicationModel(TokenSource):
    """Redeems the refresh token of a person's consent.

    The rotated refresh token is stored before the access token is used; where the answer has none the old one
    stays. Source: Partner Center docs, page partner-center-authentication (2023).
    """

    @property
    def scope(self) -> str:
        return self.settings.scope or f"{cloud_named(self.settings.cloud).resource}/user_impersonation"

    def _answer(self, app: Any) -> Mapping[str, Any]:
        store = self.settings.store
        stored = store.read() if store is not None else None
        consent = stored or self._first_consent()
        answer = self._redeemed(app, consent)
        if "access_token" not in answer and stored is not None:
            consent, answer = self._second_chance(app, stored, answer)
        if "access_token" in answer:
            self._keep(store, consent, answer)
        return answer

    def _redeemed(self, app: Any, consent: Consent) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._guarded(
            lambda: app.acquire_token_by_refresh_token(consent.refresh_token.reveal(), [self.scope])
        )
        return answer

    def _first_consent(self) -> Consent:
        if self.settings.bootstrap is None:
            raise AccessError(
                f"There is no consent for {self.settings.tenant} yet.",
                code="E-AUTH-CONSENT-MISSING",
                hint="Run `cspctl auth consent` and sign in with multi-factor authentication.",
            )
        now = self._clock.now()
        return Consent(self.settings.bootstrap(), ConsentRecord(issued_at=now, rotated_at=now))

    def _second_chance(self, app: Any, stored: Consent, answer: Mapping[str, Any]) -> tuple[Consent, Mapping[str, Any]]:
        """A person may have put a newer token into refreshTokenRef after the stored one stopped working."""
        code = getattr(self._refusal(answer), "code", "")
        if self.settings.bootstrap is None or code not in TOKEN_CODES:
            return stored, answer
        try:
            first = self._first_consent()
        except AccessError:
            return stored, answer  # the refusal of the stored token says more than the missing first one
        if first.refresh_token == stored.refresh_token:
            return stored, answer
        return first, self._redeemed(app, first)

    def _keep(self, store: TokenStore | None, consent: Consent, answer: Mapping[str, Any]) -> None:
        if store is None or not store.writable:
            log.info("W-TOKEN-NOT-KEPT the rotated refresh token of %s has no store", self.settings.tenant)
            return
        rotated = answer.get("refresh_token")
        claims = answer.get("id_token_claims") or {}
        principal = claims.get("preferred_username") or claims.get("upn")
        store.write(
            consent.redeemed(self._clock.now(), rotated=Secret(rotated) if rotated else None, principal=principal)
        )


def token_source(
    settings: SignIn,
    *,
    clock: Clock,
    cache: TokenCache | None = None,
    authority: str | None = None,
    http_client: Callable[[], Any] | None = None,
) -> TokenSource:
    """App+user where the sign-in has a store or a first refresh token, else app-only.

    `authority` (an https URL with the tenant) and `http_client` (makes msal's own) replace the defaults.
    """
    kind = AppOnly if settings.app_only else SecureApplicationModel
    return kind(settings, clock=clock, cache=cache, authority=authority, http_client=http_client)


class _NoAnswers(logging.Filter):
    """msal logs the whole text of an answer that is not JSON."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "not in json format" not in str(record.msg)


_NO_ANSWERS = _NoAnswers()


def _keep_answers_out_of_logs() -> None:
    logging.getLogger("msal.oauth2cli.oauth2").addFilter(_NO_ANSWERS)
