"""The first import of a partner as they really are, over HTTP: what is written, what is counted, what is said."""

from __future__ import annotations

E3, E5 = "CFQ7TTC0LFLX", "CFQ7TTC0LF8S"
TENANT, SECOND = "0d2a6f5e-1f43-4f0b-b7a3-{:012d}", "9e2d5a1e-8f0e-4f0d-9c55-2f6f4f7f1a11"
ACME = {"tier": "indirect-provider", "market": "DE", "currency": "EUR"}


def document(kind, name, spec):
    return {"apiVersion": "cspctl/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def codes(report):
    return {f["code"] for f in report["findings"]}


def found(report, code):
    return [f for f in report["findings"] if f["code"] == code]


def test_the_first_plan_over_an_import_is_empty(messy):
    ran = messy.imported()
    assert ran.code == 2  # findings want a decision
    assert ran.json["remaining"] == []
    assert messy.plan_code() == 0
    assert messy.run("validate").code == 0
    assert messy.partner.control("GET", "stats")["writes"] == 0
    assert messy.run("audit", "verify").code == 0


def test_every_subscription_in_scope_is_one_document(messy):
    report = messy.imported().json
    subscriptions = list(messy.documents("Subscription").values())
    assert len(subscriptions) == report["subscriptions"] == 13
    assert len({s["subscriptionId"] for s in subscriptions}) == 13
    assert len(messy.documents("TenantMapping")) == report["customers"] == 7
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
    messy.imported()
    names = set(messy.documents("TenantMapping"))
    assert {"tier2", "nobody", "empty", "mixed"} < names
    assert {"contoso-0d2a6f5e", "plans-0d2a6f5e"} < names  # two of one name; a folder's name
    assert len(names) == 7


def test_plans_are_shared_and_one_per_segment(messy):
    messy.imported()
    plans = messy.documents("Plan")
    assert set(plans) == {"nce-commercial", "nce-education"}
    assert plans["nce-education"]["segment"] == "education"
    (e3,) = [i for i in plans["nce-commercial"]["items"] if i["product"] == E3]
    assert e3["name"] == "microsoft-365-e3"
    offers = [(o["term"], o["billing"]) for o in e3["offers"]]
    assert offers == [("P1M", "monthly"), ("P1Y", "monthly"), ("P1Y", "annual")]
    assert "# Decide your margin" in (messy.root / "tenants/plans/nce-commercial.yaml").read_text("utf-8")


def test_findings_say_what_a_person_must_decide(messy):
    report = messy.imported().json
    assert {"W-DECIDE-EXTENDED", "I-SUSPENDED", "I-TRIAL", "I-TWINS", "I-MARGIN", "W-PRICE-ROW"} <= codes(report)
    (unpriced,) = [f for f in found(report, "W-PRICE-ROW") if E5 in f["message"]]
    assert len(unpriced["liveIds"]) == 1
    (unknown,) = found(report, "W-RESELLER-UNKNOWN")
    assert unknown["tenant"] == "nobody"
    assert "4391999" in unknown["message"]
    (mixed,) = found(report, "W-RESELLER-MIXED")
    assert mixed["tenant"] == "mixed"
    mappings = messy.documents("TenantMapping")
    assert mappings["tier2"]["indirectReseller"] == "nordsoft"
    assert "indirectReseller" not in mappings["mixed"]
    assert mappings["empty"]["market"] == "FR"


def test_an_import_is_in_the_canonical_layout(messy):
    messy.imported()
    assert messy.run("fmt", "--check", str(messy.root / "tenants")).code == 0


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
    report = messy.imported().json
    assert report["subscriptions"] == 13
    assert report["remaining"] == []
    assert messy.plan_code() == 0
    assert "W-PRICE-BOOK" in messy.run("validate").out


def test_text_of_other_people_does_no_harm(messy):
    """Quotes, colons, formulas, placeholders and words that look like switches come back letter by letter."""
    messy.imported()
    names = {s.get("friendlyName") for s in messy.documents("Subscription").values()}
    assert {"{{placeholder}}: - #", "true", "twin one"} < names
    text = next((messy.root / "tenants").glob("contoso-*/tenant.yaml")).read_text("utf-8")
    assert text.startswith("# ")


def test_a_tenant_of_another_reseller_is_only_counted(messy):
    other = dict(ACME, accountId=SECOND, domain="other.onmicrosoft.com", displayName="Other")
    messy.partner.save(
        "other.yaml",
        document("Reseller", "other", other),
        document("TenantMapping", "theirs", {"tenantId": TENANT.format(5), "reseller": "other", "market": "DE"}),
    )
    report = messy.imported().json
    assert [f["tenant"] for f in found(report, "W-TENANT-TWO-RESELLERS")] == ["theirs"]
    assert report["subscriptions"] == 12
    assert {"productType": "OnlineServicesNCE", "status": "active", "count": 1} in report["inventory"]


def test_several_price_books_need_a_choice(messy):
    sheet = {"priceBook": "other", "file": "prices.csv", "market": "DE", "period": "2026-10"}
    messy.partner.save("other.yaml", document("PriceSheet", "other", sheet))
    out = str(messy.root / "tenants")
    ran = messy.run("import", "--reseller", "acme", "--out", out)
    assert ran.code == 10
    assert "--price-book" in ran.err
    assert messy.run("import", "--reseller", "acme", "--out", out, "--price-book", "ncee").code == 10
    assert messy.imported("--price-book", "nce").json["remaining"] == []


def test_the_text_says_what_was_done(messy):
    ran = messy.run("import", "--reseller", "acme", "--out", str(messy.root / "tenants"))
    assert "acme: 7 customers with 13 living subscriptions." in ran.out
    assert "2 Plan, 13 Subscription, 7 TenantMapping" in ran.out
    assert "A plan over the project is empty now." in ran.out


def test_reading_costs_the_list_and_one_request_for_each_customer(messy):
    """A second one only for customers without a subscription: nothing else tells their country."""
    sent = messy.partner.requests_of(lambda: messy.imported("--refresh", "full"))
    assert sent["GET /v1/customers/{customer_id}/subscriptions"] == 7
    assert sent["GET /v1/customers/{customer_id}"] == 1
    assert all(operation.startswith("GET ") for operation in sent)
