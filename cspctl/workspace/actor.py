"""Who runs this, for the audit log: asserted by the environment, never proof."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Mapping

CI_VARIABLES = ("CSPCTL_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR")


def actor(environ: Mapping[str, str]) -> str:
    """A CI user where there is one, else `user@host`."""
    for name in CI_VARIABLES:
        if environ.get(name):
            return environ[name]
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
