"""The emulator's own certificate chain for webhook signatures, kept in its store.

Source: Partner Center docs, page partner-center-webhooks, section on verifying (Oct 2023): RSA over the raw body,
issuer with `O=Microsoft Corporation`. Nothing but the emulator trusts this root.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cspctl.emulator.store import Store

_META = "_webhook_signing"  # the underscore keeps the key out of dumps and alive through a reset
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)  # virtual clocks roam far
ALGORITHM = "rsa-sha256"


@dataclass(frozen=True)
class Chain:
    """PEM texts of the signing certificate and its root."""

    leaf: str
    root: str
    _key: str = field(repr=False)

    def sign(self, body: bytes) -> str:
        """Base64 of the PKCS#1 v1.5 signature over exactly these bytes."""
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        key = serialization.load_pem_private_key(self._key.encode(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError("the webhook signing key is no RSA key")
        return base64.b64encode(key.sign(body, padding.PKCS1v15(), hashes.SHA256())).decode()


def chain_of(store: Store) -> Chain:
    """The chain of this store, made when it is first needed."""
    kept = store.meta(_META)
    if kept is None:
        kept = _new_chain()
        store.set_meta(_META, kept)
    return Chain(kept["leaf"], kept["root"], kept["key"])


def _new_chain() -> dict[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    root_key, leaf_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = _certificate("Emulated Root", root_key, "Emulated Root", root_key, authority=True)
    leaf = _certificate("Emulated Webhook Signing", leaf_key, "Emulated Root", root_key, authority=False)
    private = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {"leaf": _pem(leaf), "root": _pem(root), "key": private.decode()}


def _certificate(name: str, key: Any, issuer: str, issuer_key: Any, *, authority: bool) -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FIRST)
        .not_valid_after(_LAST)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )  # fmt: skip  # one chain of calls
    return builder.sign(issuer_key, hashes.SHA256())


def _name(text: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Microsoft Corporation")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: Any) -> str:
    from cryptography.hazmat.primitives import serialization

    text: bytes = certificate.public_bytes(serialization.Encoding.PEM)
    return text.decode()
