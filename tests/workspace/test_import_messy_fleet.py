"""`import` of a partner as they really are, over HTTP: what becomes a manifest, what is counted, what is said."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from ruamel.yaml import YAML

ACCOUNT = "7c1d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a10"
NOW = "2026-11-21T10:00:00Z"
E3, E5, EDU, TRIAL, AZURE = "CFQ7TTC0LFLX", "CFQ7TTC0LF8S", "CFQ7TTC0EDU1", "CFQ7TTC0TRY1", "DZH318Z0BPS6"
HEADER = (
    "ProductTitle,ProductId,SkuId,SkuTitle,Publisher,SkuDescription,UnitOfMeasure,TermDuration,BillingPlan,Market,"
    "Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,EffectiveStartDate,EffectiveEndDate,Tags,ERP Price,Segment"
)


def tenant_id(number: int) -> str:
    return f"0d2a6f5e-1f43-4f0b-b7a3-{number:012d}"


def price(title, product, term, billing, segment="Commercial"):
    dates = "1/1/2020 12:00:00 AM,12/31/9999 12:00:00 AM"
    row = f"{title},{product},0001,{title},Microsoft,,,{term},{billing},DE,EUR,400,,,{dates},License,480,{segment}"
    return row


def customer(number, domain, **more):
    return {"id": tenant_id(number), "domain": domain, "partner": ACCOUNT, **more}


def subscription(number, product, **more):
    spec = {"customer": tenant_id(number), "productId": product, "skuId": "0001", "term": "P1Y", "billing": "monthly"}
    return {"partner": ACCOUNT, **spec, "quantity": 10, "startedAt": "2026-05-01T08:00:00Z", **more}


SEED = {
    "partners": [
        {"accountId": ACCOUNT, "domain": "acme.onmicrosoft.com", "displayName": "Acme", "market": "DE",
         "currency": "EUR", "mpnId": "4391200", "tier": "indirect-provider"},
    ],
    "resellers": [
        {"partner": ACCOUNT, "mpnId": "4391227", "displayName": "Nordsoft"},
        {"partner": ACCOUNT, "mpnId": "4391999", "displayName": "Nobody knows"},
    ],
    "catalogue": [
        {"productId": E3, "title": "Microsoft 365 E3", "skus": [{"id": "0001"}]},
        {"productId": E5, "title": "Never priced", "skus": [{"id": "0001"}]},
        {"productId": EDU, "title": "School", "skus": [{"id": "0001", "segments": ["education"]}]},
        {"productId": TRIAL, "title": "Try me", "skus": [
            {"id": "0001", "isTrial": True, "convertsTo": f"{E3}:0001", "terms": [
                {"duration": "P1M", "billingCycle": "none"}]}]},
        {"productId": AZURE, "title": "Azure plan", "productType": "Azure", "skus": [{"id": "0001"}]},
    ],
    "customers": [
        customer(1, "contoso.onmicrosoft.com", companyName='Müller & "Contoso": #1'),
        customer(2, "contoso.example", companyName="Another Contoso"),
        customer(3, "tier2.onmicrosoft.com", companyName="Tier 2", reseller="4391227"),
        customer(4, "nobody.onmicrosoft.com", companyName="=cmd|calc", reseller="4391999"),
        customer(5, "plans.onmicrosoft.com", companyName="Plans Inc."),
        customer(6, "empty.onmicrosoft.com", companyName="No subscription", market="FR"),
        customer(7, "mixed.onmicrosoft.com", companyName="Mixed"),
    ],
    "subscriptions": [
        subscription(1, E3, friendlyName="twin one"),
        subscription(1, E3, friendlyName="twin two", quantity=12),
        subscription(1, E3, term="P1M", startedAt="2026-11-01T08:00:00Z"),
        subscription(1, E3, friendlyName="{{placeholder}}: - #", startedAt="2026-03-10T08:00:00Z", autoRenew=False),
        subscription(1, E3, status="suspended", quantity=3),
        subscription(1, E3, term="P1M", autoRenew=False, startedAt="2026-09-01T08:00:00Z", friendlyName="ran out"),
        subscription(2, E5, friendlyName="no price"),
        subscription(2, EDU, segment="education", friendlyName="true"),
        subscription(2, TRIAL, term="P1M", billing="none", quantity=25, startedAt="2026-11-10T08:00:00Z"),
        subscription(2, AZURE, term="P1Y"),
        subscription(3, E3, reseller="4391227"),
        subscription(4, E3, reseller="4391999"),
        subscription(5, E3, quantity=1),
        subscription(7, E3, reseller="4391227"),
        subscription(7, E3, billing="annual"),
    ],
}  # fmt: skip  # one world


def document(kind, name, spec):
    return {"apiVersion": "cspctl/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def messy(make_partner):
    """The account, and a project that declares the provider, one of its resellers and a price sheet."""
    partner = make_partner(accounts=())
    partner.control("POST", "clock", {"mode": "frozen", "now": NOW})
    rows = [price("Microsoft 365 E3", E3, t, b) for t, b in (("P1Y", "Monthly"), ("P1Y", "Annual"), ("P1M", "Monthly"))]
    rows += [price("School", EDU, "P1Y", "Monthly", "Education")]
    (partner.root / "prices.csv").write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    sheet = {"priceBook": "nce", "file": "prices.csv", "market": "DE", "period": "2026-11"}
    acme = {
        "displayName": "Acme", "tier": "indirect-provider", "domain": "acme.onmicrosoft.com", "accountId": ACCOUNT,
        "market": "DE", "currency": "EUR", "mpnId": "4391200",
        "application": {"id": "1b6a0c52-58b7-4b52-9a30-5c8b1f1f7e11", "secretRef": "env:CSPCTL_ACME_SECRET"},
    }  # fmt: skip  # one block of facts
    nordsoft = {"displayName": "Nordsoft", "tier": "indirect-reseller", "provider": "acme", "mpnId": "4391227"}
    partner.save(
        "resellers.yaml",
        document("Reseller", "acme", acme),
        document("Reseller", "nordsoft", nordsoft),
        document("PriceSheet", "de", sheet),
    )
    partner.control("POST", "seed", SEED)
    return partner


def imported(partner, *more):
    ran = partner.run("import", "--reseller", "acme", "--out", str(partner.root / "tenants"), "--format", "json", *more)
    assert ran.out, ran.err
    return ran


def codes(report):
    return {f["code"] for f in report["findings"]}


def found(report, code):
    return [f for f in report["findings"] if f["code"] == code]


def documents(folder: Path):
    """(kind, name) to document, read by another YAML reader than ours."""
    loaded = {}
    for path in sorted(folder.rglob("*.yaml")):
        for one in YAML(typ="safe", pure=True).load_all(path.read_text("utf-8")):
            loaded[one["kind"], one["metadata"]["name"]] = one
    return loaded


def contents(folder: Path):
    return {str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns) for p in sorted(folder.rglob("*.yaml"))}


def portal(partner, number, live_id, **changes):
    """Somebody changes a subscription by hand."""
    consent = {"tenant": ACCOUNT, "application": "portal", "user": "mallory@portal.example"}
    refresh = partner.control("POST", "consent", consent)["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": "portal", "refresh_token": refresh}
    form["resource"] = "https://api.partnercenter.microsoft.com"
    path = f"/v1/customers/{tenant_id(number)}/subscriptions/{live_id}"
    with httpx.Client(base_url=partner.handle.base_url, trust_env=False, timeout=30) as client:
        token = client.post(f"/{ACCOUNT}/oauth2/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        body = client.get(path, headers=headers).json()
        answer = client.patch(path, headers=headers, json={**body, **changes})
    assert answer.is_success, answer.text


def schedule(partner, number, live_id, quantity):
    """Fewer or more seats for the next term, set by hand."""
    product = {"productId": E3, "skuId": "0001", "billingCycle": "monthly", "termDuration": "P1Y"}
    offer = partner.run("get", "subscriptions", live_id, "--format", "json").json
    assert offer, "it is live"
    availability = {"availabilityId": availability_of(partner, number, live_id)}
    instructions = {"product": {**product, **availability}, "quantity": quantity}
    portal(partner, number, live_id, autoRenewEnabled=True, scheduledNextTermInstructions=instructions)


def availability_of(partner, number, live_id):
    dump = partner.control("GET", "dump")
    text = json.dumps(dump)
    start = text.index(f"{E3}:0001:")
    return text[start + len(f"{E3}:0001:") :][:12]


def plan_code(partner):
    return partner.run("plan", "--refresh", "full", "--detailed-exitcode").code


def test_the_first_plan_over_an_import_is_empty(messy):
    ran = imported(messy)
    assert ran.code == 2  # findings want a decision
    assert ran.json["remaining"] == []
    assert plan_code(messy) == 0
    assert messy.run("validate").code == 0
    assert messy.control("GET", "stats")["writes"] == 0
    assert messy.run("audit", "verify").code == 0


def test_every_subscription_in_scope_is_one_document(messy):
    report = imported(messy).json
    made = documents(messy.root / "tenants")
    subscriptions = [d["spec"] for (kind, _), d in made.items() if kind == "Subscription"]
    assert len(subscriptions) == report["subscriptions"] == 13
    assert len({s["subscriptionId"] for s in subscriptions}) == 13
    assert len([1 for kind, _ in made if kind == "TenantMapping"]) == report["customers"] == 7
    assert {(i["productType"], i["status"]): i["count"] for i in report["inventory"]} == {
        ("Azure", "active"): 1,
        ("OnlineServicesNCE", "disabled"): 1,
    }
    suspended = [s for s in subscriptions if s.get("state") == "suspended"]
    assert [(s["quantity"], s["endOfTerm"]) for s in suspended] == [(3, {"action": "extend"})]
    (trial,) = [s for s in subscriptions if "trial" in s]
    assert trial["trial"]["convertTo"]["quantity"] == 25
    assert (trial["term"], trial["billing"], trial["quantity"]) == ("P1M", "none", 25)


def test_names_come_from_domains_and_never_collide(messy):
    imported(messy)
    names = {name for kind, name in documents(messy.root / "tenants") if kind == "TenantMapping"}
    assert {"tier2", "nobody", "empty", "mixed"} < names
    assert {"contoso-0d2a6f5e", "plans-0d2a6f5e"} < names  # two of one name; a folder's name
    assert len(names) == 7


def test_plans_are_shared_and_one_per_segment(messy):
    imported(messy)
    plans = {n: d["spec"] for (kind, n), d in documents(messy.root / "tenants").items() if kind == "Plan"}
    assert set(plans) == {"nce-commercial", "nce-education"}
    assert plans["nce-education"]["segment"] == "education"
    (e3,) = [i for i in plans["nce-commercial"]["items"] if i["product"] == E3]
    assert e3["name"] == "microsoft-365-e3"
    offers = [(o["term"], o["billing"]) for o in e3["offers"]]
    assert offers == [("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual")]
    assert "# Decide your margin" in (messy.root / "tenants/plans/nce-commercial.yaml").read_text("utf-8")


def test_findings_say_what_a_person_must_decide(messy):
    report = imported(messy).json
    assert {"W-DECIDE-EXTENDED", "I-SUSPENDED", "I-TRIAL", "I-TWINS", "I-MARGIN", "W-PRICE-ROW"} <= codes(report)
    (unpriced,) = [f for f in found(report, "W-PRICE-ROW") if E5 in f["message"]]
    assert len(unpriced["liveIds"]) == 1
    (unknown,) = found(report, "W-RESELLER-UNKNOWN")
    assert unknown["tenant"] == "nobody"
    assert "4391999" in unknown["message"]
    (mixed,) = found(report, "W-RESELLER-MIXED")
    assert mixed["tenant"] == "mixed"
    mappings = {n: d["spec"] for (k, n), d in documents(messy.root / "tenants").items() if k == "TenantMapping"}
    assert mappings["tier2"]["indirectReseller"] == "nordsoft"
    assert "indirectReseller" not in mappings["mixed"]
    assert mappings["empty"]["market"] == "FR"


def test_a_second_import_writes_nothing(messy):
    imported(messy)
    before = contents(messy.root)
    ran = imported(messy, "--refresh", "full")
    assert ran.json["files"] == []
    assert contents(messy.root) == before
    assert ran.json["runId"] is None
    assert len(messy.run("history", "--format", "json").json) == 1


def test_an_import_is_in_the_canonical_layout(messy):
    imported(messy)
    assert messy.run("fmt", "--check", str(messy.root / "tenants")).code == 0


def the_e3_of(partner, tenant="tier2"):
    """(file, live id) of the only subscription of a tenant."""
    file = partner.root / f"tenants/{tenant}/subscriptions.yaml"
    return file, YAML(typ="safe", pure=True).load(file.read_text("utf-8"))["spec"]["subscriptionId"]


def test_hand_edits_and_comments_survive(messy):
    imported(messy)
    file, live_id = the_e3_of(messy)
    text = file.read_text("utf-8")
    edited = "# ours\n" + text.replace("  quantity: 10", "  quantity:   15   # more seats").replace("term: P1Y", "term: 'P1Y'")
    file.write_text(edited, "utf-8")
    portal(messy, 3, live_id, quantity=11)
    messy.control("POST", "clock", {"advance": "PT5M"})
    report = imported(messy, "--refresh", "full").json
    assert file.read_text("utf-8") == edited
    assert "I-HAND-EDIT" in codes(report)
    assert [address for address in (r["address"] for r in report["remaining"])] == ["Subscription/tier2-microsoft-365-e3"]


def test_what_changed_live_is_brought_in_and_nothing_else(messy):
    imported(messy)
    file, live_id = the_e3_of(messy)
    file.write_text("# ours\n" + file.read_text("utf-8").replace("quantity: 10", "quantity: 10  # seats"), "utf-8")
    before = contents(messy.root)
    portal(messy, 3, live_id, quantity=14)
    messy.control("POST", "clock", {"advance": "PT5M"})
    report = imported(messy, "--refresh", "full").json
    assert report["updated"] == ["Subscription/tier2-microsoft-365-e3"]
    after = contents(messy.root)
    assert [name for name in after if after[name] != before[name]] == ["tenants/tier2/subscriptions.yaml"]
    old, new = before["tenants/tier2/subscriptions.yaml"][0], after["tenants/tier2/subscriptions.yaml"][0]
    assert new == old.replace(b"quantity: 10  # seats", b"quantity: 14  # seats")
    assert plan_code(messy) == 0
    assert messy.run("drift").code == 0


def test_scheduled_instructions_become_next_and_land(messy):
    imported(messy)
    file, live_id = the_e3_of(messy)
    schedule(messy, 3, live_id, 4)
    messy.control("POST", "clock", {"advance": "PT5M"})
    imported(messy, "--refresh", "full")
    spec = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))["spec"]
    assert str(spec["endOfTerm"]["on"]) == "2027-04-30"
    assert spec["endOfTerm"]["next"] == {"quantity": 4}
    assert plan_code(messy) == 0
    messy.control("POST", "clock", {"now": "2027-05-03T10:00:00Z"})
    plan = messy.run("plan", "--refresh", "full", "--format", "json", "--detailed-exitcode")
    assert [f["code"] for f in plan.json["findings"] if f["code"] == "W-LANDED"] == ["W-LANDED"]
    assert "Subscription/tier2-microsoft-365-e3" not in {c["address"] for c in plan.json["changes"]}
    text = file.read_text("utf-8").replace("  quantity: 10", "  # seats\n  quantity: 10")
    file.write_text(text, "utf-8")
    messy.run("discover", "start")
    assert messy.run("fmt", "--landed", "--check").code == 2
    assert "folded Subscription/tier2-microsoft-365-e3" in messy.run("fmt", "--landed").out
    assert file.read_text("utf-8") == text.replace("quantity: 10", "quantity: 4").replace(
        "    on: 2027-04-30\n    next:\n      quantity: 4\n", ""
    )
    plan = messy.run("plan", "--refresh", "full", "--format", "json").json
    assert "W-LANDED" not in {f["code"] for f in plan["findings"]}


def test_what_is_new_joins_what_is_there(messy):
    imported(messy)
    before = contents(messy.root)
    messy.control("POST", "seed", {
        "customers": [customer(8, "newcomer.onmicrosoft.com")],
        "subscriptions": [
            subscription(8, E3, quantity=2), subscription(3, E3, quantity=7, billing="annual", reseller="4391227"),
        ],
    })  # fmt: skip  # one document
    report = imported(messy, "--refresh", "full").json
    assert set(report["files"]) == {
        "tenants/newcomer/tenant.yaml", "tenants/newcomer/subscriptions.yaml", "tenants/tier2/subscriptions.yaml",
    }  # fmt: skip  # three files
    after = contents(messy.root)
    old, new = before["tenants/tier2/subscriptions.yaml"][0], after["tenants/tier2/subscriptions.yaml"][0]
    assert new.startswith(old)
    assert plan_code(messy) == 0


def test_one_edited_folder_is_all_that_a_plan_shows(messy):
    imported(messy)
    file, _ = the_e3_of(messy)
    file.write_text(file.read_text("utf-8").replace("quantity: 10", "quantity: 20"), "utf-8")
    plan = messy.run("plan", "--format", "json").json
    assert [(c["address"], c["action"]) for c in plan["changes"]] == [("Subscription/tier2-microsoft-365-e3", "update")]


def test_a_removed_manifest_stays_removed(messy):
    imported(messy)
    file, live_id = the_e3_of(messy)
    file.unlink()
    report = imported(messy, "--refresh", "full").json
    assert not file.exists()
    assert [f["liveIds"] for f in found(report, "I-DROPPED")] == [[live_id]]


def test_a_renamed_customer_keeps_its_name_and_gets_its_domain(messy):
    imported(messy)
    messy.control("POST", "seed", {"customers": [customer(3, "renamed.onmicrosoft.com", reseller="4391227")]})
    report = imported(messy, "--refresh", "full").json
    assert report["updated"] == ["TenantMapping/tier2"]
    mappings = {n: d["spec"] for (k, n), d in documents(messy.root / "tenants").items() if k == "TenantMapping"}
    assert mappings["tier2"]["domain"] == "renamed.onmicrosoft.com"
    assert plan_code(messy) == 0


def test_a_tenant_that_cannot_be_read_is_a_gap_and_nothing_of_it_is_changed(messy):
    imported(messy)
    before = contents(messy.root)
    messy.fault(method="GET", path=f"/v1/customers/{tenant_id(3)}/subscriptions", status=403, times=10)
    ran = imported(messy, "--refresh", "full")
    assert ran.code == 3
    assert [g["scope"] for g in ran.json["gaps"]] == [tenant_id(3)]
    assert contents(messy.root) == before


def test_a_manifest_that_could_mean_one_of_them_stops_the_import_of_those(messy):
    imported(messy)
    plan_of_mine = {"tenant": "mine", "plan": "nce-commercial", "item": "microsoft-365-e3", "quantity": 10}
    messy.control("POST", "seed", {
        "customers": [customer(9, "mine.onmicrosoft.com")],
        "subscriptions": [subscription(9, E3, friendlyName="a"), subscription(9, E3, friendlyName="b")],
    })  # fmt: skip  # one document
    mapping = {"tenantId": tenant_id(9), "reseller": "acme", "market": "DE"}
    more = {"term": "P1Y", "billing": "monthly", "endOfTerm": {"action": "renew"}}
    messy.save("mine.yaml", document("TenantMapping", "mine", mapping), document("Subscription", "mine", plan_of_mine | more))
    report = imported(messy, "--refresh", "full").json
    assert len(found(report, "W-UNCLEAR")) == 2
    assert report["files"] == []


def test_the_folder_must_be_one_that_is_read(messy, tmp_path):
    for out in (tmp_path / "elsewhere", messy.root / ".hidden", messy.root / "prices.csv"):
        ran = messy.run("import", "--reseller", "acme", "--out", str(out))
        assert ran.code == 10
        assert "E-PATH" in ran.err
    assert messy.run("import", "--reseller", "nordsoft", "--out", str(messy.root / "t")).code == 10
    assert messy.run("import", "--reseller", "acem", "--out", str(messy.root / "t")).code == 10


def test_without_any_price_sheet_everything_is_imported_all_the_same(messy):
    text = (messy.root / "resellers.yaml").read_text("utf-8")
    (messy.root / "resellers.yaml").write_text("\n---\n".join(text.split("\n---\n")[:2]) + "\n", "utf-8")
    report = imported(messy).json
    assert report["subscriptions"] == 13
    assert report["remaining"] == []
    assert plan_code(messy) == 0
    assert "W-PRICE-BOOK" in messy.run("validate").out
