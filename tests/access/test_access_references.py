from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from cspctl.access import references
from cspctl.access.references import resolve
from cspctl.errors import AccessError
from cspctl.model.secret_ref import SecretRef, parse_secret_ref
from cspctl.model.trust import Trust
from cspctl.secret import Secret

VALUE = "hunter2-SECRETBYTES"


def ref(text: str) -> SecretRef:
    found = parse_secret_ref(text)
    assert found is not None
    return found


def code_of(text: str, root: Path, trust: Trust | None = None, **environ: str) -> str:
    with pytest.raises(AccessError) as caught:
        resolve(ref(text), root=root, trust=trust or Trust(), environ=environ)
    assert caught.value.hint and VALUE not in f"{caught.value}{caught.value.hint}{caught.value!r}"
    assert caught.value.exit_code == 6
    return caught.value.code


def test_an_environment_name_of_the_tool_is_read(tmp_path: Path) -> None:
    got = resolve(ref("env:CSPCTL_X"), root=tmp_path, trust=Trust(), environ={"CSPCTL_X": VALUE})
    assert got == Secret(VALUE)


def test_any_other_environment_name_needs_trust(tmp_path: Path) -> None:
    assert code_of("env:AWS_SECRET", tmp_path, AWS_SECRET=VALUE) == "E-SECRET-ENV-UNTRUSTED"
    trust = Trust(environment=("AWS_SECRET",))
    got = resolve(ref("env:AWS_SECRET"), root=tmp_path, trust=trust, environ={"AWS_SECRET": VALUE})
    assert got == Secret(VALUE)


def test_an_unset_or_empty_variable_is_said_to_be_so(tmp_path: Path) -> None:
    assert code_of("env:CSPCTL_X", tmp_path) == "E-SECRET-ENV-MISSING"
    assert code_of("env:CSPCTL_X", tmp_path, CSPCTL_X="") == "E-SECRET-EMPTY"


@pytest.mark.parametrize(("content", "expected"), [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a ")])
def test_a_file_loses_one_trailing_newline(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "s").write_bytes(content.encode())
    (tmp_path / "s").chmod(0o600)
    assert resolve(ref("file:s"), root=tmp_path, trust=Trust(), environ={}) == Secret(expected)


def test_a_file_outside_the_project_needs_trust(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside"
    root.mkdir()
    outside.write_text(VALUE)
    assert code_of(f"file:{outside}", root) == "E-SECRET-FILE-UNTRUSTED"
    assert code_of("file:../outside", root) == "E-SECRET-FILE-UNTRUSTED"
    got = resolve(ref("file:../outside"), root=root, trust=Trust(files=(str(outside),)), environ={})
    assert got == Secret(VALUE)


def test_a_link_out_of_the_project_is_followed_before_it_is_judged(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "outside").write_text(VALUE)
    (root / "link").symlink_to(tmp_path / "outside")
    assert code_of("file:link", root) == "E-SECRET-FILE-UNTRUSTED"


def test_a_file_that_is_missing_large_binary_or_no_file(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (references.SIZE_LIMIT + 1))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    os.mkfifo(tmp_path / "pipe")
    assert code_of("file:absent", tmp_path) == "E-SECRET-FILE-MISSING"
    assert code_of("file:large", tmp_path) == "E-SECRET-FILE-SIZE"
    assert code_of("file:binary", tmp_path) == "E-SECRET-ENCODING"
    assert code_of("file:pipe", tmp_path) == "E-SECRET-FILE-MISSING"
    assert code_of("file:a\0b", tmp_path) == "E-SECRET-FILE-MISSING"


def test_a_file_that_others_can_read_is_warned_about(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "s").write_text(VALUE)
    (tmp_path / "s").chmod(0o644)
    with caplog.at_level(logging.WARNING):
        resolve(ref("file:s"), root=tmp_path, trust=Trust(), environ={})
    assert "W-SECRET-MODE" in caplog.text and VALUE not in caplog.text
    caplog.clear()
    (tmp_path / "s").chmod(0o600)
    resolve(ref("file:s"), root=tmp_path, trust=Trust(), environ={})
    assert not caplog.records


def script(tmp_path: Path, text: str) -> str:
    (tmp_path / "tool.py").write_text(text)
    return f"{sys.executable} {tmp_path / 'tool.py'}"


def test_a_command_runs_only_when_its_whole_line_is_trusted(tmp_path: Path) -> None:
    command = script(tmp_path, f"print({VALUE!r})")
    assert code_of(f"exec:{command}", tmp_path) == "E-SECRET-EXEC-UNTRUSTED"
    assert code_of(f"exec:{command} --more", tmp_path, Trust(exec=(command,))) == "E-SECRET-EXEC-UNTRUSTED"
    assert code_of("exec:unbalanced 'quote", tmp_path) == "E-SECRET-EXEC-UNTRUSTED"
    got = resolve(ref(f"exec:{command}"), root=tmp_path, trust=Trust(exec=(command,)), environ={})
    assert got == Secret(VALUE)


def test_a_command_gets_no_shell(tmp_path: Path) -> None:
    command = script(tmp_path, "import sys; print(sys.argv[1:])") + " $(id) ; '&&'"
    got = resolve(ref(f"exec:{command}"), root=tmp_path, trust=Trust(exec=(command,)), environ={})
    assert got.reveal() == "['$(id)', ';', '&&']"


def test_the_errors_of_a_command_are_never_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    command = script(tmp_path, f"import sys; print({VALUE!r}); print({VALUE!r}, file=sys.stderr); sys.exit(3)")
    assert code_of(f"exec:{command}", tmp_path, Trust(exec=(command,))) == "E-SECRET-EXEC-FAILED"
    printed = capfd.readouterr()
    assert VALUE not in printed.out + printed.err + caplog.text


def test_a_command_that_hangs_ends_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "EXEC_SECONDS", 0.3)
    # The child keeps the pipe open: were it not ended too, this test would take its hour.
    command = script(
        tmp_path,
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        "time.sleep(3600)\n",
    )
    assert code_of(f"exec:{command}", tmp_path, Trust(exec=(command,))) == "E-SECRET-EXEC-TIMEOUT"


def test_a_program_that_does_not_exist(tmp_path: Path) -> None:
    command = "/nonexistent/tool --get"
    assert code_of(f"exec:{command}", tmp_path, Trust(exec=(command,))) == "E-SECRET-EXEC-FAILED"


@pytest.mark.parametrize(
    ("text", "module", "code", "extra"),
    [
        ("keyring:cspctl/acme", "keyring", "E-SECRET-KEYRING-ABSENT", "cspctl[keyring]"),
        ("azure-key-vault:vault/name", "azure.identity", "E-SECRET-VAULT-ABSENT", "cspctl[azure]"),
    ],
)
def test_an_absent_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, module: str, code: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(AccessError) as caught:
        resolve(ref(text), root=tmp_path, trust=Trust(), environ={})
    assert caught.value.code == code and extra in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["azure-key-vault:evil.example#/name", "azure-key-vault:vault/a/b"])
def test_a_vault_is_a_name_never_an_address(tmp_path: Path, text: str) -> None:
    assert code_of(text, tmp_path) == "E-SECRET-VAULT-NAME"
