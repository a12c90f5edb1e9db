"""The kinds of fraud events, each with its title, what it hits and details of its own.

Source: Partner Center docs, page get-fraud-events (Oct 2023) for the kinds, page update-fraud-events-status for the
details of a mining event. The details of the other kinds are not documented: theirs name the resource alone (impl.).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MINING = "NetworkConnectionsToCryptoMiningPools"


@dataclass(frozen=True)
class Kind:
    title: str
    text: str
    severity: str = "Medium"
    resource: str = "virtualMachines"


KINDS: Mapping[str, Kind] = {
    MINING: Kind("Connections to a mining pool", "A resource connected to a crypto mining pool."),
    "UsageAnomalyDetection": Kind("Unusual usage", "The subscription uses far more than it did.", resource="usage"),
    "VirtualMachineDeploymentAnomaly": Kind("Unusual virtual machines", "Virtual machines were made in haste.", "High"),
    "MultiRegionVirtualMachineScaleSetDeploymentAnomaly": Kind(
        "Unusual scale sets", "Scale sets were made in many regions.", "High", "virtualMachineScaleSets"
    ),
    "MultiRegionMachineLearningUsageAnomaly": Kind(
        "Unusual machine learning", "Machine learning is used in many regions.", "High", "workspaces"
    ),
    "ServiceHealthSecurityAdvisory": Kind(
        "Security advisory", "A security advisory concerns the subscription.", "Low", "subscriptions"
    ),
}


def kind_of(name: object) -> str:
    """The documented spelling; a mining event when none is named. Raises ValueError for an unknown kind."""
    if name is None:
        return MINING
    found = next((one for one in KINDS if one.lower() == str(name).lower()), None)
    if found is None:
        raise ValueError(f"eventType {name!r} is none of {', '.join(KINDS)}")
    return found


def details_of(name: str, entity: str) -> dict[str, Any]:
    """All values are text, lists as JSON in text, as in the sample."""
    details = {"resourceid": f"\\{entity}", "resourcetype": KINDS[name].resource}
    if name == MINING:
        details |= {
            "vM_IP": json.dumps(["192.0.2.10"]),
            "miningPool_IP": json.dumps(["198.51.100.20"]),
            "connectionCount": "1",
            "cryptoCurrencyMiningPoolDomainName": "pool.example",
        }
    return details
