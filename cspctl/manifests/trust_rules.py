"""What manifests may not do on their own: they come in pull requests.

Source: product contract, section 1.4. Rules look at every text of a spec, also where its structure is wrong.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cspctl.manifests.secrecy import is_reference_key
from cspctl.manifests.text import shown
from cspctl.model.address import Address
from cspctl.model.diagnostic import Diagnostic, DocPath, error
from cspctl.model.positions import Origin
from cspctl.model.secret_ref import SecretRef, parse_secret_ref
from cspctl.model.trust import Trust

_URL_KEYS = frozenset({"url", "urls", "webhook"})
# Keys that name a file, by kind; a path is relative to the folder of the manifest, or (as output) to the root.
_FILE_KEYS = {"PriceSheet": frozenset({"file"}), "NotificationChannel": frozenset({"path", "file"})}
_PRIVATE_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".intranet", ".corp")
_IN_TRUST = "in the trust file (--trust FILE)"

Problem = tuple[str, str, str]  # code, message, hint


def check(
    kind: str,
    spec: Mapping[str, Any],
    origin: Origin,
    address: Address | None,
    root: Path,
    trust: Trust,
) -> Iterator[Diagnostic]:
    """E-SECRET-LITERAL, E-TRUST-EXEC, E-TRUST-ENV, E-TRUST-PATH and E-TRUST-WEBHOOK of one document."""
    base = (root / origin.file).parent if kind == "PriceSheet" else root
    for path, key, value in _texts(spec, ("spec",), ""):
        for code, message, hint in _text(kind, key, value, base, root, trust):
            yield error(code, f"{key}: {message}", path=path, address=address, origin=origin, hint=hint)


def check_state(url: str, root: Path, trust: Trust, origin: Origin) -> list[Diagnostic]:
    """The state URL of the project file: a database elsewhere only from trusted input. It is never printed."""
    if url.startswith("sqlite:///"):
        file = url.removeprefix("sqlite:///").partition("?")[0]
        if not file or trust.allows_file(Path(file), root):
            return []
        message, hint = "state: a file outside the project", f"list its folder under files: {_IN_TRUST}"
        return [error("E-TRUST-PATH", message, path=("state",), origin=origin, hint=hint)]
    if url.startswith("sqlite:") or url in trust.state:
        return []
    if not url.startswith("postgresql"):
        message = "state: sqlite:///PATH or postgresql+psycopg://… is needed"
        return [error("E-STATE", message, path=("state",), origin=origin)]
    message = "state: only trusted input may name a database server"
    hint = f"use --state or CSPCTL_STATE, or list the URL under state: {_IN_TRUST}"
    return [error("E-TRUST-STATE", message, path=("state",), origin=origin, hint=hint)]


def _texts(value: Any, path: DocPath, key: str) -> Iterator[tuple[DocPath, str, Any]]:
    """Scalars with the nearest key above them."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name), name)
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, place), key)
    elif key:
        yield path, key, value


def _text(kind: str, key: str, value: Any, base: Path, root: Path, trust: Trust) -> Iterator[Problem]:
    if is_reference_key(key):
        reference = parse_secret_ref(value) if isinstance(value, str) else None
        if reference is not None:
            yield from _reference(reference, root, trust)
        elif value is not None:
            yield (
                "E-SECRET-LITERAL",
                "a reference to a secret is needed, not the secret itself (it is not shown here)",
                "write env:CSPCTL_NAME, file:PATH, keyring:SERVICE/USER or azure-key-vault:VAULT/NAME; "
                "a secret that was committed must be replaced",
            )
    elif not isinstance(value, str):
        return
    elif key in _FILE_KEYS.get(kind, ()):
        yield from _file(value, base, root, trust)
    elif key in _URL_KEYS and kind == "NotificationChannel":
        yield from webhook_problems(value, trust)


def _reference(reference: SecretRef, root: Path, trust: Trust) -> Iterator[Problem]:
    scheme, target = reference
    if scheme == "exec" and not _allows_exec(trust, target):
        yield "E-TRUST-EXEC", "only trusted input may run a program", f"list the command line under exec: {_IN_TRUST}"
    elif scheme == "env" and not trust.allows_env(target.strip()):
        message = f"the environment variable {shown(target)} is outside CSPCTL_*"
        yield "E-TRUST-ENV", message, f"name it CSPCTL_…, or list it under environment: {_IN_TRUST}"
    elif scheme == "file":
        yield from _file(target, root, root, trust)
    elif scheme == "azure-key-vault" and not target.partition("/")[0].replace("-", "").isalnum():
        message = "a vault is given by its name alone"
        if target.partition("/")[0] not in trust.endpoints:
            yield "E-TRUST-ENDPOINT", message, "write azure-key-vault:VAULT/NAME"


def _allows_exec(trust: Trust, command: str) -> bool:
    try:
        return trust.allows_exec(command) and bool(shlex.split(command))
    except ValueError:  # an unclosed quote
        return False


def _file(text: str, base: Path, root: Path, trust: Trust) -> Iterator[Problem]:
    try:
        path = Path(text)
        outside = text.startswith("~") or not trust.allows_file(base.absolute() / path, root)
        if text.startswith("~"):
            outside = not trust.allows_file(path.expanduser(), root)
    except (OSError, RuntimeError, ValueError):  # no such home, a loop of links, a NUL
        outside = True
    if outside:
        message = f"{shown(text)} is outside the project"
        yield "E-TRUST-PATH", message, f"move it into the project, or list its folder under files: {_IN_TRUST}"


def webhook_problems(url: str, trust: Trust) -> list[Problem]:
    """E-TRUST-WEBHOOK unless the target is HTTPS and not private, or trusted (a URL, or HOST, or HOST:PORT)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return [("E-TRUST-WEBHOOK", "this is not a URL", "write https://HOST/PATH")]
    if url in trust.webhooks or host in trust.webhooks or f"{host}:{port}" in trust.webhooks:
        return []
    hint = f"use https:// and a public host, or list the host under webhooks: {_IN_TRUST}"
    if parts.scheme != "https":
        return [("E-TRUST-WEBHOOK", "a webhook target must be https", hint)]
    if not host or _private(host):
        return [("E-TRUST-WEBHOOK", f"{shown(host)} is a private address", hint)]
    return []


def _private(host: str) -> bool:
    """Addresses that are not public, and names that can only mean something inside a network."""
    name = host.rstrip(".").lower()
    try:
        return not ip_address(name.split("%")[0]).is_global
    except ValueError:
        pass
    last = name.rpartition(".")[2]
    # 127.1, 0x7f000001 and 2130706433 are addresses too for many resolvers.
    odd = last.isdigit() or last.startswith("0x")
    return odd or "." not in name or name.endswith(_PRIVATE_SUFFIXES)
