"""What trusted input (flags, environment, a user-level trust file) allows untrusted manifests to name."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Trust:
    """Everything is refused unless listed. `exec` holds whole command lines, compared after splitting."""

    exec: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()

    def allows_exec(self, command: str) -> bool:
        wanted = shlex.split(command)
        return any(shlex.split(allowed) == wanted for allowed in self.exec)

    def allows_env(self, name: str) -> bool:
        return name.startswith("CSPCTL_") or name in self.environment

    def allows_file(self, path: Path, root: Path) -> bool:
        """`path` may be relative to the project root; links are resolved before comparing."""
        real = (root / path).resolve()
        inside = real.is_relative_to(root.resolve())
        return inside or any(real.is_relative_to(Path(f).expanduser().resolve()) for f in self.files)
