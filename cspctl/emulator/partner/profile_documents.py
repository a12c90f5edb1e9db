"""The two profiles of a customer in their stored form.

Source: Partner Center docs, page customer-resources (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.wire.shapes import link


def culture_of(text: str) -> str:
    """`EN-us` in, `en-US` out."""
    language, _, region = text.replace("_", "-").partition("-")
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


def signed_number(text: str) -> str:
    """The ETag of a billing profile: a signed 64-bit integer as text, here taken from hexadecimal text."""
    return str(int(text.replace("-", "")[:16], 16) - 2**63)


def company_profile(id: str, domain: str, billing: dict[str, Any], number: str | None) -> dict[str, Any]:
    """companyProfile of a new customer; its address keeps the state code in `region`, in lower case."""
    given = billing["defaultAddress"]
    address = {
        "country": given["country"],
        "region": str(given.get("state") or "").lower() or None,
        "city": given["city"],
        "addressLine1": given["addressLine1"],
        "postalCode": given.get("postalCode"),
        "phoneNumber": given.get("phoneNumber"),
    }
    return {
        "tenantId": id,
        "domain": domain,
        "companyName": billing["companyName"],
        "organizationRegistrationNumber": number,
        "address": {key: value for key, value in address.items() if value is not None},
        "email": billing["email"],
        "links": {"self": link(f"/customers/{id}/profiles/company")},
        "attributes": {"objectType": "CustomerCompanyProfile"},
    }


def billing_profile(id: str, profile_id: str, given: dict[str, Any], etag: str) -> dict[str, Any]:
    """billingProfile as stored, from a body whose required fields and address were checked."""
    return {
        "id": profile_id,
        "firstName": given.get("firstName"),
        "lastName": given.get("lastName"),
        "email": given["email"],
        "culture": culture_of(given["culture"]),
        "language": str(given["language"]).lower(),
        "companyName": given["companyName"],
        "defaultAddress": given["defaultAddress"],
        "links": {"self": link(f"/customers/{id}/profiles/billing")},
        "attributes": {"etag": etag, "objectType": "CustomerBillingProfile"},
    }
