"""What must hold for a NotificationChannel beyond its structure."""

from __future__ import annotations

from collections.abc import Iterator

from cspctl.kinds.contract import ProjectView
from cspctl.kinds.notification_channel import attributes
from cspctl.kinds.reports import error
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


def check(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    spec = resource.effective
    kind = attributes.channel_type(resource)
    if kind in attributes.POSTED and bool(spec.get("url")) == bool(spec.get("urlRef")):
        said = "states both url and urlRef; keep one" if spec.get("url") else "states neither url nor urlRef"
        yield error(resource, "E-CHANNEL-URL", f"a {kind} channel {said}", "spec", "type")
    if kind == "smtp" and spec.get("passwordRef") and not spec.get("usernameRef"):
        yield error(resource, "E-CHANNEL-LOGIN", "passwordRef without usernameRef", "spec", "passwordRef")
    if kind == "smtp" and spec.get("passwordRef") and spec.get("security") == "none":
        message = "the password would cross the network unencrypted"
        yield error(resource, "E-CHANNEL-LOGIN", message, "spec", "security", hint="security: starttls")
