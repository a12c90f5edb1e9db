"""What may have to happen before documented requests on referrals, payouts, searches and delegated privileges."""

from __future__ import annotations

from typing import Any

from conformance.plan import Plan
from conformance.seeds import CUSTOMER, OURS
from conformance.world import World

PARTNER_API = "api.partner.microsoft.com"
_REFERRALS = "/v1.0/engagements/referrals"
_PERSON = {"firstName": "Sue", "lastName": "Smith", "phoneNumber": "1234567890", "email": "sue.smith@contoso.com"}
LEAD: dict[str, Any] = {
    "name": "Lead",
    "type": "Independent",
    "qualification": "Direct",
    "customerProfile": {
        "name": "Fabrikam Customer Inc",
        "size": "10to50employees",
        "address": {"addressLine1": "One Way", "addressLine2": "", "city": "Redmond", "state": "WA",
                    "postalCode": "98052", "country": "US"},
        "team": [_PERSON],
    },
    "details": {
        "notes": "Can you help?", "dealValue": 10000, "currency": "USD", "closingDateTime": "2026-12-01T00:00:00Z",
        "requirements": {"industries": [{"id": "Education"}], "products": [{"id": "Microsoft365"}],
                         "services": [{"id": "LearningAndCertification"}],
                         "solutions": [{"id": "SOL-1", "name": "Microsoft365"}]},
    },
    "team": [_PERSON],
}  # fmt: skip  # one document
_PAGE = 100


def leads(world: World) -> Plan:
    """One lead more than a page holds."""
    world.seed(referrals=[{"partner": OURS, **LEAD, "name": f"Lead {number}"} for number in range(_PAGE + 1)])
    return Plan()


def won(world: World) -> Plan:
    """A deal of our own, from its first day to its end."""
    id = referral(world)
    states = (("status", "Closed"), ("substatus", "Won"))
    body = [{"op": "replace", "path": f"/{name}", "value": text} for name, text in states]
    world.call("PATCH", f"{_REFERRALS}/{id}", body, host=PARTNER_API)
    return Plan()


def referral(world: World) -> str:
    """A referral with everything that can be said of one."""
    wishes = {"locale": "en-us", "disableNotifications": False}
    team = [{**_PERSON, "contactPreference": wishes}]
    profile = LEAD["customerProfile"]
    address = {**profile["address"], "region": "Washington"}
    needs = LEAD["details"]["requirements"]
    solution = {"id": "Dynamics365forFieldService", "name": "Dynamics 365 for Field Service", "type": "Category"}
    full = {
        **LEAD,
        "expirationDateTime": "2026-12-31T00:00:00Z",
        "customerProfile": {
            **profile, "address": address, "team": team, "ids": [{"profileType": "Duns", "id": "795986822"}]
        },
        "consent": {"consentToToShareInfoWithOthers": True, "consentToContact": True},
        "details": {**LEAD["details"], "requirements": {**needs, "solutions": [*needs["solutions"], solution]}},
        "team": team,
        "inviteContext": {"notes": "Can you help?", "invitedBy": {"organizationId": "msft"}},
    }  # fmt: skip  # one document
    return str(world.post(_REFERRALS, full, host=PARTNER_API)["id"])


def searched(world: World) -> Plan:
    world.seed(searches=[{"partner": OURS, "keywordSearchText": "my company", "detailsViewed": True}])
    return Plan()


def payout(world: World, report: str) -> str:
    """A queued export request."""
    return str(world.post(f"/v1.0/payouts/{report}", host=PARTNER_API)["value"][0]["requestId"])


def delegated(world: World) -> Plan:
    """A customer with the old admin privileges, not used for long."""
    known = {"partner": OURS, "id": CUSTOMER, "domain": "contoso.onmicrosoft.com", "market": "US"}
    world.seed(customers=[{**known, "dap": "2021-06-18", "dapUsed": "2021-11-20"}])
    return Plan()


def exchanged(world: World) -> Plan:
    """A token of Partner Center in place of the one of the sign-in service."""
    form = {"grant_type": "jwt_token"}
    answer = world.service.call("POST", "/v3/generatetoken", partner=world.partner, data=form)
    token = answer.json()["access_token"]
    world.licence()
    return Plan(headers={"Authorization": f"Bearer {token}"})
