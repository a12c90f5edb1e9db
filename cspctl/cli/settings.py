"""What the global options, and the environment behind them, come to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from cspctl.errors import InputError

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Global options after flags and environment were merged; `now` is aware UTC."""

    config: Path | None = None
    state: str | None = None
    emulator: bool = False
    trust: Path | None = None
    log_format: Literal["text", "json"] = "text"
    verbosity: int = 0
    quiet: bool = False
    no_color: bool = False
    now: datetime | None = None


def settings_from(flags: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Flag over environment. Raises InputError for an environment variable that cannot be read."""
    env = os.environ if environment is None else environment
    config, trust = _path(flags, env, "config"), _path(flags, env, "trust")
    now = flags.get("now") or env.get("CSPCTL_NOW") or None
    return Settings(
        config=config,
        state=flags.get("state") or env.get("CSPCTL_STATE") or None,
        emulator=bool(flags.get("emulator")) or _switch(env, "CSPCTL_EMULATOR"),
        trust=trust,
        log_format="json" if (flags.get("log_format") or log_format(env)) == "json" else "text",
        verbosity=int(flags.get("verbose") or 0),
        quiet=bool(flags.get("quiet")) or _switch(env, "CSPCTL_QUIET"),
        # https://no-color.org: any value that is not empty
        no_color=bool(flags.get("no_color")) or bool(env.get("NO_COLOR")) or _switch(env, "CSPCTL_NO_COLOR"),
        now=parse_instant(str(now), "--now" if flags.get("now") else "CSPCTL_NOW") if now else None,
    )


def log_format(env: Mapping[str, str]) -> str:
    """CSPCTL_LOG_FORMAT; text when unset."""
    value = env.get("CSPCTL_LOG_FORMAT") or "text"
    if value not in ("text", "json"):
        raise InputError(f"CSPCTL_LOG_FORMAT is text or json, not {value!r}", code="E-ENVIRONMENT")
    return value


def parse_instant(text: str, source: str) -> datetime:
    """An ISO 8601 date or instant as aware UTC; without an offset it is UTC. `source` is named in the error."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"{source} wants an ISO 8601 date or instant, not {text!r}",
            code="E-OPTION",
            hint="write it like 2026-11-21 or 2026-11-21T12:00:00Z",
        ) from None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _path(flags: Mapping[str, Any], env: Mapping[str, str], name: str) -> Path | None:
    value = flags.get(name) or env.get(f"CSPCTL_{name.upper()}")
    return Path(value).expanduser() if value else None


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise InputError(f"{name} is true or false, not {value!r}", code="E-ENVIRONMENT")
