from __future__ import annotations

import base64
import json
import logging
import threading
from pathlib import Path

import msal
import pytest

from cspctl.access import file_lock as lock_module
from cspctl.access.cache import TokenCache
from cspctl.access.encryption_key import EncryptionKey, encryption_key
from cspctl.access.file_lock import file_lock
from cspctl.errors import AccessError
from cspctl.model.secret_ref import SecretRef
from cspctl.model.trust import Trust
from cspctl.secret import Secret


def key(fill: int = 1) -> EncryptionKey:
    return EncryptionKey(Secret(base64.b64encode(bytes([fill]) * 32).decode()))


def remember(cache: TokenCache, client: str) -> None:
    held: msal.SerializableTokenCache = cache.load()
    held.add(
        {
            "client_id": client,
            "scope": ["s"],
            "token_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            "response": {
                "access_token": f"access-{client}",
                "expires_in": 3599,
                "refresh_token": f"refresh-{client}",
            },
        }
    )
    cache.save(held)


def clients(cache: TokenCache) -> set[str]:
    return {entry["client_id"] for entry in cache.load().search("AccessToken")}


def test_the_file_holds_no_byte_of_a_secret_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "tokens"
    remember(TokenCache(path, key()), "one")
    raw = path.read_bytes()
    assert b"access-one" not in raw and b"refresh-one" not in raw
    assert base64.b64encode(b"access-one")[:8] not in raw
    assert path.stat().st_mode & 0o777 == 0o600
    assert clients(TokenCache(path, key())) == {"one"}


def test_a_passphrase_is_a_key_too(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    remember(TokenCache(path, EncryptionKey(Secret("correct horse battery staple"))), "one")
    assert clients(TokenCache(path, EncryptionKey(Secret("correct horse battery staple")))) == {"one"}
    assert clients(TokenCache(path, EncryptionKey(Secret("wrong horse battery staple")))) == set()


def test_refresh_tokens_are_not_kept_in_it(tmp_path: Path) -> None:
    cache = TokenCache(tmp_path / "tokens", key())
    remember(cache, "one")
    assert list(cache.load().search("RefreshToken")) == []


def test_without_a_key_nothing_reaches_the_disk(tmp_path: Path) -> None:
    cache = TokenCache(tmp_path / "tokens")
    remember(cache, "one")
    assert not cache.persistent and clients(cache) == {"one"}
    assert list(tmp_path.iterdir()) == []


def test_two_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    first, second = TokenCache(tmp_path / "tokens", key()), TokenCache(tmp_path / "tokens", key())
    held = first.load()
    remember(second, "two")
    held.add(
        {
            "client_id": "one",
            "scope": ["s"],
            "token_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            "response": {"access_token": "a", "expires_in": 3599},
        }
    )
    first.save(held)
    assert clients(TokenCache(tmp_path / "tokens", key())) == {"one", "two"}


def test_a_wrong_key_is_reported_and_the_old_file_is_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "tokens"
    remember(TokenCache(path, key(1)), "one")
    before = path.read_bytes()
    other = TokenCache(path, key(2))
    with caplog.at_level(logging.WARNING):
        assert clients(other) == set()
    assert other.problem is not None and other.problem.startswith("E-TOKEN-CACHE")
    assert "E-TOKEN-CACHE" in caplog.text
    assert path.read_bytes() == before
    remember(other, "two")
    assert (tmp_path / "tokens.bak").read_bytes() == before
    assert clients(TokenCache(path, key(2))) == {"two"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "cspctl-sealed-1"}', b"\xff\xfe"])
def test_a_corrupt_file_is_treated_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(content)
    cache = TokenCache(path, key())
    assert clients(cache) == set() and cache.problem is not None
    remember(cache, "one")
    assert (tmp_path / "tokens.bak").read_bytes() == content


def test_what_is_readable_in_the_file_cannot_be_changed_unnoticed(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    remember(TokenCache(path, key()), "one")
    envelope = json.loads(path.read_text())
    envelope["metadata"] = {"forged": True}
    path.write_text(json.dumps(envelope))
    cache = TokenCache(path, key())
    assert clients(cache) == set() and cache.problem is not None


def test_the_key_comes_from_the_environment_or_a_reference(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a passphrase in a file\n")
    (tmp_path / "key").chmod(0o600)
    environ = {"CSPCTL_CACHE_KEY": "another passphrase"}
    named = encryption_key(environ, root=tmp_path, trust=Trust(), ref=SecretRef("file", "key"))
    plain = encryption_key(environ, root=tmp_path, trust=Trust())
    assert named is not None and plain is not None
    assert encryption_key({}, root=tmp_path, trust=Trust()) is None
    salt = bytes(16)
    assert named.derive(salt) == EncryptionKey(Secret("a passphrase in a file")).derive(salt)
    assert named.derive(salt) != plain.derive(salt)
    assert "passphrase" not in repr(named)


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(AccessError) as caught:
        EncryptionKey(Secret(""))
    assert caught.value.code == "E-TOKEN-KEY"


def test_a_lock_excludes_others_until_it_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_module, "POLL_SECONDS", 0.001)
    path = tmp_path / "tokens"
    entered = threading.Event()

    def wait_for_it() -> None:
        with file_lock(path, patience=10):
            entered.set()

    with file_lock(path):
        with pytest.raises(AccessError) as caught, file_lock(path, patience=0.0):
            pass
        waiting = threading.Thread(target=wait_for_it)
        waiting.start()
        assert not entered.is_set()
    waiting.join()
    assert caught.value.code == "E-TOKEN-LOCK" and entered.is_set()
