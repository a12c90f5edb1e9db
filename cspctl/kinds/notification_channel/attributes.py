"""What sending asks of a NotificationChannel."""

from __future__ import annotations

from cspctl.model.resource import Resource

KIND = "NotificationChannel"
POSTED = frozenset({"webhook", "teams", "slack"})


def channel_type(resource: Resource) -> str:
    return str(resource.effective["type"])
