"""A file encrypted with AES-256-GCM whose metadata stays readable, and cannot be changed unnoticed.

JSON: `{"format": "cspctl-sealed-1", "purpose", "metadata": {…}, "salt", "nonce", "data"}`, the last three in
base64. Purpose, metadata and salt are authenticated together with the text.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cspctl.access.encryption_key import SALT_BYTES, EncryptionKey

FORMAT = "cspctl-sealed-1"
NONCE_BYTES = 12
SIZE_LIMIT = 16 * 1024 * 1024


class SealBrokenError(Exception):
    """The file is no sealed file, is damaged, or was written with another key; the text says which."""


class Sealed(NamedTuple):
    text: str
    metadata: Mapping[str, Any]


def read_metadata(path: Path, purpose: str) -> Mapping[str, Any] | None:
    """The readable part, not authenticated; None where there is no file. Raises SealBrokenError."""
    envelope = _envelope(path, purpose)
    return None if envelope is None else envelope["metadata"]


def read_sealed(path: Path, purpose: str, key: EncryptionKey) -> Sealed | None:
    """Text and metadata; None where there is no file. Raises SealBrokenError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    envelope = _envelope(path, purpose)
    if envelope is None:
        return None
    try:
        salt, nonce, data = (base64.b64decode(envelope[k], validate=True) for k in ("salt", "nonce", "data"))
        cipher = AESGCM(key.derive(salt))
        text = cipher.decrypt(nonce, data, _associated(purpose, envelope["metadata"], envelope["salt"])).decode()
    except InvalidTag:
        raise SealBrokenError("was written with another key, or was damaged") from None
    except (KeyError, TypeError, ValueError):
        raise SealBrokenError("is damaged") from None
    return Sealed(text, envelope["metadata"])


def write_sealed(
    path: Path, purpose: str, key: EncryptionKey, text: str, metadata: Mapping[str, Any] | None = None
) -> None:
    """Replace `path` in one step, mode 0600. An existing file's salt is kept, so a key is derived once."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    metadata = dict(metadata or {})
    salt, nonce = _salt_of(path, purpose) or secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    salt_text = base64.b64encode(salt).decode()
    data = AESGCM(key.derive(salt)).encrypt(nonce, text.encode("utf-8"), _associated(purpose, metadata, salt_text))
    envelope = {
        "format": FORMAT,
        "purpose": purpose,
        "metadata": metadata,
        "salt": salt_text,
        "nonce": base64.b64encode(nonce).decode(),
        "data": base64.b64encode(data).decode(),
    }
    replace_file(path, json.dumps(envelope, indent=1, sort_keys=True).encode() + b"\n")


def replace_file(path: Path, content: bytes) -> None:
    """Write to a temporary name beside it (mode 0600), fsync, rename, fsync the folder."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder for this
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _envelope(path: Path, purpose: str) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise SealBrokenError(f"cannot be read ({problem.strerror})") from None
    try:
        envelope = json.loads(raw)
    except ValueError:
        raise SealBrokenError("is not a file that cspctl encrypted, or was damaged") from None
    if not isinstance(envelope, dict) or envelope.get("format") != FORMAT or len(raw) > SIZE_LIMIT:
        raise SealBrokenError("is not a file that cspctl encrypted")
    if envelope.get("purpose") != purpose or not isinstance(envelope.get("metadata"), dict):
        raise SealBrokenError(f"does not hold a {purpose}")
    return envelope


def _salt_of(path: Path, purpose: str) -> bytes | None:
    try:
        envelope = _envelope(path, purpose)
        salt = base64.b64decode(envelope["salt"], validate=True) if envelope else None
    except (SealBrokenError, KeyError, TypeError, ValueError):
        return None
    return salt if salt and len(salt) == SALT_BYTES else None


def _associated(purpose: str, metadata: Mapping[str, Any], salt: str) -> bytes:
    return json.dumps([FORMAT, purpose, metadata, salt], sort_keys=True, separators=(",", ":")).encode()
