"""An application's certificate: one PEM text that holds the certificate and its private key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cspctl.errors import AccessError
from cspctl.secret import Secret


@dataclass(frozen=True, slots=True)
class Certificate:
    """`expires_at` is aware UTC."""

    certificate_pem: str
    key_pem: Secret
    expires_at: datetime

    def credential(self) -> dict[str, str]:
        """msal's client_credential; it signs the assertion with PS256 and sends the certificate along."""
        return {"private_key": self.key_pem.reveal(), "public_certificate": self.certificate_pem}


def read_certificate(pem: Secret) -> Certificate:
    """Read and check. Raises AccessError E-SECRET-CERTIFICATE where a half is missing or they do not fit."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
    )

    raw = pem.reveal().encode("utf-8")
    try:
        certificate = x509.load_pem_x509_certificate(raw)
        key = load_pem_private_key(raw, password=None)
        public = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        fits = key.public_key().public_bytes(*public) == certificate.public_key().public_bytes(*public)
        key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    except Exception:  # the library raises a dozen types, and their texts may quote the key
        fits = False
    if not fits:
        raise AccessError(
            "The application's certificate cannot be used.",
            code="E-SECRET-CERTIFICATE",
            hint="Let certificateRef give one PEM text with the certificate and its unencrypted private key.",
        )
    return Certificate(
        certificate.public_bytes(Encoding.PEM).decode(), Secret(key_pem), certificate.not_valid_after_utc
    )


def refuse_expired(certificate: Certificate, now: datetime) -> None:
    """Raises AccessError E-AUTH-CERTIFICATE-EXPIRED."""
    if certificate.expires_at <= now:
        raise AccessError(
            f"The application's certificate expired on {certificate.expires_at:%Y-%m-%d}.",
            code="E-AUTH-CERTIFICATE-EXPIRED",
            hint="Upload a new certificate to the app registration and store it under certificateRef.",
        )
