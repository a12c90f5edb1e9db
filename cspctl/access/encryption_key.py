"""The key that encrypts token files at rest."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Mapping
from pathlib import Path

from cspctl.access.references import resolve
from cspctl.errors import AccessError
from cspctl.model.secret_ref import SecretRef
from cspctl.model.trust import Trust
from cspctl.secret import Secret

VARIABLE = "CSPCTL_CACHE_KEY"
KEY_BYTES = 32
SALT_BYTES = 16
# The least that the OWASP password storage cheat sheet (May 2023) recommends; takes 128 MiB for a moment.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1


class EncryptionKey:
    """Base64 of 32 bytes is the key itself; other text is a passphrase, stretched with the file's salt."""

    def __init__(self, text: Secret) -> None:
        if not text:
            raise AccessError(
                "The encryption key is empty.",
                code="E-TOKEN-KEY",
                hint=f"Set {VARIABLE} to 32 random bytes in base64 or to a long passphrase.",
            )
        self._text = text
        self._raw = _raw_key(text.reveal())
        self._derived: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "EncryptionKey(***)"

    def derive(self, salt: bytes) -> bytes:
        """32 bytes for AES-256-GCM."""
        if self._raw is not None:
            return self._raw
        with self._lock:
            if salt not in self._derived:
                self._derived[salt] = _stretch(self._text.reveal(), salt)
            return self._derived[salt]


def encryption_key(
    environ: Mapping[str, str], *, root: Path, trust: Trust, ref: SecretRef | None = None
) -> EncryptionKey | None:
    """The key that `ref` names, else `CSPCTL_CACHE_KEY`, else None: then nothing may be written to disk."""
    if ref is not None:
        return EncryptionKey(resolve(ref, root=root, trust=trust, environ=environ))
    text = environ.get(VARIABLE, "")
    return EncryptionKey(Secret(text)) if text else None


def _raw_key(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text.strip(), altchars=b"-_" if {"-", "_"} & set(text) else None, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == KEY_BYTES else None


def _stretch(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    kdf = Scrypt(salt=salt, length=KEY_BYTES, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
    return kdf.derive(passphrase.encode("utf-8"))
