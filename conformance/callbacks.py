"""Documented requests that the service sends to the partner: the event is made to happen and the request received.

Compared are the method, the path, every documented header but those of the connection, the body, the name of the
event; and the signature must be one of these bytes by the certificate that the request names.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import urlsplit

from conformance.comparison import differences
from conformance.receiver import Received, Receiver
from conformance.samples import Exchange
from conformance.world import World

_CONNECTION = frozenset({"host", "accept-encoding", "content-length", "connection", "expect"})
_REGISTRATION = "/webhooks/v1/registration"


def is_callback(exchange: Exchange) -> bool:
    """Whether the request is signed by the service instead of carrying a caller's token."""
    headers = {name.lower(): text for name, text in exchange.headers.items()}
    return headers.get("authorization", "").startswith("Signature ") or "x-ms-signature" in headers


def received_problems(world: World, exchange: Exchange) -> list[str]:
    """What the documented request has and the received one lacks."""
    wanted = exchange.request_body if isinstance(exchange.request_body, dict) else {}
    name = str(wanted.get("EventName"))
    if name not in _CAUSES:
        return [f"nothing is known that causes the event {name}"]
    with Receiver() as receiver:
        world.post(_REGISTRATION, {"webhookUrl": receiver.url, "webhookEvents": [name]})
        _CAUSES[name](world)
        world.advance("PT0S")  # answers when everything that is due was sent
        found = list(receiver.received)
    return _problems(world, exchange, found[0]) if found else ["nothing was received"]


def _problems(world: World, exchange: Exchange, got: Received) -> list[str]:
    found = [] if got.method == exchange.method else [f"method: {got.method} instead of {exchange.method}"]
    if got.path != exchange.path:
        found.append(f"path: {got.path} instead of {exchange.path}")
    for name, text in exchange.headers.items():
        given = got.headers.get(name.lower())
        if name.lower() not in _CONNECTION and not _alike(name.lower(), text, given):
            found.append(f"header {name}: {given or 'missing'}")
    body = json.loads(got.body)
    found += differences(exchange.request_body, body)
    for name in ("EventName", "ResourceName"):
        if body.get(name) != exchange.request_body.get(name):
            found.append(f"{name}: {body.get(name)} instead of {exchange.request_body.get(name)}")
    return found + ([] if _is_signed(world, got) else ["header Authorization: not a signature of the body"])


def _alike(name: str, documented: str, given: str | None) -> bool:
    """The scheme of a signature, an address of a certificate, the type of a body, else the documented value."""
    if given is None:
        return False
    if name in ("authorization", "x-ms-signature"):
        return given.split(" ")[0] == documented.split(" ")[0]
    if name == "x-ms-certificate-url":
        return urlsplit(given).scheme == "https" and given.endswith(".cer")
    if name == "content-type":
        return given.split(";")[0] == documented.split(";")[0]
    return given == documented


def _is_signed(world: World, got: Received) -> bool:
    """RSA, PKCS#1 v1.5, SHA-256 over the raw bytes (page partner-center-webhooks)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509 import load_der_x509_certificate

    path = urlsplit(got.headers["x-ms-certificate-url"]).path
    key = load_der_x509_certificate(world.service.fetch(path)).public_key()
    header = got.headers.get("x-ms-signature") or got.headers["authorization"]
    try:
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(base64.b64decode(header.split(" ")[1]), got.body, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, IndexError):
        return False
    return True


def _test(world: World) -> None:
    world.post(f"{_REGISTRATION}/validationEvents")


def _renamed(world: World) -> None:
    path = f"/subscriptions/{world.subscription('suite')}"
    world.call("PATCH", path, {**world.get(path), "friendlyName": "Another name"})


def _acted(action: str) -> Callable[[World], None]:
    def cause(world: World) -> None:
        world.act(action)

    return cause


_CAUSES: dict[str, Callable[[World], None]] = {
    "test-created": _test,
    "subscription-updated": _renamed,
    "azure-fraud-event-detected": _acted("raise-fraud-event"),
}
