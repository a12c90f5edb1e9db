"""What must hold for an AlertRule beyond its structure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cspctl.kinds.alert_rule import attributes
from cspctl.kinds.contract import ProjectView
from cspctl.kinds.reports import error, listed
from cspctl.model.diagnostic import Diagnostic
from cspctl.model.resource import Resource


def check(resource: Resource, project: ProjectView) -> Iterator[Diagnostic]:
    spec = resource.effective
    if not spec.get("channels"):
        channels = project.resources.of_kind("NotificationChannel")
        yield error(
            resource,
            "E-ALERT-CHANNEL",
            f"alert rule {resource.name} has no channel, so nobody would be told",
            "spec",
            "channels" if "channels" in resource.spec else "event",
            hint=f"channels: [...] with one of: {listed(channels)}"
            if channels
            else "add a NotificationChannel and name it under channels",
        )
    ahead = attributes.before(resource)
    if ahead is not None and not ahead:
        yield error(resource, "E-ALERT-WHEN", "before must be longer than 0", "spec", "when", "before")
    over = (spec.get("when") or {}).get("over")
    if over is not None and not isinstance(over, dict) and Decimal(str(over)) < 0:
        yield error(resource, "E-ALERT-WHEN", "over is not negative", "spec", "when", "over")
