"""Where `consent.tokenStore` keeps the refresh token.

`file:` (encrypted), `keyring:` and `azure-key-vault:` can be written; `env:` and `exec:` can only be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from cspctl.access.consent import Consent, ConsentRecord
from cspctl.access.encryption_key import VARIABLE, EncryptionKey
from cspctl.access.file_lock import file_lock
from cspctl.access.references import resolve, trusted_path
from cspctl.access.sealed_file import SealBrokenError, read_metadata, read_sealed, write_sealed
from cspctl.access.vaults import keyring_get, keyring_set, vault_get, vault_set
from cspctl.errors import AccessError
from cspctl.model.secret_ref import SecretRef
from cspctl.model.trust import Trust
from cspctl.secret import Secret

PURPOSE = "refresh token"


class TokenStore(Protocol):
    """All methods raise AccessError (or UnreachableError) with a code E-TOKEN-STORE-… or E-SECRET-…."""

    @property
    def writable(self) -> bool: ...

    def read(self) -> Consent | None:
        """None where nothing is stored yet."""
        ...

    def record(self) -> ConsentRecord | None:
        """What may be shown; a file is read without its key."""
        ...

    def write(self, consent: Consent) -> None:
        """Durable before this returns."""
        ...


def open_store(
    ref: SecretRef,
    *,
    root: Path,
    trust: Trust,
    environ: Mapping[str, str],
    key: EncryptionKey | None = None,
    cloud: str = "global",
) -> TokenStore:
    """The store that `ref` names. Raises AccessError where the file lies outside what is trusted."""
    if ref.scheme == "file":
        return FileStore(trusted_path(ref, root=root, trust=trust), key)
    if ref.scheme == "keyring":
        return EntryStore(lambda: keyring_get(ref), lambda text: keyring_set(ref, text))
    if ref.scheme == "azure-key-vault":
        return EntryStore(lambda: vault_get(ref, cloud), lambda text: vault_set(ref, cloud, text))
    return ReadOnlyStore(ref, lambda: resolve(ref, root=root, trust=trust, environ=environ, cloud=cloud))


class MemoryStore:
    """Forgets everything at exit; for the emulator realm."""

    writable = True

    def __init__(self, consent: Consent | None = None) -> None:
        self._consent = consent

    def read(self) -> Consent | None:
        return self._consent

    def record(self) -> ConsentRecord | None:
        return self._consent.record if self._consent else None

    def write(self, consent: Consent) -> None:
        self._consent = consent


class FileStore:
    """An encrypted file; times and principal stay readable in it, the token does not."""

    writable = True

    def __init__(self, path: Path, key: EncryptionKey | None) -> None:
        self.path = path
        self._key = key

    def read(self) -> Consent | None:
        if not self.path.exists():
            return None
        try:
            sealed = read_sealed(self.path, PURPOSE, self._needed_key())
            if sealed is None:
                return None
            token = json.loads(sealed.text)["refresh_token"]
        except SealBrokenError as problem:
            raise self._unusable(str(problem)) from None
        except (ValueError, KeyError, TypeError):
            raise self._unusable("is damaged") from None
        return Consent(Secret(token), ConsentRecord.from_plain(sealed.metadata))

    def record(self) -> ConsentRecord | None:
        try:
            metadata = read_metadata(self.path, PURPOSE)
        except SealBrokenError as problem:
            raise self._unusable(str(problem)) from None
        return None if metadata is None else ConsentRecord.from_plain(metadata)

    def write(self, consent: Consent) -> None:
        key = self._needed_key()
        text = json.dumps({"refresh_token": consent.refresh_token.reveal()})
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with file_lock(self.path):
                self.read()  # refuses to replace what another key, or no key, has written
                write_sealed(self.path, PURPOSE, key, text, consent.record.to_plain())
        except OSError as problem:
            raise AccessError(
                f"The token store {self.path.name} cannot be written ({problem.strerror}).",
                code="E-TOKEN-STORE-WRITE",
                hint="Check the folder's permissions and free space.",
            ) from None

    def _needed_key(self) -> EncryptionKey:
        if self._key is None:
            raise AccessError(
                "A refresh token is kept in a file only encrypted, and there is no key.",
                code="E-TOKEN-STORE-KEY",
                hint=f"Set {VARIABLE} to 32 random bytes in base64 or to a long passphrase.",
            )
        return self._key

    def _unusable(self, why: str) -> AccessError:
        return AccessError(
            f"The token store {self.path.name} {why}.",
            code="E-TOKEN-STORE",
            hint=f"Set {VARIABLE} to the key that wrote it, or move the file away and consent again.",
        )


class EntryStore:
    """One entry of a keyring or a key vault, holding token, times and principal as JSON."""

    writable = True

    def __init__(self, get: Callable[[], str | None], put: Callable[[Secret], None]) -> None:
        self._get = get
        self._put = put

    def read(self) -> Consent | None:
        text = self._get()
        return Consent.from_text(text) if text else None

    def record(self) -> ConsentRecord | None:
        consent = self.read()
        return consent.record if consent else None

    def write(self, consent: Consent) -> None:
        self._put(consent.to_text())


class ReadOnlyStore:
    """`env:` and `exec:`: a token that something else keeps; nothing is known of its age."""

    writable = False

    def __init__(self, ref: SecretRef, get: Callable[[], Secret]) -> None:
        self._ref = ref
        self._get = get

    def read(self) -> Consent | None:
        return Consent.from_text(self._get().reveal())

    def record(self) -> ConsentRecord | None:
        consent = self.read()
        return consent.record if consent else None

    def write(self, consent: Consent) -> None:
        raise AccessError(
            f"A {self._ref.scheme}: token store can only be read.",
            code="E-TOKEN-STORE-READ-ONLY",
            hint="Name a file:, keyring: or azure-key-vault: as consent.tokenStore.",
        )
