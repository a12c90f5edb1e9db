"""Leads and co-sell opportunities on the host of prices and referrals."""

from __future__ import annotations

from typing import Any

import pytest

OURS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
THEIRS = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a20"
HOST = "api.partner.microsoft.com"
REFERRALS = "/v1.0/engagements/referrals"


def lead(**more):
    profile = {"name": "Contoso Customer", "size": "10to50employees", "address": {"country": "US", "city": "Redmond"}}
    return {"name": "Co-sell", "type": "Shared", "qualification": "SalesQualified", "customerProfile": profile, **more}


@pytest.fixture
def desk(shop):
    """The host of referrals, spoken to as a user who may: `desk("GET", path)` answers the response."""

    def call(method: str, path: str = REFERRALS, body: Any = None, *, roles=None, user=True, partner=OURS, **headers):
        token = shop.bearer(f"https://{HOST}", partner, user, roles)
        given = {"Authorization": f"Bearer {token}", "Host": HOST}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        more = {} if body is None else {"json": body}
        return shop.send(method=method, url=path, headers=given, **more)

    return call


def listed(answer):
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["value"]]


def seed(shop, *referrals):
    shop.seed({"referrals": [{"partner": OURS, **lead(), **one} for one in referrals]})


def test_a_created_referral_has_every_documented_property(desk, sample, misfits):
    body = lead(
        status="New", substatus="Pending", statusReason="ok", target=[{"type": "SolutionProfile", "id": "SOL-1"}],
        consent={"consentToToShareInfoWithOthers": True, "consentToContact": True},
        details={"notes": "n", "dealValue": 50000, "currency": "USD", "closingDateTime": "2026-11-14T00:00:00Z"},
        team=[{"firstName": "John", "lastName": "Doe", "email": "john.doe@example.com"}],
        inviteContext={"notes": "hi", "invitedBy": {"organizationId": "msft"}},
    )  # fmt: skip  # one body
    made = desk("POST", REFERRALS, body)
    assert made.status_code == 200, made.text
    shown = {"customerProfile", "details", "team"}  # echoed as they are given
    documented = {key: value for key, value in sample("create-a-referral").items() if key not in shown}
    assert misfits(documented, made.json()) == []
    assert {name: made.json()[name] for name in shown} == {name: body[name] for name in shown}
    assert (made.json()["status"], made.json()["substatus"]) == ("Active", "Accepted"), "one's own is accepted at once"
    assert made.json()["organizationId"] == OURS
    assert made.headers["etag"] == made.json()["eTag"]
    assert made.headers["request-id"]
    found = desk("GET", f"{REFERRALS}/{made.json()['id'].upper()}")
    assert {**found.json(), "@odata.context": ""} == {**made.json(), "@odata.context": ""}
    assert made.json()["links"]["self"]["uri"].endswith(f"{REFERRALS}/{made.json()['id']}")


@pytest.mark.parametrize(
    "change",
    [
        {"customerProfile": {"size": "1"}},
        {"type": "Secret"},
        {"status": "Closed", "substatus": "Pending"},
        {"status": "Closed", "substatus": "Won", "details": {"dealValue": "much"}},
        {"team": "me"},
        {"expirationDateTime": "soon"},
    ],
)
def test_referrals_that_cannot_be(desk, change):
    refused = desk("POST", REFERRALS, lead(**change))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalidRequest")
    assert desk("GET").json()["value"] == []


def test_only_users_with_a_role_for_referrals_and_a_token_for_the_host(desk, shop):
    assert desk("GET", roles=["ReferralUser"]).status_code == 200
    denied = desk("GET", roles=["AdminAgent", "SalesAgent"])
    assert (denied.status_code, denied.json()["error"]["code"]) == (403, "accessDenied")
    assert desk("GET", user=False).status_code == 403
    assert shop.call("GET", REFERRALS).status_code == 401
    assert desk("GET", f"{REFERRALS}/nowhere").json()["error"]["code"] == "itemNotFound"
    shop.switch(require_client_request_id=True)
    assert desk("GET").status_code == 400
    assert desk("GET", client_request_id="4d1e5c0e-0000-4000-8000-000000000001").status_code == 200


def test_lists_take_the_documented_queries(desk, shop, sample, misfits):
    seed(
        shop,
        {"name": "old", "createdDateTime": "2026-01-01T00:00:00Z", "details": {"dealValue": 10}},
        {"name": "mine", "direction": "Outgoing", "status": "Active", "substatus": "Accepted",
         "createdDateTime": "2026-02-01T00:00:00Z", "team": [{"email": "R2D2@contoso.com"}],
         "details": {"dealValue": 9}},
        {"name": "new", "type": "Independent", "createdDateTime": "2026-03-01T00:00:00Z",
         "details": {"dealValue": 200}},
    )  # fmt: skip  # three referrals
    every = desk("GET", f"{REFERRALS}?$orderby=createdDateTime desc")
    assert listed(every) == ["new", "mine", "old"]
    documented = sample("get-a-list-of-referrals")
    first = {**documented["value"][0], "customerProfile": {"name": "x"}, "details": {"dealValue": 1}}
    assert misfits({**documented, "@odata.nextLink": None, "value": [first]}, every.json()) == []

    def with_filter(text):
        return listed(desk("GET", f"{REFERRALS}?$top=10&$filter={text}&$orderby=details/dealValue"))

    assert with_filter("(type eq 'Shared' and direction eq 'Incoming')") == ["old"]
    assert with_filter("(direction eq 'Incoming' and substatus eq 'Pending')") == ["old", "new"]
    team = "team/any(t:t/email eq 'r2d2@contoso.com')"
    assert with_filter(f"status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and {team}") == ["mine"]
    assert with_filter("createdDateTime ge 2026-02-01 and not (name eq 'new')") == ["mine"]
    assert with_filter("customerProfile/address/country eq 'US' and (name eq 'old' or name eq 'new')") == ["old", "new"]
    assert with_filter("externalReferenceId eq null") == ["mine", "old", "new"]
    chosen = desk("GET", f"{REFERRALS}?$select=id,status&$top=1").json()["value"][0]
    assert set(chosen) == {"id", "status"}
    for query in ("$filter=nonsense", "$filter=unknown eq 1", "$filter=(name eq 'a'", "$orderby=a b c", "$top=x"):
        assert desk("GET", f"{REFERRALS}?{query}").status_code == 400, query


def test_a_hundred_referrals_make_a_page(desk, shop):
    seed(shop, *({"name": f"{number:03}"} for number in range(101)))
    first = desk("GET", f"{REFERRALS}?$orderby=name&$filter=type eq 'Shared'&$top=500").json()
    assert (first["@odata.count"], len(first["value"])) == (100, 100)
    link = first["@odata.nextLink"]
    assert link.startswith(f"http://{HOST}{REFERRALS}?")
    last = desk("GET", link[len(f"http://{HOST}") :])
    assert listed(last) == ["100"]
    assert "@odata.nextLink" not in last.json()
    assert listed(desk("GET", f"{REFERRALS}?$orderby=name&$top=2&$skip=3")) == ["003", "004"]


def patch(desk, id, *operations, **headers):
    return desk("PATCH", f"{REFERRALS}/{id}", list(operations), **headers)


def test_patches_replace_and_add(desk):
    made = desk("POST", REFERRALS, lead()).json()
    value = {"op": "replace", "path": "/details/dealValue", "value": "10000"}
    person = {"email": "jane.doe@contoso.com", "firstName": "Jane", "lastName": "Doe", "phoneNumber": "0000000001"}
    answer = patch(desk, made["id"], value, {"op": "add", "path": "/team/-", "value": person})
    assert (answer.status_code, answer.content) == (204, b"")
    found = desk("GET", f"{REFERRALS}/{made['id']}").json()
    assert (found["details"]["dealValue"], found["team"]) == (10000, [person])
    assert found["eTag"] == answer.headers["etag"] != made["eTag"]
    shown = patch(
        desk, made["id"], {**value, "path": "/team/0/firstName", "value": "J"}, Prefer="return=representation"
    )
    assert (shown.status_code, shown.json()["team"][0]["firstName"]) == (200, "J")
    with_date = patch(
        desk, made["id"], {"op": "add", "path": "/details/closingDateTime", "value": "2026-12-01T00:00:00Z"}
    )
    assert with_date.status_code == 204


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/details/notes"},
        {"op": "replace", "path": "/id", "value": "x"},
        {"op": "replace", "path": "details", "value": {}},
        {"op": "replace", "path": "/team/7", "value": {}},
        {"op": "replace", "path": "/details/dealValue", "value": "much"},
        {"op": "replace", "path": "/customerProfile", "value": None},
        {"op": "replace", "path": "/name/first", "value": "x"},
        {"op": "replace", "path": "/status", "value": "New"},
        {"op": "replace", "path": "/substatus", "value": "Won"},
    ],
)
def test_patches_that_cannot_be_change_nothing(desk, operation):
    made = desk("POST", REFERRALS, lead()).json()
    first = {"op": "replace", "path": "/name", "value": "changed"}
    assert patch(desk, made["id"], first, operation).status_code == 400
    assert desk("GET", f"{REFERRALS}/{made['id']}").json()["name"] == "Co-sell"


def test_states_follow_the_documented_table(desk, shop):
    seed(shop, {"name": "lead"})
    (one,) = desk("GET").json()["value"]

    def to(status, substatus):
        pair = [{"op": "replace", "path": f"/{name}", "value": text} for name, text in
                (("status", status), ("substatus", substatus))]  # fmt: skip  # two operations
        return patch(desk, one["id"], *pair).status_code

    assert to("New", "Accepted") == 400, "not a substatus of New"
    assert to("New", "Received") == 204
    assert to("Active", "Accepted") == 204
    assert to("New", "Pending") == 400
    assert to("Closed", "Won") == 204
    assert to("Active", "Accepted") == 400


def test_concurrency_is_checked_for_those_who_send_if_match(desk):
    made = desk("POST", REFERRALS, lead()).json()
    change = {"op": "replace", "path": "/name", "value": "a"}
    assert patch(desk, made["id"], change, If_Match=made["eTag"]).status_code == 204
    stale = patch(desk, made["id"], change, If_Match=made["eTag"])
    assert (stale.status_code, stale.json()["error"]["code"]) == (412, "preconditionFailed")
    assert patch(desk, made["id"], change, If_Match="*").status_code == 204


def test_a_lead_that_nobody_takes_expires(desk, shop):
    seed(shop, {"name": "lead", "expirationDateTime": "2026-03-12T00:00:00Z"})
    assert desk("GET").json()["value"][0]["substatus"] == "Pending"
    shop.advance("P2D")
    (gone,) = desk("GET").json()["value"]
    assert (gone["status"], gone["substatus"], gone["updatedDateTime"]) == ("Closed", "Expired", "2026-03-12T00:00:00Z")
    pair = [{"op": "replace", "path": f"/{name}", "value": text} for name, text in
            (("status", "Active"), ("substatus", "Accepted"))]  # fmt: skip  # two operations
    assert patch(desk, gone["id"], *pair).status_code == 400


def test_partners_of_one_engagement_hear_of_each_other(desk, shop):
    names = ["referral-created", "referral-updated", "related-referral-created", "related-referral-updated"]
    shop.switch(webhook_delay_seconds=3600)  # nobody listens there
    for partner in (OURS, THEIRS):
        hook = {"webhookUrl": "http://127.0.0.1:9/hook", "webhookEvents": names}
        assert shop.call("POST", "/webhooks/v1/registration", hook, partner=partner).status_code == 200
    made = desk("POST", REFERRALS, lead(target=[{"type": "BusinessProfile", "id": THEIRS}])).json()
    (theirs,) = desk("GET", partner=THEIRS).json()["value"]
    assert (theirs["engagementId"], theirs["direction"]) == (made["engagementId"], "Incoming")
    assert theirs["inviteContext"]["invitedBy"]["organizationId"] == OURS
    patch(desk, made["id"], {"op": "replace", "path": "/name", "value": "b"})
    events = [(one["partner"], one["payload"]["EventName"]) for one in shop.store.list("webhook_event", "")]
    assert events == [
        (OURS, "referral-created"),
        (THEIRS, "referral-created"),
        (OURS, "related-referral-created"),
        (OURS, "referral-updated"),
        (THEIRS, "related-referral-updated"),
    ]
    uri = shop.store.list("webhook_event", "")[0]["payload"]["ResourceUri"]
    assert uri.endswith(f"/engagements/v1/referrals/{made['id']}")


def test_a_lead_comes_by_an_action(desk, shop):
    shop.switch(webhook_delay_seconds=3600)  # nobody listens there
    hook = {"webhookUrl": "http://127.0.0.1:9/hook", "webhookEvents": ["referral-created"]}
    assert shop.call("POST", "/webhooks/v1/registration", hook).status_code == 200
    wanted = {"action": "send-referral", "partner": OURS, "referral": lead(type="Independent")}
    answer = shop.control("POST", "actions", wanted)
    assert answer.status_code == 200, answer.text
    found = desk("GET", f"{REFERRALS}/{answer.json()['referralId']}").json()
    assert (found["status"], found["substatus"], found["direction"]) == ("New", "Pending", "Incoming")
    assert [one["payload"]["EventName"] for one in shop.store.list("webhook_event", "")] == ["referral-created"]
    for referral in ("x", {"name": "without a customer"}):
        assert shop.control("POST", "actions", {**wanted, "referral": referral}).status_code == 400


def test_settings_for_what_the_page_leaves_open(open_shop):
    other = open_shop(referral_create_status=201, own_referrals_accepted=False)
    token = other.bearer(f"https://{HOST}", OURS, True)
    headers = {"Authorization": f"Bearer {token}", "Host": HOST}
    made = other.send(method="POST", url=REFERRALS, headers=headers, json=lead())
    assert (made.status_code, made.json()["substatus"]) == (201, "Pending")


def test_seeding_twice_leaves_what_was_changed(desk, shop):
    seed(shop, {"name": "lead"})
    (one,) = desk("GET").json()["value"]
    patch(desk, one["id"], {"op": "replace", "path": "/name", "value": "mine"})
    seed(shop, {"name": "lead"})
    assert listed(desk("GET")) == ["mine"]
    refused = shop.control("POST", "seed", {"referrals": [{"partner": OURS, "name": "no customer"}]})
    assert (refused.status_code, "customerProfile.name" in refused.text) == (400, True)
