"""Device batches of a customer: upload, list, delete, give a policy. Uploads are asynchronous and are done at once.

Source: Partner Center docs, pages upload-a-list-of-devices-…, get-the-list-of-device-batches-…,
get-a-list-of-devices-for-the-specified-batch-and-customer, get-the-status-of-a-device-batch-upload,
update-a-list-of-devices-with-a-policy and delete-a-device-for-the-specified-customer (Oct 2023).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from cspctl.emulator.clock import format_instant
from cspctl.emulator.context import Answer, Context, RouteSpec, body_of, json_of
from cspctl.emulator.errors import ApiError
from cspctl.emulator.partner.customers import customer_of
from cspctl.emulator.partner.policies import CATEGORY, DEVICE, policy_of
from cspctl.emulator.wire.paging import page_of
from cspctl.emulator.wire.requests import invalid, objects, text_of
from cspctl.emulator.wire.shapes import collection, link, new_guid

BATCH, JOB = "device_batch", "batch_job"
_TAKEN = ("808", "ZtdDeviceAssignedToOtherTenant")
_INCOMPLETE = ("400", "InvalidZtdHardwareHash")


async def list_batches(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    found = ctx.store.list(BATCH, ctx.partner, parent=customer["id"])
    return Answer(200, collection([_shown(ctx, customer, one) for one in found]))


def _shown(ctx: Context, customer: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": batch["id"],
        "createdBy": batch["createdBy"],
        "status": "finished",
        "creationDate": batch["creationDate"],
        "devicesCount": len(_devices(ctx, customer, batch["id"])),
        "devicesLink": link(f"/customers/{customer['id']}/deviceBatches/{batch['id']}/devices"),
        "attributes": {"objectType": "DeviceBatch"},
    }


def _devices(ctx: Context, customer: dict[str, Any], batch_id: str) -> list[dict[str, Any]]:
    return [one for one in ctx.store.list(DEVICE, ctx.partner, parent=customer["id"]) if one["_batch"] == batch_id]


def _batch(ctx: Context, customer: dict[str, Any], wanted: str) -> dict[str, Any]:
    found = ctx.store.get(BATCH, ctx.partner, f"{customer['id']}:{wanted.lower()}")
    if found is None:
        raise ApiError(404, 1000, f"Not found: device batch {wanted}.")
    return found


async def create_batch(request: Request, ctx: Context) -> Answer:
    """202 with the address of the upload's status."""
    customer, body = customer_of(ctx, request.path_params["customer_id"]), body_of(request)
    id, devices = text_of(body, "batchId"), objects(body.get("devices"), "devices")
    key = f"{customer['id']}:{id.lower()}"
    if ctx.store.get(BATCH, ctx.partner, key) is not None:
        raise ApiError(409, 409, f"The device batch {id} exists already.")
    batch = {"id": id, "createdBy": ctx.principal, "creationDate": format_instant(ctx.clock.now())}
    ctx.store.put(BATCH, ctx.partner, key, batch, parent=customer["id"])
    return _uploaded(ctx, customer, batch, devices, "devices_upload_to_new_batch_attempted")


async def add_devices(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    batch = _batch(ctx, customer, request.path_params["batch_id"])
    devices = objects(json_of(request), "the body")
    return _uploaded(ctx, customer, batch, devices, "devices_upload_to_existing_batch_attempted")


def _uploaded(
    ctx: Context, customer: dict[str, Any], batch: dict[str, Any], devices: list[dict[str, Any]], operation: str
) -> Answer:
    results = [_upload(ctx, customer, batch, one) for one in devices]
    ctx.audit.record(
        operation=operation, resource_type="device", customer_id=customer["id"],
        new={"batchId": batch["id"], "devicesStatus": results},
        customized=[{"key": "BatchId", "value": batch["id"]}, {"key": "DevicesCount", "value": str(len(devices))}],
    )  # fmt: skip  # one record
    return _job(ctx, customer, results)


def _upload(ctx: Context, customer: dict[str, Any], batch: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Store one device; answers its line of the upload's status."""
    serial, product = given.get("serialNumber"), given.get("productKey")
    identity = f"{serial}/{product or given.get('hardwareHash')}".lower()
    known = ctx.store.find(DEVICE, identity)
    error = None
    if not given.get("hardwareHash") and not (serial and product):
        error = _INCOMPLETE
    elif known is not None and known[1]["_customer"] != customer["id"]:
        error = _TAKEN
    elif known is None:
        device = {
            "id": new_guid(ctx.store, "device"),
            "serialNumber": serial,
            "productKey": product,
            "modelName": given.get("modelName") or "Unknown",
            "oemManufacturerName": given.get("oemManufacturerName") or "Unknown",
            "policies": [{"key": CATEGORY, "value": None}],
            "uploadedDate": format_instant(ctx.clock.now()),
            "attributes": {"objectType": "Device"},
            "_batch": batch["id"],
            "_customer": customer["id"],
            "_identity": identity,
        }
        ctx.store.put(DEVICE, ctx.partner, identity, device, parent=customer["id"])
    line: dict[str, Any] = {"serialNumber": serial, "productKey": product, "status": "finished"}
    if error:
        line |= {"status": "finished_with_errors", "errorCode": error[0], "errorDescription": error[1]}
    return {**line, "attributes": {"objectType": "DeviceUploadDetails"}}


def _job(ctx: Context, customer: dict[str, Any], results: list[dict[str, Any]]) -> Answer:
    now = format_instant(ctx.clock.now())
    failed = any(one["status"] != "finished" for one in results)
    job = {
        "batchTrackingId": new_guid(ctx.store, "batch-job"),
        "status": "finished_with_errors" if failed else "finished",
        "startedTime": now,
        "completedTime": now,
        "devicesStatus": results,
        "attributes": {"objectType": "BatchUploadDetails"},
        "_customer": customer["id"],
    }
    ctx.store.put(JOB, ctx.partner, job["batchTrackingId"], job, parent=customer["id"])
    return Answer(202, None, {"Location": f"/customers/{customer['id']}/batchJobStatus/{job['batchTrackingId']}"})


async def job_status(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    found = ctx.store.get(JOB, ctx.partner, request.path_params["job_id"].lower())
    if found is None or found["_customer"] != customer["id"]:
        raise ApiError(404, 1000, f"Not found: batch upload {request.path_params['job_id']}.")
    return Answer(200, found)


async def list_devices(request: Request, ctx: Context) -> Answer:
    """100 per page."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    batch = _batch(ctx, customer, request.path_params["batch_id"])
    path = f"/customers/{customer['id']}/deviceBatches/{batch['id']}/devices"
    size = ctx.settings.device_page_size
    return Answer(200, page_of(request, _devices(ctx, customer, batch["id"]), default=size, largest=size, path=path))


async def delete_device(request: Request, ctx: Context) -> Answer:
    customer = customer_of(ctx, request.path_params["customer_id"])
    batch = _batch(ctx, customer, request.path_params["batch_id"])
    found = _device(_devices(ctx, customer, batch["id"]), request.path_params["device_id"])
    ctx.store.delete(DEVICE, ctx.partner, found["_identity"])
    ctx.audit.record(operation="device_deleted", resource_type="device", customer_id=customer["id"], old=found)
    return Answer(204)


def _device(devices: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    found = next((one for one in devices if one["id"] == wanted.lower()), None)
    if found is None:
        raise ApiError(404, 1000, f"Not found: device {wanted}.")
    return found


async def update_policies(request: Request, ctx: Context) -> Answer:
    """Give devices a policy, or take it away with an empty value."""
    customer = customer_of(ctx, request.path_params["customer_id"])
    wanted = objects(body_of(request).get("devices"), "devices")
    every = ctx.store.list(DEVICE, ctx.partner, parent=customer["id"])
    results = []
    for one in wanted:
        device = _device(every, str(one.get("id") or ""))
        policies = [_assigned(ctx, customer, entry) for entry in objects(one.get("policies"), "policies")]
        ctx.store.put(DEVICE, ctx.partner, device["_identity"], {**device, "policies": policies})
        plain = {"serialNumber": device["serialNumber"], "productKey": device["productKey"], "status": "finished"}
        results.append({**plain, "attributes": {"objectType": "DeviceUploadDetails"}})
    ctx.audit.record(
        operation="devices_update_attempted", resource_type="device", customer_id=customer["id"],
        new={"devicesStatus": results},
        customized=[{"key": "DevicesCount", "value": str(len(wanted))}],
    )  # fmt: skip  # one record
    return _job(ctx, customer, results)


def _assigned(ctx: Context, customer: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    if str(entry.get("key") or "").lower().replace("_", "") != "oobe":
        raise invalid("policies have the key OOBE")
    value = str(entry.get("value") or "")
    return {"key": CATEGORY, "value": policy_of(ctx, customer, value)["id"] if value else None}


_CUSTOMER = "/v1/customers/{customer_id}"
_BATCHES = f"{_CUSTOMER}/deviceBatches"
_DEVICES = f"{_BATCHES}/{{batch_id}}/devices"
ROUTES: list[RouteSpec] = [
    RouteSpec("GET", _BATCHES, list_batches, name="Get a list of device batches"),
    RouteSpec("POST", _BATCHES, create_batch, auth="U", name="Upload devices to a new batch", creates=True),
    RouteSpec("GET", _DEVICES, list_devices, name="Get a list of devices for the specified batch and customer"),
    RouteSpec("POST", _DEVICES, add_devices, name="Upload devices to an existing batch", creates=True),
    RouteSpec("DELETE", f"{_DEVICES}/{{device_id}}", delete_device, name="Delete a device"),
    RouteSpec(
        "GET", f"{_CUSTOMER}/batchJobStatus/{{job_id}}", job_status, name="Get the status of a device batch upload"
    ),
    RouteSpec(
        "PATCH", f"{_CUSTOMER}/DevicePolicyUpdates", update_policies, name="Update a list of devices with a policy"
    ),
]  # fmt: skip  # one route, one line
