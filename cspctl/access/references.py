"""From a secret reference to the secret.

`env:NAME`, `file:PATH`, `exec:ARGV`, `keyring:SERVICE/USER`, `azure-key-vault:VAULT/NAME`. Manifests are
untrusted, so what they name is checked against the trust here again, although validation has done so.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import signal
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from cspctl.errors import AccessError
from cspctl.model.secret_ref import SecretRef
from cspctl.model.trust import Trust
from cspctl.secret import Secret

SIZE_LIMIT = 64 * 1024
EXEC_SECONDS = 10.0

log = logging.getLogger("cspctl.access")


def resolve(ref: SecretRef, *, root: Path, trust: Trust, environ: Mapping[str, str], cloud: str = "global") -> Secret:
    """The secret behind `ref`. Raises AccessError with a code E-SECRET-…, which never holds any of the value.

    `root` is the project's folder; `cloud` decides the domain of key vaults.
    """
    resolvers: dict[str, Callable[[], str]] = {
        "env": lambda: _from_env(ref, trust, environ),
        "file": lambda: _from_file(ref, root, trust),
        "exec": lambda: _from_exec(ref, root, trust, environ),
        "keyring": lambda: _from_keyring(ref),
        "azure-key-vault": lambda: _from_vault(ref, cloud),
    }
    if ref.scheme not in resolvers:
        raise AccessError(
            "This is not a reference to a secret.",
            code="E-SECRET-SCHEME",
            hint=f"Write one of {', '.join(s + ':…' for s in resolvers)}.",
        )
    value = resolvers[ref.scheme]()
    if not value:
        raise AccessError(
            f"The secret {ref} is empty.",
            code="E-SECRET-EMPTY",
            hint="Store the secret under this name again.",
        )
    return Secret(value)


def trusted_path(ref: SecretRef, *, root: Path, trust: Trust) -> Path:
    """The real path of a `file:` reference, links resolved. Raises AccessError E-SECRET-FILE-UNTRUSTED."""
    try:
        real = (root / Path(ref.target).expanduser()).resolve()
        allowed = trust.allows_file(real, root)
    except (OSError, ValueError, RuntimeError):  # a null byte, a loop of links, an unknown home
        raise AccessError(
            f"{ref} does not name a file.", code="E-SECRET-FILE-MISSING", hint="Correct the path."
        ) from None
    if not allowed:
        raise AccessError(
            f"{ref} leads outside the project.",
            code="E-SECRET-FILE-UNTRUSTED",
            hint="List the file or its folder under `files` in the file given by --trust.",
        )
    return real


def _from_env(ref: SecretRef, trust: Trust, environ: Mapping[str, str]) -> str:
    if not trust.allows_env(ref.target):
        raise AccessError(
            f"The environment variable {ref.target} may not be read by manifests.",
            code="E-SECRET-ENV-UNTRUSTED",
            hint="Use a name that starts with CSPCTL_, or list it under `environment` in the --trust file.",
        )
    if ref.target not in environ:
        raise AccessError(
            f"The environment variable {ref.target} is not set.",
            code="E-SECRET-ENV-MISSING",
            hint=f"Set {ref.target} to the secret before running cspctl.",
        )
    return environ[ref.target]


def _from_file(ref: SecretRef, root: Path, trust: Trust) -> str:
    real = trusted_path(ref, root=root, trust=trust)
    failure = AccessError(
        f"{ref} cannot be read.",
        code="E-SECRET-FILE-MISSING",
        hint="Check that the file exists, is a plain text file and may be read by this user.",
    )
    try:
        # Opened without waiting, so that a named pipe cannot hang the run.
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        raise failure from None
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        raw = file.read(SIZE_LIMIT + 1) if stat.S_ISREG(facts.st_mode) else None
    if raw is None:
        raise failure
    if len(raw) > SIZE_LIMIT:
        raise AccessError(
            f"{ref} is larger than {SIZE_LIMIT // 1024} KiB.",
            code="E-SECRET-FILE-SIZE",
            hint="Point the reference at a file that holds the secret alone.",
        )
    if os.name != "nt" and facts.st_mode & 0o077:
        log.warning("W-SECRET-MODE %s can be read by other users; run chmod 600 on it", ref)
    return _text(raw, ref)


def _from_exec(ref: SecretRef, root: Path, trust: Trust, environ: Mapping[str, str]) -> str:
    try:
        argv, allowed = shlex.split(ref.target), trust.allows_exec(ref.target)
    except ValueError:
        argv, allowed = [], False
    if not argv or not allowed:
        raise AccessError(
            "A manifest may not start this command.",  # the command line itself could hold a secret
            code="E-SECRET-EXEC-UNTRUSTED",
            hint="List the whole command line under `exec` in the file given by --trust.",
        )
    return _text(_run(argv, root, environ), ref._replace(target=argv[0])).strip()


def _run(argv: list[str], root: Path, environ: Mapping[str, str]) -> bytes:
    program = argv[0]
    try:
        process = subprocess.Popen(  # noqa: S603 # argv of a trusted command line, never a shell
            argv,
            cwd=root,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError):
        raise AccessError(
            f"{program} could not be started.",
            code="E-SECRET-EXEC-FAILED",
            hint="Check that the program is installed and may be executed.",
        ) from None
    try:
        output, _ = process.communicate(timeout=EXEC_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
        raise AccessError(
            f"{program} gave no answer within {EXEC_SECONDS:.0f} seconds.",
            code="E-SECRET-EXEC-TIMEOUT",
            hint="Run the command by hand to see what it waits for; it gets no terminal and no input.",
        ) from None
    if process.returncode != 0:
        raise AccessError(
            f"{program} ended with status {process.returncode}.",
            code="E-SECRET-EXEC-FAILED",
            hint="Run the command by hand to see its error, which cspctl never shows: it may hold secrets.",
        )
    if len(output) > SIZE_LIMIT:
        raise AccessError(
            f"{program} printed more than {SIZE_LIMIT // 1024} KiB.",
            code="E-SECRET-EXEC-FAILED",
            hint="Let the command print the secret alone.",
        )
    return output


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the command with everything it started: a child that keeps the pipe open would hang the run."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    if process.stdout is not None:
        process.stdout.close()
    process.wait()


def _from_keyring(ref: SecretRef) -> str:
    from cspctl.access.vaults import keyring_get

    value = keyring_get(ref)
    if value is None:
        raise AccessError(
            f"{ref} is not in the keyring.",
            code="E-SECRET-KEYRING-MISSING",
            hint="Store it with `keyring set SERVICE USER`.",
        )
    return value


def _from_vault(ref: SecretRef, cloud: str) -> str:
    from cspctl.access.vaults import vault_get

    value = vault_get(ref, cloud)
    if value is None:
        raise AccessError(
            f"{ref} is not in the key vault.",
            code="E-SECRET-VAULT-MISSING",
            hint="Create the secret in the vault, or correct the name.",
        )
    return value


def _text(raw: bytes, ref: SecretRef) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise AccessError(
            f"{ref.scheme}:{ref.target} does not give UTF-8 text.",
            code="E-SECRET-ENCODING",
            hint="Store the secret as plain UTF-8 text.",
        ) from None
    return text.removesuffix("\n").removesuffix("\r")
