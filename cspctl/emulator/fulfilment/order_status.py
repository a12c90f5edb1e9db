"""What the vendor decides about an order after it was placed: the states that no call of the API brings about.

Source: Partner Center docs, pages order-resources, pending-po-upload, po-upload-complete-status (2022, 2023); of the
spelling on the wire only completed, pending, cancelled, pending_po_upload and po_upload_complete are shown.
"""

from __future__ import annotations

from typing import Any

from cspctl.emulator.store import Store

STATUSES = (
    "unknown", "completed", "pending", "cancelled", "suspended", "pending_review", "pending_po_upload",
    "po_upload_complete", "po_review_rejected", "partial_success", "error",
)  # fmt: skip  # the order of the page


def set_status(store: Store, order_id: str, status: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """(partner, order before, order after). Raises ValueError for an unknown order or status."""
    found = store.find("order", order_id)
    if found is None:
        raise ValueError("order names no order")
    if status not in STATUSES:
        raise ValueError(f"status is one of {', '.join(STATUSES)}")
    partner, order = found
    after = {**order, "status": status}
    store.put("order", partner, order["id"], after)
    return partner, order, after
