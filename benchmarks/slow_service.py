"""A Partner Center that only lists customers and their subscriptions, each answer after a fixed latency.

Runs in a process of its own, so that its work does not count as the client's. Prints its port once it listens.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import uuid
from collections import Counter
from typing import Any
from urllib.parse import parse_qs

import orjson

TOKEN_HEADER = re.compile(rb"\r\nms-continuationtoken: *(\d+)", re.IGNORECASE)


def customer_id(number: int) -> str:
    return str(uuid.UUID(int=0x5EED << 64 | number))


def subscription(number: int) -> dict[str, Any]:
    """About two kilobytes, with the fields of the documented sample."""
    sid = str(uuid.UUID(int=0xABCD << 64 | number))
    return {
        "id": sid,
        "offerId": "CFQ7TTC0LFLX:0001:CFQ7TTC0K971",
        "offerName": "Office 365 E3",
        "friendlyName": f"Office 365 E3 {number}",
        "productType": {"id": "OnlineServicesNCE", "displayName": "OnlineServicesNCE"},
        "quantity": 1 + number % 300,
        "unitType": "Licenses",
        "hasPurchasableAddons": False,
        "creationDate": "2026-01-12T09:13:27.5070855Z",
        "effectiveStartDate": "2026-01-12T00:00:00Z",
        "commitmentEndDate": "2027-01-11T00:00:00Z",
        "status": "active",
        "autoRenewEnabled": True,
        "isTrial": False,
        "billingType": "license",
        "billingCycle": "monthly",
        "termDuration": "P1Y",
        "isMicrosoftProduct": True,
        "partnerId": "4391200",
        "publisherName": "Microsoft Corporation",
        "actions": ["edit", "cancel"],
        "attentionNeeded": False,
        "actionTaken": False,
        "contractType": "subscription",
        "orderId": sid.replace("-", "")[:12],
        "refundOptions": [{"type": "Full", "expiresAt": "2026-01-19T09:13:27.5070855Z"}],
        "links": {
            "self": {"uri": f"/customers/{customer_id(number)}/subscriptions/{sid}", "method": "GET", "headers": []},
            "product": {"uri": "/products/CFQ7TTC0LFLX?country=DE", "method": "GET", "headers": []},
            "sku": {"uri": "/products/CFQ7TTC0LFLX/skus/0001?country=DE", "method": "GET", "headers": []},
            "availability": {
                "uri": "/products/CFQ7TTC0LFLX/skus/0001/availabilities/CFQ7TTC0K971?country=DE",
                "method": "GET",
                "headers": [],
            },
        },
        "attributes": {"etag": f'"{sid}"', "objectType": "Subscription"},
    }


class SlowService:
    """What is answered, and what was asked."""

    def __init__(self, customers: int, latency: float, jitter: float) -> None:
        self.customers = customers
        self._latency = latency
        self._jitter = jitter
        self._random = random.Random(20)
        self.seen: Counter[str] = Counter()
        self.in_flight = self.most_in_flight = 0

    def wait(self) -> float:
        """Seconds until an answer leaves; the mean is the latency."""
        return self._latency + self._jitter * (self._random.random() * 2 - 1)

    def answer(self, path: str, query: str, head: bytes) -> Any:
        if path == "/stats":
            return {"requests": self.seen, "mostInFlight": self.most_in_flight}
        if path == "/v1/customers":
            self.seen["pages"] += 1
            return self._page(query, head)
        self.seen["subscriptions"] += 1
        return self._subscriptions(path.split("/")[3])

    def _page(self, query: str, head: bytes) -> dict[str, Any]:
        size = int(parse_qs(query)["size"][0])
        found = TOKEN_HEADER.search(head)
        start = int(found[1]) if found else 0
        end = min(start + size, self.customers)
        page: dict[str, Any] = {
            "totalCount": end - start,
            "items": [_customer(number) for number in range(start, end)],
            "attributes": {"objectType": "Collection"},
        }
        if end < self.customers:
            token = [{"key": "MS-ContinuationToken", "value": str(end)}]
            uri = f"/customers?size={size}&seekOperation=Next"
            page["links"] = {"next": {"uri": uri, "method": "GET", "headers": token}}
        return page

    def _subscriptions(self, customer: str) -> dict[str, Any]:
        number = uuid.UUID(customer).int & 0xFFFFFFFF
        return {
            "totalCount": 1,
            "items": [subscription(number)],
            "attributes": {"objectType": "Collection"},
        }


class Connection(asyncio.Protocol):
    """HTTP/1.1 GET with keep-alive and nothing else: a full server would be busier than the client it measures."""

    def __init__(self, service: SlowService) -> None:
        self._service = service
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        self._received = rest
        service = self._service
        service.in_flight += 1
        service.most_in_flight = max(service.most_in_flight, service.in_flight)
        asyncio.get_running_loop().call_later(service.wait(), self._send, head)

    def _send(self, head: bytes) -> None:
        self._service.in_flight -= 1
        target = head.split(b" ", 2)[1].decode("ascii")
        path, _, query = target.partition("?")
        content = orjson.dumps(self._service.answer(path, query, head))
        start = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(start.encode() + content)


def _customer(number: int) -> dict[str, Any]:
    cid = customer_id(number)
    profile = {"tenantId": cid, "domain": f"c{number}.onmicrosoft.com", "companyName": f"Customer {number}"}
    return {"id": cid, "companyProfile": profile, "relationshipToPartner": "reseller"}


async def _serve(service: SlowService) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Connection(service), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--latency-ms", type=float, default=20.0)
    parser.add_argument("--jitter-ms", type=float, default=0.0)
    chosen = parser.parse_args()
    asyncio.run(_serve(SlowService(chosen.customers, chosen.latency_ms / 1000, chosen.jitter_ms / 1000)))


if __name__ == "__main__":
    main()
