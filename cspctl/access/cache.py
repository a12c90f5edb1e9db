"""msal's token cache, kept between runs: encrypted with a key, or in memory alone; never plain text on disk.

Refresh tokens are taken out before saving: they live in one place, the consent store (cspctl.access.store).
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from cspctl.access.encryption_key import EncryptionKey
from cspctl.access.file_lock import file_lock
from cspctl.access.sealed_file import SealBrokenError, read_sealed, write_sealed
from cspctl.errors import AccessError

PURPOSE = "token cache"
KEPT = ("AccessToken", "Account", "AppMetadata")

log = logging.getLogger("cspctl.access")


class TokenCache:
    """A cache for all sign-ins of a project. `problem`: a sentence, when the file was unusable."""

    def __init__(self, path: Path | None = None, key: EncryptionKey | None = None) -> None:
        self.path = path if key is not None else None
        self.key = key
        self.problem: str | None = None
        self._memory = "{}"

    @property
    def persistent(self) -> bool:
        return self.path is not None

    def load(self) -> Any:
        """A fresh `msal.SerializableTokenCache` with what is known; empty when the file is unusable."""
        import msal

        cache = msal.SerializableTokenCache()
        cache.deserialize(self._read())
        return cache

    def save(self, cache: Any) -> None:
        """Merge `cache` (a `SerializableTokenCache`) into the file, so that another process loses nothing."""
        if not cache.has_state_changed:
            return
        mine = _kept(json.loads(cache.serialize()))
        if self.path is None or self.key is None:
            self._memory = json.dumps(_merged(json.loads(self._memory), mine))
            return
        try:
            self._write(self.path, self.key, mine)
        except (AccessError, OSError) as problem:
            # A token that could not be kept is only asked for again.
            self._report(f"could not be written ({type(problem).__name__})")

    def _write(self, path: Path, key: EncryptionKey, mine: dict[str, Any]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file_lock(path):
            try:
                sealed = read_sealed(path, PURPOSE, key)
                theirs = json.loads(sealed.text) if sealed else {}
            except (SealBrokenError, ValueError):
                theirs = {}
                path.replace(path.with_name(path.name + ".bak"))
            write_sealed(path, PURPOSE, key, json.dumps(_merged(theirs, mine)))

    def _read(self) -> str:
        if self.path is None or self.key is None:
            return self._memory
        try:
            sealed = read_sealed(self.path, PURPOSE, self.key)
            text = sealed.text if sealed else "{}"
            json.loads(text)
        except SealBrokenError as problem:
            self._report(str(problem))
        except ValueError:
            self._report("is damaged")
        else:
            return text
        return "{}"

    def _report(self, what: str) -> None:
        self.problem = (
            f"E-TOKEN-CACHE The token cache {what} and is treated as empty; "
            "give the key that wrote it, or delete the file."
        )
        log.warning("%s", self.problem)


def _kept(state: dict[str, Any]) -> dict[str, Any]:
    return {kind: entries for kind, entries in state.items() if kind in KEPT}


def _merged(theirs: dict[str, Any], mine: dict[str, Any]) -> dict[str, Any]:
    return {kind: {**theirs.get(kind, {}), **mine.get(kind, {})} for kind in KEPT if kind in theirs or kind in mine}
