"""What the other hosts do in their own way: the form of errors and the ids in the headers.

Source: partner-rest docs (2022), error codes and headers of api.partner.microsoft.com; page get-a-price-sheet
(Oct 2023): there a caller without the needed permissions is answered 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from cspctl.emulator.errors import ApiError

_WORDS = {
    400: "invalidRequest",
    401: "unauthenticated",
    403: "accessDenied",
    404: "itemNotFound",
    409: "resourceModified",
    412: "preconditionFailed",
    503: "serviceNotAvailable",
}
_PARTNER_API = ("prices", "referrals", "payouts")  # what api.partner.microsoft.com offers


def error_on(error: ApiError, audience: str) -> ApiError:
    """The same error as its host writes it; errors that already have a form of their own stay."""
    if audience == "partnercenter" or error.shape != "classic":
        return error
    status = 400 if audience == "prices" and error.status == 403 else error.status
    word = _WORDS.get(status, "generalException")
    return ApiError(status, word, error.description, shape="graph", headers=error.headers)


def headers_on(audience: str, given: Mapping[str, str]) -> dict[str, str]:
    """The ids that api.partner.microsoft.com adds to every answer; {} for the others."""
    if audience not in _PARTNER_API:
        return {}
    ids = {"request-id": str(uuid4()), "client-request-id": given.get("client-request-id") or str(uuid4())}
    return {**ids, "x-ms-ags-diagnostic": '{"ServerInfo":{"DataCenter":"emulator"}}'}
