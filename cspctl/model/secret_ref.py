"""References to secrets: `env:NAME`, `file:PATH`, `exec:ARGV`, `keyring:SERVICE/USER`, `azure-key-vault:VAULT/NAME`."""

from __future__ import annotations

from typing import NamedTuple

SCHEMES: tuple[str, ...] = ("env", "file", "exec", "keyring", "azure-key-vault")


class SecretRef(NamedTuple):
    scheme: str
    target: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.target}"


def parse_secret_ref(text: str) -> SecretRef | None:
    """The reference, or None where the text is none (it may then be a literal secret: never print it)."""
    scheme, colon, target = text.partition(":")
    if not colon or scheme not in SCHEMES or not target.strip():
        return None
    if scheme in ("keyring", "azure-key-vault") and not all(target.partition("/")):
        return None
    return SecretRef(scheme, target)
