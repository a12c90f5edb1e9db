"""What Entra's refusals mean and what to do about each; the server's text is never shown, it may hold tokens.

Source: Microsoft Entra docs, page reference-error-codes (AADSTS). It warns that numbers may change, so an
unknown one falls back to the OAuth error beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from cspctl.errors import AccessError, CspctlError, UnreachableError

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
CONSENT_AGAIN = "Run `cspctl auth consent` and sign in once more with multi-factor authentication."


class Meaning(NamedTuple):
    code: str
    message: str
    hint: str


_IDLE = Meaning(
    "E-AUTH-REFRESH-IDLE",
    "The refresh token of {tenant} has expired because it was not used in time.",
    CONSENT_AGAIN,
)
_REVOKED = Meaning(
    "E-AUTH-REFRESH-REVOKED",
    "The refresh token of {tenant} was revoked, as after a change of password or by a policy.",
    CONSENT_AGAIN,
)
_INVALID = Meaning(
    "E-AUTH-REFRESH-INVALID",
    "The sign-in service does not accept the stored consent of {tenant}.",
    CONSENT_AGAIN,
)
_MFA = Meaning(
    "E-AUTH-MFA",
    "{tenant} demands multi-factor authentication, which the stored consent lacks.",
    CONSENT_AGAIN,
)
_POLICY = Meaning(
    "E-AUTH-CONDITIONAL-ACCESS",
    "A conditional access policy of {tenant} blocks this sign-in.",
    "Ask the tenant's administrator to allow this application from where cspctl runs, then consent again.",
)
_SECRET = Meaning(
    "E-AUTH-CLIENT-SECRET",
    "The secret of application {application} is wrong.",
    "Store the secret's value, not its id, under application.secretRef.",
)
_SECRET_EXPIRED = Meaning(
    "E-AUTH-CLIENT-SECRET-EXPIRED",
    "The secret of application {application} has expired.",
    "Create a new secret in the app registration and store it under application.secretRef.",
)
_CERTIFICATE = Meaning(
    "E-AUTH-CERTIFICATE",
    "Application {application} does not accept this certificate.",
    "Upload the certificate behind application.certificateRef to the app registration.",
)
_APPLICATION = Meaning(
    "E-AUTH-APPLICATION",
    "Application {application} is not known in {tenant}.",
    "Correct application.id, or register the application in this tenant and consent to it.",
)
_CONSENT = Meaning(
    "E-AUTH-CONSENT",
    "{tenant} has not consented to application {application}.",
    "Let an administrator grant Partner Center's user_impersonation, then run `cspctl auth consent`.",
)
_TENANT = Meaning(
    "E-AUTH-TENANT",
    "The sign-in service does not know the tenant {tenant}.",
    "Correct accountId, and cloud where the tenant lives in another one.",
)
_RESOURCE = Meaning(
    "E-AUTH-RESOURCE",
    "Partner Center is not enabled as a resource in {tenant}.",
    "Enable API access in Partner Center's account settings and add its permission to the app registration.",
)
_USER = Meaning(
    "E-AUTH-USER",
    "The user who consented for {tenant} is disabled or gone.",
    "Run `cspctl auth consent` with another user who has the Admin agent role.",
)
_BUSY = Meaning(
    "E-AUTH-UNREACHABLE",
    "The sign-in service is not able to answer now.",
    "Run this again in a few minutes.",
)

MEANINGS: dict[int, Meaning] = {
    7000215: _SECRET,
    7000222: _SECRET_EXPIRED,
    700027: _CERTIFICATE,
    700016: _APPLICATION,
    700038: _APPLICATION,
    700082: _IDLE,
    70008: _IDLE,
    50173: _REVOKED,
    50133: _REVOKED,
    700084: _REVOKED,
    70043: _REVOKED,
    70000: _INVALID,
    9002313: _INVALID,
    50076: _MFA,
    50079: _MFA,
    50074: _MFA,
    50078: _MFA,
    53000: _POLICY,
    53001: _POLICY,
    53003: _POLICY,
    65001: _CONSENT,
    65004: _CONSENT,
    90002: _TENANT,
    900023: _TENANT,
    500011: _RESOURCE,
    650057: _RESOURCE,
    50034: _USER,
    50057: _USER,
    90033: _BUSY,
    50196: _BUSY,
}
BY_ERROR: dict[str, Meaning] = {
    "invalid_grant": _INVALID,
    "interaction_required": _MFA,
    "consent_required": _CONSENT,
    "temporarily_unavailable": _BUSY,
    "server_error": _BUSY,
}
_REFUSED = Meaning(
    "E-AUTH-REFUSED",
    "The sign-in service refused application {application} in {tenant}.",
    "Look the AADSTS number up in the Entra documentation, or try `cspctl auth doctor`.",
)
# Another refresh token may still be accepted where this one is not.
TOKEN_CODES = frozenset(m.code for m in (_IDLE, _REVOKED, _INVALID, _MFA))


def refusal(answer: Mapping[str, Any], *, tenant: str, application: str) -> CspctlError:
    """The exception for msal's error answer; UnreachableError where the service is only busy."""
    number = _number(answer)
    error = str(answer.get("error", ""))
    meaning = MEANINGS.get(number) if number else None
    meaning = meaning or BY_ERROR.get(error, _REFUSED)
    message = meaning.message.format(tenant=tenant, application=application) + _for_support(answer, number)
    kind = UnreachableError if meaning is _BUSY else AccessError
    return kind(message, code=meaning.code, hint=meaning.hint)


def unknown_tenant(*, tenant: str, application: str) -> AccessError:
    """msal could not read the tenant's own sign-in configuration."""
    return AccessError(
        _TENANT.message.format(tenant=tenant, application=application), code=_TENANT.code, hint=_TENANT.hint
    )


def unreachable(host: str) -> UnreachableError:
    return UnreachableError(
        f"The sign-in service {host} could not be reached.",
        code="E-AUTH-UNREACHABLE",
        hint="Check the network, the proxy settings and the certificate bundle, then run this again.",
    )


def _number(answer: Mapping[str, Any]) -> int | None:
    codes = answer.get("error_codes")
    if isinstance(codes, list) and codes and isinstance(codes[0], int):
        return codes[0]
    found = re.search(r"AADSTS(\d{4,8})\b", str(answer.get("error_description", "")))
    return int(found[1]) if found else None


def _for_support(answer: Mapping[str, Any], number: int | None) -> str:
    facts = [f"AADSTS{number}"] if number else []
    correlation = answer.get("correlation_id")
    if isinstance(correlation, str) and GUID.fullmatch(correlation):
        facts.append(f"correlation id {correlation}")
    return f" ({', '.join(facts)})" if facts else ""
