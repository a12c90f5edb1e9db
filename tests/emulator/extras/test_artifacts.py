"""What is included with software, and the reservation behind the link of an entitlement."""

from __future__ import annotations

import pytest

VM, TOOLS = "DZH318Z0BQ3Q", "DG7GMGF0DWT9"


@pytest.fixture
def stocked(shop):
    """A reservation and a tool that brings its client along, both bought."""
    kind = {"id": "Azure", "displayName": "Azure", "subType": {"id": "VirtualMachines", "displayName": "VM"}}
    one_time = [{"billingCycle": "one_time"}]
    skus = [{"id": "0007", "title": "Tools with client", "terms": one_time, "includes": [f"{TOOLS}:0008"]},
            {"id": "0008", "title": "Client", "terms": one_time}]  # fmt: skip  # one list
    reserved = {"id": "0001", "title": "VM, 1 year", "terms": [{"duration": "P1Y", "billingCycle": "one_time"}]}
    goods = [{"productId": VM, "title": "VM", "productType": kind, "skus": [reserved]},
             {"productId": TOOLS, "title": "Tools", "productType": "Software",
              "skus": skus}]  # fmt: skip  # one list
    shop.seed({"catalogue": goods})
    scope = {"scope": "Single", "subscriptionId": shop.plan()["id"]}
    shop.order(f"{VM}:0001", billingCycle="one_time", quantity=2, provisioningContext=scope)
    shop.order(f"{TOOLS}:0007", billingCycle="one_time", quantity=2, termDuration=None)
    shop.advance("PT1H")
    return shop


def test_what_comes_with_software_is_listed_inside(stocked):
    (tool,) = stocked.get("/entitlements?entitlementType=software")["items"]
    (client,) = tool["includedEntitlements"]
    assert (tool["skuTitle"], tool["quantity"], tool["entitledArtifacts"]) == ("Tools with client", 2, [])
    assert (client["productId"], client["skuId"], client["quantity"]) == (TOOLS, "0008", 2)
    assert client["referenceOrder"] == tool["referenceOrder"]


def test_the_link_of_a_reservation_leads_to_its_details(stocked):
    (one,) = stocked.get("/entitlements?entitlementType=virtualMachineReservedInstance")["items"]
    assert one["dynamicAttributes"] == {"reservationType": "virtualmachines"}
    (artifact,) = one["entitledArtifacts"]
    path = "/v1" + artifact["link"]["uri"]
    body = stocked.get(path)
    (shown,) = body["virtualMachineReservations"]
    assert (body["type"], shown["scopeType"], shown["quantity"]) == ("reservedinstance", "Single", 2)
    assert (shown["expiryDateTime"], shown["provisioningState"]) == ("2027-03-09T00:00:00", "Created")
    older = stocked.get(path.replace("reservedinstance", "virtualmachinereservedinstance"))
    assert older == {**body, "type": "virtual_machine_reserved_instance"}


@pytest.mark.parametrize("part", [4 + 1, 6 + 1, 8 + 1, 10 + 1])
def test_a_link_that_was_never_shown_is_not_found(stocked, part):
    (one,) = stocked.get("/entitlements?entitlementType=reservedInstance")["items"]
    segments = ("/v1" + one["entitledArtifacts"][0]["link"]["uri"]).split("/")
    segments[part] = "0"
    assert stocked.call("GET", "/".join(segments)).status_code == 404
