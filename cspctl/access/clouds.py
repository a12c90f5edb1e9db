"""Sign-in authority and audience per cloud.

Source: Partner Center docs, pages partner-center-authentication (2023), test-and-debug and
developing-for-partner-center-for-microsoft-national-cloud. The sandbox has no host of its own: the token's
tenant decides.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cspctl.errors import InputError

# A GUID or a domain: nothing else may become part of the sign-in URL.
TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


class Cloud(NamedTuple):
    """`authority` and `resource` are origins without a trailing slash; `vault_suffix` is a domain."""

    authority: str
    resource: str
    vault_suffix: str


CLOUDS: dict[str, Cloud] = {
    "global": Cloud("https://login.microsoftonline.com", "https://api.partnercenter.microsoft.com", "vault.azure.net"),
    "us-government": Cloud(
        "https://login.microsoftonline.us",
        "https://api.partnercenter.microsoft.com",
        "vault.usgovcloudapi.net",
    ),
    "china": Cloud(
        "https://login.partner.microsoftonline.cn",
        "https://partner.partnercenterapi.microsoftonline.cn",
        "vault.azure.cn",
    ),
}


def cloud_named(name: str) -> Cloud:
    """The cloud's endpoints; raises InputError for a name that is none of `CLOUDS`."""
    try:
        return CLOUDS[name]
    except KeyError:
        known = ", ".join(CLOUDS)
        raise InputError(f"{name!r} is not a cloud.", code="E-CLOUD", hint=f"Write one of {known}.") from None


def authority_of(cloud: str, tenant: str) -> str:
    """`https://login…/<tenant>`; raises InputError for a tenant that is neither a GUID nor a domain."""
    if not TENANT.fullmatch(tenant):
        raise InputError(
            f"{tenant!r} cannot be a tenant.",
            code="E-TENANT",
            hint="Write the partner tenant's GUID or its domain as accountId.",
        )
    return f"{cloud_named(cloud).authority}/{tenant}"
