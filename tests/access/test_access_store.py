from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cspctl.access.consent import Consent, ConsentRecord
from cspctl.access.encryption_key import EncryptionKey
from cspctl.access.store import FileStore, MemoryStore, open_store
from cspctl.access.vaults import vault_get, vault_set
from cspctl.errors import AccessError, UnreachableError
from cspctl.model.secret_ref import SecretRef
from cspctl.model.trust import Trust
from cspctl.secret import Secret

ISSUED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
REDEEMED = datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC)
RECORD = ConsentRecord(ISSUED, REDEEMED, REDEEMED, "ada@acmecloud.example")
CONSENT = Consent(Secret("refresh-SECRETBYTES"), RECORD)


def key(fill: int = 1) -> EncryptionKey:
    return EncryptionKey(Secret(base64.b64encode(bytes([fill]) * 32).decode()))


def opened(scheme: str, target: str, root: Path, **more: Any) -> Any:
    environ = more.pop("environ", {})
    return open_store(SecretRef(scheme, target), root=root, trust=Trust(), environ=environ, **more)


def test_a_file_keeps_the_token_encrypted_and_the_times_readable(tmp_path: Path) -> None:
    store = opened("file", "secrets/token", tmp_path, key=key())
    assert store.read() is None and store.record() is None
    store.write(CONSENT)
    path = tmp_path / "secrets" / "token"
    assert b"refresh" not in path.read_bytes().replace(b"refresh token", b"")
    assert path.stat().st_mode & 0o777 == 0o600
    assert opened("file", "secrets/token", tmp_path, key=key()).read() == CONSENT
    assert opened("file", "secrets/token", tmp_path).record() == RECORD  # without the key


def test_a_file_with_another_key_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    opened("file", "token", tmp_path, key=key(1)).write(CONSENT)
    before = (tmp_path / "token").read_bytes()
    other = opened("file", "token", tmp_path, key=key(2))
    for act in (other.read, lambda: other.write(CONSENT)):
        with pytest.raises(AccessError) as caught:
            act()
        assert caught.value.code == "E-TOKEN-STORE"
    assert (tmp_path / "token").read_bytes() == before


def test_a_file_that_is_no_store_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("kind: Plan\n")
    with pytest.raises(AccessError) as caught:
        opened("file", "plan.yaml", tmp_path, key=key()).write(CONSENT)
    assert caught.value.code == "E-TOKEN-STORE"
    assert (tmp_path / "plan.yaml").read_text() == "kind: Plan\n"


def test_a_file_without_a_key_is_refused_never_written_plain(tmp_path: Path) -> None:
    with pytest.raises(AccessError) as caught:
        opened("file", "token", tmp_path).write(CONSENT)
    assert caught.value.code == "E-TOKEN-STORE-KEY" and "CSPCTL_CACHE_KEY" in (caught.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_a_file_outside_the_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AccessError) as caught:
        opened("file", "../token", tmp_path, key=key())
    assert caught.value.code == "E-SECRET-FILE-UNTRUSTED"


def test_the_environment_can_only_be_read(tmp_path: Path) -> None:
    store = opened("env", "CSPCTL_TOKEN", tmp_path, environ={"CSPCTL_TOKEN": "refresh-1"})
    assert not store.writable
    assert store.read() == Consent(Secret("refresh-1"))
    assert store.record() == ConsentRecord()
    with pytest.raises(AccessError) as caught:
        store.write(CONSENT)
    assert caught.value.code == "E-TOKEN-STORE-READ-ONLY"


@pytest.fixture
def ring() -> Iterator[dict[tuple[str, str], str]]:
    keyring = pytest.importorskip("keyring")
    held: dict[tuple[str, str], str] = {}

    class Ring(keyring.backend.KeyringBackend):  # type: ignore[misc, name-defined] # the extra has no types here
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            if service == "broken":
                raise RuntimeError(f"cannot store {password}")
            held[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            del held[service, username]

    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    yield held
    keyring.set_keyring(before)


def test_a_keyring_entry_holds_token_and_times(tmp_path: Path, ring: dict[tuple[str, str], str]) -> None:
    store = opened("keyring", "cspctl/acme-eu", tmp_path)
    assert store.read() is None
    store.write(CONSENT)
    assert list(ring) == [("cspctl", "acme-eu")]
    assert store.read() == CONSENT and store.record() == RECORD


def test_a_token_that_a_person_put_into_the_keyring_is_taken_as_it_is(
    tmp_path: Path, ring: dict[tuple[str, str], str]
) -> None:
    ring["cspctl", "acme-eu"] = "refresh-by-hand\n"
    assert opened("keyring", "cspctl/acme-eu", tmp_path).read() == Consent(Secret("refresh-by-hand"))


def test_a_keyring_that_fails_does_not_show_the_token(tmp_path: Path, ring: dict[tuple[str, str], str]) -> None:
    with pytest.raises(AccessError) as caught:
        opened("keyring", "broken/acme", tmp_path).write(CONSENT)
    assert caught.value.code == "E-SECRET-KEYRING"
    assert caught.value.__context__ is None and "SECRETBYTES" not in str(caught.value)


class ResourceNotFoundError(Exception):
    """Named as the vault's library names it."""


class ServiceRequestError(Exception):
    """Named as the vault's library names it."""


class Vault:
    def __init__(self, failure: type[Exception] | None = None) -> None:
        self.held: dict[str, str] = {}
        self.failure = failure

    def get_secret(self, name: str) -> Any:
        if self.failure:
            raise self.failure("SECRETBYTES")
        if name not in self.held:
            raise ResourceNotFoundError(name)
        return type("KeyVaultSecret", (), {"value": self.held[name]})

    def set_secret(self, name: str, value: str) -> None:
        if self.failure:
            raise self.failure("SECRETBYTES")
        self.held[name] = value


def test_a_key_vault_is_read_and_written() -> None:
    vault, ref = Vault(), SecretRef("azure-key-vault", "acme/refresh")
    assert vault_get(ref, "global", client=vault) is None
    vault_set(ref, "global", CONSENT.to_text(), client=vault)
    assert Consent.from_text(vault_get(ref, "global", client=vault) or "") == CONSENT


@pytest.mark.parametrize(
    ("failure", "expected"), [(ServiceRequestError, UnreachableError), (RuntimeError, AccessError)]
)
def test_a_key_vault_that_fails(failure: type[Exception], expected: type[Exception]) -> None:
    ref = SecretRef("azure-key-vault", "acme/refresh")
    with pytest.raises(expected) as caught:
        vault_get(ref, "global", client=Vault(failure))
    assert "SECRETBYTES" not in str(caught.value) and caught.value.__context__ is None


def test_a_redemption_keeps_the_consents_own_time() -> None:
    later = datetime(2026, 3, 1, tzinfo=UTC)
    rotated = CONSENT.redeemed(later, rotated=Secret("new"), principal=None)
    assert rotated == Consent(Secret("new"), ConsentRecord(ISSUED, later, later, RECORD.principal))
    kept = CONSENT.redeemed(later, rotated=None, principal="bo@acmecloud.example")
    assert kept == Consent(CONSENT.refresh_token, ConsentRecord(ISSUED, REDEEMED, later, "bo@acmecloud.example"))


def test_nothing_of_a_consent_shows() -> None:
    assert "SECRETBYTES" not in repr(CONSENT) + str(MemoryStore(CONSENT).read()) + str(CONSENT.to_text())


def test_a_store_is_never_half_written(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "token", key())
    store.write(CONSENT)
    store.write(CONSENT.redeemed(REDEEMED, rotated=Secret("next"), principal=None))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["token", "token.lock"]
