"""An own certificate authority beside the data file, and server certificates for loopback and vendor hosts."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cspctl.emulator.settings import LOOPBACK_HOSTS, VENDOR_HOSTS

if TYPE_CHECKING:
    import trustme

_LEAF_DAYS = 397  # Apple's TLS refuses server certificates of a longer life; a new one is issued at every start


def authority_paths(data: Path) -> tuple[Path, Path]:
    """(certificate, key) of the authority that belongs to a data file."""
    return data.parent / "emulator-ca.pem", data.parent / "emulator-ca-key.pem"


def server_context(data: Path, names: frozenset[str] = frozenset()) -> tuple[ssl.SSLContext, Path]:
    """A TLS context for the server and the authority's certificate to trust.

    The authority is made once and kept, so a client trusts it once; its key is readable by the owner only.
    `names` are hosts or addresses the certificate is for beside loopback and the vendor's.
    """
    import trustme

    certificate, key = authority_paths(data)
    authority = _kept(certificate, key)
    if authority is None:
        authority = trustme.CA(organization_name="cspctl emulator")
        write_private(key, authority.private_key_pem.bytes())
        write_private(certificate, authority.cert_pem.bytes())
    begin = datetime.now(UTC) - timedelta(days=1)  # of the real clock, which is what clients judge certificates by
    hosts = sorted(LOOPBACK_HOSTS | VENDOR_HOSTS | names)
    leaf = authority.issue_cert(*hosts, not_before=begin, not_after=begin + timedelta(days=_LEAF_DAYS))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    leaf.configure_cert(context)
    return context, certificate


def _kept(certificate: Path, key: Path) -> trustme.CA | None:
    """The authority on disk; None when a file lacks, cannot be read, or the two do not belong together."""
    import trustme
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    try:
        shown, private = certificate.read_bytes(), key.read_bytes()
        fits = x509.load_pem_x509_certificate(shown).public_key() == (
            serialization.load_pem_private_key(private, None).public_key()
        )
    except (OSError, ValueError, TypeError):
        return None
    return trustme.CA.from_pem(shown, private) if fits else None


def write_private(path: Path, data: bytes) -> None:
    """Write a file of mode 0600 whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
