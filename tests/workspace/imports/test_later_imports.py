"""Imports after the first: what changed is brought in, what people wrote stays."""

from __future__ import annotations

E3 = "CFQ7TTC0LFLX"
TENANT = "0d2a6f5e-1f43-4f0b-b7a3-{:012d}"


def document(kind, name, spec):
    return {"apiVersion": "cspctl/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def customer(number, domain, **more):
    return {"id": TENANT.format(number), "domain": domain, **more}


def subscription(number, product, **more):
    spec = {"customer": TENANT.format(number), "productId": product, "skuId": "0001", "term": "P1Y"}
    return {**spec, "billing": "monthly", "quantity": 10, "startedAt": "2026-05-01T08:00:00Z", **more}


def codes(report):
    return {f["code"] for f in report["findings"]}


def found(report, code):
    return [f for f in report["findings"] if f["code"] == code]


def test_a_second_import_writes_nothing(messy):
    messy.imported()
    before = messy.contents()
    ran = messy.imported("--refresh", "full")
    assert ran.json["files"] == []
    assert messy.contents() == before
    assert ran.json["runId"] is None
    assert len(messy.run("history", "--format", "json").json) == 1


def test_hand_edits_and_comments_survive(messy):
    messy.imported()
    file, live_id = messy.only_of()
    text = file.read_text("utf-8")
    edited = "# ours\n" + text.replace("  quantity: 10", "  quantity:   15   # more seats").replace(
        "term: P1Y", "term: 'P1Y'"
    )
    file.write_text(edited, "utf-8")
    messy.portal(3, live_id, quantity=11)
    report = messy.again()
    assert file.read_text("utf-8") == edited
    assert "I-HAND-EDIT" in codes(report)
    assert [row["address"] for row in report["remaining"]] == ["Subscription/tier2-microsoft-365-e3"]


def test_what_changed_live_is_brought_in_and_nothing_else(messy):
    messy.imported()
    file, live_id = messy.only_of()
    file.write_text("# ours\n" + file.read_text("utf-8").replace("quantity: 10", "quantity: 10  # seats"), "utf-8")
    before = messy.contents()
    messy.portal(3, live_id, quantity=14)
    report = messy.again()
    assert report["updated"] == ["Subscription/tier2-microsoft-365-e3"]
    after = messy.contents()
    assert [name for name in after if after[name] != before[name]] == ["tenants/tier2/subscriptions.yaml"]
    old, new = before["tenants/tier2/subscriptions.yaml"][0], after["tenants/tier2/subscriptions.yaml"][0]
    assert new == old.replace(b"quantity: 10  # seats", b"quantity: 14  # seats")
    assert messy.plan_code() == 0
    assert messy.run("drift").code == 0


def test_scheduled_instructions_become_next_and_land(messy):
    messy.imported()
    file, live_id = messy.only_of()
    messy.schedule(3, live_id, 4)
    messy.imported("--refresh", "full")
    spec = messy.documents("Subscription")["tier2-microsoft-365-e3"]
    assert str(spec["endOfTerm"]["on"]) == "2027-04-30"
    assert spec["endOfTerm"]["next"] == {"quantity": 4}
    assert messy.plan_code() == 0
    messy.wait(now="2027-05-03T10:00:00Z")
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
    messy.imported()
    before = messy.contents()
    more = subscription(3, E3, quantity=7, billing="annual", reseller="4391227")
    messy.seed(
        customers=[customer(8, "newcomer.onmicrosoft.com")], subscriptions=[subscription(8, E3, quantity=2), more]
    )
    report = messy.again()
    assert set(report["files"]) == {
        "tenants/newcomer/tenant.yaml",
        "tenants/newcomer/subscriptions.yaml",
        "tenants/tier2/subscriptions.yaml",
    }
    after = messy.contents()
    old, new = before["tenants/tier2/subscriptions.yaml"][0], after["tenants/tier2/subscriptions.yaml"][0]
    assert new.startswith(old)
    assert messy.plan_code() == 0


def test_one_edited_folder_is_all_that_a_plan_shows(messy):
    messy.imported()
    file, _ = messy.only_of()
    file.write_text(file.read_text("utf-8").replace("quantity: 10", "quantity: 20"), "utf-8")
    plan = messy.run("plan", "--format", "json").json
    assert [(c["address"], c["action"]) for c in plan["changes"]] == [("Subscription/tier2-microsoft-365-e3", "update")]


def test_a_removed_manifest_stays_removed(messy):
    messy.imported()
    file, live_id = messy.only_of()
    file.unlink()
    report = messy.again()
    assert not file.exists()
    assert [f["liveIds"] for f in found(report, "I-DROPPED")] == [[live_id]]


def test_a_renamed_customer_keeps_its_name_and_gets_its_domain(messy):
    messy.imported()
    messy.seed(customers=[customer(3, "renamed.onmicrosoft.com")])
    report = messy.again()
    assert report["updated"] == ["TenantMapping/tier2"]
    mappings = messy.documents("TenantMapping")
    assert mappings["tier2"]["domain"] == "renamed.onmicrosoft.com"
    assert messy.plan_code() == 0


def test_a_tenant_that_cannot_be_read_is_a_gap_and_nothing_of_it_is_changed(messy):
    messy.imported()
    before = messy.contents()
    messy.partner.fault(method="GET", path=f"/v1/customers/{TENANT.format(3)}/subscriptions", status=403, times=10)
    ran = messy.imported("--refresh", "full")
    assert ran.code == 3
    assert [g["scope"] for g in ran.json["gaps"]] == [TENANT.format(3)]
    assert messy.contents() == before


def test_a_manifest_that_could_mean_one_of_them_stops_the_import_of_those(messy):
    messy.imported()
    plan_of_mine = {"tenant": "mine", "plan": "nce-commercial", "item": "microsoft-365-e3", "quantity": 10}
    alike = [subscription(9, E3, friendlyName="a"), subscription(9, E3, friendlyName="b")]
    messy.seed(customers=[customer(9, "mine.onmicrosoft.com")], subscriptions=alike)
    mapping = {"tenantId": TENANT.format(9), "reseller": "acme", "market": "DE"}
    more = {"term": "P1Y", "billing": "monthly", "endOfTerm": {"action": "renew"}}
    messy.partner.save(
        "mine.yaml", document("TenantMapping", "mine", mapping), document("Subscription", "mine", plan_of_mine | more)
    )
    report = messy.again()
    assert len(found(report, "W-UNCLEAR")) == 2
    assert report["files"] == []


def test_a_renamed_manifest_is_still_kept_up_to_date(messy):
    messy.imported()
    file, live_id = messy.only_of()
    name = "tier2-microsoft-365-e3"
    text = file.read_text("utf-8").replace(f"name: {name}", f"name: ours\n  previousNames: [{name}]")
    file.write_text(text, "utf-8")
    messy.portal(3, live_id, quantity=11)
    assert messy.again()["updated"] == ["Subscription/ours"]
    assert messy.run("apply", "--yes").code == 0
    messy.portal(3, live_id, quantity=13)
    assert messy.again()["updated"] == ["Subscription/ours"]
    assert file.read_text("utf-8") == text.replace("quantity: 10", "quantity: 13")
    assert messy.plan_code() == 0


def test_what_was_applied_by_hand_counts_as_an_edit(messy):
    """The last word is the manifest's: a later change in the portal is drift, not a new truth."""
    messy.imported()
    file, live_id = messy.only_of()
    file.write_text(file.read_text("utf-8").replace("quantity: 10", "quantity: 12"), "utf-8")
    assert messy.run("apply", "--yes").code == 0
    messy.wait()
    messy.portal(3, live_id, quantity=15)
    before = messy.contents()
    assert "I-HAND-EDIT" in codes(messy.again())
    assert messy.contents() == before
    assert messy.run("drift").code == 2


def test_a_suspension_in_the_portal_is_written_and_its_end_undone_again(messy):
    messy.imported()
    file, live_id = messy.only_of()
    before = file.read_text("utf-8")
    messy.portal(3, live_id, status="suspended")
    messy.again()
    assert "  state: suspended\n" in file.read_text("utf-8")
    assert messy.plan_code() == 0
    messy.portal(3, live_id, status="active")
    messy.portal(3, live_id, autoRenewEnabled=True)
    messy.again()
    assert file.read_text("utf-8") == before


def test_a_customer_that_left_is_told(messy):
    messy.imported()
    mapping = {"tenantId": TENANT.format(77), "reseller": "acme", "market": "DE"}
    messy.partner.save("gone.yaml", document("TenantMapping", "gone", mapping))
    assert [f["tenant"] for f in found(messy.again(), "W-ORPHAN")] == ["gone"]


def test_an_import_that_was_killed_before_it_noted_anything_is_taken_up(messy):
    messy.imported()
    before = messy.contents()
    for name in ("emulator-state.db", "emulator-state.db-wal", "emulator-state.db-shm"):
        (messy.root / ".cspctl" / name).unlink(missing_ok=True)
    assert messy.again()["files"] == []
    assert messy.contents() == before
    assert messy.plan_code() == 0
    file, live_id = messy.only_of()
    messy.portal(3, live_id, quantity=14)
    assert set(messy.again()["updated"]) == {"Subscription/tier2-microsoft-365-e3"}
    assert b"quantity: 14" in file.read_bytes()
